"""Mask -> one polygon: its parts joined and its holes opened by the shortest cuts, corners few."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Points = NDArray[np.float32]

LEAST = 0.04  # of the mask's area: smaller parts and holes are left out
PARTS = 6  # parts and holes that are joined at most
CORNERS = 160  # of the polygon at most


def outline(mask: Mask, smooth: float) -> Points | None:
    """N x 2 corners in the mask's pixels; None for an empty mask. smooth: pixels by which the line may be off.

    A cut to a hole or to another part is walked there and back, so that filling the polygon fills the mask.
    """
    raw, tree = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return None
    least = LEAST * float(np.count_nonzero(mask))
    sized = sorted(((cv2.contourArea(line), line) for line in raw), key=lambda one: -one[0])
    # Outer lines run one way and holes the other, so filling by either rule leaves holes open.
    lines = [_plain(line, smooth) for area, line in sized[:PARTS] if area >= least]
    lines = [line for line in lines if len(line) >= 3]
    if not lines:  # specks alone: the box around them
        left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
        right, bottom = left + width, top + height
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)
    joined = lines[0]
    for line in lines[1:]:
        joined = _joined(joined, line)
    return np.asarray(joined, dtype=np.float32)


def filled_polygon(points: Points, shape: tuple[int, int]) -> Mask:
    """H x W: inside the polygon."""
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.rint(points).astype(np.int32).reshape(-1, 1, 2)], (1,))
    return canvas > 0


def _plain(line: NDArray[np.integer[Any] | np.floating[Any]], smooth: float) -> Points:
    simple = cv2.approxPolyDP(line, smooth, True)
    while len(simple) > CORNERS:
        smooth *= 1.5
        simple = cv2.approxPolyDP(line, smooth, True)
    return np.asarray(simple.reshape(-1, 2), dtype=np.float32)


def _joined(one: Points, other: Points) -> Points:
    apart = np.linalg.norm(one[:, None] - other[None], axis=2)
    here, there = np.unravel_index(int(apart.argmin()), apart.shape)
    turned = np.roll(other, -int(there), axis=0)
    return np.concatenate([one[: here + 1], turned, turned[:1], one[here:]])
