"""The face with its ears, cut out upright at a fixed number of pixels an eye distance, as two halves to be compared.

Both halves are the same cut; the right one is mirrored, so that outward is always to the left and every measure is
taken by the same code on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import head as heads
from detector.signal import masks
from detector.signal.head import Head
from detector.signal.pyramid import Pyramid, Square, apply

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

UNIT = 64  # pixels an eye distance: a stud of 5 mm is 5 pixels
SIDE = 5.0  # eye distances: ears stick out to 1.6 from the middle, long earrings hang 1.8 below the eyes
SIZE = round(UNIT * SIDE)
DOWN = 0.5  # eye distances by which the middle lies below the eyes

# MediaPipe's numbering, in the order left of the picture, right of the picture; each pair mirrors the other.
EAR_SIDES = ((234, 93, 132), (454, 323, 361))  # where the face ends before the ear, from its middle to its lobe
CHEEKS = ((116, 123, 147, 187, 205, 50, 117), (345, 352, 376, 411, 425, 280, 346))
EYES = ((33, 133), (263, 362))
MOUTH = 13  # middle of the upper lip
EYE_CORNERS = (33, 133, 362, 263)


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One side of the face; all planes are SIZE x SIZE, with the outside of this side to the left.

    side: 0 at the left of the picture, 1 at its right. lab: float32, L 0..100. points: 468 x 2. person: 0..1.
    hair, inside: bool (inside: on the picture). square: the cut on the picture, not mirrored.
    """

    side: int
    lab: Array
    points: Array
    person: Array
    hair: Mask
    inside: Mask
    square: Square

    @property
    def eye_line(self) -> float:
        """Row of the eyes."""
        return float(self.points[list(EYE_CORNERS), 1].mean())

    @property
    def edge(self) -> float:
        """Column where the face ends before the ear."""
        return float(self.points[list(EAR_SIDES[self.side]), 0].min())

    @property
    def eye(self) -> tuple[float, float]:
        x, y = self.points[list(EYES[self.side])].mean(axis=0)
        return float(x), float(y)

    def to_picture(self, points: Array) -> Array:
        """N x 2 points of this half, in pixels of the upright picture."""
        flat = np.array(points, dtype=np.float32).reshape(-1, 2)
        if self.side:
            flat[:, 0] = SIZE - 1 - flat[:, 0]
        return apply(self.square.to_picture(SIZE), flat)

    def box_on_picture(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the upright box around a box of this half."""
        corners = self.to_picture(np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32))
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


def halves(picture: Pyramid, landmarks: Array, head: Head) -> tuple[Half, Half]:
    """The left and the right half of the picture's face. landmarks: 468 x 3, in the picture's pixels."""
    square = plate_square(landmarks, head)
    rgb = picture.cut(square, SIZE)
    lab = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), dtype=np.float32)
    inverse = np.asarray(cv2.invertAffineTransform(square.to_picture(SIZE)), dtype=np.float32)
    points = apply(inverse, landmarks[:, :2])
    person, hair, inside = (_on_plate(head, square, plane) for plane in (head.person, head.hair, head.inside))
    return (
        Half(side=0, lab=lab, points=points, person=person, hair=hair > 0.5, inside=inside > 0.5, square=square),
        Half(
            side=1,
            lab=np.ascontiguousarray(lab[:, ::-1]),
            points=np.stack([SIZE - 1 - points[:, 0], points[:, 1]], axis=1),
            person=np.ascontiguousarray(person[:, ::-1]),
            hair=np.ascontiguousarray(hair[:, ::-1]) > 0.5,
            inside=np.ascontiguousarray(inside[:, ::-1]) > 0.5,
            square=square,
        ),
    )


def plate_square(landmarks: Array, head: Head) -> Square:
    """SIDE eye distances wide, turned to the eye line, its middle between the two sides of the face."""
    points = head.points
    across = float(np.mean([points[list(side), 0].mean() for side in EAR_SIDES]))
    middle = np.array([[across, points[list(EYE_CORNERS), 1].mean() + DOWN * heads.UNIT]], dtype=np.float32)
    x, y = apply(head.square.to_picture(heads.SIZE), middle)[0]
    side = SIDE * heads.unit_of(landmarks)
    return Square(x=float(x), y=float(y), side=side, angle=head.square.angle)


def span(low: float, high: float) -> slice:
    """Rows or columns of a half from `low` to `high`, never empty, never beyond it."""
    first = min(max(round(low), 0), SIZE - 1)
    return slice(first, min(max(round(high), first + 1), SIZE))


def cheek_of(half: Half) -> Mask:
    """Bare skin of nearly every face: the upper cheek, as a mask of the half."""
    return masks.filled((SIZE, SIZE), half.points, [CHEEKS[half.side]])


def _on_plate(head: Head, square: Square, plane: NDArray[np.generic]) -> Array:
    """A plane of the head's square, laid onto the plate."""
    to_head = np.vstack([cv2.invertAffineTransform(head.square.to_picture(heads.SIZE)), [0, 0, 1]])
    matrix = (to_head @ np.vstack([square.to_picture(SIZE), [0, 0, 1]]))[:2].astype(np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpAffine(plane.astype(np.float32), matrix, (SIZE, SIZE), flags=flags)
    return np.asarray(laid, dtype=np.float32)
