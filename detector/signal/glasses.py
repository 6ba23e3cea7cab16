"""Spectacle frames: whether there are any, and how the lower rims run at the left and at the right.

Below the eyes there is nothing but skin, so a line there that goes on from the nose to the temple is a rim; its upper
part is not looked at, as brows and hair cross it. Around each eye the picture is unrolled into angle and distance, and
the strongest smooth path from the nose outward is found by dynamic programming (Amini, Weymouth and Jain, 1990).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.plate import SIZE, UNIT, Half

Array = NDArray[np.float32]

# Angles around the eye's centre: 0 points outward, 90 down, 180 to the nose. The ends run into brow and nose.
FIRST, LAST, STEP = 35, 130, 5
ANGLES = np.radians(np.arange(FIRST, LAST + 1, STEP)).astype(np.float32)
NEAREST, FARTHEST = 0.26, 0.80  # eye distances from the eye's centre between which rims run
RADII = np.arange(NEAREST, FARTHEST, 1 / UNIT).astype(np.float32)
WIDTHS = (4, 6)  # pixels from a rim's middle to the skin on both its sides: frames of 3 to 10 mm
CEILING = 40.0  # LAB units; a black rim is not more of a rim than a dark brown one
JUMP = 3  # pixels by which a rim's distance may change within STEP degrees

# Left against right.
FAINT = 3.0  # LAB units of a crease below the eyes, where there is no rim
ARC = 7  # of ANGLES: 30 degrees, what a rim must lack before it is a break and no reflection
TOLERANCE, MOST_SHIFT = 0.08, 0.12  # eye distances around the mirrored place, and by which a turned head shifts it
THICK = 0.05  # eye distances: half the width of the strip that is shown

# The bridge, in eye distances around the middle between the eyes.
BRIDGE_HALF, BRIDGE_UP, BRIDGE_DOWN = 0.14, 0.25, 0.4
BRIDGE_WIDTHS = (4, 6, 8)

# What a frame shows in bridge, rim and roughness: no face without a frame was among those that passed narrowly.
# Wrinkles and creases of a smile reach a bridge of 28 and a rim of 16, but a roughness of 1.4 and more.
SURE_BRIDGE, FAINT_RIM = 29.0, 8.0
FAINT_BRIDGE, SURE_RIM = 14.0, 18.0
PLAIN_BRIDGE, PLAIN_RIM, SMOOTH = 18.0, 9.0, 1.3
LIDS = 0.85  # quantile of the lightness around the eye: its white and lids, not iris and lashes
DARK_LENS = 0.4  # of the cheek's lightness; sun-glasses measured 0.09 to 0.35, clear lenses 0.5 and more


@dataclass(frozen=True, slots=True, kw_only=True)
class Rim:
    """The lower rim of one eye, at each of ANGLES.

    strength: LAB units by which it stands out from both its sides, 0..CEILING. radius: eye distances from the eye's
    centre. colour: LAB, n x 3. response: what stands out at every angle and radius. points: n x 2, on the half.
    lens, cheek: lightness (LAB) around the eye and below the rim.
    """

    side: int
    strength: Array
    radius: Array
    colour: Array
    response: Array
    points: Array
    lens: float
    cheek: float

    @property
    def usual(self) -> float:
        return float(np.median(self.strength))

    @property
    def roughness(self) -> float:
        """Mean change of direction along the path, in pixels; wrinkles jump from one to the next."""
        return float(np.abs(np.diff(self.radius, 2)).mean()) * UNIT

    def at(self, radius: Array, tolerance: float) -> Array:
        """The strongest response within `tolerance` of the given distances, at each of ANGLES."""
        near = np.abs(RADII[None] - radius[:, None]) <= tolerance
        return np.asarray(np.where(near, self.response, 0).max(axis=1), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Where one rim falls behind the mirrored other.

    beyond: how far, along the worst arc of 30 degrees, natural logarithm. broken: the rim. angles: radians,
    the whole stretch that falls behind. radius: eye distances, where the rim would run there.
    """

    beyond: float
    broken: Rim
    angles: Array
    radius: Array

    def outline(self, eye: tuple[float, float]) -> Array:
        """A strip along the missing rim as a polygon, N x 2, on the half whose eye lies there."""
        inner, outer = ((self.radius + sign * THICK) * UNIT for sign in (-1, 1))
        across = np.concatenate([np.cos(self.angles) * inner, (np.cos(self.angles) * outer)[::-1]])
        down = np.concatenate([np.sin(self.angles) * inner, (np.sin(self.angles) * outer)[::-1]])
        return np.stack([eye[0] - across, eye[1] + down], axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glasses:
    """bridge: LAB units by which a line across the nose stands out. left, right: the rims."""

    bridge: float
    left: Rim
    right: Rim

    @property
    def present(self) -> bool:
        """Whether there is surely a frame with lower rims."""
        rim = max(self.left.usual, self.right.usual)
        smooth = self.left.roughness + self.right.roughness < SMOOTH
        return (
            (self.bridge > SURE_BRIDGE and rim > FAINT_RIM)
            or (self.bridge > FAINT_BRIDGE and rim > SURE_RIM)
            or (self.bridge > PLAIN_BRIDGE and rim > PLAIN_RIM and smooth)
        )

    @property
    def dark(self) -> bool:
        """Whether the lenses are dark: sun-glasses have edges, but no rim that could be told from the lens."""
        return min(rim.lens / max(rim.cheek, 1.0) for rim in (self.left, self.right)) < DARK_LENS

    def worst_gap(self) -> Gap:
        """Where one of the rims falls farthest behind the other."""
        gaps = (_gap(self.left, self.right), _gap(self.right, self.left))
        return max(gaps, key=lambda gap: gap.beyond)


def look_at_glasses(halves: tuple[Half, Half]) -> Glasses:
    left, right = halves
    return Glasses(bridge=_bridge(left), left=_rim(left), right=_rim(right))


def _rim(half: Half) -> Rim:
    x, y = half.eye
    across = x - np.cos(ANGLES)[:, None] * RADII[None] * UNIT
    down = y + np.sin(ANGLES)[:, None] * RADII[None] * UNIT
    plane = cv2.remap(half.lab, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    unrolled: Array = np.asarray(cv2.GaussianBlur(plane, (0, 0), 0.8), dtype=np.float32)
    response = _ridge(unrolled)
    path = _strongest_path(response)
    along = np.arange(len(path))
    box = _part(half, x, y, 0.2, 0.12)
    below = _part(half, x, y + 0.85 * UNIT, 0.2, 0.15)
    return Rim(
        side=half.side,
        strength=response[along, path],
        radius=RADII[path],
        colour=unrolled[along, path],
        response=response,
        points=np.stack([across[along, path], down[along, path]], axis=1),
        lens=float(np.quantile(box[..., 0], LIDS)),
        cheek=float(np.median(below[..., 0])),
    )


def _part(half: Half, x: float, y: float, wide: float, high: float) -> Array:
    rows = slice(max(0, round(y - high * UNIT)), min(SIZE, round(y + high * UNIT)))
    return half.lab[rows, max(0, round(x - wide * UNIT)) : min(SIZE, round(x + wide * UNIT))]


def _ridge(plane: Array) -> Array:
    """LAB units by which a point differs from both its neighbours along the second axis, in the same sense."""
    reach, count = max(WIDTHS), plane.shape[1]
    padded = np.pad(plane, ((0, 0), (reach, reach), (0, 0)), mode="edge")
    best = np.zeros(plane.shape[:2], np.float32)
    for width in WIDTHS:
        near = plane - padded[:, reach - width : reach - width + count]
        far = plane - padded[:, reach + width : reach + width + count]
        light = np.where(
            near[..., 0] * far[..., 0] > 0, np.minimum(np.abs(near[..., 0]), np.abs(far[..., 0])), np.float32(0)
        )
        same = (near[..., 1:] * far[..., 1:]).sum(axis=-1) > 0
        hue = np.where(same, np.minimum(*(np.hypot(side[..., 1], side[..., 2]) for side in (near, far))), np.float32(0))
        best = np.maximum(best, np.hypot(light, hue))
    return np.asarray(np.minimum(best, CEILING), dtype=np.float32)


def _strongest_path(response: Array) -> NDArray[np.intp]:
    """Index along the second axis at each step of the first: the path of the highest sum, changing by at most JUMP."""
    steps, count = response.shape
    total, came = response[0].astype(np.float64), np.zeros((steps, count), np.intp)
    moves = range(-JUMP, JUMP + 1)
    for step in range(1, steps):
        padded = np.pad(total, JUMP, constant_values=-np.inf)
        options = np.stack([padded[JUMP + move : JUMP + move + count] - abs(move) for move in moves])
        came[step] = options.argmax(axis=0) - JUMP
        total = response[step] + options.max(axis=0)
    path = np.zeros(steps, np.intp)
    path[-1] = int(total.argmax())
    for step in range(steps - 1, 0, -1):
        path[step - 1] = path[step] + came[step, path[step]]
    return path


def _bridge(half: Half) -> float:
    """Mean over columns of the strongest line that crosses the nose between the eyes."""
    points = half.points
    middle = float(points[133, 0] + points[362, 0]) / 2
    columns = slice(round(middle - BRIDGE_HALF * UNIT), round(middle + BRIDGE_HALF * UNIT) + 1)
    reach = max(BRIDGE_WIDTHS)
    first, last = round(half.eye_line - BRIDGE_UP * UNIT), round(half.eye_line + BRIDGE_DOWN * UNIT)
    light = half.lab[first - reach : last + reach, columns, 0]
    middle_part = light[reach:-reach]
    best = np.zeros_like(middle_part)
    for width in BRIDGE_WIDTHS:
        above = middle_part - light[reach - width : len(light) - reach - width]
        below = middle_part - light[reach + width : len(light) - reach + width]
        best = np.maximum(best, np.where(above * below > 0, np.minimum(np.abs(above), np.abs(below)), 0))
    across = np.minimum(best, CEILING).T
    total = across[0]
    for column in across[1:]:
        padded = np.pad(total, 1, constant_values=-np.inf)
        total = column + np.maximum.reduce([padded[:-2], padded[1:-1], padded[2:]])
    return float(total.max() / len(across))


def _gap(whole: Rim, broken: Rim) -> Gap:
    shift = float(np.clip(np.median(broken.radius - whole.radius), -MOST_SHIFT, MOST_SHIFT))
    there = broken.at(whole.radius + np.float32(shift), TOLERANCE)
    behind = np.log((_arcs(whole.strength) + FAINT) / (_arcs(there) + FAINT))
    worst = int(behind.argmax())
    first = last = worst
    while first > 0 and behind[first - 1] > behind[worst] / 2:
        first -= 1
    while last < len(behind) - 1 and behind[last + 1] > behind[worst] / 2:
        last += 1
    # An arc that falls behind by half lacks its rim along its inner half only.
    margin = ARC // 4
    stretch = slice(min(first + margin, worst), max(last + ARC - margin, worst + ARC))
    return Gap(
        beyond=float(behind[worst]),
        broken=broken,
        angles=ANGLES[stretch],
        radius=whole.radius[stretch] + np.float32(shift),
    )


def _arcs(along: Array) -> Array:
    """Means over ARC neighbours."""
    return np.convolve(along, np.full(ARC, 1 / ARC), "valid").astype(np.float32)
