"""An edge followed along a strip: where it runs, to a fraction of a pixel, and what it looks like across.

The path through the strip is the one that collects most of the edge's own response (dynamic programming), so that an
edge is followed around a bend; where it no longer looks like itself, it is not seen any more.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.surroundings import SIZE, UNIT, Surroundings, at, sampled

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

# In eye distances.
HALF = 0.6  # of the strip's width to either side
AT_OUTLINE = 0.12  # the person mask is no more exact than this
PROFILE = 0.2  # to either side of the edge: its profile
CLEAR_OF = 0.4  # from the outline: here the line's own look is learnt
SHORTEST = 0.6  # of a segment: shorter ones are texture, and a stretch must tell its own direction
PASSES = 1.0  # from the outline at most, where it is looked at
LEAST_OWN = 0.3  # of an edge, from which its own look is learnt

STEP_COST = 0.08  # of the edge's own response, for each pixel that the path moves sideways
SAME_RESPONSE = (0.5, 2.0)  # at a point, against the stretch's own: else the edge is not seen there
ALIKE = 0.8  # correlation of a profile with the stretch's own
SMOOTH = 7  # pixels along the edge over which its place is averaged
BRIDGED = 7  # pixels: interruptions up to this length are bridged


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An edge on one side of the person, followed towards it; rows run from far to near.

    points: N x 2, pixels of the surroundings. away: N, eye distances from the outline.
    direction, normal: unit vectors of the segment it was found by, towards the person and to its right.
    profile: grey levels across the edge, from -normal to +normal. look: N x 3 LAB (8 bit) of both sides, 2 x 3.
    """

    points: Array
    away: Array
    direction: Array
    normal: Array
    profile: Array
    look: Array

    @property
    def contrast(self) -> float:
        """Grey levels by which the side at +normal is lighter."""
        return float(np.mean(self.profile[-4:]) - np.mean(self.profile[:4]))

    @property
    def width(self) -> float:
        """Of the edge, in eye distances: its contrast over its steepest rise."""
        return abs(self.contrast) / (float(np.abs(np.gradient(self.profile)).max()) + 1e-3) / UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A followed edge, before it is cut into stretches."""

    points: Array
    away: Array
    direction: Array
    profiles: Array
    view: Surroundings

    def cut(self) -> int | None:
        """The row, close to the person and far from both ends, that lies farthest off the line through the ends."""
        least = round(SHORTEST * UNIT)
        if len(self.points) < 2 * least + SMOOTH:
            return None
        from_start = self.points - self.points[0]
        along, across = from_start @ self.direction, from_start @ np.array([-self.direction[1], self.direction[0]])
        ends = np.r_[:least, len(along) - least : len(along)]
        slope, start = np.polyfit(along[ends], across[ends], 1)
        off = np.abs(np.convolve(across - start - slope * along, np.ones(SMOOTH) / SMOOTH, "same"))
        off[self.away > PASSES] = -1
        cut = least + int(np.argmax(off[least:-least]))
        return cut if off[cut] >= 0 else None

    def stretch(self, part: slice) -> Stretch:
        """The part, from far to near; a part that runs backwards is looked at from the other end."""
        turn = -1 if part.step == -1 else 1
        direction = self.direction * np.float32(turn)
        normal = np.array([-direction[1], direction[0]], dtype=np.float32)
        points, away = self.points[part], self.away[part]
        clear = away > min(CLEAR_OF, float(np.median(away)))
        return Stretch(
            points=points,
            away=away,
            direction=direction,
            normal=normal,
            profile=np.median(self.profiles[part][clear][:, ::turn], axis=0).astype(np.float32),
            look=_look(self.view, points[clear], normal),
        )


def tracked(view: Surroundings, origin: Array, direction: Array, along: NDArray[np.intp], own: Mask) -> Track | None:
    """Follows the edge at `origin` along `direction`: at the pixels `along` it; `own`: rows where it surely runs."""
    normal = np.array([-direction[1], direction[0]], dtype=np.float32)
    across = np.arange(-round(HALF * UNIT), round(HALF * UNIT) + 1, dtype=np.float32)
    axis = origin + along[:, None].astype(np.float32) * direction
    inside = np.all((axis > 0) & (axis < SIZE - 1), axis=1)
    along, own, axis = along[inside], own[inside], axis[inside]
    if np.count_nonzero(own) < LEAST_OWN * UNIT:
        return None
    grid = axis[:, None] + across[:, None] * normal
    strip, background = sampled(view.light, grid), at(view.background, grid)
    slope = cv2.Sobel(cv2.GaussianBlur(strip, (0, 0), 1.0), cv2.CV_32F, 1, 0, scale=1 / 8) * background
    middle = len(across) // 2
    sign = np.float32(1.0 if slope[own, middle - 3 : middle + 4].sum() > 0 else -1.0)
    path, height = _path(sign * slope)
    points = (axis + path[:, None] * normal).astype(np.float32)
    away = sampled(view.away, points[:, None])[:, 0]
    reach = np.arange(-round(PROFILE * UNIT), round(PROFILE * UNIT) + 1)
    columns = np.clip(np.rint(path).astype(np.intp)[:, None] + middle + reach, 0, len(across) - 1)
    profiles = strip[np.arange(len(path))[:, None], columns]
    clear = own & (away > AT_OUTLINE) & (height > 0)
    if np.count_nonzero(clear) < LEAST_OWN * UNIT:
        return None
    profile, response = np.median(profiles[clear], axis=0).astype(np.float32), float(np.median(height[clear]))
    seen = (height > SAME_RESPONSE[0] * response) & (height < SAME_RESPONSE[1] * response)
    seen &= (_correlation(profiles, profile) > ALIKE) & at(view.background, points) & (away > AT_OUTLINE)
    run = _run(seen, int(np.median(np.nonzero(clear)[0])))
    if run.stop - run.start < SHORTEST * UNIT:
        return None
    return Track(points=points[run], away=away[run], direction=direction, profiles=profiles[run], view=view)


def _path(response: Array) -> tuple[Array, Array]:
    """The best connected path through a strip (S x T): pixels off its middle, to a fraction, and the response there."""
    usual = float(np.median(np.max(response, axis=1))) + 1e-3
    gain = np.clip(response / usual, -0.5, 1.5)
    total, back = gain[0], np.zeros(gain.shape, np.int8)
    moves = np.full((3, gain.shape[1]), -np.inf, np.float32)
    for row in range(1, len(gain)):
        moves[1], moves[0, 1:], moves[2, :-1] = total, total[:-1] - STEP_COST, total[1:] - STEP_COST
        best = moves.argmax(axis=0)
        back[row] = best - 1
        total = moves.max(axis=0) + gain[row]
    path = np.empty(len(gain), np.intp)
    column = int(np.argmax(total))
    for row in range(len(gain) - 1, -1, -1):
        path[row] = column
        column += int(back[row, column])
    rows, inner = np.arange(len(path)), np.clip(path, 1, gain.shape[1] - 2)
    before, there, after = (response[rows, inner + step] for step in (-1, 0, 1))
    curve = before - 2 * there + after
    shift = np.where(curve < -1e-3, 0.5 * (before - after) / np.where(curve < -1e-3, curve, -1), 0)
    off = inner - gain.shape[1] // 2 + np.clip(shift, -0.7, 0.7)
    return np.asarray(off, dtype=np.float32), np.asarray(there, dtype=np.float32)


def _run(seen: Mask, seed: int) -> slice:
    """The stretch around `seed` that is seen without interruption; empty where the seed is not seen."""
    kernel = np.ones((BRIDGED, 1), np.uint8)
    bridged = cv2.morphologyEx(seen.astype(np.uint8)[:, None], cv2.MORPH_CLOSE, kernel)[:, 0] > 0
    gaps = np.nonzero(~bridged)[0]
    if seed in gaps:
        return slice(0, 0)
    before, after = gaps[gaps < seed], gaps[gaps > seed]
    return slice(int(before[-1]) + 1 if len(before) else 0, int(after[0]) if len(after) else len(seen))


def _correlation(profiles: Array, own: Array) -> Array:
    ours, theirs = profiles - profiles.mean(axis=1, keepdims=True), own - own.mean()
    length = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs)
    return np.asarray(ours @ theirs / (length + 1e-3), dtype=np.float32)


def _look(view: Surroundings, points: Array, normal: Array) -> Array:
    sides = []
    for sign in (-1, 1):
        beside = points[:, None] + sign * np.linspace(0.5, 1.2, 4)[:, None] * PROFILE * UNIT * normal
        rgb = np.rint(sampled(view.rgb, beside.astype(np.float32))).astype(np.uint8)
        sides.append(np.median(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).reshape(-1, 3), axis=0))
    return np.array(sides, dtype=np.float32)
