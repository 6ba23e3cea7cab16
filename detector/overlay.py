"""Regions -> SVG: thin numbered outlines over a photo, the same on the page, in the report and at the prompt.

Every outline is drawn twice, a white casing under a dark line, so that it shows on any ground and in black and white.
Geometry is in pixels of the upright picture; line widths and numbers follow the longer side.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from PIL import Image

from detector.observation import Observation, Point, Region, RegionKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detector.pipeline import Examination

Numbered = tuple[int, Region, str]  # number, where, what was seen

LONGEST_SIDE = 1600
QUALITY = 88
# Shares of the picture's longer side.
LINE, CASING, TAG = 0.0022, 0.0050, 0.030
INK, PAPER = "#14181f", "#ffffff"


def svg_overlay(examination: Examination) -> str:
    """A standalone SVG: the examined photo, at most 1600 px long, under the numbered outlines of what was seen.

    Raises ValueError where the examination has no picture, CouldNotLook where its pixels cannot be decoded.
    """
    if examination.portrait is None:
        raise ValueError("There is no picture to draw on.")
    width, height = examination.width, examination.height
    seen = [observation for outcome in examination.outcomes for observation in outcome.observations]
    picture = base64.b64encode(_jpeg(examination.portrait.rgb)).decode()
    return standalone_svg(
        f"<title>{_text(examination.verdict.summary)}</title>"
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{picture}"/>'
        f"{regions_svg(seen, width, height)}",
        width,
        height,
    )


def standalone_svg(content: str, width: float, height: float) -> str:
    """The content as an SVG document of its own, in pixels of a picture of width x height."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{content}</svg>"
    )


def regions_svg(observations: Sequence[Observation], width: float, height: float) -> str:
    """A group with the outline of each observation that has a region, numbered from 1 over all observations."""
    return numbered_svg(
        ((number, seen.region, seen.summary) for number, seen in enumerate(observations, start=1) if seen.region),
        width,
        height,
    )


def numbered_svg(regions: Iterable[Numbered], width: float, height: float, *, weight: float = 1.0) -> str:
    """The same for regions that bring their numbers along, as stored findings do. Numbers lie above all outlines.

    weight: of lines and numbers; more than 1 for a picture that is shown small.
    """
    drawable = [numbered for numbered in regions if is_drawable(numbered[1])]
    side = max(width, height) * weight
    outlines = "".join(_outline(number, region, summary, side) for number, region, summary in drawable)
    return f'<g class="regions">{outlines}{"".join(_tags(drawable, width, height, side * TAG))}</g>'


def region_of(raw: Mapping[str, Any] | None) -> Region | None:
    """The region out of the JSON contract; None where there is none or it is of a kind unknown here."""
    try:
        points = tuple((float(x), float(y)) for x, y in raw["points"]) if raw else ()
        return Region(kind=RegionKind(raw["kind"]), points=points) if raw else None
    except (KeyError, TypeError, ValueError):
        return None


def is_drawable(region: Region) -> bool:
    """Whether the points are as many as the kind needs, and finite."""
    wanted = {RegionKind.BOX: 2, RegionKind.POLYGON: 3, RegionKind.ELLIPSE: 3}[region.kind]
    enough = len(region.points) >= wanted if region.kind is RegionKind.POLYGON else len(region.points) == wanted
    return enough and all(math.isfinite(value) for point in region.points for value in point)


def _outline(number: int, region: Region, summary: str, side: float) -> str:
    shape = _shape(region)
    return (
        f'<g class="region" data-number="{number}" fill="none" stroke-linejoin="round">'
        f"<title>{number}. {_text(summary)}</title>"
        f'<{shape} stroke="{PAPER}" stroke-width="{side * CASING:.2f}"/>'
        f'<{shape} stroke="{INK}" stroke-width="{side * LINE:.2f}"/></g>'
    )


def _shape(region: Region) -> str:
    """Element name and geometry, without the angle brackets."""
    points = region.points
    if region.kind is RegionKind.POLYGON:
        return f'polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"'
    if region.kind is RegionKind.BOX:
        left, top, right, bottom = bounds_of(region)
        return f'rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
    (x, y), first, second = points
    turn = math.degrees(math.atan2(first[1] - y, first[0] - x))
    return (
        f'ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{math.dist((x, y), first):.1f}" ry="{math.dist((x, y), second):.1f}"'
        f' transform="rotate({turn:.2f} {x:.1f} {y:.1f})"'
    )


def bounds_of(region: Region) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a drawable region, in the pixels of its points."""
    points: Sequence[Point] = region.points
    if region.kind is RegionKind.ELLIPSE:
        (x, y), first, second = points
        reach_x = math.hypot(first[0] - x, second[0] - x)
        reach_y = math.hypot(first[1] - y, second[1] - y)
        return x - reach_x, y - reach_y, x + reach_x, y + reach_y
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def _tags(regions: Iterable[Numbered], width: float, height: float, side: float) -> Iterable[str]:
    """The numbers, each at its outline's upper left, inside the picture, beside one another where they would meet."""
    taken: list[tuple[float, float]] = []
    for number, region, _ in regions:
        left, top, *_ = bounds_of(region)
        wide = side * (0.55 + 0.5 * len(str(number)))
        x, y = min(max(0.0, left), max(0.0, width - wide)), min(max(0.0, top), max(0.0, height - side))
        while any(abs(x - at) < wide and abs(y - line) < side for at, line in taken) and x + 2 * wide < width:
            x += wide
        taken.append((x, y))
        yield (
            f'<g class="region-number" data-number="{number}">'
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{side:.1f}" fill="{INK}" stroke="{PAPER}" '
            f'stroke-width="{side * 0.07:.2f}"/>'
            f'<text x="{x + wide / 2:.1f}" y="{y + side * 0.77:.1f}" font-family="DejaVu Sans Mono, monospace" '
            f'font-weight="bold" font-size="{side * 0.76:.1f}" text-anchor="middle" fill="{PAPER}">{number}</text></g>'
        )


def _jpeg(rgb: NDArray[np.uint8]) -> bytes:
    picture, encoded = Image.fromarray(rgb), io.BytesIO()
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3)
    picture.save(encoded, "JPEG", quality=QUALITY)
    return encoded.getvalue()


def _text(words: str) -> str:
    """Escaped, and without the control characters that XML 1.0 has no place for."""
    return escape("".join(c for c in words if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff")))
