"""Regions -> SVG: thin numbered outlines, bent lines and heat over a photo, in the report and at the prompt.

Every line is drawn twice, a white casing under a dark line, so that it shows on any ground and in black and white.
Geometry is in pixels of the upright picture; line widths and numbers follow the longer side.
"""

from __future__ import annotations

import base64
import io
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from PIL import Image

from detector.contour import OPACITY, heat_paths
from detector.figure import Crop, Shows, crops_of
from detector.observation import Figure, Observation, Point, Region, RegionKind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detector.pipeline import Examination

LONGEST_SIDE = 1600
QUALITY = 88
# Shares of the picture's longer side.
LINE, CASING, TAG, DASH = 0.0022, 0.0050, 0.030, 0.0080
CROP_WEIGHT = 4.0  # of lines in a crop, which is shown at about a fourth of the size of the whole
# Shares of the picture's shorter side: the crops under it, the gaps between them, their words.
TILE, GAP, WORDS = 0.28, 0.02, 0.018
MOST_LINES, LETTER = 4, 0.58  # lines of one text; the width of a letter as a share of its height
INK, PAPER = "#14181f", "#ffffff"
WARMTH, RIM = "#1d4289", 0.0008  # the colour of a heat: blue shows on any skin; the rim of a step, of the longer side
FONT = 'font-family="DejaVu Sans, Arial, sans-serif"'


class Numbered(NamedTuple):
    """One observation that is drawn: its number, where, what was seen, and the lines to draw with it."""

    number: int
    region: Region
    summary: str
    figure: Figure | None = None


def svg_overlay(examination: Examination) -> str:
    """A standalone SVG: the examined photo under the numbered outlines of what was seen, and below it each magnified.

    The picture inside is at most 1600 px long; it stands in the file once.

    Raises ValueError where the examination has no picture, CouldNotLook where its pixels cannot be decoded.
    """
    if examination.portrait is None:
        raise ValueError("There is no picture to draw on.")
    width, height = examination.width, examination.height
    seen = [observation for outcome in examination.outcomes for observation in outcome.observations]
    picture = base64.b64encode(_jpeg(examination.portrait.rgb)).decode()
    strip, below = _strip(seen, width, height)
    return standalone_svg(
        f"<title>{_text(examination.verdict.summary)}</title>"
        f'<image id="photo" width="{width}" height="{height}" href="data:image/jpeg;base64,{picture}"/>'
        f"{regions_svg(seen, width, height)}{strip}",
        width,
        height + below,
    )


def standalone_svg(content: str, width: float, height: float, *, left: float = 0, top: float = 0) -> str:
    """The content as an SVG document of its own: the part of a picture that begins at left, top."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" '
        f'width="{width}" height="{height}">{content}</svg>'
    )


def regions_svg(observations: Sequence[Observation], width: float, height: float) -> str:
    """A group with the outline of each observation that has a region, numbered from 1 over all observations."""
    return numbered_svg(
        (
            Numbered(number, seen.region, seen.summary, seen.figure)
            for number, seen in enumerate(observations, start=1)
            if seen.region
        ),
        width,
        height,
    )


def numbered_svg(regions: Iterable[Numbered], width: float, height: float, *, weight: float = 1.0) -> str:
    """The same for regions that bring their numbers along, as stored findings do. Numbers lie above all outlines.

    weight: of lines and numbers; more than 1 for a picture that is shown small.
    """
    drawable = [numbered for numbered in regions if is_drawable(numbered.region)]
    side = max(width, height) * weight
    outlines = "".join(_outline(numbered, side) for numbered in drawable)
    return f'<g class="regions">{outlines}{"".join(_tags(drawable, width, height, side * TAG))}</g>'


def crop_svg(crop: Crop, region: Region | None, figure: Figure | None) -> str:
    """What is drawn into a crop, in pixels of the whole picture; empty where the crop is the photo alone."""
    side = max(crop.width, crop.height) * CROP_WEIGHT
    if crop.shows is Shows.LINES and figure:
        return _lines(figure, side)
    if crop.shows is Shows.HEAT and figure:
        return _warmth(figure, side)
    return _cased(_shape(region), side) if crop.shows is Shows.REGION and region else ""


def region_of(raw: Mapping[str, Any] | None) -> Region | None:
    """The region out of the JSON contract; None where there is none or it is of a kind unknown here."""
    try:
        points = tuple((float(x), float(y)) for x, y in raw["points"]) if raw else ()
        return Region(kind=RegionKind(raw["kind"]), points=points) if raw else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def is_drawable(region: Region) -> bool:
    """Whether the points are as many as the kind needs, and finite."""
    wanted = {RegionKind.BOX: 2, RegionKind.POLYGON: 3, RegionKind.ELLIPSE: 3}[region.kind]
    enough = len(region.points) >= wanted if region.kind is RegionKind.POLYGON else len(region.points) == wanted
    return enough and all(math.isfinite(value) for point in region.points for value in point)


def _outline(seen: Numbered, side: float) -> str:
    return (
        f'<g class="region" data-number="{seen.number}" fill="none" stroke-linejoin="round">'
        f"<title>{seen.number}. {_text(seen.summary)}</title>"
        f"{_warmth(seen.figure, side)}{_cased(_shape(seen.region), side)}"
        f"{_lines(seen.figure, side) if seen.figure else ''}</g>"
    )


def _warmth(figure: Figure | None, side: float) -> str:
    """The steps of a heat above one another, so that more of it is darker; empty where there is none."""
    steps = "".join(f'<path d="{path}"/>' for path in heat_paths(figure.heat)) if figure and figure.heat else ""
    fill = f'fill="{WARMTH}" fill-opacity="{OPACITY}" fill-rule="evenodd"'
    rim = f'stroke="{WARMTH}" stroke-opacity="0.5" stroke-width="{side * RIM:.2f}"'
    return f'<g class="heat" {fill} {rim}>{steps}</g>' if steps else ""


def _cased(shape: str, side: float) -> str:
    return _stroke(shape, PAPER, side * CASING) + _stroke(shape, INK, side * LINE)


def _lines(figure: Figure, side: float) -> str:
    """The line as it runs, solid, over its continuation, dashed; both casings lie below both lines."""
    seen, expected = (_polyline(line) for line in (figure.seen, figure.expected))
    dashes = f' stroke-dasharray="{side * DASH:.2f} {side * DASH * 0.7:.2f}"'
    strokes = [_stroke(line, PAPER, side * CASING) for line in (expected, seen) if line]
    strokes += [_stroke(expected, INK, side * LINE, dashes)] if expected else []
    strokes += [_stroke(seen, INK, side * LINE)] if seen else []
    return "".join(strokes)


def _stroke(shape: str, colour: str, width: float, more: str = "") -> str:
    return f'<{shape} fill="none" stroke="{colour}" stroke-width="{width:.2f}"{more}/>'


def _polyline(line: Sequence[Point]) -> str:
    """Element name and geometry, without the angle brackets; empty for what is no line."""
    finite = len(line) > 1 and all(math.isfinite(value) for point in line for value in point)
    return f'polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in line)}"' if finite else ""


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
    for seen in regions:
        left, top, *_ = bounds_of(seen.region)
        wide = _tag_width(seen.number, side)
        x, y = min(max(0.0, left), max(0.0, width - wide)), min(max(0.0, top), max(0.0, height - side))
        while any(abs(x - at) < wide and abs(y - line) < side for at, line in taken) and x + 2 * wide < width:
            x += wide
        taken.append((x, y))
        yield f'<g class="region-number" data-number="{seen.number}">{_tag(seen.number, x, y, side)}</g>'


def _tag(number: int, x: float, y: float, side: float) -> str:
    wide = _tag_width(number, side)
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{side:.1f}" fill="{INK}" stroke="{PAPER}" '
        f'stroke-width="{side * 0.07:.2f}"/>'
        f'<text x="{x + wide / 2:.1f}" y="{y + side * 0.77:.1f}" font-family="DejaVu Sans Mono, monospace" '
        f'font-weight="bold" font-size="{side * 0.76:.1f}" text-anchor="middle" fill="{PAPER}">{number}</text>'
    )


def _tag_width(number: int, side: float) -> float:
    return side * (0.55 + 0.5 * len(str(number)))


# --- the crops under the photo


def _strip(observations: Sequence[Observation], width: float, height: float) -> tuple[str, int]:
    """What was seen, each with its number, its sentence and its crops, below the photo; and how tall that is."""
    gap = min(width, height) * GAP
    drawn, under = "", height + gap
    for number, seen in enumerate(observations, start=1):
        region = seen.region if seen.region and is_drawable(seen.region) else None
        if crops := crops_of(bounds_of(region) if region else None, seen.figure, width, height):
            shown = [(crop, crop_svg(crop, region, seen.figure)) for crop in crops]
            entry, under = _entry(number, seen.summary, shown, under, width, gap)
            drawn += entry
    below = math.ceil(under - height) if drawn else 0
    paper = f'<rect y="{height}" width="{width}" height="{below}" fill="{PAPER}"/>'
    return f'<g class="crops">{paper}{drawn}</g>' if drawn else "", below


def _entry(
    number: int, summary: str, crops: Sequence[tuple[Crop, str]], top: float, width: float, gap: float
) -> tuple[str, float]:
    """One observation that begins at top, and where it ends; its crops from left to right, in rows if need be."""
    unit = gap / GAP
    tag, size = unit * TAG, unit * WORDS
    sentence, under = _written(summary, 2 * gap + _tag_width(number, tag), top, width, size * 1.2, gap)
    drawn, x, y = _tag(number, gap, top, tag) + sentence, gap, max(under, top + tag) + gap / 2
    end = y
    for at, (crop, lines) in enumerate(crops, start=1):
        wide = min(unit * TILE * crop.width / crop.height, width - 2 * gap)
        if x > gap and x + wide > width:
            x, y = gap, end + gap
        right = width if at == len(crops) else x + wide + gap  # the last has the rest of the row for its words
        caption, ends = _written(crop.caption, x, y + unit * TILE, right, size, gap)
        drawn += _window(crop, lines, x, y, wide, unit * TILE) + caption
        x, end = x + wide + gap, max(end, ends)
    return f'<g class="entry" data-number="{number}">{drawn}</g>', end + 2 * gap


def _window(crop: Crop, lines: str, x: float, y: float, wide: float, tall: float) -> str:
    """A piece of the photo, shown a second time where it stands in the file once."""
    left, top, right, _ = crop.window
    flip = f' transform="translate({left + right:.1f} 0) scale(-1 1)"' if crop.mirrored else ""
    return (
        f'<svg x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
        f'viewBox="{left:.1f} {top:.1f} {crop.width:.1f} {crop.height:.1f}"><use href="#photo"{flip}/>{lines}</svg>'
    )


def _written(words: str, x: float, top: float, right: float, size: float, gap: float) -> tuple[str, float]:
    """Words in lines that end before right, and where they end below."""
    letters = max(8, int((right - x - gap) / (size * LETTER)))
    lines = textwrap.wrap(_printable(words), letters, max_lines=MOST_LINES, placeholder=" …")
    spans = "".join(f'<tspan x="{x:.1f}" dy="{size * 1.3:.1f}">{escape(line)}</tspan>' for line in lines)
    text = f'<text y="{top:.1f}" {FONT} font-size="{size:.1f}" fill="{INK}">{spans}</text>' if lines else ""
    return text, top + size * 1.3 * len(lines)


def _jpeg(rgb: NDArray[np.uint8]) -> bytes:
    picture, encoded = Image.fromarray(rgb), io.BytesIO()
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=3)
    picture.save(encoded, "JPEG", quality=QUALITY)
    return encoded.getvalue()


def _text(words: str) -> str:
    return escape(_printable(words))


def _printable(words: str) -> str:
    """Without the control characters that XML 1.0 has no place for."""
    return "".join(c for c in words if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
