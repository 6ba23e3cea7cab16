"""Figures: read back from the JSON contract, and turned into the magnified crops that make a finding plain.

One place decides which crops an observation gets, so that page, report and prompt show the same ones. All of it in
pixels of the upright picture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from detector.contour import is_faint
from detector.observation import Figure, Heat, Panel, Point

Box = tuple[float, float, float, float]  # left, top, right, bottom

FARTHEST = 1_000_000.0  # pixels: a number beyond it is broken, as no picture that is read here is so long
MOST_PANELS = 4  # more cannot be compared at a glance
LEAST_FIELDS, MOST_FIELDS = 2, 32  # of a heat's grid, across and down
# Of a region's or a bend's longer side, left around it so that one sees where one is.
MARGIN = 0.35
# Of the picture's longer side: smaller windows would be a few blurred pixels. Panels are as their detector cut them.
LEAST, LEAST_PANEL = 0.12, 0.04
SLIMMEST = 2 / 3  # of a window's longer side, the least that its shorter side is: slimmer ones get surroundings
BENT = 0.15  # of the greatest distance between the two lines: where they are closer, the line runs as expected
SAMPLES = 64  # points of a line that are looked at to find its bend

AS_IT_IS = "As it is in the photo"
SOLID = "Solid: the line as it runs"
DASHED = "Dashed: if nothing had bent it"
WARM = "Where the trace is strongest: darker means more."


class Shows(StrEnum):
    """What is drawn into a crop."""

    PHOTO = "photo"  # nothing: the piece of the photo alone
    LINES = "lines"
    HEAT = "heat"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A window on the picture, inside it. Crops of one comparison are equally large, so that sizes can be compared.

    caption: empty for the crop of a region, which the observation's own sentence describes.
    """

    window: Box
    shows: Shows
    caption: str = ""
    mirrored: bool = False

    @property
    def width(self) -> float:
        return self.window[2] - self.window[0]

    @property
    def height(self) -> float:
        return self.window[3] - self.window[1]


def figure_of(raw: object) -> Figure | None:
    """The figure out of the JSON contract, less what cannot be drawn; None where nothing of it can.

    A lone panel has nothing to be compared with, and a continuation nothing to continue without the line.
    """
    if not isinstance(raw, Mapping):
        return None
    listed = raw.get("panels")
    panels = [panel for each in (listed if isinstance(listed, list) else ()) if (panel := _panel(each))][:MOST_PANELS]
    seen, expected, heat = _line(raw.get("seen")), _line(raw.get("expected")), _heat(raw.get("heat"))
    if len(panels) < 2 and not seen and not heat:
        return None
    compared = tuple(panels) if len(panels) > 1 else ()
    return Figure(panels=compared, seen=seen, expected=expected if seen else (), heat=heat)


def crops_of(bounds: Box | None, figure: Figure | None, width: float, height: float) -> tuple[Crop, ...]:
    """What to show magnified beside an observation: what its figure has, or else its region with these bounds."""
    ways = (_panels, _bend, _warmth)
    compared = tuple(crop for way in ways for crop in way(figure, width, height)) if figure else ()
    if compared or bounds is None or not _meets(bounds, width, height):
        return compared
    side = max(bounds[2] - bounds[0], bounds[3] - bounds[1]) * (1 + 2 * MARGIN)
    return (Crop(window=_window(bounds, side, side, width, height, LEAST), shows=Shows.REGION),)


def _panel(raw: Any) -> Panel | None:
    try:
        left, top, right, bottom = map(_near, raw["box"])
        label, mirrored = raw.get("label"), raw.get("mirrored")
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        return None
    if left >= right or top >= bottom:
        return None
    label = label if isinstance(label, str) and label else "a place in the photo"
    return Panel(label=label, box=(left, top, right, bottom), mirrored=mirrored is True)


def _line(raw: Any) -> tuple[Point, ...]:
    try:
        points = tuple((_near(x), _near(y)) for x, y in raw)
    except (TypeError, ValueError, OverflowError):
        return ()
    return points if len(points) > 1 else ()


def _heat(raw: Any) -> Heat | None:
    try:
        first, second, third, fourth = ((_near(x), _near(y)) for x, y in raw["corners"])
        rows = raw["values"]
        if not _is_grid(rows):
            return None
        values = tuple(tuple(min(max(_near(value), 0.0), 1.0) for value in row) for row in rows)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    corners = first, second, third, fourth
    return Heat(corners=corners, values=values) if _spreads(corners) else None


def _is_grid(rows: Any) -> bool:
    """Whether it is a list of equally long lists, neither too few nor too many."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return False
    sides = {len(rows), *map(len, rows)}
    return min(sides) >= LEAST_FIELDS and max(sides) <= MOST_FIELDS and len(set(map(len, rows))) == 1


def _spreads(corners: Sequence[Point]) -> bool:
    """Whether the corners enclose anything: at least a pixel."""
    pairs = zip(corners, [*corners[1:], corners[0]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) >= 2


def _near(value: Any) -> float:
    number = float(value)
    if not abs(number) <= FARTHEST:  # written so that it holds for NaN, too
        raise ValueError(value)
    return number


def _panels(figure: Figure, width: float, height: float) -> Iterable[Crop]:
    """Windows of one size around the panels; none unless two of them lie on the picture."""
    panels = [panel for panel in figure.panels if _meets(panel.box, width, height)]
    wide = max((panel.box[2] - panel.box[0] for panel in panels), default=0.0)
    tall = max((panel.box[3] - panel.box[1] for panel in panels), default=0.0)
    for panel in panels if len(panels) > 1 else ():
        yield Crop(
            window=_window(panel.box, wide, tall, width, height, LEAST_PANEL),
            shows=Shows.PHOTO,
            caption=_caption(panel),
            mirrored=panel.mirrored,
        )


def _caption(panel: Panel) -> str:
    words = panel.label[:1].upper() + panel.label[1:]
    return f"{words} (mirrored)" if panel.mirrored else words


def _bend(figure: Figure, width: float, height: float) -> Iterable[Crop]:
    """The same window twice, bare and with the lines: what is drawn over an edge also hides it."""
    if not figure.seen:
        return
    left, top, right, bottom = bounds = _bend_bounds(figure)
    if not _meets(bounds, width, height):
        return
    around = 2 * MARGIN * max(right - left, bottom - top)
    window = _window(bounds, right - left + around, bottom - top + around, width, height, LEAST)
    yield Crop(window=window, shows=Shows.PHOTO, caption=AS_IT_IS)
    yield Crop(window=window, shows=Shows.LINES, caption=f"{SOLID}. {DASHED}." if figure.expected else f"{SOLID}.")


def _warmth(figure: Figure, width: float, height: float) -> Iterable[Crop]:
    """The place of the heat twice, bare and under its steps: what is drawn over a face also hides it."""
    if not figure.heat or is_faint(figure.heat):
        return
    left, top, right, bottom = bounds = _around(figure.heat.corners)
    if not _meets(bounds, width, height):
        return
    window = _window(bounds, right - left, bottom - top, width, height, LEAST)
    yield Crop(window=window, shows=Shows.PHOTO, caption=AS_IT_IS)
    yield Crop(window=window, shows=Shows.HEAT, caption=WARM)


def _bend_bounds(figure: Figure) -> Box:
    """Around the part of the line that leaves its continuation, both included; around all of it where none does."""
    seen, expected = _thinned(figure.seen), _thinned(figure.expected)
    beside = [_nearest(point, expected) for point in seen] if expected else list(seen)
    away = [math.dist(point, other) for point, other in zip(seen, beside, strict=True)]
    bent = [at for at, distance in enumerate(away) if distance > BENT * max(away)]
    if not bent:
        return _around(seen)
    shown = slice(max(bent[0] - 1, 0), bent[-1] + 2)  # from the last straight point to the next
    return _around([*seen[shown], *beside[shown]])


def _thinned(line: Sequence[Point]) -> Sequence[Point]:
    step = math.ceil(len(line) / SAMPLES)
    return [*line[::step], line[-1]] if step > 1 else line


def _nearest(point: Point, line: Sequence[Point]) -> Point:
    """The point of the line that is closest."""
    feet = (_foot(point, start, end) for start, end in itertools.pairwise(line))
    return min(feet, key=lambda foot: math.dist(point, foot))


def _foot(point: Point, start: Point, end: Point) -> Point:
    across, down = end[0] - start[0], end[1] - start[1]
    length = across * across + down * down
    along = ((point[0] - start[0]) * across + (point[1] - start[1]) * down) / length if length else 0.0
    along = min(max(along, 0.0), 1.0)
    return start[0] + along * across, start[1] + along * down


def _around(points: Sequence[Point]) -> Box:
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def _meets(box: Box, width: float, height: float) -> bool:
    """Whether the middle of the box lies on the picture: a window elsewhere would show something else."""
    return 0 <= (box[0] + box[2]) / 2 <= width and 0 <= (box[1] + box[3]) / 2 <= height


def _window(box: Box, wide: float, tall: float, width: float, height: float, least: float) -> Box:
    """About wide x tall around the middle of the box, neither tiny nor slim, and inside the picture."""
    shortest = max(width, height) * least
    wide, tall = max(wide, tall * SLIMMEST, shortest), max(tall, wide * SLIMMEST, shortest)
    wide, tall = min(wide, width), min(tall, height)
    left = min(max((box[0] + box[2] - wide) / 2, 0), width - wide)
    top = min(max((box[1] + box[3] - tall) / 2, 0), height - tall)
    return left, top, min(left + wide, width), min(top + tall, height)
