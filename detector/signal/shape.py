"""Whether a contour was pushed: the part of dense flow that is coherent along it and beyond the flow's own noise.

Flow by dense inverse search (Kroeger et al., 2016), there and back; a place counts where both ways agree, where there
is a slope across which a shift can be seen, and where laying the shifted original makes it fit the first photo better.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.alignment import flow_between

Array = NDArray[np.float32]
Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]

UNIT = 64.0  # pixels an eye distance at which flow is looked at; never enlarged
AROUND = 2.6  # eye distances from the middle of the face that are looked at
COHERENT = 0.14  # eye distances: sigma over which shifts must agree
BOTH_WAYS = 0.03  # eye distances by which there and back may miss
SLOPE = 4.0  # grey levels a pixel: below it no shift can be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """flow: H x W x 2, eye distances, smoothed; 0 where nothing is known. known: 0..1, how much of the neighbourhood
    could be measured. noise: eye distances, of the smoothed flow where nothing is expected to move. left, top, scale:
    where the window lies on the frame, in its pixels, and pixels of the window a pixel of the frame."""

    flow: Array
    known: Array
    noise: float
    left: int
    top: int
    scale: float


def shift_of(first: Array, original: Array, middle: Array, unit: float, still: Mask) -> Shift | None:
    """first, original: H x W, grey 0..255, aligned, of like tone and sharpness. middle: x, y of the face; unit: eye
    distance in pixels. still: H x W, where no shift is expected. None for a face of a few pixels."""
    reach = AROUND * unit
    left, top = max(0, int(middle[0] - reach)), max(0, int(middle[1] - reach))
    right, bottom = min(first.shape[1], int(middle[0] + reach)), min(first.shape[0], int(middle[1] + reach))
    scale = min(1.0, UNIT / unit)
    size = (round((right - left) * scale), round((bottom - top) * scale))
    if min(size) < 48:
        return None
    here, there, calm = (
        cv2.resize(plane[top:bottom, left:right].astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for plane in (first, original, still)
    )
    flow, weight = _measured(np.asarray(here, dtype=np.float32), np.asarray(there, dtype=np.float32), unit * scale)
    quiet = np.asarray(calm, dtype=np.float32) > 0.9
    flow -= _drift(flow, weight, quiet)
    spread = COHERENT * unit * scale
    known = cv2.GaussianBlur(weight, (0, 0), spread)
    smooth = cv2.GaussianBlur(flow * weight[..., None], (0, 0), spread) / np.maximum(known, 0.02)[..., None]
    smooth = smooth / np.float32(unit * scale)
    sure = quiet & (known > 0.1)
    noise = float(np.quantile(np.linalg.norm(smooth[sure], axis=1), 0.9)) if np.count_nonzero(sure) > 100 else 0.0
    return Shift(
        flow=np.asarray(smooth, dtype=np.float32),
        known=np.asarray(known, dtype=np.float32),
        noise=noise,
        left=left,
        top=top,
        scale=scale,
    )


def _measured(here: Array, there: Array, unit: float) -> tuple[Array, Array]:
    """Flow from the original to the first photo in pixels, and 0..1: how far each pixel's counts."""
    one, other = (np.asarray(np.clip(plane, 0, 255), dtype=np.uint8) for plane in (there, here))
    forth, back = flow_between(one, other), flow_between(other, one)
    ys, xs = np.mgrid[: one.shape[0], : one.shape[1]].astype(np.float32)
    at = (xs + forth[..., 0], ys + forth[..., 1])
    returned = np.asarray(cv2.remap(back, *at, cv2.INTER_LINEAR), dtype=np.float32)
    miss = np.linalg.norm(forth + returned, axis=2) / unit
    fits = np.asarray(cv2.remap(here, *at, cv2.INTER_LINEAR), dtype=np.float32)
    soft = 0.05 * unit
    before, after = (cv2.GaussianBlur(np.abs(plane - there), (0, 0), soft) for plane in (here, fits))
    slope = cv2.GaussianBlur(
        np.hypot(cv2.Sobel(there, cv2.CV_32F, 1, 0), cv2.Sobel(there, cv2.CV_32F, 0, 1)) / 8, (0, 0), soft
    )
    weight = (miss < BOTH_WAYS) * np.clip(slope / SLOPE, 0, 1) * (after <= before + 0.5)
    return forth, np.asarray(weight, dtype=np.float32)


def _drift(flow: Array, weight: Array, quiet: Mask) -> Array:
    """What all of the quiet part has in common."""
    sure = quiet & (weight > 0.3)
    if np.count_nonzero(sure) < 50:
        return np.zeros(2, np.float32)
    return np.asarray(np.median(flow[sure], axis=0), dtype=np.float32)
