"""PDQ: 256 bits of what a picture shows, that stay nearly the same when it is saved again, made smaller or brighter.

After Facebook, 2019, "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm": light, twice smoothed
by boxes and sampled as 64 x 64, its 16 x 16 slowest cosine waves without the constant one, each bit whether a wave is
above their median. It is a hash of a picture, not of a face: it tells copies, and cannot tell persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Rgb = NDArray[np.uint8]

GRID, WAVES = 64, 16  # the paper's: samples a side, and waves a side
BITS = WAVES * WAVES
MOST = 512  # pixels of a side that are looked at, as the paper's own program does
PASSES = 2  # of the box filter: together a tent
SAME_LOOK, FULL = 90, 100  # the paper's scale of quality: steps of a hundredth of full light, by 90, at most 100
RED, GREEN, BLUE = 0.299, 0.587, 0.114


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """waves: float32 16 x 16, rows are vertical frequencies 1..16. quality: 0..100, how much there is to hash."""

    waves: Array
    quality: int

    @property
    def value(self) -> str:
        """64 hex digits."""
        return _as_hex(self.waves)

    @property
    def mirrored(self) -> str:
        """What the picture would hash to with left and right exchanged."""
        return _as_hex(self.waves * ODD[None, :])

    @property
    def turned(self) -> tuple[str, ...]:
        """All eight: as it is, turned by 90, 180, 270 degrees clockwise, and the same four of the mirrored picture."""
        return tuple(_as_hex(waves) for one in (self.waves, self.waves * ODD[None, :]) for waves in _quarter_turns(one))


def hash_light(light: Array) -> Hashed:
    """The hash of H x W float32, 0..255. A picture of one colour has quality 0 and a hash that means nothing."""
    small = _sampled(light)
    return Hashed(waves=np.asarray(COSINES @ small @ COSINES.T, dtype=np.float32), quality=_quality(small))


def hash_rgb(rgb: Rgb) -> Hashed:
    """The hash of H x W x 3 uint8."""
    return hash_light(light_of(rgb))


def light_of(rgb: Rgb) -> Array:
    """Luminance 0..255 of H x W x 3 uint8, shrunk to at most MOST pixels on either side (each side by itself)."""
    height, width = rgb.shape[:2]
    if height > MOST or width > MOST:
        size = (min(width, MOST), min(height, MOST))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(rgb.astype(np.float32) @ np.array([RED, GREEN, BLUE], dtype=np.float32), dtype=np.float32)


def _sampled(light: Array) -> Array:
    """GRID x GRID. At the edges a box is the mean of what lies on the picture."""
    height, width = light.shape
    box = (-(-width // (2 * GRID)), -(-height // (2 * GRID)))
    anchor = ((box[0] - 1) // 2, (box[1] - 1) // 2)
    weight = _boxed(np.ones_like(light), box, anchor)
    for _ in range(PASSES):
        light = _boxed(light, box, anchor) / weight
    rows, columns = (((np.arange(GRID) + 0.5) * side / GRID).astype(np.intp) for side in (height, width))
    return np.ascontiguousarray(light[np.ix_(rows, columns)], dtype=np.float32)


def _boxed(plane: Array, box: tuple[int, int], anchor: tuple[int, int]) -> Array:
    summed = cv2.boxFilter(plane, -1, box, anchor=anchor, normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(summed, dtype=np.float32)


def _quality(small: Array) -> int:
    steps = [np.abs(np.trunc(np.diff(small, axis=axis) * (100.0 / 255.0))).sum() for axis in (0, 1)]
    return min(FULL, int(sum(steps)) // SAME_LOOK)


def _quarter_turns(waves: Array) -> tuple[Array, ...]:
    """A turn clockwise exchanges rows and columns and then mirrors; a mirror changes the sign of the odd waves."""
    turns = [waves]
    for _ in range(3):
        turns.append(turns[-1].T * ODD[None, :])
    return tuple(turns)


def _as_hex(waves: Array) -> str:
    """The paper's order: the last wave is the first bit."""
    flat = waves.ravel()
    median = np.partition(flat, BITS // 2 - 1)[BITS // 2 - 1]  # of an even number of values, the lower one
    return np.packbits((flat > median)[::-1]).tobytes().hex()


def _cosines() -> Array:
    """WAVES x GRID: cosine waves 1..16 of the discrete cosine transform (type II)."""
    wave, place = np.arange(1, WAVES + 1)[:, None], np.arange(GRID)[None, :]
    return np.asarray(np.sqrt(2 / GRID) * np.cos(np.pi / (2 * GRID) * wave * (2 * place + 1)), dtype=np.float32)


COSINES = _cosines()
ODD = np.where(np.arange(1, WAVES + 1) % 2, -1, 1).astype(np.float32)  # the waves that a mirror turns over
