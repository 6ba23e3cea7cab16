"""What a file says of its past unsigned: camera data, marks of programs, traces of encoders. Anyone can write these."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vetting.report.measured import details_of, listed, mapping, outcome_of, sentence

MOST = 30
DAY = re.compile(r"(\d{4})[-:](\d\d)[-:](\d\d)")
SETTINGS = (("exposure", ""), ("aperture", ""), ("iso", "ISO "), ("focal_length", ""))
CONTRADICTION = "These statements do not fit each other"
SAYS = "Says the file, unsigned; anyone can write this"
TRACES = "Read from how the file is stored; nobody signed for it"
PLACES = {"exif": "EXIF", "xmp": "XMP", "png": "PNG text", "iptc": "IPTC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """when: as the file has it; day: ISO 8601, "" where it names none. worth: who stands behind it: nobody.

    source: where in the file it stands.
    """

    title: str
    words: str = ""
    when: str = ""
    day: str = ""
    source: str = ""
    worth: str = SAYS
    kind: str = "unsigned"


def statements_of(result: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Out of a whole stored result: dated ones in their order, then those without a date, contradictions last."""
    found = [*_camera(result), *_metadata(result), *_encoder(result), *_marks(result)][:MOST]
    dated = sorted((one for one in found if one.day), key=lambda one: one.day)
    return (*dated, *(one for one in found if not one.day), *_contradictions(result))


def camera_of(result: Mapping[str, Any]) -> Mapping[str, str]:
    """The camera's facts as plain metadata has them; empty where it has none."""
    camera = mapping(details_of(result, "metadata_marks").get("camera"))
    return {str(name): told for name, value in camera.items() if (told := sentence(value))}


def device_of(camera: Mapping[str, str]) -> str:
    """ "Google Pixel 10": the maker's name once."""
    make, model = camera.get("make", ""), camera.get("model", "")
    return model if model.lower().startswith(make.lower().split(" ")[0]) else f"{make} {model}".strip()


def day_of(text: str) -> str:
    found = DAY.search(text)
    return f"{found[1]}-{found[2]}-{found[3]}" if found else ""


def moment_words(text: str) -> str:
    """ "2025-12-17T16:39:58+00:00" -> "17 Dec 2025, 16:39 UTC"; what is no moment stays as it is."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo:
        moment = moment.astimezone(dt.UTC)
    zone = " UTC" if moment.tzinfo else ""
    return f"{moment.day} {moment:%b %Y}, {moment:%H:%M}{zone}" if len(text) > 10 else f"{moment.day} {moment:%b %Y}"


def _camera(result: Mapping[str, Any]) -> Iterator[Statement]:
    camera = camera_of(result)
    device, taken = device_of(camera), camera.get("taken", "")
    settings = ", ".join(before + camera[name] for name, before in SETTINGS if name in camera)
    if device or taken:
        yield Statement(
            title=f"Taken with {device}" if device else "Taken",
            words=settings,
            when=moment_words(taken),
            day=day_of(taken),
            source="Camera data (EXIF)",
        )


def _metadata(result: Mapping[str, Any]) -> Iterator[Statement]:
    """The steps that the metadata tells; in examinations before these were read, what was found in it."""
    details = details_of(result, "metadata_marks")
    if "unsigned_steps" not in details:
        yield from _observed(result, "metadata_marks", "Metadata")
    taken = camera_of(result).get("taken", "")
    for step in map(mapping, listed(details.get("unsigned_steps"), MOST)):
        when, words = sentence(step.get("when")), _step_words(step)
        if words and not (taken and when == taken):  # the capture stands there already, with more of it
            source = sentence(step.get("source"))
            yield Statement(
                title=words, when=moment_words(when), day=day_of(when), source=PLACES.get(source, source) or "Metadata"
            )


def _step_words(step: Mapping[str, Any]) -> str:
    words, tool = sentence(step.get("words")).rstrip("."), sentence(step.get("tool"))
    if not words:
        return f"Saved with {tool}" if tool else ""
    return f"{words}: {tool}" if tool and tool not in words else words


def _encoder(result: Mapping[str, Any]) -> Iterator[Statement]:
    """Its steps; what it knows of the last program where it tells no steps."""
    details = details_of(result, "encoder_history")
    steps = list(map(mapping, listed(details.get("steps"), MOST))) or [mapping(details.get("encoder"))]
    for words in dict.fromkeys(sentence(step.get("words")).rstrip(".") for step in steps):
        if words:
            yield Statement(title=words[:1].upper() + words[1:], worth=TRACES, source="Traces of saving")


def _marks(result: Mapping[str, Any]) -> Iterator[Statement]:
    yield from _observed(result, "generator_parameters", "Parameters of a generator")
    yield from _observed(result, "watermark", "Watermark in the pixels", worth=TRACES)


def _observed(result: Mapping[str, Any], detector: str, source: str, *, worth: str = SAYS) -> Iterator[Statement]:
    for seen in map(mapping, listed(outcome_of(result, detector).get("observations"), MOST)):
        if summary := sentence(seen.get("summary")):
            yield Statement(title=summary.rstrip("."), source=source, worth=worth)


def _contradictions(result: Mapping[str, Any]) -> Iterator[Statement]:
    for one in map(mapping, listed(details_of(result, "metadata_marks").get("contradictions"), MOST)):
        if words := sentence(one.get("words")):
            yield Statement(title=CONTRADICTION, words=words, source="Metadata")
