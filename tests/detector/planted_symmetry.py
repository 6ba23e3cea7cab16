"""Earrings and glasses painted onto the astronaut: matching pairs, and pairs in which one side is wrong."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.detector.astronaut import astronaut, enlarged

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Array = NDArray[np.float32]

# Pixels of the astronaut, found by eye.
EYE_DISTANCE = 43.0
LOBES = {"left": (174.5, 130.0), "right": (273.5, 136.5)}
EYES = {"left": (203.4, 102.2), "right": (246.5, 104.6)}
TURQUOISE, GOLD = (15, 165, 175), (250, 190, 20)
FRAME = (30, 18, 16)
# Eye distances.
PEARL = 0.075
RIM, THICK = (0.40, 0.38), 0.05  # half-axes of the rims, half the width of the frame
LOWER = 0.09  # by which a rim's middle lies below the eye
FADED = (35.0, 95.0)  # degrees of the rim that fades, 0 outward and 90 down
FACTOR = 2  # by which the picture is enlarged before anything is painted


def portrait() -> Rgb:
    """The twin that nothing was painted on."""
    return enlarged(astronaut(), FACTOR)


def with_earring(
    rgb: Rgb,
    side: str,
    *,
    strength: float = 1.0,
    colour: tuple[int, int, int] = TURQUOISE,
    lower: float = 0.0,
) -> Rgb:
    """A round earring at one lobe, as opaque as `strength`, `lower` eye distances below its place."""
    return _painted(rgb, earring_place(side, lower) * np.float32(strength), colour)


def earring_place(side: str, lower: float = 0.0) -> Array:
    """Where with_earring paints, 0..1."""
    x, y = LOBES[side]
    radius = PEARL * EYE_DISTANCE * FACTOR
    down, across = _grid()
    off = np.hypot(across - x * FACTOR, down - (y + lower * EYE_DISTANCE) * FACTOR)
    return np.asarray(np.clip(radius - off + 0.5, 0, 1), dtype=np.float32)


def with_glasses(rgb: Rgb, *, fade: float = 0.0, side: str = "left") -> Rgb:
    """Dark round glasses; along FADED of one lower rim they show `fade` of the skin behind them."""
    frame = np.maximum(np.maximum(_rim("left"), _rim("right")), _bridge())
    return _painted(rgb, frame * (1 - np.float32(fade) * _arc(side)), FRAME)


def with_lenses(rgb: Rgb, colour: tuple[int, int, int]) -> Rgb:
    """The rims of with_glasses filled with one colour: sun-glasses."""
    out = rgb
    for side in EYES:
        across, below = _from_eye(side)
        inside = np.hypot(across / (RIM[0] - THICK), below / (RIM[1] - THICK)) < 1
        out = _painted(out, inside.astype(np.float32), colour)
    return out


def faded_place(side: str) -> Mask:
    """The part of the rim that with_glasses fades."""
    return np.asarray(_rim(side) * _arc(side) > 0.5, dtype=np.bool_)


def _grid() -> tuple[Array, Array]:
    height, width = portrait().shape[:2]
    down, across = np.mgrid[:height, :width].astype(np.float32)
    return down, across


def _from_eye(side: str) -> tuple[Array, Array]:
    """Eye distances outward and down from the middle of a rim, along the eye line."""
    (x0, y0), (x1, y1) = EYES["left"], EYES["right"]
    turn = np.arctan2(y1 - y0, x1 - x0)
    down, across = _grid()
    x, y = EYES[side]
    dx, dy = across / FACTOR - x, down / FACTOR - y
    right = (dx * np.cos(turn) + dy * np.sin(turn)) / EYE_DISTANCE
    below = (dy * np.cos(turn) - dx * np.sin(turn)) / EYE_DISTANCE - LOWER
    return (-right if side == "left" else right), below


def _rim(side: str) -> Array:
    out, below = _from_eye(side)
    ratio = np.hypot(out / RIM[0], below / RIM[1])
    off = np.abs(ratio - 1) * np.float32(sum(RIM) / 2)
    return _soft(THICK - off)


def _arc(side: str) -> Array:
    out, below = _from_eye(side)
    angle = np.degrees(np.arctan2(below + LOWER, out))
    return np.asarray((angle > FADED[0]) & (angle < FADED[1]), dtype=np.float32)


def _bridge() -> Array:
    out, below = _from_eye("left")
    between = (out < -RIM[0]) & (out > RIM[0] - 1)
    return _soft(THICK - np.abs(below + 0.12)) * between.astype(np.float32)


def _soft(inside: Array) -> Array:
    """0..1 with a border of one pixel, from eye distances."""
    return np.asarray(np.clip(inside * EYE_DISTANCE * FACTOR + 0.5, 0, 1), dtype=np.float32)


def _painted(rgb: Rgb, alpha: Array, colour: tuple[int, int, int]) -> Rgb:
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.8), dtype=np.float32)[..., None]
    mixed = rgb.astype(np.float32) * (1 - soft) + np.array(colour, np.float32) * soft
    return np.asarray(np.rint(mixed), dtype=np.uint8)
