"""What a camera's fields claim, held against the file itself: sizes, dates, exposure, preview, other marks.

Everything here is neutral and weak: an editor, a crop, a scanner or a chat app leaves the same contradictions as
somebody who put a camera's fields onto a picture. They tell where to ask, not what to think.
Source: EXIF 3.0 (CIPA DC-008); what was measured: docs/detectors.md#metadata_marks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from detector.observation import Bearing, CouldNotLook, Observation, Region, Strength
from detector.portrait import Portrait
from detector.provenance import file_dates
from detector.provenance.embedded_thumbnail import decoded
from detector.provenance.file_metadata import EXPOSURE, Metadata
from detector.provenance.plain_text import plain
from detector.provenance.thumbnail_comparison import Difference, Kind, difference

SAME_SHAPE = 0.01  # by which the aspect ratios of a picture and its reduction may differ: whole pixels at 100 and more
LARGEST_SIDE = 200_000  # pixels; larger numbers are no measure
# Beyond what is built: lenses go from f/0.7 to f/128, exposures to days on a bulb, focal lengths to 5,200 mm.
MOST_APERTURE, MOST_EXPOSURE, MOST_FOCAL = 256.0, 7 * 24 * 3600.0, 20_000.0

RESAVED = "Every editor, website and messenger that resizes or crops leaves this. It is ordinary and proves nothing."
CLOCKS = (
    "Clocks of cameras are often wrong, scans carry the date of the paper photo, and programs write dates of their own."
)
STRIPPED = "Scanners and some apps name a maker without an exposure, and some sites drop a part of the fields."
LENSES = (
    "Cameras write such values with lenses that have no contacts, and some apps write zeros for what they do not know."
)
PREVIEWS = (
    "Programs that edit or crop often leave the preview as it was, and some attach another. "
    "It tells that something changed, not what or why: the camera original would show it."
)
BOTH = (
    "A generator may have repainted a photo and kept its fields, and fields can be copied onto any picture. "
    "The file does not say which it was."
)
PREVIEW_WORDS = {
    Kind.PART: "The small preview inside the file shows something else at the marked place.",
    Kind.CUT: "The small preview inside the file shows a wider view: the picture was cropped after it was made.",
    Kind.OTHER: "The small preview inside the file does not show this picture.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One thing that does not fit. kind: key for the page. name: the code's second half."""

    kind: str
    name: str
    words: str
    caveat: str
    region: Region | None = None

    def observation(self) -> Observation:
        return Observation(
            code=f"metadata_marks.{self.name}",
            bearing=Bearing.NEUTRAL,
            strength=Strength.WEAK,
            summary=self.words,
            caveat=self.caveat,
            region=self.region,
        )


def contradictions(
    portrait: Portrait, metadata: Metadata, dates: file_dates.Dates, generator: bool, today: datetime
) -> tuple[Claim, ...]:
    """At most one of each kind. generator: whether a mark elsewhere in the file says that one made it; today in UTC.

    Decodes the picture only where the file has a thumbnail.
    """
    claims = (
        size_claim(metadata.exif, portrait.width, portrait.height),
        date_claim(dates, today),
        camera_claim(metadata, generator),
        preview_claim(portrait, metadata),
    )
    return tuple(claim for claim in claims if claim)


def camera_name(exif: Mapping[str, Any]) -> str:
    """Maker and model in one, "" where none is named: the model alone where it begins with the maker."""
    maker, model = (plain(exif[tag], 80) if names(exif.get(tag)) else "" for tag in ("Make", "Model"))
    if model.lower().startswith(maker.lower()):
        return model
    return f"{maker} {model}".strip()


def names(value: object) -> bool:
    """Whether it is a name at all: ComfyUI keeps whole workflows in the field for the maker."""
    return isinstance(value, str) and bool(value.strip("\0 ")) and "{" not in value


def size_claim(exif: Mapping[str, Any], width: int, height: int) -> Claim | None:
    """The size that the EXIF says against the file's, upright or not; None where they agree, or where it says none."""
    said = [exif.get(tag) for tag in ("ExifImageWidth", "ExifImageHeight")]
    if not all(isinstance(side, int) and 0 < side <= LARGEST_SIDE for side in said):
        return None
    noted_width, noted_height = (int(side) for side in said if side is not None)
    if {noted_width, noted_height} == {width, height}:
        return None
    noted, real = sorted((noted_width, noted_height)), sorted((width, height))
    sizes = f"{noted_width} × {noted_height} pixels in the metadata, {width} × {height} in the file"
    rounding = 1 / real[0]  # a reduction ends at whole pixels
    if abs((real[1] / real[0]) / (noted[1] / noted[0]) - 1) > max(SAME_SHAPE, rounding):
        words = f"The picture's shape changed since the metadata were written, as by cropping: {sizes}."
        return Claim(kind="size", name="cropped_since", words=words, caveat=RESAVED)
    done = "reduced" if real[0] < noted[0] else "enlarged"
    words = f"The picture was {done} since the metadata were written: {sizes}."
    return Claim(kind="size", name="resized_since", words=words, caveat=RESAVED)


def date_claim(dates: file_dates.Dates, today: datetime) -> Claim | None:
    """A date that cannot be; else that the file was saved again later than the capture."""
    if words := file_dates.impossible(dates, today):
        return Claim(kind="dates", name="impossible_date", words=words, caveat=CLOCKS)
    if words := file_dates.saved_again(dates):
        return Claim(kind="dates", name="saved_again", words=words, caveat=RESAVED)
    return None


def camera_claim(metadata: Metadata, generator: bool) -> Claim | None:
    """A camera beside a generator; a camera without an exposure; an exposure that no camera makes."""
    camera = camera_name(metadata.exif)
    if generator:
        if not metadata.has_exposure:
            return None
        words = f"The file says that a generator made it, and it has a camera's exposure fields as well ({camera})."
        return Claim(kind="generator", name="camera_and_generator", words=words, caveat=BOTH)
    odd = next(_odd_exposures(metadata.exif), "")
    if odd:
        return Claim(kind="camera", name="odd_exposure", words=f"The camera's fields hold {odd}.", caveat=LENSES)
    noted = any(metadata.exif.get(tag) is not None or metadata.first(f"xmp:exif:{tag}") for tag in EXPOSURE)
    if camera and not noted:
        words = f"The file names a camera ({camera}) but no exposure, which cameras always write."
        return Claim(kind="camera", name="camera_without_exposure", words=words, caveat=STRIPPED)
    return None


def _odd_exposures(exif: Mapping[str, Any]) -> Iterator[str]:
    """What no camera makes, in words. 0/0 is the standard's way to say that a value is unknown."""
    time, aperture, focal = (_ratio(exif.get(tag)) for tag in ("ExposureTime", "FNumber", "FocalLength"))
    if time is not None and not 0 < time <= MOST_EXPOSURE:
        yield f"an exposure of {time:g} seconds"
    if aperture is not None and not 0 < aperture <= MOST_APERTURE and not (aperture == 0 and not focal):
        yield f"the aperture f/{aperture:g}"
    if focal is not None and not 0 <= focal <= MOST_FOCAL:
        yield f"a focal length of {focal:g} mm"


def _ratio(value: object) -> float | None:
    """An EXIF rational as a number; None for 0/0 and what is no number."""
    try:
        number = float(Fraction(str(value)) if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return None if math.isnan(number) else number


def preview_claim(portrait: Portrait, metadata: Metadata) -> Claim | None:
    """The embedded thumbnail against the picture; None where either is missing, broken off, or they agree."""
    small = decoded(metadata.thumbnail)
    if small is None:
        return None
    try:
        if portrait.truncated:  # the grey rest would differ
            return None
        found = difference(portrait.rgb, small)
    except CouldNotLook:
        return None
    if found is None:
        return None
    return Claim(
        kind="thumbnail",
        name="thumbnail_differs",
        words=PREVIEW_WORDS[found.kind],
        caveat=PREVIEWS,
        region=_region(found, portrait),
    )


def _region(found: Difference, portrait: Portrait) -> Region | None:
    if found.box is None:
        return None
    left, top, right, bottom = found.box
    width, height = portrait.width, portrait.height
    return Region.box(left * width, top * height, right * width, bottom * height)
