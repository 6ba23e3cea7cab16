"""Two faces laid on one sheet by landmarks that neither a smile nor a turn of the head moves much.

A similarity (shift, turn, size: nothing is stretched, so that proportions stay those of the photos) is fitted by least
squares to the corners of the eyes, the irises and the bridge of the nose (Umeyama, 1991, "Least-squares estimation of
transformation parameters between two point patterns").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signal.pyramid import Pyramid, Square

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]

SIZE = 640  # pixels of the sheet's side
SIDE = 5.2  # eye distances of it: hair above and the chin below
HIGH = 0.46  # of the sheet, from its top: where the eyes lie
GROUND = 96  # grey of what lies beyond the photo's edge

CORNERS = (33, 133, 362, 263)  # of the eyes
BRIDGE = (168, 6)  # of the nose
UNIT = SIZE / SIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """One face on the sheet. rgb: SIZE x SIZE x 3 uint8, read-only. square: where the sheet lies on the photo."""

    rgb: Rgb
    square: Square

    def onto_sheet(self, points: Array) -> Array:
        """N x 2 points of the photo in the sheet's pixels."""
        matrix = self.square.to_picture(SIZE)
        inverse = np.linalg.inv(matrix[:, :2].astype(np.float64))
        return np.asarray((points - matrix[:, 2]) @ inverse.T, dtype=np.float32)


def stable_points(landmarks: Array, irises: Array) -> Array:
    """N x 2: what faces are aligned by. landmarks: 468 x 3; irises: 2 x 2, as they lie from left to right.

    The irises count twice: they have a model of their own, and are where an eye looks first.
    """
    return np.concatenate([landmarks[list(CORNERS), :2], irises, irises, landmarks[list(BRIDGE), :2]])


def align(photo: tuple[Pyramid, Array], live: tuple[Pyramid, Array]) -> tuple[Aligned, Aligned]:
    """The first face upright on the sheet, the second laid onto it. Each: the picture and its stable points."""
    points = photo[1]
    first = _on_sheet(photo[0], square_onto(eyes_of_points(points), template(SIZE), SIZE))
    second = _on_sheet(live[0], square_onto(live[1], first.onto_sheet(points), SIZE))
    return first, second


def template(size: int) -> Array:
    """Where the eyes lie on a sheet of size x size."""
    middle, height, unit = (size - 1) / 2, HIGH * size, size / SIDE
    return np.array([[middle - unit / 2, height], [middle + unit / 2, height]], dtype=np.float32)


def eyes_of_points(points: Array) -> Array:
    """2 x 2: the eyes, from stable_points."""
    return np.stack([points[[0, 1, 4]].mean(axis=0), points[[2, 3, 5]].mean(axis=0)])


def square_onto(points: Array, sheet: Array, size: int) -> Square:
    """The place of a sheet of size x size on a photo, so that `points` of the photo fall on `sheet` as near as may be.

    Both N x 2, pixel centres at whole numbers. Least squares over shift, turn and size.
    """
    ours, theirs = ((each - each.mean(axis=0)).astype(np.float64) @ [1, 1j] for each in (points, sheet))
    factor = np.vdot(theirs, ours) / max(np.vdot(theirs, theirs).real, 1e-9)  # photo pixels a sheet pixel, turned
    scale, angle = max(abs(factor), 1e-6), np.degrees(np.angle(factor))
    centre = np.array([(size - 1) / 2, (size - 1) / 2]) - sheet.mean(axis=0)
    at = complex(*points.mean(axis=0).astype(np.float64)) + factor * complex(*centre.astype(np.float64))
    return Square(x=at.real, y=at.imag, side=float(scale * size), angle=float(angle))


def _on_sheet(pyramid: Pyramid, square: Square) -> Aligned:
    rgb = pyramid.cut(square, SIZE)
    rgb[~pyramid.holds(square, SIZE)] = GROUND
    rgb.setflags(write=False)
    return Aligned(rgb=rgb, square=square)
