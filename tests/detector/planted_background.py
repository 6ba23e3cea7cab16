"""Backgrounds planted behind the astronaut: shelf edges and door frames, straight or bent; walls, rough or melted."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap, find_face
from detector.signal.head import unit_of
from tests.detector.astronaut import as_portrait, astronaut

Rgb = NDArray[np.uint8]
Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SHELF = 104.0  # row of the shelf's edge: at the height of the eyes
SHOULDERS = 205  # row below which the picture stays as it is beyond the mask's window
LIGHT, DARK = (196.0, 190.0, 178.0), (104.0, 92.0, 84.0)
BLUR = 3.0  # pixels: of the melted rim


@cache
def face() -> FaceMap:
    return find_face(as_portrait(astronaut()))


def unit() -> float:
    return unit_of(face().landmarks)


@cache
def person() -> Mask:
    """The astronaut, with all that lies below the shoulders outside the mask's window."""
    mask = np.zeros(astronaut().shape[:2], np.bool_)
    mask[SHOULDERS:] = True
    left, top, right, bottom = face().window
    mask[top:bottom, left:right] = face().person
    return mask


@cache
def away() -> Array:
    """Eye distances from the person's outline."""
    return np.asarray(cv2.distanceTransform((~person()).astype(np.uint8), cv2.DIST_L2, 5) / unit(), dtype=np.float64)


def behind_the_person(wall: Array) -> Rgb:
    """The wall (H x W x 3, 0..255) with the astronaut before it."""
    alpha = cv2.GaussianBlur(person().astype(np.float64), (0, 0), 0.8)[..., None]
    return np.asarray(np.clip(np.rint(alpha * astronaut() + (1 - alpha) * wall), 0, 255), dtype=np.uint8)


def two_tone(beyond: Array, *, grain: float = 2.0) -> Array:
    """A wall that is light where `beyond` (pixels past the edge) is above 0, dark elsewhere, with a camera's noise."""
    share = (1 / (1 + np.exp(-np.clip(beyond / 0.6, -30, 30))))[..., None]
    noise = cv2.GaussianBlur(np.random.default_rng(5).normal(0, 1.8 * grain, beyond.shape), (0, 0), 0.6)
    return np.asarray(share * np.array(LIGHT) + (1 - share) * np.array(DARK) + noise[..., None], dtype=np.float64)


def shelf(bend: float = 0.0, step: float = 0.0) -> Rgb:
    """A shelf's edge behind the head; it sinks by `bend` eye distances where it meets the head, on either side, and
    lies `step` eye distances lower at the right of the head."""
    row, column = np.mgrid[: astronaut().shape[0], : astronaut().shape[1]].astype(np.float64)
    along = away()[round(SHELF)][None]
    drop = bend * np.exp(-((along / 0.3) ** 2)) + step * (column > face().head.square.x)
    return behind_the_person(two_tone(row - SHELF - drop * unit()))


def two_shelves(step: float) -> Rgb:
    """Two different edges that nearly meet: at the right of the head another shelf, `step` lower, of other tones."""
    row, column = np.mgrid[: astronaut().shape[0], : astronaut().shape[1]].astype(np.float64)
    left, right = two_tone(row - SHELF), two_tone(row - SHELF - step * unit())
    right = 0.45 * right + np.array([10.0, 40.0, 70.0])
    return behind_the_person(np.where((column > face().head.square.x)[..., None], right, left))


def door_frame(bend: float = 0.0, reach: float = 0.45) -> Rgb:
    """The upright of a door frame close to the head, at the right of the picture; it bulges outwards by `bend` at eye
    height, and `reach` above and below the most of that is gone (eye distances)."""
    row, column = np.mgrid[: astronaut().shape[0], : astronaut().shape[1]].astype(np.float64)
    stands_at = np.nonzero(person()[:150].any(axis=0))[0].max() + 0.5 * unit()
    bulge = bend * np.exp(-(((row - SHELF) / (reach * unit())) ** 2))
    return behind_the_person(two_tone(column - stands_at - bulge * unit()))


def textured(melted: float = 0.0, *, contrast: float = 12.0) -> Rgb:
    """A rough wall; within half an eye distance of the outline it is blurred by the share `melted`."""
    rough = np.random.default_rng(9).normal(0, 2.2 * contrast, astronaut().shape[:2])
    wall = np.array(LIGHT) * 0.8 + cv2.GaussianBlur(rough, (0, 0), 0.9)[..., None]
    share = melted * melted_area()[..., None]
    return behind_the_person(wall * (1 - share) + cv2.GaussianBlur(wall, (0, 0), BLUR) * share)


def melted_area() -> Mask:
    """Where `textured` melts: half an eye distance around the outline."""
    return np.asarray((away() > 0) & (away() < 0.5), dtype=np.bool_)


def changed(one: Rgb, other: Rgb) -> Mask:
    """The hull of what differs between two pictures."""
    rows = np.argwhere(np.abs(one.astype(np.int16) - other).max(axis=2) > 24)[:, ::-1]
    filled = np.zeros(one.shape[:2], np.uint8)
    cv2.fillConvexPoly(filled, cv2.convexHull(rows.astype(np.int32)), (1,))
    return filled > 0


def barrel(rgb: Rgb, amount: float) -> Rgb:
    """The picture as a lens with that much barrel distortion at the corner would show it."""
    height, width = rgb.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x - width / 2, y - height / 2
    pull = 1 + amount * (x**2 + y**2) / ((width / 2) ** 2 + (height / 2) ** 2)
    sampled = cv2.remap(
        rgb,
        (x * pull + width / 2).astype(np.float32),
        (y * pull + height / 2).astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(sampled, dtype=np.uint8)
