"""Whether a picture is a colour photograph at all: the signs were measured on nothing else.

Paint and ink leave what a lens does not: flat dabs beside crisp borders, strokes of one width, contours. A logistic
regression over how contrast is spread over scales, fitted by `detector.training.medium` on photos and on the same
photos painted by code, says so; its limit is one that few real photos pass (detector/weights/medium.json).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.observation import CouldNotLook
from detector.signal import masks
from detector.signal.norm import WEIGHTS, probability

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

# LAB units by which a tenth of the pixels leave the picture's one tone. Black-and-white photos, toned or not, lie at 0
# to 4, the palest of 900 colour photos (studio portraits before grey) at 5.2.
COLOURLESS = 4.5
SIGMAS = (0.7, 1.4, 2.8)  # pixels of the head's square
SHARES = (10, 30, 50, 70, 90, 98)  # percentiles
TRAITS = (
    *(f"band {sigma} p{share}" for sigma in SIGMAS for share in SHARES),
    *(f"spread p{share}" for share in SHARES),
    *(f"coherence p{share}" for share in SHARES),
    *(f"colour {plane} p{share}" for plane in "ab" for share in SHARES),
)
PATH = WEIGHTS / "medium.json"

BLACK_AND_WHITE = "The picture is black-and-white, or toned in one colour; the signs are for colour photos."
PAINTED = "The picture looks like a painting or a drawing, or a filter made it look like one; the signs are for photos."


def colourless(rgb: NDArray[np.uint8], inside: Mask) -> bool:
    """Whether it is black-and-white, or toned in one colour.

    rgb: the head's square, SIZE x SIZE x 3. inside: where it lies on the picture.
    """
    return off_tone(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), dtype=np.float32)[inside]) < COLOURLESS


def painted_over(rgb: NDArray[np.uint8], points: Array, inside: Mask) -> bool:
    """Whether it looks like a painting or a drawing. points: 468 x 2 landmarks in rgb.

    Raises CouldNotLook where the weights are missing.
    """
    return painted(traits(rgb, points, inside)) > float(_weights()["limit"])


def painted(values: Mapping[str, float]) -> float:
    """0..1: how much like paint the traits are."""
    return probability(_weights()["logistic"], TRAITS, values)


def traits(rgb: NDArray[np.uint8], points: Array, inside: Mask) -> dict[str, float]:
    """How contrast is spread over scales, on and around the face; logarithms of grey levels, coherence 0..1.

    Coherence is the structure tensor's (Bigun and Granlund, 1987): 1 where everything runs one way.
    """
    size = rgb.shape[0]
    face = masks.filled((size, size), points, [masks.OVAL], grow=size // 18)
    there = masks.grown(face & inside, -2)
    if not there.any():
        there = inside
    lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), dtype=np.float32)
    light = np.ascontiguousarray(lab[..., 0])
    planes = {f"band {sigma}": np.log(np.abs(light - _soft(light, sigma)) + 0.1) for sigma in SIGMAS}
    mean = cv2.blur(light, (5, 5))
    planes["spread"] = np.log(np.sqrt(np.maximum(cv2.blur(light * light, (5, 5)) - mean * mean, 0)) + 0.2)
    planes["coherence"] = _coherence(light)
    for name, plane in zip("ab", (lab[..., 1], lab[..., 2]), strict=True):
        planes[f"colour {name}"] = np.log(np.abs(plane - _soft(np.ascontiguousarray(plane), 2.0)) + 0.1)
    return {
        f"{name} p{share}": float(value)
        for name, plane in planes.items()
        for share, value in zip(SHARES, np.percentile(plane[there], SHARES), strict=True)
    }


def off_tone(lab: Array) -> float:
    """How far the colours lie from a tone that depends on lightness alone, as in sepia. lab: N x 3."""
    light = lab[:, 0] / 255
    by_light = np.column_stack([np.ones_like(light), light, light * light])
    rest = lab[:, 1:] - by_light @ np.linalg.lstsq(by_light, lab[:, 1:], rcond=None)[0]
    return float(np.quantile(np.hypot(*rest.T), 0.9))


def _soft(plane: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), dtype=np.float32)


def _coherence(light: Array) -> Array:
    across, down = cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1)
    xx, xy, yy = (_soft(np.asarray(part), 1.5) for part in (across * across, across * down, down * down))
    # 20 squared grey levels keep flat ground, where only rounding has a direction, near 0.
    return np.asarray(np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 20.0), dtype=np.float32)


@cache
def _weights() -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CouldNotLook("The weights of “medium” are missing. Install Candid again.") from None
    return loaded
