"""What a known mark is: a value in a place of the file, and what that means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detector.observation import Bearing, Strength
from detector.provenance.digital_source_types import TERMS, SourceKind

SELF_DECLARED = (
    "This is what the file says of itself, not a measurement of the picture. "
    "Such a note is easily removed or added; ask the applicant how the picture was made."
)
ONLY_A_PART = (
    "It does not say which part: this may be a cleaned background as well as the face. The rest may be a photo."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One row. pattern is searched in the value; summary may hold {value}, the value made fit to show.

    photo: True: only in a file that says it began as a photo, by a camera's exposure fields or as a composite of which
    AI made a part; False: only in one that does not; None: in either.
    """

    code: str
    places: tuple[str, ...]
    pattern: re.Pattern[str]
    bearing: Bearing
    strength: Strength
    summary: str
    caveat: str
    source: str
    photo: bool | None = None


ANYTHING = re.compile(r"\w")


def source_types(kind: SourceKind) -> re.Pattern[str]:
    terms = "|".join(sorted(term for term, (its_kind, _) in TERMS.items() if its_kind is kind))
    return re.compile(rf"^(?:https?://[a-z.]+/(?:newscodes/)?digitalsourcetype/)?(?:{terms})/?$", re.IGNORECASE)


def label(number: int) -> re.Pattern[str]:
    return re.compile(rf"""\bLabel\\?["']?\s*:\s*\\?["']?{number}\b""")


def declared_generated(
    places: tuple[str, ...], pattern: re.Pattern[str], summary: str, source: str, photo: bool | None = None
) -> Mark:
    return Mark(
        code="metadata_marks.declared_generated",
        places=places,
        pattern=pattern,
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary=summary,
        caveat=SELF_DECLARED,
        source=source,
        photo=photo,
    )


def declared_edited(
    places: tuple[str, ...], pattern: re.Pattern[str], summary: str, source: str, photo: bool | None = None
) -> Mark:
    return Mark(
        code="metadata_marks.declared_edited",
        places=places,
        pattern=pattern,
        bearing=Bearing.RETOUCHED,
        strength=Strength.STRONG,
        summary=summary,
        caveat=ONLY_A_PART,
        source=source,
        photo=photo,
    )
