"""The pictures of a report as files for Typst: the photo under its numbered regions, a detail where they are small."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from PIL import Image

from detector.overlay import Numbered, bounds_of, is_drawable, numbered_svg, region_of, standalone_svg
from vetting.models import Photo
from vetting.report.photo_evidence import PhotoEvidence

QUALITY = 88  # JPEG goes into the PDF as it is, where a WebP would be unpacked to its full size
SMALL = 0.5  # of the picture's sides: regions that together cover less are shown in a detail, too
MARGIN = 0.3  # of the regions' extent, around them in the detail
DETAIL_WEIGHT = 1.8  # of lines and numbers, as the detail stands smaller on the page than the whole
LEAST = 0.12  # of the picture's longer side: a smaller detail would be a few blurred pixels

Box = tuple[float, float, float, float]


def draw_pictures(photo: PhotoEvidence, folder: Path) -> list[dict[str, Any]]:
    """Writes the files; hands back for each its name, that of its outlines, and the size in pixels of the original.

    Empty where there is no preview that can be read; else the whole photo, and perhaps a detail of it.
    """
    seen = _preview(photo)
    if seen is None:
        return []
    whole: Box = (0, 0, photo.width, photo.height)
    regions = _regions(photo)
    detail = _detail(regions, photo)
    drawn = [_draw(seen, whole, regions, photo, folder, weight=1.0)]
    return [*drawn, _draw(seen, detail, regions, photo, folder, weight=DETAIL_WEIGHT)] if detail else drawn


def _preview(photo: PhotoEvidence) -> Image.Image | None:
    key = Photo(sha256=photo.sha256_at_intake).preview_key(Photo.Preview.LARGE)
    try:
        with storages["previews"].open(key) as stored, Image.open(io.BytesIO(stored.read()), formats=["WEBP"]) as seen:
            return seen.convert("RGB")
    except OSError:
        return None


def _regions(photo: PhotoEvidence) -> list[Numbered]:
    found = [(f.number, region_of(f.region), f.summary) for f in (photo.analysis.findings if photo.analysis else ())]
    return [(number, region, summary) for number, region, summary in found if region and is_drawable(region)]


def _detail(regions: Sequence[Numbered], photo: PhotoEvidence) -> Box | None:
    """The part of the picture around all regions, within the picture; None where it would be most of it."""
    if not regions:
        return None
    bounds = [bounds_of(region) for _, region, _ in regions]
    left, top = min(b[0] for b in bounds), min(b[1] for b in bounds)
    right, bottom = max(b[2] for b in bounds), max(b[3] for b in bounds)
    if max((right - left) / photo.width, (bottom - top) / photo.height) > SMALL:
        return None
    half = max(max(right - left, bottom - top) * (0.5 + MARGIN), max(photo.width, photo.height) * LEAST / 2)
    x, y = (left + right) / 2, (top + bottom) / 2
    box = (max(0, x - half), max(0, y - half), min(photo.width, x + half), min(photo.height, y + half))
    return box if box[0] < box[2] and box[1] < box[3] else None


def _draw(
    seen: Image.Image, box: Box, regions: Sequence[Numbered], photo: PhotoEvidence, folder: Path, *, weight: float
) -> dict[str, Any]:
    left, top, right, bottom = box
    across, down = seen.width / photo.width, seen.height / photo.height
    part = seen.resize(
        (max(1, round((right - left) * across)), max(1, round((bottom - top) * down))),
        Image.Resampling.LANCZOS,
        (left * across, top * down, right * across, bottom * down),
    )
    name = f"photo-{photo.id}-{round(left)}-{round(top)}"
    part.save(folder / f"{name}.jpg", "JPEG", quality=QUALITY)
    width, height = right - left, bottom - top
    if regions:
        moved = [
            (number, replace(region, points=tuple((x - left, y - top) for x, y in region.points)), summary)
            for number, region, summary in regions
        ]
        svg = standalone_svg(numbered_svg(moved, width, height, weight=weight), width, height)
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return {
        "file": f"{name}.jpg",
        "regions": f"{name}.svg" if regions else None,
        "width": width,
        "height": height,
    }
