"""How strongly a picture was compressed: by its JPEG tables, and by what compression leaves in the pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float32]
LONGEST = 1024  # pixels of a side that are looked at; the block grid is the same everywhere

# ITU T.81, table K.1: the luminance table that quality 50 of the common encoders uses as it is.
_K1_MEAN = 57.625


def coarseness(opened: Image.Image) -> float:
    """Mean step of the JPEG's luminance table, by that of quality 50; 0 where the file holds no JPEG tables.

    Quality 75 gives 0.5, quality 50 gives 1, quality 25 gives 2, quality 10 gives 5 (Independent JPEG Group's scale).
    """
    tables = getattr(opened, "quantization", None)
    if not tables:
        return 0.0
    return float(np.mean(tables[min(tables)])) / _K1_MEAN


def blockiness(light: Array) -> float:
    """Natural logarithm of how much steeper lightness steps are at the borders of 8 x 8 blocks than elsewhere, >= 0.

    light: H x W float32, at the file's own resolution. The grid may start anywhere (the picture may have been cropped).
    After Wang, Sheikh and Bovik, 2002, "No-reference perceptual quality assessment of JPEG compressed images".
    """
    return min(_at_borders(light), _at_borders(light.T))


def _at_borders(light: Array) -> float:
    if light.shape[1] < 33:
        return 0.0
    # Second differences: a slope is no step.
    steps = np.abs(np.diff(light, axis=1))
    bend = np.maximum(steps[:, 1:-1] - 0.5 * (steps[:, :-2] + steps[:, 2:]), 0).mean(axis=0)
    phases = np.array([bend[start::8].mean() for start in range(8)]) + 0.02
    strongest = int(phases.argmax())
    others = np.delete(phases, strongest)
    return float(max(0.0, np.log(phases[strongest] / np.median(others))))


def light_of_middle(rgb: NDArray[np.uint8], longest: int = LONGEST) -> Array:
    """Lightness 0..255 at the file's own resolution, of the middle alone where `rgb` (H x W x 3) has longer sides: the
    block grid is the same everywhere."""
    y, x, half = rgb.shape[0] // 2, rgb.shape[1] // 2, longest // 2
    part = np.ascontiguousarray(rgb[max(0, y - half) : y + half, max(0, x - half) : x + half])
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.float32)
