"""Photos turned into something like paintings and drawings by code: what the signs must refuse to judge.

Each kind takes the picture (H x W x 3 uint8) and its eye distance in pixels, so that strokes have the size that they
would have on a painted portrait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]

# Width of a brush stroke in eye distances, from ground to detail, and how much longer than wide it is.
BRUSHES, LONGER = (0.16, 0.09, 0.05), 3.0
UNEVEN = 5.0  # grey levels by which paint of one colour differs


def oil(rgb: Rgb, unit: float) -> Rgb:
    """Flat dabs with crisp borders: the filter of Kuwahara et al., 1976."""
    side = max(3, round(0.09 * unit))
    planes, light = rgb.astype(np.float32), cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    out, least = np.zeros_like(planes), np.full(light.shape, np.inf, np.float32)
    for anchor in ((0, 0), (side - 1, 0), (0, side - 1), (side - 1, side - 1)):
        mean = cv2.blur(light, (side, side), anchor=anchor)
        spread = cv2.blur(light * light, (side, side), anchor=anchor) - mean * mean
        better = spread < least
        out[better] = cv2.blur(planes, (side, side), anchor=anchor)[better]
        least = np.minimum(least, spread)
    return np.rint(out).astype(np.uint8)


def strokes(rgb: Rgb, unit: float) -> Rgb:
    """Brush strokes along the edges, coarse ones first (after Litwinowicz, 1997, "Processing images for an
    impressionist effect")."""
    draw = np.random.default_rng(11)
    out = np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.12 * unit), dtype=np.uint8)
    light = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 2).astype(np.float32)
    along = np.arctan2(cv2.Sobel(light, cv2.CV_32F, 0, 1), cv2.Sobel(light, cv2.CV_32F, 1, 0)) + np.pi / 2
    for brush in BRUSHES:
        width = max(1.0, brush * unit)
        for y, x in draw.integers((0, 0), rgb.shape[:2], size=(int(rgb[..., 0].size / (width * width)), 2)):
            angle = along[y, x] + 0.3 * draw.normal()
            reach = np.array([np.cos(angle), np.sin(angle)]) * width * LONGER / 2
            ends = [tuple(int(v) for v in (x, y) + sign * reach) for sign in (-1, 1)]
            paint = np.clip(rgb[y, x] + draw.normal(size=3) * UNEVEN, 0, 255).tolist()
            cv2.line(out, ends[0], ends[1], paint, max(1, round(width)), cv2.LINE_AA)
    return out


def cartoon(rgb: Rgb, unit: float) -> Rgb:
    """Flat tones: edge-keeping blur, then eleven steps a channel."""
    flat = rgb
    for _ in range(4):
        flat = np.asarray(cv2.bilateralFilter(flat, 9, 40, max(2.0, 0.08 * unit)), dtype=np.uint8)
    return flat // 24 * 24 + 12


def drawing(rgb: Rgb, unit: float) -> Rgb:
    """Smooth colour under dark contours (OpenCV's stylization: Gastal and Oliveira, 2011)."""
    return np.asarray(cv2.stylization(rgb, sigma_s=max(10.0, 0.8 * unit), sigma_r=0.45), dtype=np.uint8)


KINDS: Mapping[str, Callable[[Rgb, float], Rgb]] = {
    "oil": oil,
    "strokes": strokes,
    "cartoon": cartoon,
    "drawing": drawing,
}
