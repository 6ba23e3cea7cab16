"""Edges that pass behind the person: do both sides lie on one straight line?

Both stretches of an edge are laid against one line, after the lens's distortion was taken out. A lens bends all lines
of a picture by one rule, so distortion is estimated from all of them together ("straight lines have to be straight":
Devernay and Faugeras, 2001); what remains is told as an offset between the sides and as a bend close to the outline.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.lines import OFF_LINE, TURNED, WIDEST, behind, beside
from detector.signal.surroundings import SIZE, UNIT, Surroundings
from detector.signal.track import Stretch

Array = NDArray[np.float32]

# Of two stretches that may be one edge.
SAME_PROFILE = 0.9  # correlation of their profiles across the edge
SAME_CONTRAST = 1.7  # times
SAME_COLOUR = 20.0  # LAB units (8 bit), on either side

# In eye distances.
# From where a stretch comes closest to the person: farther out it is taken to run as it should. A bend that is still
# seen there is looked at once more from farther away.
UNDISTURBED, FAR_UNDISTURBED = 0.6, 1.2
LEAST = 0.3  # of such a line on either side, to know where it runs
LAST = 0.2  # the piece next to the outline that is held against the line
PLACED = 0.25 / UNIT  # how exactly an edge is placed at best
NORMAL_MEDIAN = 0.6745  # median of the absolute normal distribution, in its spreads
SAMPLES = 24  # points that a line is drawn with
CORRELATED = 8  # neighbouring points that share one error (the smoothing of the edge and JPEG's blocks)
HIDDEN = 0.2  # a smaller gap is none: the edge was followed all along
CLOSE_TO = 0.1  # less is one edge with its own shadow or bevel
UNSTEADY = 0.014  # spread of a stretch about its own line: a coast, a cloud, a fold, but no straight edge
UNSURE = 0.12  # noise at which no line can be told any more
ASKEW = 4.0  # degrees between the two sides: a corner or a curve
DISTORTION = 0.06  # usual amount of lens distortion at the corner of a picture, as a share


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One edge on both sides of the person.

    one, other: its stretches. offset: eye distances between the lines of the two sides, halfway behind the person.
    angle: degrees between them. bend: the greatest distance of a stretch's last piece from the line through both.
    noise: what offset and bend may be by chance, eye distances.  gap: eye distances behind the person.
    seen, expected: N x 2 pixels of the surroundings, the line as it runs and as it should.
    near: the part of `seen` next to the person.
    """

    one: Stretch
    other: Stretch
    offset: float
    angle: float
    bend: float
    noise: float
    gap: float
    seen: Array
    expected: Array
    near: Array

    @property
    def departure(self) -> float:
        """Eye distances by which the edge misses being one straight line."""
        return max(abs(self.offset), self.bend)


def crossings(view: Surroundings, found: Array, width: int, height: int) -> list[Crossing]:
    """The edges that pass behind or close by the person, each stretch used at most once.

    found: segments (detector.signal.lines). width, height: of the whole picture.
    """
    hidden, passing = behind(view, found), beside(view, found)
    lens = Lens.of(view, [*hidden, *(stretch for pair in passing for stretch in pair)], width, height)
    pairs = [*itertools.combinations(hidden, 2), *passing]
    judged = [crossing for pair in pairs if alike(*pair) and (crossing := _crossing(*pair, lens)) is not None]
    judged = [crossing for crossing in judged if not _ambiguous(crossing, found)]
    kept: list[Crossing] = []
    for pair in sorted(judged, key=lambda each: each.departure):  # the straight explanation first
        if not any(mine is theirs for mine in (pair.one, pair.other) for k in kept for theirs in (k.one, k.other)):
            kept.append(pair)
    return kept


def alike(one: Stretch, other: Stretch) -> bool:
    """Whether two stretches that come from opposite sides look like one edge."""
    if float(one.direction @ other.direction) > -np.cos(np.radians(TURNED)):
        return False
    mine, theirs = one.profile - one.profile.mean(), (other.profile - other.profile.mean())[::-1]
    if mine @ theirs < SAME_PROFILE * np.linalg.norm(mine) * np.linalg.norm(theirs):
        return False
    ratio = abs(np.log((abs(one.contrast) + 1) / (abs(other.contrast) + 1)))
    colour = np.linalg.norm(one.look - other.look[::-1], axis=1).max()
    return bool(ratio < np.log(SAME_CONTRAST) and colour < SAME_COLOUR)


def _ambiguous(crossing: Crossing, found: Array) -> bool:
    """Whether a parallel edge runs so close by that it could be the true continuation: shelves, panels, mortar."""
    if crossing.gap < HIDDEN or abs(crossing.offset) < CLOSE_TO:
        return False
    for stretch in (crossing.one, crossing.other):
        ways = found[:, 2:] - found[:, :2]
        length = np.linalg.norm(ways, axis=1)
        parallel = np.abs(ways @ stretch.direction) > np.cos(np.radians(2 * TURNED)) * length
        reach = np.sort(stretch.points[[0, -1]] @ stretch.direction)
        ends = np.sort(np.stack([found[:, :2] @ stretch.direction, found[:, 2:] @ stretch.direction]), axis=0)
        level_with = (ends[0] < reach[1]) & (ends[1] > reach[0])
        middles = (found[:, :2] + found[:, 2:]) / 2
        off = np.abs((middles - stretch.points.mean(axis=0)) @ stretch.normal) / UNIT
        if np.any(parallel & level_with & (off > CLOSE_TO) & (off < 2 * abs(crossing.offset))):
            return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """Radial distortion: a point seen at p lies at p (1 + amount |p|^2), from the centre, 1 at the corner."""

    centre: Array
    corner: float
    amount: float = 0.0

    @classmethod
    def of(cls, view: Surroundings, stretches: Sequence[Stretch], width: int, height: int) -> Lens:
        matrix = np.asarray(cv2.invertAffineTransform(view.square.to_picture(SIZE)), dtype=np.float32)
        centre = matrix[:, :2] @ np.array([width / 2, height / 2], dtype=np.float32) + matrix[:, 2]
        corner = float(np.hypot(width, height)) / 2 * SIZE / view.square.side
        lens = cls(centre=centre, corner=corner)
        pulls = [lens._pull(stretch) for stretch in stretches]
        above, below = sum(pull for pull, _ in pulls), sum(weight for _, weight in pulls)
        return cls(centre=centre, corner=corner, amount=float(above / (below + DISTORTION**-2)))

    def _pull(self, stretch: Stretch) -> tuple[float, float]:
        """Least squares for the amount: what bends the undisturbed part of a stretch, against what distortion would."""
        points = stretch.points[: -round(UNDISTURBED * UNIT)]
        if len(points) < LEAST * UNIT:
            return 0.0, 0.0
        from_centre = (points - self.centre) / np.float32(self.corner)
        moved = from_centre * np.sum(from_centre**2, axis=1, keepdims=True) * np.float32(self.corner)
        along, across = (points - points[-1]) @ stretch.direction, (points - points[-1]) @ stretch.normal
        line = np.stack([np.ones_like(along), along], axis=1)
        both = np.stack([across, moved @ stretch.normal], axis=1)
        curve, expected = (both - line @ np.linalg.lstsq(line, both, rcond=None)[0]).T / UNIT
        error = CORRELATED * max(float(np.std(curve)), PLACED) ** 2
        return -float(curve @ expected) / error, float(expected @ expected) / error

    def straightened(self, points: Array) -> Array:
        from_centre = (points - self.centre) / np.float32(self.corner)
        return np.asarray(
            points + (points - self.centre) * self.amount * np.sum(from_centre**2, axis=1, keepdims=True), np.float32
        )

    def bent(self, points: Array) -> Array:
        """The way back, near enough for the amounts that lenses have."""
        return np.asarray(2 * points - self.straightened(points), dtype=np.float32)


def _crossing(one: Stretch, other: Stretch, lens: Lens) -> Crossing | None:
    ends = lens.straightened(np.stack([one.points[-1], other.points[-1]]))
    middle, direction = ends.mean(axis=0), one.direction - other.direction
    direction = direction / np.linalg.norm(direction)
    normal = np.array([-direction[1], direction[0]], dtype=np.float32)
    gap = float((ends[1] - ends[0]) @ direction) / UNIT
    if gap > WIDEST:
        return None
    from_middle = [(lens.straightened(stretch.points) - middle) / UNIT for stretch in (one, other)]
    placed = [(points @ direction, points @ normal) for points in from_middle]
    for undisturbed in (UNDISTURBED, FAR_UNDISTURBED):
        first, second = (_Side.of(*place, undisturbed) for place in placed)
        if _one_line(first, second):
            break
    else:
        return None
    offset, angle, noise = _apart(first, second)
    line, *_ = _fitted(np.concatenate([first.along, second.along]), np.concatenate([first.across, second.across]))
    bend = max(abs(side.last[1] - line[0] - line[1] * side.last[0]) for side in (first, second))
    near = [stretch.points[max(0, len(stretch.points) - round(1.5 * UNDISTURBED * UNIT)) :] for stretch in (one, other)]
    reach = np.linspace(first.along[0], second.along[0], SAMPLES, dtype=np.float32)[:, None]
    expected = lens.bent(middle + (reach * direction + (line[0] + line[1] * reach) * normal) * UNIT)
    return Crossing(
        one=one,
        other=other,
        offset=offset,
        angle=angle,
        bend=float(bend),
        noise=noise,
        gap=gap,
        seen=np.concatenate([one.points, other.points[::-1]]),
        expected=expected,
        near=np.concatenate([near[0], near[1][::-1]]),
    )


def _apart(first: _Side, second: _Side) -> tuple[float, float, float]:
    """Offset and angle (degrees) between the lines of two sides, and what the offset may be by chance."""
    angle = float(np.degrees(np.arctan(first.line[1] - second.line[1])))
    return float(first.line[0] - second.line[0]), angle, float(np.hypot(first.noise, second.noise))


def _one_line(first: _Side, second: _Side) -> bool:
    """Whether the undisturbed parts of two sides are straight, sure, and about in line."""
    offset, angle, noise = _apart(first, second)
    steady = max(first.spread, second.spread) <= UNSTEADY
    return steady and abs(offset) <= OFF_LINE and abs(angle) <= ASKEW and noise <= UNSURE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """The undisturbed part (along, across: eye distances), its line (at the middle, slope), its last piece's place."""

    along: Array
    across: Array
    line: Array
    noise: float
    spread: float
    last: tuple[float, float]

    @classmethod
    def of(cls, along: Array, across: Array, undisturbed: float) -> _Side:
        # A stretch too short for that is all there is to tell its own line.
        whole = len(along) < (undisturbed + LEAST) * UNIT
        part = slice(None, None if whole else -round(undisturbed * UNIT))
        piece = slice(-round(LAST * UNIT), None)
        line, noise, spread = _fitted(along[part], across[part])
        last = float(np.median(along[piece])), float(np.median(across[piece]))
        return cls(along=along[part], across=across[part], line=line, noise=noise, spread=spread, last=last)


def _fitted(along: Array, across: Array) -> tuple[Array, float, float]:
    """The line (its place at 0, its slope) through points, the standard error of that place, the points' spread."""
    inputs = np.stack([np.ones_like(along), along], axis=1).astype(np.float64)
    line = np.linalg.lstsq(inputs, across.astype(np.float64), rcond=None)[0]
    rest = np.abs(across - inputs @ line)  # its median: the tail of a wide bend is no unsteadiness
    spread = max(float(np.median(rest)) / NORMAL_MEDIAN, PLACED)
    error = spread * np.sqrt(CORRELATED * np.linalg.inv(inputs.T @ inputs + 1e-9 * np.eye(2))[0, 0])
    return np.asarray(line, dtype=np.float32), float(error), spread
