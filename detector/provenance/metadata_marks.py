"""Marks in plain metadata: declarations, credit lines, tool names and a camera's claims, all of it unsigned.

Looks for: the IPTC digital source type and AI fields, credit lines of Google and Apple, China's AIGC label, Samsung's
generative edits, the marks of Midjourney, Ideogram, Grok and Firefly, and names of editing programs. The rows stand in
marks.py. What a camera's fields claim is held against the file in camera_claims.py; what the metadata tell of its
history is gathered in file_history.py.
A tool's own declaration that it made the picture is taken as declared; a claim to be a camera's picture is not taken
for anything, since whoever gains by it can write it.
Blind to: files saved by sites and chats, which drop metadata; anything forged. Absence says nothing.
Source: IPTC Photo Metadata 2025.1, GB 45438-2025, EXIF 3.0; makers' notes as listed row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from detector.observation import Bearing, Observation, Sighting, Strength
from detector.provenance.camera_claims import camera_name, contradictions, names
from detector.provenance.digital_source_types import term_of
from detector.provenance.file_dates import dates_of
from detector.provenance.file_history import programs, steps
from detector.provenance.file_metadata import SOURCE_TYPE, Metadata, read_metadata
from detector.provenance.mark import Mark
from detector.provenance.marks import MARKS
from detector.provenance.plain_text import plain
from detector.scene import Detector, Scene

LONGEST = 20_000  # characters of a value that are searched: a mark is a line, or stands at the head of a text
CAMERA_FIELDS = {
    "make": "Make",
    "model": "Model",
    "lens": "LensModel",
    "software": "Software",
}


def find_marks(metadata: Metadata) -> Iterator[tuple[Mark, str]]:
    """Every row that applies, with the value in which it was found."""
    for mark in MARKS:
        if mark.photo is not None and mark.photo is not metadata.began_as_photo:
            continue
        for place, value in metadata.values:
            if place in mark.places and mark.pattern.search(value, 0, LONGEST):
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
    facts = {name: plain(exif[tag], 80) for name, tag in CAMERA_FIELDS.items() if names(exif.get(tag))}
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


def _number(value: object) -> float | None:
    """A positive EXIF rational as a number; None for 0/0 and everything else that is no measure."""
    try:
        number = float(Fraction(str(value)) if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if 0 < number < 1e6 else None


def look(scene: Scene) -> Sighting:
    """One observation for each kind of mark in the table, and for each kind of contradiction in a camera's claims.

    details: `camera`, the facts for the page; `source_type`; `damaged`, parts by name; `contradictions` (kind, words);
    `dates`, ISO by name; `software` (name, when, source) in file order; `unsigned_steps` (when, tool, words, source),
    oldest first. Decodes the picture only where the file has a thumbnail. Raises nothing on damaged metadata.
    """
    metadata = read_metadata(scene.portrait)
    dates = dates_of(metadata)
    marks = observe(metadata)
    generator = any(mark.bearing is Bearing.GENERATED and mark.strength.rank >= Strength.STRONG.rank for mark in marks)
    claims = contradictions(scene.portrait, metadata, dates, generator, datetime.now(UTC))
    observations = (*marks, *(claim.observation() for claim in claims))
    note = "No marks of a generator or an editor in the metadata. Most sites strip them: this says nothing either way."
    return Sighting(
        observations=observations,
        note="" if observations else note,
        details={
            "camera": camera_facts(metadata.exif),
            "source_type": next((term_of(value) for place, value in metadata.values if place in SOURCE_TYPE), None),
            "damaged": list(metadata.damaged),
            "contradictions": [{"kind": claim.kind, "words": claim.words} for claim in claims],
            "dates": dates.to_json(),
            "software": programs(metadata),
            "unsigned_steps": [step.to_json() for step in steps(metadata, dates, camera_name(metadata.exif))],
        },
    )


DETECTOR = Detector(
    name="metadata_marks",
    version=2,
    title="Marks in the metadata",
    question="Does the file's plain metadata name a generator, an AI edit or an editing program, or contradict itself?",
    look=look,
)
