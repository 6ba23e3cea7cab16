"""What lies around a head, upright and at a fixed size: where background is and how far from the person's outline.

Everything is in eye distances, in one aligned square, so that a turned or mirrored photo measures the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import head, masks
from detector.signal.head import Head
from detector.signal.pyramid import Pyramid, Square, apply

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

UNIT = 40  # pixels an eye distance: the smallest face that is judged, so nothing is ever enlarged
SIDE = 12.0  # of the square, in eye distances: what headshots show around head and shoulders
SIZE = round(SIDE * UNIT)
FRAME = 0.1  # eye distances from the picture's edge that are no background: frames, rounded corners
SURE, BACKGROUND = 0.5, 0.15  # of the segmentation: above is the person, below surely not


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The square around the head; all arrays are SIZE x SIZE.

    square: where it lies on the picture. rgb: uint8. light: float32, 0..255. person: True on the person.
    background: True where the picture surely shows what is behind the person. away: float32, eye distances from the
    person's outline, 0 on the person.
    """

    square: Square
    rgb: Rgb
    light: Array
    person: Mask
    background: Mask
    away: Array

    def on_picture(self, points: Array) -> Array:
        """N x 2 points of the square in pixels of the upright picture."""
        return apply(self.square.to_picture(SIZE), np.asarray(points, dtype=np.float32))


def around(picture: Pyramid, seen: Head) -> Surroundings:
    """Cuts the surroundings of a head out of the picture (at least UNIT pixels between the eyes).

    The person is segmented once more, upright: a person who lies on the side is often not recognised as one.
    """
    square = replace(seen.square, side=seen.square.side * SIDE / head.SIDE)
    cut = picture.cut(square, SIZE)
    sure = masks.person_mask(cut)
    person = (sure > SURE) | _head_mask(seen)
    away = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 3) / np.float32(UNIT)
    return Surroundings(
        square=square,
        rgb=cut,
        light=np.asarray(cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY), dtype=np.float32),
        person=person,
        background=picture.holds(square, SIZE, FRAME * square.side / SIDE) & ~person & (sure < BACKGROUND),
        away=np.asarray(away, dtype=np.float32),
    )


def _head_mask(seen: Head) -> Mask:
    side = round(head.SIDE * UNIT)
    person = np.zeros((SIZE, SIZE), np.bool_)
    start = (SIZE - side) // 2
    finer = cv2.resize(seen.person, (side, side), interpolation=cv2.INTER_LINEAR)
    person[start : start + side, start : start + side] = finer > SURE
    return person


def at(mask: Mask, points: Array) -> Mask:
    x = np.clip(np.rint(points[..., 0]), 0, mask.shape[1] - 1).astype(np.intp)
    y = np.clip(np.rint(points[..., 1]), 0, mask.shape[0] - 1).astype(np.intp)
    return np.asarray(mask[y, x], dtype=np.bool_)


def sampled(plane: NDArray[np.float32] | NDArray[np.uint8], points: Array) -> Array:
    """The plane at H x W x 2 points, bilinear."""
    x, y = (np.ascontiguousarray(points[..., axis], dtype=np.float32) for axis in (0, 1))
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)
