"""Ask for the original: which file of this candidate's could carry credentials, by what this one tells of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vetting.report.history import History, credentials_in
from vetting.report.measured import details_of, listed, mapping, outcome_of, sentence
from vetting.report.unsigned import camera_of, device_of
from vetting.web.letter import Letter, Parties, ask_for_file, ask_how_made
from vetting.web.signing_tools import CAMERAS, PROGRAMS, Signs, Tool, tool_named

ASKED_FOR = {"none", "remote", "unreadable", "mismatch", "unconfirmed", "failed"}
PHONES = ("iphone", "android")
MOST = 50  # statements that are looked through


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the file tells of where it comes from."""

    device: str
    camera: Tool | None
    program: Tool | None
    generated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """which: the file to ask for, as a sentence. because: why that one. tools: facts behind it."""

    heading: str
    which: str
    because: tuple[str, ...]
    tools: tuple[Tool, ...]
    letter: Letter


def asking_for(result: Mapping[str, Any], history: History, parties: Parties) -> Asking | None:
    """None where the file already says who made it, on bytes that are as they were signed."""
    credentials, seen = credentials_in(result), seen_in(result)
    if seen.generated:
        return Asking(
            heading="Ask how the picture was made",
            which="There is no original to ask for: the file itself says that a generator was used.",
            because=("Ask the applicant how the picture was made, and for a photo as it came from a phone or camera.",),
            tools=(),
            letter=ask_how_made(parties),
        )
    if credentials.get("captured") is True or (history.state not in ASKED_FOR and seen.device):
        return None
    wanted, which = _wanted(seen, history)
    reason = REASONS.get(history.state) or NO_CAMERA
    return Asking(
        heading="Ask for the original",
        which=which,
        because=tuple(_because(seen, history)),
        tools=tuple(tool for tool in (seen.camera, seen.program if history.state in ASKED_FOR else None) if tool),
        letter=ask_for_file(parties, wanted=wanted, reason=reason, ways=_ways(seen, history)),
    )


REASONS = {
    "none": "The file carries no signed record of how the photo came to be.",
    "remote": "The file’s record of how the photo came to be is kept elsewhere, and did not come along.",
    "unreadable": "The file’s record of how the photo came to be arrived damaged.",
    "mismatch": "The file was saved again after its record of how the photo came to be was signed.",
    "unconfirmed": "The file’s record of how the photo came to be can no longer be confirmed.",
    "failed": "We could not read the file’s record of how the photo came to be.",
}
NO_CAMERA = "The file no longer tells which camera or phone took the photo."


def seen_in(result: Mapping[str, Any]) -> Seen:
    credentials, parameters = credentials_in(result), details_of(result, "generator_parameters")
    camera = camera_of(result)
    device = device_of(camera)
    programs = " ".join([camera.get("software", ""), *_programs(result), sentence(credentials.get("generator"))])
    drawn = bool(parameters.get("sampler")) or bool(details_of(result, "watermark").get("payload"))
    declared = credentials.get("declares_generated") is True
    return Seen(
        device=device,
        camera=tool_named(f"{camera.get('make', '')} {device}", CAMERAS),
        program=tool_named(programs, PROGRAMS),
        generated=declared or drawn or mapping(result.get("verdict")).get("code") == "declared-generated",
    )


def _programs(result: Mapping[str, Any]) -> Iterator[str]:
    """Wherever the plain metadata and the encoder's traces name one."""
    details = details_of(result, "metadata_marks")
    yield sentence(details.get("software"))
    yield sentence(mapping(details_of(result, "encoder_history").get("encoder")).get("words"))
    for step in map(mapping, listed(details.get("unsigned_steps"), MOST)):
        yield sentence(step.get("tool"))
    for seen in map(mapping, listed(outcome_of(result, "metadata_marks").get("observations"), MOST)):
        yield sentence(seen.get("summary"))


def _wanted(seen: Seen, history: History) -> tuple[str, str]:
    """For the letter, after "send us"; and for the recruiter, as a sentence."""
    original = (
        f"the photo as it came from the {seen.device}"
        if seen.device
        else ("the photo as it came from the phone or camera, before any website, chat or program")
    )
    signer = history.chapters[-1].signer if history.chapters else ""
    if history.state == "mismatch" and not seen.program:
        wanted = "the file before it was saved again: the one that was signed"
        return wanted, f"The file before it was saved again: the one that {signer} signed."
    if history.state == "remote":
        wanted = "the file with its Content Credentials attached to it, or else " + original
        return wanted, "An export with its credentials attached to the file, not only published elsewhere."
    if seen.program and history.state in ASKED_FOR:
        wanted = f"{original}, and an export from {seen.program.name} with Content Credentials switched on"
        return wanted, f"{_capital(original)}; and an export from {seen.program.name} with credentials switched on."
    return original, f"{_capital(original)}."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _because(seen: Seen, history: History) -> Iterator[str]:
    named = f"The file names {seen.device} as its camera"
    if seen.camera and seen.camera.signs is Signs.ALWAYS and history.state in {"none", "remote"}:
        yield f"{named}, which signs its photos: this copy has lost that, the original should have it."
    elif seen.camera:
        yield f"{named}. {seen.camera.words}"
    elif seen.device:
        yield f"{named}. Whether it signs its photos is not known here; its camera data helps too."
    else:
        yield "The file names no camera: probably a website, a chat or a program removed that. Most do."
    if history.state not in ASKED_FOR:
        yield "What is signed does not settle it: nobody known vouches for a camera’s capture of this picture."
    elif seen.program:
        yield f"The file names {seen.program.name}. {seen.program.words}"
    if history.state == "mismatch":
        yield "Something rewrote the file after it was signed. A website, or a program that tidies metadata, does that."


def _ways(seen: Seen, history: History) -> Iterator[str]:
    """Those that fit what was seen; all of the usual ones where nothing was."""
    if seen.program and history.state in ASKED_FOR:
        yield seen.program.path
    if seen.camera:
        yield seen.camera.path
    elif not seen.device:
        yield from PHONES
    yield "photographer"
