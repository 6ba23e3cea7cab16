"""The IPTC and C2PA vocabulary of digital source types: what a file declares itself to be.

Source: IPTC NewsCodes, http://cv.iptc.org/newscodes/digitalsourcetype/ ; C2PA 2.2, section 18.15 (c2pa.org terms).
"""

from __future__ import annotations

import re
from enum import StrEnum

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
C2PA = "http://c2pa.org/digitalsourcetype/"


class SourceKind(StrEnum):
    """What a source type means for the question whether a camera made the picture."""

    GENERATIVE = "generative"  # made by a trained model, as a whole
    COMPOSITE = "composite"  # a trained model made a part of it
    CAPTURE = "capture"  # a camera's
    OTHER = "other"


# Term -> (kind, words after "declared as").
TERMS: dict[str, tuple[SourceKind, str]] = {
    "trainedAlgorithmicMedia": (SourceKind.GENERATIVE, "made by an AI model"),
    "trainedAlgorithmicData": (SourceKind.GENERATIVE, "data made by an AI model"),
    "compositeSynthetic": (SourceKind.GENERATIVE, "a composite with synthetic elements"),
    "compositeWithTrainedAlgorithmicMedia": (SourceKind.COMPOSITE, "edited with an AI model"),
    "digitalCapture": (SourceKind.CAPTURE, "captured by a digital camera"),
    "computationalCapture": (SourceKind.CAPTURE, "captured by a digital camera with computational processing"),
    "negativeFilm": (SourceKind.OTHER, "digitised from a film negative"),
    "positiveFilm": (SourceKind.OTHER, "digitised from a film positive"),
    "print": (SourceKind.OTHER, "digitised from a print"),
    "humanEdits": (SourceKind.OTHER, "edited by a person"),
    "minorHumanEdits": (SourceKind.OTHER, "an original with minor edits by a person"),
    "algorithmicallyEnhanced": (SourceKind.OTHER, "enhanced by an algorithm"),
    "softwareImage": (SourceKind.OTHER, "made with software"),
    "digitalArt": (SourceKind.OTHER, "digital art"),
    "digitalCreation": (SourceKind.OTHER, "made by a person with digital tools"),
    "dataDrivenMedia": (SourceKind.OTHER, "drawn from data"),
    "algorithmicMedia": (SourceKind.OTHER, "made by an algorithm without a trained model"),
    "screenCapture": (SourceKind.OTHER, "a capture of a screen"),
    "virtualRecording": (SourceKind.OTHER, "a recording of a virtual event"),
    "composite": (SourceKind.OTHER, "a composite of several elements"),
    "compositeCapture": (SourceKind.OTHER, "a composite of captured elements"),
}

_ADDRESS = re.compile(
    r"^(?:https?://(?:cv\.iptc\.org/newscodes|(?:www\.)?c2pa\.org)/digitalsourcetype/)?([A-Za-z]+)/?$"
)
_BY_LOWER = {term.lower(): term for term in TERMS}


def term_of(value: object) -> str | None:
    """The vocabulary's term in an address ("http://cv.iptc.org/.../digitalCapture") or a bare term; else None."""
    if not isinstance(value, str):
        return None
    match = _ADDRESS.match(value.strip())
    return _BY_LOWER.get(match.group(1).lower()) if match else None


def kind_of(term: str | None) -> SourceKind:
    return TERMS[term][0] if term in TERMS else SourceKind.OTHER


def words_of(term: str | None) -> str:
    """What the term says, to stand after "declared as"; empty for an unknown term."""
    return TERMS[term][1] if term in TERMS else ""
