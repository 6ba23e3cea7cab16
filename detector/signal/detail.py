"""How much of one picture's fine detail another one still has, place by place.

Both are split into bands by differences of Gaussians (Burt and Adelson, 1983), and in each band the one is regressed on
the other in a small neighbourhood. The slope is 1 where nothing happened, near 0 where detail was smoothed away, and as
low where other detail was put in its place: it asks for the *same* detail. Compression lowers it, too, and most where
detail is faint; so a place is held against other places of the picture whose detail is as faint.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIGMAS = (0.8, 1.6, 3.2, 6.4)  # pixels of the frame; what is finer than the first is mostly compression
WINDOW = 4.0  # pixels: sigma of the neighbourhood
LEAST = 0.15  # grey levels (root mean square): fainter detail than that is rounding
ALIKE = 400  # pixels as faint that a place is held against, at least
CLEAR = 0.5  # correlation above which two places show the same thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """cross, power, other: H x W, local means of the product of both, and of the squares of the original and of the
    first photo, in grey levels squared."""

    cross: Array
    power: Array
    other: Array

    @property
    def slope(self) -> Array:
        """H x W: how much of the original's detail is there."""
        return np.asarray(self.cross / np.maximum(self.power, LEAST**2), dtype=np.float32)

    @property
    def correlation(self) -> Array:
        """H x W, -1..1."""
        both = np.sqrt(np.maximum(self.power, LEAST**2) * np.maximum(self.other, LEAST**2))
        return np.asarray(self.cross / both, dtype=np.float32)

    def slope_over(self, where: Mask) -> float:
        """Of all pixels of a mask together."""
        return float(self.cross[where].sum() / max(float(self.power[where].sum()), 1e-6))


def bands_of(first: Array, original: Array, window: float = WINDOW) -> list[Band]:
    """Three bands, fine to wide: detail of 0.8 to 6.4 pixels. first, original: H x W, grey 0..255, aligned."""
    levels = [(_soft(first, sigma), _soft(original, sigma)) for sigma in SIGMAS]
    bands = []
    for (fine, fine_before), (wide, wide_before) in pairwise(levels):
        here, there = fine - wide, fine_before - wide_before
        planes = (_soft(plane, window) for plane in (here * there, there * there, here * here))
        bands.append(Band(**dict(zip(("cross", "power", "other"), planes, strict=True))))
    return bands


def expected_slope(band: Band, place: Mask, elsewhere: Mask) -> float | None:
    """The slope that detail as faint as that of `place` has elsewhere; None where too little is as faint."""
    power = band.power[place]
    low, high = np.quantile(power, (0.25, 0.75))
    alike = elsewhere & (band.power > low / 1.3) & (band.power < high * 1.3)
    if np.count_nonzero(alike) < ALIKE:
        return None
    return band.slope_over(alike)


def usual_slope(band: Band, where: Mask) -> float:
    """The slope of clear detail: how much sharper or softer the first photo is as a whole in this band."""
    if not where.any():
        return 1.0
    strong = where & (band.power > max(LEAST**2, float(np.quantile(band.power[where], 0.8))))
    strong &= band.correlation > CLEAR
    return float(np.median(band.slope[strong])) if np.count_nonzero(strong) >= ALIKE else 1.0


def _soft(plane: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), dtype=np.float32)
