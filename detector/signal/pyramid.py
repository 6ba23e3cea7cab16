"""A picture at halved sizes, so that cutting a small square out of a huge photo is cheap and free of aliasing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """A turned square on the picture: centre and side in its pixels, angle in degrees (clockwise on the screen)."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    def to_picture(self, size: int) -> Array:
        """2 x 3: from a crop's pixels (size x size) to the picture's."""
        scale = self.side / size
        cos, sin = np.cos(np.radians(self.angle)) * scale, np.sin(np.radians(self.angle)) * scale
        half = (size - 1) / 2
        return np.array(
            [[cos, -sin, self.x - half * (cos - sin)], [sin, cos, self.y - half * (sin + cos)]], dtype=np.float32
        )


def apply(matrix: Array, points: Array) -> Array:
    """N x 2 points through a 2 x 3 matrix."""
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], dtype=np.float32)


def _around(source: Rgb, corners: Array) -> tuple[Rgb, int, int]:
    """The part of the picture that holds the corners, with its left and top; one black pixel if that is none of it.

    OpenCV warps no picture with a side of 2^15 pixels or more, and a panorama may have one.
    """
    low, high = np.floor(corners.min(axis=0)).astype(int) - 1, np.ceil(corners.max(axis=0)).astype(int) + 2
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    part = source[top : max(0, int(high[1])), left : max(0, int(high[0]))]
    return (part, left, top) if part.size else (np.zeros((1, 1, 3), np.uint8), left, top)


class Pyramid:
    """The picture (H x W x 3 uint8) and, when asked for, its halves."""

    def __init__(self, rgb: Rgb) -> None:
        self._levels = [rgb]
        self.height, self.width = rgb.shape[:2]

    def level(self, shrink: float) -> tuple[Rgb, float]:
        """The smallest stored size that is not below 1 / shrink of the picture, and its true scale (<= 1)."""
        wanted = max(0, int(np.log2(max(shrink, 1.0)) + 1e-6))
        while len(self._levels) <= wanted:
            last = self._levels[-1]
            half = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
            self._levels.append(np.asarray(cv2.resize(last, half, interpolation=cv2.INTER_AREA), dtype=np.uint8))
        return self._levels[wanted], self._levels[wanted].shape[1] / self.width

    def cut(self, square: Square, size: int, *, mirrored: bool = False) -> Rgb:
        """The turned square as size x size x 3; what lies outside the picture is black."""
        source, scale = self.level(square.side / size)
        matrix = square.to_picture(size)
        # Pixel centres: picture coordinate p lies at (p + 0.5) * scale - 0.5 on the level.
        matrix = matrix * np.float32(scale)
        matrix[:, 2] += np.float32(0.5 * scale - 0.5)
        if mirrored:
            matrix[:, 2] += matrix[:, 0] * (size - 1)
            matrix[:, 0] = -matrix[:, 0]
        part, left, top = _around(source, apply(matrix, np.array(CORNERS, dtype=np.float32) * (size - 1)))
        matrix[:, 2] -= np.array([left, top], dtype=np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(part, matrix, (size, size), flags=flags), dtype=np.uint8)

    def holds(self, square: Square, size: int, margin: float = 0.0) -> NDArray[np.bool_]:
        """size x size: which pixels of the square's cut lie on the picture, `margin` of its pixels from the edge."""
        steps = np.arange(size, dtype=np.float32)
        x, y = (row[0] * steps[None] + row[1] * steps[:, None] + row[2] for row in square.to_picture(size))
        right, bottom = self.width - 1 - margin, self.height - 1 - margin
        return np.asarray((x >= margin) & (y >= margin) & (x <= right) & (y <= bottom), dtype=np.bool_)

    def window(self, left: int, top: int, right: int, bottom: int, longest: int) -> Rgb:
        """A box of the picture, its long side shrunk to at most `longest` pixels."""
        shrink = max(right - left, bottom - top) / longest
        source, scale = self.level(shrink)
        part = source[
            round(top * scale) : max(round(top * scale) + 1, round(bottom * scale)),
            round(left * scale) : max(round(left * scale) + 1, round(right * scale)),
        ]
        if shrink <= 1.0:
            return part
        size = (max(1, round((right - left) / shrink)), max(1, round((bottom - top) / shrink)))
        return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
