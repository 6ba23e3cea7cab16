"""Where the hair begins above the forehead, and its colour against the skin in the same light."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.head import UNIT, Head

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

COLUMNS = (109, 338)  # landmarks on either side of the forehead's middle, between which the hair line is sought
BRIDGE = 168  # of the nose, from which it is measured: brows move
THICK = 3  # pixels of the head's square that hair must go on for: a single strand is no hair line
LEAST_COLUMNS = 0.6  # of them that must meet hair
LEAST_SKIN = 200  # pixels whose middle colour stands for the light


def hair_line(head: Head) -> float | None:
    """Height of the hair line above the bridge of the nose, in eye distances; None where no hair meets the forehead."""
    left, right = sorted(round(float(head.points[at, 0])) for at in COLUMNS)
    bridge = int(np.clip(head.points[BRIDGE, 1], 1, head.hair.shape[0]))
    above = head.hair[:bridge, max(0, left) : max(0, right)][::-1]
    if above.shape[0] <= THICK or above.shape[1] < THICK:
        return None
    lasting = np.logical_and.reduce([above[step : above.shape[0] - THICK + step] for step in range(THICK)])
    columns = lasting.any(axis=0)
    if columns.mean() < LEAST_COLUMNS:
        return None
    return float(np.median(np.argmax(lasting, axis=0)[columns]) / UNIT)


def middle_colour(rgb: Rgb, mask: Mask) -> Array | None:
    """The median colour under a mask in linear light, 3 values of 0..1; None where it covers too little."""
    pixels = rgb[mask]
    if len(pixels) < LEAST_SKIN:
        return None
    coded = np.median(pixels, axis=0).astype(np.float32) / np.float32(255)
    return np.asarray(np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4), dtype=np.float32)


def colour_steps(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[float, float]:
    """How much lighter the first hair is, and how far apart their hues are, in CIE 1976 units. Each: hair, and skin in
    the same light (linear, 0..1).

    The skin stands for the light: both hairs are shown beside one skin, the mean of the two (von Kries, 1902).
    Lightness stands apart, as it hangs on where the light comes from much more than the hue does.
    """
    skin = np.sqrt(np.maximum(one[1], 1e-3) * np.maximum(other[1], 1e-3))
    shown = [np.clip(hair / np.maximum(beside, 1e-3) * skin, 0, 1) for hair, beside in (one, other)]
    first, second = (_lab(np.asarray(colour, dtype=np.float32)) for colour in shown)
    return float(first[0] - second[0]), float(np.hypot(*(first[1:] - second[1:])))


def _lab(linear: Array) -> Array:
    coded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)
    return np.asarray(cv2.cvtColor(coded.reshape(1, 1, 3), cv2.COLOR_RGB2LAB), dtype=np.float32).reshape(3)
