"""Retouching by code, for measuring how much of it a detector sees: skin smoothed, everything else untouched."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap

# Name of the condition -> strength: a beauty filter at half and at full, as measured in docs/accuracy.md.
STRENGTHS = {"smoothed half": 0.5, "smoothed full": 1.0}


def smooth_skin(rgb: NDArray[np.uint8], face: FaceMap, strength: float) -> NDArray[np.uint8]:
    """A copy with the face's skin smoothed by an edge-keeping filter, as beauty filters do.

    rgb: H x W x 3. strength: 0 (untouched) to 1 (all fine texture gone), mixed in linearly.
    Source of the filter: Tomasi and Manduchi, 1998, "Bilateral filtering for gray and color images".
    """
    left, top, right, bottom = face.window
    part = np.ascontiguousarray(rgb[top:bottom, left:right])
    reach = max(1.5, 0.06 * face.inter_ocular)
    soft = cv2.bilateralFilter(part, d=2 * int(min(2 * reach, 12)) + 1, sigmaColor=40, sigmaSpace=reach)
    soft = cv2.GaussianBlur(soft, (0, 0), 0.4 * reach)
    weight = cv2.GaussianBlur(face.skin.astype(np.float32), (0, 0), 0.3 * reach)[..., None] * np.float32(strength)
    mixed = part.astype(np.float32) * (1 - weight) + soft.astype(np.float32) * weight
    out = rgb.copy()
    out[top:bottom, left:right] = np.rint(mixed).astype(np.uint8)
    return out
