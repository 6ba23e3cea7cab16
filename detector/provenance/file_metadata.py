"""All that stands in a file beside its pixels, gathered once, as places and values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from detector.portrait import Portrait
from detector.provenance import embedded_text
from detector.provenance.digital_source_types import SourceKind, kind_of, term_of
from detector.provenance.embedded_thumbnail import packed_thumbnail
from detector.provenance.xmp import Xmp, read_xmp

TRAILER = 1_000_000  # bytes behind the picture in which Samsung's editor keeps its notes
GENERATIVE_EDIT = re.compile(rb'\\?"genAIType\\?"\s*:\s*(\d{1,3})')
LABEL_IN_EXIF = re.compile(r"""AIGC\\?["']\s*:""")  # as a key of JSON, of JSON within JSON, or in single quotes
SOURCE_TYPE = ("xmp:Iptc4xmpExt:DigitalSourceType", "xmp:Iptc4xmpExt:DigitalSourcefileType")
EXPOSURE = ("ExposureTime", "FNumber", "ISOSpeedRatings", "PhotographicSensitivity", "FocalLength")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What stands in the file.

    values: (place, value) in file order; places as in marks.py. exif: tag name -> value, without GPS. history: the
    events of the XMP. thumbnail: the JPEG embedded in the EXIF, empty where there is none. damaged: parts by name.
    """

    values: tuple[tuple[str, str], ...] = ()
    exif: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[Mapping[str, str], ...] = ()
    thumbnail: bytes = b""
    damaged: tuple[str, ...] = ()

    @property
    def has_exposure(self) -> bool:
        """Whether a maker and an exposure are noted, as every camera does and no generator does."""
        return bool(self.exif.get("Make")) and any(self.exif.get(name) is not None for name in EXPOSURE)

    @property
    def began_as_photo(self) -> bool:
        """Whether it says of itself that it began as a photo: by an exposure, or as one of which AI made a part."""
        kinds = (kind_of(term_of(value)) for place, value in self.values if place in SOURCE_TYPE)
        return self.has_exposure or SourceKind.COMPOSITE in kinds

    def first(self, *places: str) -> str:
        """The first value that stands in any of these places, in the order of the places; "" where there is none."""
        return next((value for place in places for found, value in self.values if found == place), "")


def read_metadata(portrait: Portrait) -> Metadata:
    """Collects EXIF, XMP, IPTC, PNG text and the trailer's notes; decodes no pixel. Damaged parts are named."""
    with embedded_text.opened(portrait) as picture:
        exif = embedded_text.exif_fields(picture, portrait.data) if picture else {}
        block = embedded_text.exif_block(picture, portrait.data) if picture else b""
        xmp = read_xmp(picture, portrait.data) if picture else Xmp()
        iptc = embedded_text.iptc_fields(picture) if picture else {}
    values = (
        *((f"exif:{name}", _exif_text(name, value)) for name, value in exif.items()),
        *((f"xmp:{name}", value) for name, value in xmp.properties),
        *((f"png:{name}", value) for name, value in embedded_text.png_texts(portrait.data).items()),
        *((f"iptc:{name}", value) for name, value in iptc.items()),
        *(("tail:genAIType", match.decode()) for match in GENERATIVE_EDIT.findall(portrait.data[-TRAILER:])),
    )
    return Metadata(
        values=(*values, *_labels_in_exif(values)),
        exif=exif,
        history=xmp.history,
        thumbnail=packed_thumbnail(block),
        damaged=("XMP",) if xmp.damaged else (),
    )


def _labels_in_exif(values: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    for place, value in values:
        if place.startswith("exif:") and LABEL_IN_EXIF.search(value):
            yield "exif:AIGC", value


def _exif_text(name: str, value: object) -> str:
    if name == "UserComment":
        return embedded_text.user_comment(value)
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
