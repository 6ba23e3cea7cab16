"""A first photo and the original that was laid onto it and given its tone: what every finder of changes looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.detail import Band, bands_of
from detector.signal.masks import grown
from detector.signal.parts import Parts

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU T.871
INNER = 6  # pixels by which what is compared keeps off the edge of what is covered
SAME_STRUCTURE = 0.8  # correlation of wide detail above which two places show the same
COLOUR_REACH = 0.06  # eye distances of blur before colours are compared
AGREE = 0.4  # of what shows the same: the share that follows the tone best, by which its noise is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """first, original: H x W x 3 float32, 0..255, aligned and of one tone. covered: where both are known.

    bands: of their grey (signal/detail.py). parts: None where no face was found.
    """

    first: Array
    original: Array
    covered: Mask
    bands: tuple[Band, ...]
    parts: Parts | None
    off: Array  # H x W: distance of colours, CIELAB
    lighter: Array  # H x W: lightness of the first less the original's, CIELAB
    noise: float  # spread of `off` where the two agree


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """part: as Change.part. kind: which sentence. where: H x W. share, magnitude: 0..1. facts: what was measured."""

    part: str
    kind: str
    where: Mask
    share: float
    magnitude: float
    facts: Mapping[str, float] = field(default_factory=dict)


def pair_of(first: Array, original: Array, covered: Mask, parts: Parts | None) -> Pair:
    """Measures what all finders look at."""
    inner = grown(covered, -INNER)
    unit = parts.unit if parts else 0.1 * max(first.shape[:2])
    here, there = (lab_of(plane, max(1.5, COLOUR_REACH * unit)) for plane in (first, original))
    off = np.sqrt(sum(plane * plane for plane in cv2.split(here - there)))
    bands = bands_of(first @ GREY, original @ GREY)
    agreeing = inner & (bands[2].correlation > SAME_STRUCTURE)
    return Pair(
        first=first,
        original=original,
        covered=inner,
        bands=tuple(bands),
        parts=parts,
        off=np.asarray(off, dtype=np.float32),
        lighter=np.asarray(here[..., 0] - there[..., 0], dtype=np.float32),
        noise=float(np.quantile(off[agreeing], AGREE)) if np.count_nonzero(agreeing) > 200 else 1.0,
    )


def share_of(part: Mask, whole: Mask) -> float:
    return float(part.sum()) / max(1.0, float(whole.sum()))


def cleaned(mask: Mask, unit: float, reach: float) -> Mask:
    """Small gaps closed, crumbs taken away."""
    size = max(3, 2 * round(reach * unit) + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    return np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel), dtype=np.uint8) > 0


def lab_of(plane: Array, sigma: float) -> Array:
    soft = cv2.GaussianBlur(plane, (0, 0), sigma) / np.float32(255)
    return np.asarray(cv2.cvtColor(np.clip(soft, 0, 1).astype(np.float32), cv2.COLOR_RGB2LAB), dtype=np.float32)
