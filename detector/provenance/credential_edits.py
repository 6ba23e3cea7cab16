"""Signed edits as findings of their own: cropped, colours adjusted, retouched, something placed, edited.

An edit that somebody signed is a candour that most files lack: it is told as what it is, and an ordinary one counts
for nothing. What AI did is told by `credential_words`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detector.observation import Bearing, Observation, Strength
from detector.provenance.manifest_actions import Edit, Step
from detector.provenance.manifest_store import Manifest, ManifestStore, Role, program

MOST_NAMED = 4  # tools that one sentence names

ORDINARY = "Nearly every published portrait is prepared so. This is ordinary and proves nothing."
WHERE = "It does not say where: this may be a speck on the background as well as the face. Ask what was changed."
UNNAMED = "The program recorded that it edited the picture, not how much: this may be a crop as well as a new face."


@dataclass(frozen=True, slots=True, kw_only=True)
class EditFinding:
    """How a kind of edit is told. words: after "The signed history says that ", before the tools."""

    code: str
    words: str
    caveat: str
    bearing: Bearing = Bearing.NEUTRAL
    strength: Strength = Strength.WEAK


FINDINGS = {
    Edit.RETOUCHED: EditFinding(
        code="content_credentials.signed_retouching",
        words="parts of the picture were worked over",
        caveat=WHERE,
        bearing=Bearing.RETOUCHED,
        strength=Strength.MODERATE,
    ),
    Edit.PLACED: EditFinding(
        code="content_credentials.signed_placement",
        words="something was placed into the picture",
        caveat="This may be a logo or a caption as well as another background. Ask what was placed.",
    ),
    Edit.OTHER: EditFinding(code="content_credentials.signed_edit", words="the picture was edited", caveat=UNNAMED),
    Edit.COLOURS: EditFinding(
        code="content_credentials.signed_colours", words="its colours or tones were adjusted", caveat=ORDINARY
    ),
    Edit.CROPPED: EditFinding(code="content_credentials.signed_crop", words="the picture was cropped", caveat=ORDINARY),
}


def signed_edits(store: ManifestStore) -> Iterator[Observation]:
    """One observation for each kind of edit in the history of the whole picture, gravest first."""
    steps = [(manifest, step) for manifest, step in store.steps if manifest.role is Role.WHOLE]
    for edit, finding in FINDINGS.items():
        of_kind = [(manifest, step) for manifest, step in steps if step.edit is edit]
        if of_kind:
            yield Observation(
                code=finding.code,
                bearing=finding.bearing,
                strength=finding.strength,
                summary=f"The signed history says that {finding.words}{_with(of_kind)}.",
                caveat=finding.caveat,
            )


def _with(steps: list[tuple[Manifest, Step]]) -> str:
    """ " with Photoshop (healing brush, liquify)": programs and tools by their own names, as far as they are told."""
    programs = list(dict.fromkeys(step.tool or program(manifest.generator) for manifest, step in steps))
    tools = list(dict.fromkeys(step.detail for _, step in steps if step.detail))
    named = [program for program in programs if program][:2]
    more = ["…"] if len(tools) > MOST_NAMED else []
    words = f" with {' and '.join(named)}" if named else ""
    return f"{words} ({', '.join([*tools[:MOST_NAMED], *more])})" if tools else words
