"""The pictures of a report as files for Typst: the photo under its numbered regions, and crops beside each finding."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from PIL import Image, ImageOps

from detector.figure import Box, Crop, crops_of, figure_of
from detector.observation import Figure, Heat, Point
from detector.overlay import Numbered, bounds_of, crop_svg, is_drawable, numbered_svg, region_of, standalone_svg
from vetting.models import Photo
from vetting.report.photo_evidence import FindingEvidence, PhotoEvidence

QUALITY = 88  # JPEG goes into the PDF as it is, where a WebP would be unpacked to its full size
SMALL = 0.5  # of the picture's sides: regions that together cover less are shown in a detail, too
MARGIN = 0.3  # of the regions' extent, around them in the detail
DETAIL_WEIGHT = 1.8  # of lines and numbers, as the detail stands smaller on the page than the whole
LEAST = 0.12  # of the picture's longer side: a smaller detail would be a few blurred pixels


def draw_pictures(photo: PhotoEvidence, seen: Image.Image, folder: Path) -> list[dict[str, Any]]:
    """The whole photo, and perhaps a detail of it, written to the folder.

    Hands back for each its file, that of its outlines, and the size in pixels of the original. seen: its preview.
    """
    whole: Box = (0, 0, photo.width, photo.height)
    regions = _regions(photo)
    detail = _detail(regions, photo)
    drawn = [_draw(seen, whole, regions, photo, folder, weight=1.0)]
    return [*drawn, _draw(seen, detail, regions, photo, folder, weight=DETAIL_WEIGHT)] if detail else drawn


def draw_crops(finding: FindingEvidence, photo: PhotoEvidence, seen: Image.Image, folder: Path) -> list[dict[str, Any]]:
    """The magnified crops of one finding, in the same form, each with its caption and an alternative text."""
    region, figure = region_of(finding.region), figure_of(finding.figure)
    region = region if region and is_drawable(region) else None
    crops = crops_of(bounds_of(region) if region else None, figure, photo.width, photo.height)
    drawn = []
    for at, crop in enumerate(crops, start=1):
        name = f"crop-{photo.id}-{finding.number}-{at}"
        _save_crop(crop, photo, seen, folder / f"{name}.jpg")
        if outlines := crop_svg(crop, region, figure):
            left, top, *_ = crop.window
            svg = standalone_svg(outlines, crop.width, crop.height, left=left, top=top)
            (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
        drawn.append(
            {
                "file": f"{name}.jpg",
                "regions": f"{name}.svg" if outlines else None,
                "width": crop.width,
                "height": crop.height,
                "caption": crop.caption,
                "described": f"Magnified crop for no. {finding.number}: {crop.caption or finding.summary}",
            }
        )
    return drawn


def _save_crop(crop: Crop, photo: PhotoEvidence, seen: Image.Image, path: Path) -> None:
    part = _cut(seen, crop.window, photo)
    (ImageOps.mirror(part) if crop.mirrored else part).save(path, "JPEG", quality=QUALITY)


def preview_of(photo: PhotoEvidence) -> Image.Image | None:
    """The large preview; None where there is none that can be read."""
    key = Photo(sha256=photo.sha256_at_intake).preview_key(Photo.Preview.LARGE)
    try:
        with storages["previews"].open(key) as stored, Image.open(io.BytesIO(stored.read()), formats=["WEBP"]) as seen:
            return seen.convert("RGB")
    except OSError:
        return None


def _regions(photo: PhotoEvidence) -> list[Numbered]:
    return [
        Numbered(finding.number, region, finding.summary, figure_of(finding.figure))
        for finding in (photo.analysis.findings if photo.analysis else ())
        if (region := region_of(finding.region)) and is_drawable(region)
    ]


def _detail(regions: Sequence[Numbered], photo: PhotoEvidence) -> Box | None:
    """The part of the picture around all regions, within the picture; None where it would be most of it."""
    if not regions:
        return None
    bounds = [bounds_of(seen.region) for seen in regions]
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
    part = _cut(seen, box, photo)
    name = f"photo-{photo.id}-{round(left)}-{round(top)}"
    part.save(folder / f"{name}.jpg", "JPEG", quality=QUALITY)
    width, height = right - left, bottom - top
    if regions:
        moved = [_moved(numbered, left, top) for numbered in regions]
        svg = standalone_svg(numbered_svg(moved, width, height, weight=weight), width, height)
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    return {
        "file": f"{name}.jpg",
        "regions": f"{name}.svg" if regions else None,
        "width": width,
        "height": height,
    }


def _cut(seen: Image.Image, box: Box, photo: PhotoEvidence) -> Image.Image:
    """The part of the preview that shows this box of the photo."""
    left, top, right, bottom = box
    across, down = seen.width / photo.width, seen.height / photo.height
    size = max(1, round((right - left) * across)), max(1, round((bottom - top) * down))
    part = left * across, top * down, min(right * across, seen.width), min(bottom * down, seen.height)
    return seen.resize(size, Image.Resampling.LANCZOS, part)


def _moved(numbered: Numbered, left: float, top: float) -> Numbered:
    """As it lies in a detail that begins at left, top."""

    def move(points: Sequence[Point]) -> tuple[Point, ...]:
        return tuple((x - left, y - top) for x, y in points)

    def move_heat(heat: Heat) -> Heat:
        first, second, third, fourth = move(heat.corners)
        return replace(heat, corners=(first, second, third, fourth))

    region, figure = numbered.region, numbered.figure
    if figure:
        heat = move_heat(figure.heat) if figure.heat else None
        figure = Figure(seen=move(figure.seen), expected=move(figure.expected), heat=heat)
    return numbered._replace(region=replace(region, points=move(region.points)), figure=figure)
