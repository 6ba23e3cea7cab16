"""Content Credentials in words for a recruiter: the state, what is declared, what was edited, where readers differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from detector.observation import Bearing, Observation, Strength
from detector.provenance.credential_edits import signed_edits
from detector.provenance.credential_states import claims_capture, untouched, vouches
from detector.provenance.manifest_actions import Step
from detector.provenance.manifest_store import Manifest, ManifestStore, program


def observe(credentials: Mapping[str, Any], store: ManifestStore | None) -> list[Observation]:
    """The observations for a `credentials` object; none where there are no credentials."""
    if credentials["state"] == "none":
        return []
    seen = [_state_observation(credentials)]
    if store is None:
        return seen
    signed = _signed_by(credentials)
    if credentials["declares_generated"]:
        seen.insert(0, _declared_generated(_made_with(store, Manifest.is_generated), signed))
    elif credentials["composite"]:
        seen.insert(0, _declared_composite(_made_with(store, Manifest.is_composite), signed))
    elif claims_capture(store):
        seen.insert(0, _capture(credentials, vouched=vouches(store), whole=untouched(store)))
    return [*seen, *signed_edits(store), *_disagreement(credentials)]


def _made_with(store: ManifestStore, applies: Callable[[Manifest, Step], bool]) -> str:
    """The tool of the first step that applies, with its own name for what it did: "Photoshop, generative fill"."""
    for manifest, step in store.steps:
        if applies(manifest, step):
            told = (step.tool or program(manifest.generator), step.detail.rstrip("."))
            return ", ".join(part for part in told if part)
    return ""


def _disagreement(credentials: Mapping[str, Any]) -> list[Observation]:
    """Where one reader finds the bytes unchanged and the other does not: rare, and a person must know."""
    second = credentials["second_reader"]
    if second is None or {credentials["intact"], second["intact"]} != {True, False}:
        return []
    return [
        Observation(
            code="content_credentials.readers_disagree",
            bearing=Bearing.NEUTRAL,
            strength=Strength.WEAK,
            summary="Two independent readers of the credentials disagree whether the file matches what was signed.",
            caveat="One of the two is wrong about a fine point of the standard. It says nothing about the picture.",
        )
    ]


def _signed_by(credentials: Mapping[str, Any]) -> str:
    name = credentials["signer"]
    if credentials["signer_list"] and credentials["intact"]:
        return f"signed by {name}"
    return f"by a signer calling itself “{name}”, unconfirmed" if name else "by an unnamed signer"


def _declared_generated(tool: str, signed: str) -> Observation:
    return Observation(
        code="content_credentials.declared_generated",
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary=f"The file's history declares that the picture was made by AI{f' ({tool})' if tool else ''}, {signed}.",
        caveat=(
            "This is what the file says of itself, not a measurement of the picture. A history can be copied "
            "onto another picture: where the file does not match what was signed, ask for the original."
        ),
    )


def _declared_composite(tool: str, signed: str) -> Observation:
    return Observation(
        code="content_credentials.declared_composite",
        bearing=Bearing.RETOUCHED,
        strength=Strength.STRONG,
        summary=f"The file's history says that AI was used on a part of it{f' ({tool})' if tool else ''}, {signed}.",
        caveat="It does not say which part: a cleaned background as well as the face. The rest may be a photo.",
    )


def _capture(credentials: Mapping[str, Any], *, vouched: bool, whole: bool) -> Observation:
    maker = credentials["signer"]
    if credentials["captured"]:
        bearing, strength, code = Bearing.CAPTURED, Strength.CONCLUSIVE, "content_credentials.captured"
        summary = f"{maker} vouches that a camera captured this picture, and the bytes are unchanged since."
    elif vouched and whole:
        bearing, strength, code = Bearing.CAPTURED, Strength.MODERATE, "content_credentials.capture_unconfirmed"
        summary = f"{maker} vouches that a camera captured this picture, but only one of two readers can confirm it."
    elif vouched:
        bearing, strength, code = Bearing.CAPTURED, Strength.MODERATE, "content_credentials.captured_then_edited"
        summary = f"{maker} vouches for a picture that began as a camera's capture and was edited since."
    else:
        bearing, strength, code = Bearing.NEUTRAL, Strength.WEAK, "content_credentials.claimed_capture"
        summary = "The file claims to be a camera's capture, but nobody known vouches for that on these bytes."
    caveat = (
        "A camera also captures a screen or a print. It does not say who is in the picture, or when it was taken."
        if vouched
        else "Anyone can sign such a claim with an own certificate. It counts neither for nor against the picture."
    )
    return Observation(code=code, bearing=bearing, strength=strength, summary=summary, caveat=caveat)


STATE_CAVEATS = {
    "remote": "What they say is unknown. The address stands in the file, and is not opened: that would tell its owner.",
    "unreadable": "Damage of this kind comes from broken transfers and careless software, too. It accuses nobody.",
    "mismatch": (
        "This is not proof of tampering: a site that resizes, a program that rewrites metadata, and a camera's own "
        "faults do the same."
    ),
    "unconfirmed": "An expired certificate or a formal fault is common even in files straight from a product.",
    "unknown-signer": "The name in a certificate can be chosen freely; it says nothing until a known one vouches.",
    "partly-trusted": "The last step is vouched for; what happened before it is only somebody's word.",
    "trusted": "It tells who signed and that nothing changed since, not that the content is true.",
}


def _state_observation(credentials: Mapping[str, Any]) -> Observation:
    state = credentials["state"]
    return Observation(
        code=f"content_credentials.{state.replace('-', '_')}",
        bearing=Bearing.NEUTRAL,
        strength=Strength.MODERATE if state == "mismatch" else Strength.WEAK,
        summary=credentials["words"],
        caveat=STATE_CAVEATS[state],
    )
