"""Regions as SVG: what is drawn over the photo, and the window of the crop that shows one finding."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CROP_MARGIN = 0.35  # of the region's longer side, left around it so that one sees where one is
CROP_LEAST = 0.12  # of the photo's longer side: a crop of a tiny region still shows its surroundings
LABEL_SHARE = 24  # the number on a region has this part of the photo's longer side as its height


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One region, in pixels of the photo. kind: rect, polygon or ellipse; only its own fields are set."""

    kind: str
    left: float
    top: float
    width: float
    height: float
    points: str = ""
    radius_x: float = 0.0
    radius_y: float = 0.0
    turn: float = 0.0
    label_size: float = 16.0

    @property
    def centre_x(self) -> float:
        return self.left + self.width / 2

    @property
    def centre_y(self) -> float:
        return self.top + self.height / 2

    @property
    def label_y(self) -> float:
        """The label stands above the region, or inside where the photo ends."""
        return max(self.top - self.label_size * 1.2, 0)

    @property
    def label_x(self) -> float:
        return max(self.left, 0)


def shape_of(region: Mapping[str, Any] | None, width: int, height: int) -> Shape | None:
    """The region of a finding on a photo of width x height pixels; None where it concerns the whole file."""
    points: Sequence[Sequence[float]] = (region or {}).get("points") or []
    if not region or len(points) < 2:
        return None
    label = max(width, height) / LABEL_SHARE
    if region.get("kind") == "ellipse" and len(points) >= 3:
        return _ellipse(points, label)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Shape(
        kind="polygon" if region.get("kind") == "polygon" else "rect",
        left=min(xs),
        top=min(ys),
        width=max(xs) - min(xs),
        height=max(ys) - min(ys),
        points=" ".join(f"{x:g},{y:g}" for x, y in points),
        label_size=label,
    )


def _ellipse(points: Sequence[Sequence[float]], label: float) -> Shape:
    (x, y), (ax, ay), (bx, by) = points[:3]
    first, second = math.hypot(ax - x, ay - y), math.hypot(bx - x, by - y)
    half_width, half_height = math.hypot(ax - x, bx - x), math.hypot(ay - y, by - y)
    return Shape(
        kind="ellipse",
        left=x - half_width,
        top=y - half_height,
        width=2 * half_width,
        height=2 * half_height,
        radius_x=first,
        radius_y=second,
        turn=math.degrees(math.atan2(ay - y, ax - x)),
        label_size=label,
    )


def crop_window(shape: Shape, width: int, height: int) -> str:
    """The viewBox of a square crop around the region, inside the photo where it fits."""
    around = max(shape.width, shape.height)
    side = max(around * (1 + 2 * CROP_MARGIN), max(width, height) * CROP_LEAST)
    side = min(side, max(width, height))
    left = _inside(shape.centre_x - side / 2, side, width)
    top = _inside(shape.centre_y - side / 2, side, height)
    return f"{left:.0f} {top:.0f} {side:.0f} {side:.0f}"


def _inside(start: float, side: float, limit: int) -> float:
    """Moved into 0..limit; centred where the window is larger than the photo."""
    return (limit - side) / 2 if side >= limit else min(max(start, 0), limit - side)
