"""Marks in plain metadata: declarations, credit lines and tool names that stand in the file unsigned.

Looks for: the IPTC digital source type, credit lines of Google and Apple, China's AIGC label, Samsung's generative
edits, the marks of Midjourney, Ideogram, Grok and Firefly, and names of editing programs. The rows stand in marks.py.
A tool's own declaration that it made the picture is taken as declared; a claim to be a camera's picture is not taken
for anything, since whoever gains by it can write it.
Blind to: files saved by sites and chats, which drop metadata; anything forged. Absence says nothing.
Source: IPTC Photo Metadata 2023.1, GB 45438-2025, EXIF 3.0; makers' notes as listed row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from detector.observation import Observation, Sighting
from detector.portrait import Portrait
from detector.provenance import embedded_text
from detector.provenance.digital_source_types import term_of
from detector.provenance.marks import MARKS, SOURCE_TYPE, Mark
from detector.provenance.plain_text import plain
from detector.scene import Detector, Scene

TRAILER = 1_000_000  # bytes behind the picture in which Samsung's editor keeps its notes
GENERATIVE_EDIT = re.compile(rb'\\?"genAIType\\?"\s*:\s*(\d{1,3})')
EXPOSURE = ("ExposureTime", "FNumber", "ISOSpeedRatings", "PhotographicSensitivity", "FocalLength")
CAMERA_FIELDS = {
    "make": "Make",
    "model": "Model",
    "lens": "LensModel",
    "software": "Software",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What stands in the file. values: (place, value) in file order. exif: tag name -> value, without GPS."""

    values: tuple[tuple[str, str], ...]
    exif: Mapping[str, Any]
    damaged: tuple[str, ...]

    @property
    def has_exposure(self) -> bool:
        """Whether a maker and an exposure are noted, as every camera does and no generator does."""
        return bool(self.exif.get("Make")) and any(self.exif.get(name) is not None for name in EXPOSURE)


def read_metadata(portrait: Portrait) -> Metadata:
    """Collects EXIF, XMP, IPTC, PNG text and the trailer's notes; decodes no pixel. Damaged parts are named."""
    damaged: list[str] = []
    with embedded_text.opened(portrait) as picture:
        exif = embedded_text.exif_fields(picture, portrait.data) if picture else {}
        packet = embedded_text.xmp_packet(picture, portrait.data) if picture else b""
        credit = embedded_text.iptc_credit(picture) if picture else ""
    properties = embedded_text.xmp_properties(packet)
    if properties is None:
        damaged.append("XMP")
    values = [
        *((f"exif:{name}", _exif_text(name, value)) for name, value in exif.items()),
        *((f"xmp:{name}", value) for name, value in properties or ()),
        *((f"png:{name}", value) for name, value in embedded_text.png_texts(portrait.data).items()),
        *([("iptc:Credit", credit)] if credit else []),
        *(("tail:genAIType", match.decode()) for match in GENERATIVE_EDIT.findall(portrait.data[-TRAILER:])),
    ]
    values += [("exif:AIGC", value) for place, value in values if place.startswith("exif:") and '"AIGC"' in value]
    return Metadata(values=tuple(values), exif=exif, damaged=tuple(damaged))


def _exif_text(name: str, value: object) -> str:
    if name == "UserComment":
        return embedded_text.user_comment(value)
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def find_marks(metadata: Metadata) -> Iterator[tuple[Mark, str]]:
    """Every row that applies, with the value in which it was found."""
    for mark in MARKS:
        if mark.camera is not None and mark.camera is not metadata.has_exposure:
            continue
        for place, value in metadata.values:
            if place in mark.places and mark.pattern.search(value):
                yield mark, value


def observe(metadata: Metadata) -> tuple[Observation, ...]:
    """One observation for each code; a tool that is named in several places is named once."""
    grouped: dict[str, list[tuple[Mark, str]]] = {}
    for mark, value in find_marks(metadata):
        grouped.setdefault(mark.code, []).append((mark, value))
    return tuple(_observation(found) for found in grouped.values())


def _observation(found: list[tuple[Mark, str]]) -> Observation:
    mark, _ = found[0]
    values = list(dict.fromkeys(term_of(value) or plain(value, 80) for other, value in found if other is mark))
    return Observation(
        code=mark.code,
        bearing=mark.bearing,
        strength=mark.strength,
        summary=mark.summary.replace("{value}", ", ".join(values[:3])),
        caveat=mark.caveat,
    )


def camera_facts(exif: Mapping[str, Any]) -> dict[str, str]:
    """What the page shows of the camera: maker, lens, software, time, exposure. No place, no serial number."""
    facts = {name: plain(exif[tag], 80) for name, tag in CAMERA_FIELDS.items() if _names(exif.get(tag))}
    taken = re.match(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", str(exif.get("DateTimeOriginal", "")))
    if taken:
        facts["taken"] = f"{taken[1]}-{taken[2]}-{taken[3]}T{taken[4]}"
    exposure = _number(exif.get("ExposureTime"))
    if exposure:
        facts["exposure"] = f"1/{round(1 / exposure)} s" if exposure < 0.3 else f"{exposure:g} s"
    aperture, focal = _number(exif.get("FNumber")), _number(exif.get("FocalLength"))
    if aperture:
        facts["aperture"] = f"f/{aperture:.1f}"
    if focal:
        facts["focal_length"] = f"{focal:g} mm"
    speed = exif.get("ISOSpeedRatings") or exif.get("PhotographicSensitivity")
    if isinstance(speed, int):
        facts["iso"] = str(speed)
    return {name: value for name, value in facts.items() if value}


def _names(value: object) -> bool:
    """Whether it is a name at all: ComfyUI keeps whole workflows in the field for the maker."""
    return isinstance(value, str) and bool(value.strip("\0 ")) and "{" not in value


def _number(value: object) -> float | None:
    """A positive EXIF rational as a number; None for 0/0 and everything else that is no measure."""
    try:
        number = float(Fraction(str(value)) if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if 0 < number < 1e6 else None


def look(scene: Scene) -> Sighting:
    """One observation for each kind of mark in the table; details hold `camera`, the file facts for the page.

    Works from bytes; raises nothing on damaged metadata, but names the damaged part in details.
    """
    metadata = read_metadata(scene.portrait)
    observations = observe(metadata)
    camera = camera_facts(metadata.exif)
    source_type = next((term_of(value) for place, value in metadata.values if place in SOURCE_TYPE), None)
    note = "No marks of a generator or an editor in the metadata. Most sites strip them: this says nothing either way."
    return Sighting(
        observations=observations,
        note="" if observations else note,
        details={"camera": camera, "source_type": source_type, "damaged": list(metadata.damaged)},
    )


DETECTOR = Detector(
    name="metadata_marks",
    version=1,
    title="Marks in the metadata",
    question="Does the file's plain metadata name a generator, an AI edit or an editing program?",
    look=look,
)
