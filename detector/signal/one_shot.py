"""Whether two pictures are one and the same shot, and what was moved in it.

Two shots of one face never agree in every wink of its eyes; copies of one shot do, whatever was edited elsewhere. Every
landmark of the one copy is followed to the other by dense optical flow (Kroeger et al., 2016, "Fast optical flow using
dense inverse search"), so that a face that was pushed into another shape shows it to a fraction of a per cent: no model
has to find the landmarks a second time.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.face_alignment import SIDE, eyes_of_points, square_onto, template
from detector.signal.pyramid import Pyramid

Array = NDArray[np.float32]

SIZE = 320  # pixels of the sheet's side
UNIT = SIZE / SIDE
PATCH = (-0.8, -0.35, 0.8, 0.75)  # eye distances from between the eyes: left, top, right, bottom of eyes and nose
FINE, COARSE = 0.03, 0.2  # eye distances: what is finer is noise, what is coarser is light


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """grey: SIZE x SIZE uint8, the face upright. mesh: 468 x 3 landmarks in its pixels. In memory alone."""

    grey: NDArray[np.uint8]
    mesh: Array


def sheet_of(pyramid: Pyramid, points: Array, landmarks: Array) -> Sheet:
    """The face of a picture on the sheet. points: face_alignment.stable_points; landmarks: 468 x 3."""
    square = square_onto(eyes_of_points(points), template(SIZE), SIZE)
    matrix = square.to_picture(SIZE).astype(np.float64)
    inverse = np.linalg.inv(matrix[:, :2])
    flat = (landmarks[:, :2] - matrix[:, 2]) @ inverse.T
    mesh = np.column_stack([flat, landmarks[:, 2] * SIZE / square.side]).astype(np.float32)
    grey = np.asarray(cv2.cvtColor(pyramid.cut(square, SIZE), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return Sheet(grey=grey, mesh=mesh)


def agreement(one: Sheet, other: Sheet) -> float:
    """Correlation of eyes and nose, -1..1."""
    first, second = _patch(one), _patch(other)
    return float((first * second).mean())


def carried(one: Sheet, onto: Sheet) -> Array:
    """468 x 3: the landmarks of `one` followed to `onto`, which must be the same shot."""
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(one.grey, onto.grey, None)  # type: ignore[call-overload]
    x, y = (np.ascontiguousarray(one.mesh[:, axis].reshape(-1, 1)) for axis in (0, 1))
    moved = np.asarray(cv2.remap(flow, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)
    out = one.mesh.copy()
    out[:, :2] += moved.reshape(-1, 2)
    return out


def _patch(sheet: Sheet) -> Array:
    plain = sheet.grey.astype(np.float32)
    fine = cv2.GaussianBlur(plain, (0, 0), FINE * UNIT) - cv2.GaussianBlur(plain, (0, 0), COARSE * UNIT)
    middle = template(SIZE).mean(axis=0)
    left, top, right, bottom = (round(float(at)) for at in np.array(PATCH) * UNIT + np.tile(middle, 2))
    part = fine[top:bottom, left:right]
    return np.asarray((part - part.mean()) / (part.std() + 1e-3), dtype=np.float32)
