"""Regions and figures as SVG: what is drawn over the photo, and the magnified crops that show one finding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from detector.contour import heat_paths
from detector.figure import DASHED, SOLID, Crop, Shows, crops_of, figure_of
from detector.observation import Point, Region, RegionKind
from detector.overlay import bounds_of, is_drawable, region_of

LABEL_STEP = 1.1  # of a label's height, from one label to the next beside it
LABEL_SHARE = 24  # the number on a region has this part of the photo's longer side as its height
KINDS = {RegionKind.BOX: "rect", RegionKind.POLYGON: "polygon", RegionKind.ELLIPSE: "ellipse"}
IN_WORDS = {
    Shows.PHOTO: "{caption}",
    Shows.LINES: "with lines drawn in. {caption}",
    Shows.HEAT: "tinted. {caption}",
    Shows.REGION: "the surroundings of the region",
}


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
    label_place: int = 0  # how many labels stand at its left, where regions begin at the same place

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
        return max(self.left, 0) + self.label_place * self.label_size * LABEL_STEP

    def label_meets(self, other: Shape) -> bool:
        """Whether the two labels would cover each other."""
        near_x, near_y = abs(self.label_x - other.label_x), abs(self.label_y - other.label_y)
        return near_x < self.label_size and near_y < self.label_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The points of two polylines: a line as it runs, and as it would run unbent, which may be empty."""

    seen: str
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A magnified piece of the photo.

    shows: photo, lines, heat or region. mirror: the transform that flips it, or empty.
    caption: empty for the piece around a region, which needs no words beside the finding's own.
    """

    window: str
    width: float
    height: float
    shows: str
    caption: str
    mirror: str
    described: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How one finding is shown: its outline, lines and heat on the photo, and the pieces beside its words.

    heat: one path a step, weakest first; they lie above one another, so that more of a trace is darker.
    """

    shape: Shape | None = None
    lines: Lines | None = None
    heat: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()

    @property
    def compares(self) -> bool:
        """Whether the pieces are to be compared, each with its caption; else there is at most one, of the region."""
        return any(piece.caption for piece in self.pieces)

    @property
    def is_empty(self) -> bool:
        return not self.shape and not self.pieces

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Each kind of line with its words."""
        expected = [("expected", DASHED)] if self.lines and self.lines.expected else []
        return [("seen", SOLID), *expected]


def drawing_of(region: Any, figure: Any, width: int, height: int) -> Drawing:
    """Of a finding's stored region and figure on a photo of width x height; what cannot be drawn is left out."""
    place, shown = region_of(region), figure_of(figure)
    place = place if place and is_drawable(place) else None
    crops = crops_of(bounds_of(place) if place else None, shown, width, height)
    return Drawing(
        shape=_shape(place, max(width, height) / LABEL_SHARE) if place else None,
        lines=Lines(seen=_points(shown.seen), expected=_points(shown.expected)) if shown and shown.seen else None,
        heat=heat_paths(shown.heat) if shown and shown.heat else (),
        pieces=tuple(_piece(crop) for crop in crops),
    )


def set_apart(drawings: Sequence[Drawing]) -> list[Drawing]:
    """The same drawings with the numbers of regions that begin at the same place beside each other."""
    taken: list[Shape] = []
    apart = []
    for drawing in drawings:
        shape = drawing.shape
        while shape and any(shape.label_meets(other) for other in taken):
            shape = replace(shape, label_place=shape.label_place + 1)
        taken += [shape] if shape else []
        apart.append(replace(drawing, shape=shape))
    return apart


def _shape(region: Region, label: float) -> Shape:
    left, top, right, bottom = bounds_of(region)
    centre, first, second = (*region.points, *region.points)[:3]  # only an ellipse asks for them
    ellipse = region.kind is RegionKind.ELLIPSE
    return Shape(
        kind=KINDS[region.kind],
        left=left,
        top=top,
        width=right - left,
        height=bottom - top,
        points=_points(region.points),
        radius_x=math.dist(centre, first) if ellipse else 0.0,
        radius_y=math.dist(centre, second) if ellipse else 0.0,
        turn=math.degrees(math.atan2(first[1] - centre[1], first[0] - centre[0])) if ellipse else 0.0,
        label_size=label,
    )


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _piece(crop: Crop) -> Piece:
    left, top, right, _ = crop.window
    return Piece(
        window=f"{left:.1f} {top:.1f} {crop.width:.1f} {crop.height:.1f}",
        width=round(crop.width, 1),
        height=round(crop.height, 1),
        shows=crop.shows.value,
        caption=crop.caption,
        mirror=f"translate({left + right:.1f} 0) scale(-1 1)" if crop.mirrored else "",
        described=IN_WORDS[crop.shows].format(caption=crop.caption),
    )
