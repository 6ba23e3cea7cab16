"""Retouching by code, for measuring how much of it a detector sees: the skin is changed, everything else untouched.

The kinds are those of the beauty retoucher's craft: smoothing as filters of phones do it, smoothing with grain put back
over it ("frequency separation"), a median as denoisers and "surface blur" leave it, blotches evened out with the pores
kept, as make-up does, and texture stamped from one cheek onto the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Retouch = Callable[[Rgb, FaceMap], Rgb]

# Name of the condition -> strength: a beauty filter at half and at full, as measured in docs/accuracy.md.
STRENGTHS = {"smoothed half": 0.5, "smoothed full": 1.0}

# Eye distances: a beauty filter's reach, and the sizes between which blotches and shine lie (pores are smaller, the
# shape of the face is larger).
REACH = 0.06
BLOTCH_FINE, BLOTCH_WIDE = 0.06, 0.5
EVENED = 0.8  # of the blotches that make-up takes away
GRAIN_SOFT = 0.6  # pixels of blur that put-back grain has: a camera's grain is never as sharp as its pixels

CHEEKS = (50, 280)  # landmarks in the middle of either cheek
STAMP = 0.3  # eye distances: radius of the stamp


def smooth_skin(rgb: Rgb, face: FaceMap, strength: float) -> Rgb:
    """A copy with the face's skin smoothed by an edge-keeping filter, as beauty filters do.

    rgb: H x W x 3. strength: 0 (untouched) to 1 (all fine texture gone), mixed in linearly.
    Source of the filter: Tomasi and Manduchi, 1998, "Bilateral filtering for gray and color images".
    """
    return _retouched(rgb, face, strength, lambda part: _smooth(part, face))


def regrain_skin(rgb: Rgb, face: FaceMap) -> Rgb:
    """A copy whose skin was smoothed and given even grain of the strength that its own texture had."""

    def regrained(part: Rgb) -> Array:
        soft = _smooth(part, face)
        lost = (part.astype(np.float32) - soft).mean(axis=2)[face.skin]
        spread = 1.48 * float(np.median(np.abs(lost))) if lost.size else 0.0
        drawn = np.random.default_rng(1).normal(size=part.shape[:2]).astype(np.float32)
        noise = np.asarray(cv2.GaussianBlur(drawn, (0, 0), GRAIN_SOFT), dtype=np.float32)
        return np.asarray(soft + (noise * np.float32(spread / float(noise.std())))[..., None], dtype=np.float32)

    return _retouched(rgb, face, 1.0, regrained)


def denoise_skin(rgb: Rgb, face: FaceMap) -> Rgb:
    """A copy whose skin went through a median filter: noise and pores gone, edges and blotches kept."""

    def median(part: Rgb) -> Array:
        size = max(3, 2 * round(0.5 * REACH * face.inter_ocular) + 1)
        return np.asarray(cv2.medianBlur(part, size), dtype=np.float32)

    return _retouched(rgb, face, 1.0, median)


def even_skin(rgb: Rgb, face: FaceMap) -> Rgb:
    """A copy whose skin lost most of its blotches and shine, with its pores kept, as under make-up."""

    def evened(part: Rgb) -> Array:
        fine, wide = (
            _within(part.astype(np.float32), face.skin, reach * face.inter_ocular)
            for reach in (BLOTCH_FINE, BLOTCH_WIDE)
        )
        return np.asarray(part.astype(np.float32) - np.float32(EVENED) * (fine - wide), dtype=np.float32)

    return _retouched(rgb, face, 1.0, evened)


def copy_skin(rgb: Rgb, face: FaceMap) -> Rgb:
    """A copy in which the fine texture of one cheek was stamped onto the other, as the healing brush does.

    Which cheek is covered: the one at the right of an upright picture. The light there stays as it was.
    """
    left, top, _, _ = face.window
    source, target = (face.landmarks[number, :2] - np.array([left, top], dtype=np.float32) for number in CHEEKS)
    radius = STAMP * face.inter_ocular

    def stamped(part: Rgb) -> Array:
        plain = part.astype(np.float32)
        fine = plain - cv2.GaussianBlur(plain, (0, 0), BLOTCH_FINE * face.inter_ocular)
        by = np.rint(target - source).astype(int)
        ys, xs = np.mgrid[: part.shape[0], : part.shape[1]]
        inside = (xs - target[0]) ** 2 + (ys - target[1]) ** 2 < radius**2
        moved = np.roll(fine, (int(by[1]), int(by[0])), (0, 1))
        return np.asarray(np.where(inside[..., None], plain - fine + moved, plain), dtype=np.float32)

    return _retouched(rgb, face, 1.0, stamped)


# Kind -> what does it to a picture and its FaceMap.
RETOUCHES: Mapping[str, Retouch] = {
    **{name: partial(smooth_skin, strength=strength) for name, strength in STRENGTHS.items()},
    "smoothed, grain put back": regrain_skin,
    "skin denoised": denoise_skin,
    "tone evened": even_skin,
    "texture copied": copy_skin,
}


def _retouched(rgb: Rgb, face: FaceMap, strength: float, change: Callable[[Rgb], Array]) -> Rgb:
    """The changed window mixed in where the skin is, with a soft border."""
    left, top, right, bottom = face.window
    part = np.ascontiguousarray(rgb[top:bottom, left:right])
    border = 0.3 * max(1.5, REACH * face.inter_ocular)
    weight = cv2.GaussianBlur(face.skin.astype(np.float32), (0, 0), border)[..., None] * np.float32(strength)
    mixed = part.astype(np.float32) * (1 - weight) + change(part) * weight
    out = rgb.copy()
    out[top:bottom, left:right] = np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
    return out


def _smooth(part: Rgb, face: FaceMap) -> Array:
    reach = max(1.5, REACH * face.inter_ocular)
    soft = cv2.bilateralFilter(part, d=2 * int(min(2 * reach, 12)) + 1, sigmaColor=40, sigmaSpace=reach)
    return np.asarray(cv2.GaussianBlur(soft, (0, 0), 0.4 * reach), dtype=np.float32)


def _within(part: Array, mask: NDArray[np.bool_], sigma: float) -> Array:
    """A blur that takes nothing from outside the mask."""
    weight = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma)[..., None]
    soft = cv2.GaussianBlur(part * mask[..., None].astype(np.float32), (0, 0), sigma)
    return np.asarray(soft / np.maximum(weight, 1e-3), dtype=np.float32)
