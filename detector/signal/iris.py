"""The two eyes cut out upright and at one scale: lids, the iris' rim, and how sharp they are.

MediaPipe's iris model (Ablavatski et al., 2020, arXiv:2006.11341) says where to look; its radius was off by 5.6 % in
the median. The rim is then found as the circle across which the lightness rises most, Daugman's integro-differential
operator (1993, "High confidence visual recognition of persons"), on the arcs that the lids leave free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.head import unit_of
from detector.signal.mesh import EYE_MARGIN, IRIS_SIZE, LEFT_EYE, RIGHT_EYE
from detector.signal.nets import run
from detector.signal.pyramid import Pyramid, Square, apply

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIZE = 144  # pixels of an eye's square
UNIT = 200.0  # of its pixels an eye distance: an iris is 35 of them wide
LIDS = 16  # points of the model's outline of the opening: nine of the lower lid from corner to corner, seven above
CONTOURS = ("output_eyes_contours_and_brows",)

# Radius of an iris in eye distances: 10.2 to 13 mm wide (visible iris), eyes 54 to 74 mm apart.
SMALL, LARGE = 0.070, 0.115
# How the circle is sought; of the ways tried these gave the two eyes of 288 real faces the most similar radii
# (apart by 3 % at the 90th percentile; by plain averages of unbounded rises, 7 %).
SHIFT = 0.5  # radii by which the model's centre may be off sideways
# Near that circle, radii in steps of a quarter pixel of the square. What draws the first circle to the model's radius
# also makes irises of different size look alike, so a second look is less bound to it, and believed the more, the
# steeper its rim: of an iris enlarged by 20 % it finds 8 in place of 3, for 6 % in one real face of a hundred.
FINE = np.arange(-4, 5) * 0.15
NEAR, RISE_NEAR, ALIKE_NEAR, STEEPER = np.arange(-6, 13) * 0.25, (-2.0, 8.0), 0.15, (1.3, 1.8)
# Spread in radii around the model's centre, across and down: the free arcs say little of the height.
STEADY = (0.5, 0.12)
ABOVE, BELOW, STEP = 25.0, 55.0, 5.0  # degrees from the horizontal, on both sides: the upper lid hides what is higher
SOFT = 2.0  # pixels of the square by which it is smoothed first
RISE = (-2.0, 4.0)  # grey levels a pixel that one point may count: a glint on the rim must not outvote the rest
LEAST_RAYS = 6.0  # of 17 a side that the lids leave free; with fewer the side counts less
ALIKE = 0.12  # logarithmic spread allowed around the two eyes' radius by the model, which errs by that much

WIDE = 30  # pixels of the square's border that are not looked at for its contrast: brows, hair
LEAST_CONTRAST = 20.0  # grey levels; of a flat grey square every edge would be sharp


@dataclass(frozen=True, slots=True, kw_only=True)
class Eye:
    """One eye in its square (SIZE x SIZE, upright, UNIT pixels an eye distance).

    square: where it lies on the picture. rgb: uint8. light: float32, CIE L 0..255. lids: 16 x 2, outline of the
    opening. opening: True between the lids. x, y, radius: the iris. edge: mean rise of lightness across the rim, on
    its weaker side, a pixel, as a share of the contrast around the eye.
    """

    square: Square
    rgb: Rgb
    light: Array
    lids: Array
    opening: Mask
    x: float
    y: float
    radius: float
    edge: float

    @property
    def corners(self) -> Array:
        """2 x 2: the eye's corners as they lie from left to right."""
        return self.lids[[0, 8]] if self.lids[0, 0] < self.lids[8, 0] else self.lids[[8, 0]]

    @property
    def gap(self) -> float:
        """Height of the opening at its middle, in eye distances."""
        return float(np.linalg.norm(self.lids[4] - self.lids[12]) / UNIT)

    @property
    def native(self) -> float:
        """Diameter of the iris in pixels of the picture."""
        return 2 * self.radius * self.square.side / SIZE

    def on_picture(self, points: Array) -> Array:
        """N x 2 points of the square on the picture."""
        return apply(self.square.to_picture(SIZE), np.asarray(points, dtype=np.float32))


def eyes_of_face(
    pyramid: Pyramid, landmarks: Array, roll: float, irises: tuple[tuple[float, float, float], ...]
) -> tuple[Eye, Eye]:
    """The eyes in the order of `irises` (x, y and radius of two, by the iris model). landmarks: 468 x 3; roll: degrees.

    All in pixels of the picture. About 13 ms on one core.
    """
    outlines = [_lids(pyramid, landmarks, roll, corners) for corners in (RIGHT_EYE, LEFT_EYE)]
    unit = unit_of(landmarks)
    guess = float(np.sqrt(irises[0][2] * irises[1][2])) / unit
    first, second = (
        _eye(pyramid, Square(x=x, y=y, side=SIZE / UNIT * unit, angle=roll), guess, outlines) for x, y, _ in irises
    )
    return first, second


def _lids(pyramid: Pyramid, landmarks: Array, roll: float, corners: tuple[int, int]) -> Array:
    """16 x 2 in the picture's pixels: the iris model's own outline, finer than the mesh's."""
    first, second = landmarks[corners[0], :2], landmarks[corners[1], :2]
    middle, width = (first + second) / 2, float(np.hypot(*(second - first)))
    square = Square(x=float(middle[0]), y=float(middle[1]), side=max(width, 1.0) * EYE_MARGIN, angle=roll)
    mirrored = corners == RIGHT_EYE  # the model was trained on left eyes
    raw = run("iris_landmark.tflite", pyramid.cut(square, IRIS_SIZE, mirrored=mirrored), CONTOURS)[0]
    points = raw.reshape(-1, 3)[:LIDS, :2].copy()
    if mirrored:
        points[:, 0] = IRIS_SIZE - points[:, 0]
    return apply(square.to_picture(IRIS_SIZE), points - np.float32(0.5))


def _eye(pyramid: Pyramid, square: Square, guess: float, outlines: list[Array]) -> Eye:
    rgb = pyramid.cut(square, SIZE)
    light = np.ascontiguousarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., 0], dtype=np.float32)
    outline = min(outlines, key=lambda points: float(np.hypot(*(points.mean(axis=0) - [square.x, square.y]))))
    back = np.asarray(cv2.invertAffineTransform(square.to_picture(SIZE)), dtype=np.float32)
    lids = apply(back, outline)
    canvas = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(canvas, [np.rint(lids).astype(np.int32)], (1,))
    opening = canvas > 0
    x, y, radius, rise = _rim(light, opening, min(max(guess, SMALL), LARGE) * UNIT)
    around = light[WIDE:-WIDE, WIDE:-WIDE]
    contrast = max(float(np.quantile(around, 0.95) - np.quantile(around, 0.05)), LEAST_CONTRAST)
    edge = rise / contrast
    return Eye(square=square, rgb=rgb, light=light, lids=lids, opening=opening, x=x, y=y, radius=radius, edge=edge)


def _rim(light: Array, opening: Mask, guess: float) -> tuple[float, float, float, float]:
    """Centre and radius of the best circle, and how fast lightness rises across its weaker side."""
    soft = cv2.GaussianBlur(light, (0, 0), SOFT)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *along, scale=0.125) for along in ((1, 0), (0, 1)))
    slopes = np.asarray(cv2.merge([across, down]), dtype=np.float32)
    middle = (SIZE - 1) / 2
    shifts = np.arange(-6, 7) / 6 * SHIFT * guess
    radii = np.arange(SMALL, LARGE + 1e-6, 0.005) * UNIT
    tried = (middle + shifts, middle + shifts[3:-3], radii)
    x, y, radius, _ = _best_circle(slopes, opening, tried, RISE, guess, ALIKE)
    fine = np.arange(-3, 4) * 0.35
    usual = _best_circle(slopes, opening, (x + fine, y + fine, radius + FINE), RISE, guess, ALIKE)
    steepest = _best_circle(slopes, opening, (x + fine, y + fine, radius + NEAR), RISE_NEAR, guess, ALIKE_NEAR)
    trust = min(max((steepest[3] / max(usual[3], 1e-3) - STEEPER[0]) / (STEEPER[1] - STEEPER[0]), 0.0), 1.0)
    x, y, radius, rise = (float((1 - trust) * one + trust * other) for one, other in zip(usual, steepest, strict=True))
    return x, y, radius, rise


def _best_circle(
    slopes: Array,
    opening: Mask,
    tried: tuple[NDArray[np.floating[Any]], ...],
    bounds: tuple[float, float],
    guess: float,
    alike: float,
) -> tuple[float, float, float, float]:
    """The best of all circles with one of the given x, y and radius."""
    side = np.radians(np.arange(-ABOVE, BELOW + 1, STEP))
    angles = np.stack([np.pi - side, side]).astype(np.float32)  # left, right; the square's y points down
    nx, ny = np.cos(angles).reshape(1, -1), np.sin(angles).reshape(1, -1)
    cx, cy, r = (grid.reshape(-1, 1).astype(np.float32) for grid in np.meshgrid(*tried, indexing="ij"))
    px, py = cx + r * nx, cy + r * ny
    across, down = cv2.split(cv2.remap(slopes, px, py, cv2.INTER_LINEAR))
    free = opening[np.rint(py).astype(np.intp), np.rint(px).astype(np.intp)].astype(np.float32)
    count = np.maximum(free.reshape(-1, *angles.shape).sum(axis=2), LEAST_RAYS)
    rise = (across * nx + down * ny) * free
    sides = np.clip(rise, *bounds).reshape(-1, *angles.shape).sum(axis=2) / count
    # The weaker side counts twice: a circle that touches a lash or a glint on one side only is no iris. Irises are
    # alike, so a radius far from the model's needs the better edge.
    score = sides.min(axis=1) + sides.mean(axis=1)
    off = np.hypot(*((at[:, 0] - (SIZE - 1) / 2) / (guess * by) for at, by in zip((cx, cy), STEADY, strict=True)))
    score *= np.exp(-0.5 * ((np.log(r[:, 0] / guess) / alike) ** 2 + off**2))
    best = int(score.argmax())
    edge = float((rise[best].reshape(angles.shape).sum(axis=1) / count[best]).min())
    return float(cx[best, 0]), float(cy[best, 0]), float(r[best, 0]), edge
