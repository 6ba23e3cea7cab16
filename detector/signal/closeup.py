"""One face at a fixed scale, in floating point, with masks of bare skin, features and hair: where texture is read.

Texture means nothing in raw pixels: the same cheek has pores in one photo and none in a smaller one. So every face is
brought to the same number of pixels between the eyes, never enlarged, and with the same softness whatever the factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import masks
from detector.signal.head import SIZE, Head, unit_of
from detector.signal.pyramid import Pyramid

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]

LEAST_PIXELS = 150  # of skin in a part, at the working scale; fewer give energies that jump by a third
LEAST_HAIR = 400  # pixels of hair, likewise
REACH = 0.9  # eye distances around the face's landmarks: enough of the hair
CLEAR = 0.12  # eye distances by which hair keeps off the face's outline

# Lightness and the two colour differences of JPEG (ITU T.871), as columns from R, G, B.
RGB_TO_YCC = np.array([[0.299, -0.1687, 0.5], [0.587, -0.3313, -0.4187], [0.114, 0.5, -0.0813]], dtype=np.float32)

# Parts of the face, in MediaPipe's numbering.
PARTS: Mapping[str, tuple[int, ...]] = {
    "forehead": (103, 67, 109, 10, 338, 297, 332, 333, 334, 296, 336, 9, 107, 66, 105, 104),
    "left cheek": (116, 117, 118, 119, 100, 36, 203, 206, 216, 192, 213, 147, 123),
    "right cheek": (345, 346, 347, 348, 329, 266, 423, 426, 436, 416, 433, 376, 352),
    "nose": (168, 122, 174, 198, 209, 129, 98, 2, 327, 358, 429, 420, 399, 351),
    "chin": (43, 106, 182, 83, 18, 313, 406, 335, 273, 430, 379, 400, 152, 176, 150, 210),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeup:
    """scale: pixels between the eyes. rgb, planes: H x W x 3 float32, 0..255; planes are lightness, blue and red
    difference.

    parts: bare skin by part of the face; those with too little are left out. skin: all of it. features: eyes, brows
    and lips with a margin; brows: the brows alone. hair: its mask, empty where none can be told.
    shrink, left, top: the working copy's scale and offset on the picture.
    """

    scale: float
    rgb: Array
    planes: Array
    parts: Mapping[str, Mask]
    skin: Mask
    features: Mask
    brows: Mask
    hair: Mask
    shrink: float
    left: float
    top: float

    def plane(self, number: int) -> Array:
        """H x W: 0 lightness, 1 blue difference, 2 red difference."""
        return np.ascontiguousarray(self.planes[..., number])

    def to_picture(self, points: Array) -> Array:
        """N x 2 pixel corners of the working copy -> the picture's pixels."""
        return np.asarray((points + 0.5) * self.shrink + (self.left, self.top), dtype=np.float32)


def close_up(rgb: Rgb, landmarks: Array, skin: Mask, window: Box, head: Head, scale: float) -> Closeup | None:
    """The face at `scale` pixels between the eyes; None where too little bare skin is visible.

    rgb: H x W x 3, the picture. landmarks: 468 x 3 in its pixels. skin, window, head: as in FaceMap.
    The face must be at least `scale` large: texture cannot be enlarged into being.
    """
    unit = unit_of(landmarks)
    low, high = landmarks[:, :2].min(axis=0) - REACH * unit, landmarks[:, :2].max(axis=0) + REACH * unit
    box = _clipped(rgb.shape, low, high)
    shrink = unit / scale
    small = _at_scale(rgb, box, shrink)
    shape = (small.shape[0], small.shape[1])
    points = (landmarks[:, :2] - np.array(box[:2], dtype=np.float32)) / np.float32(shrink)
    bare = _skin_at_scale(skin, window, box, (shape[1], shape[0]))
    parts = {name: bare & masks.filled(shape, points, [outline]) for name, outline in PARTS.items()}
    parts = {name: mask for name, mask in parts.items() if np.count_nonzero(mask) >= LEAST_PIXELS}
    if not parts:
        return None
    near = max(1, round(scale / 24))
    return Closeup(
        scale=scale,
        rgb=small,
        planes=np.asarray(small @ RGB_TO_YCC, dtype=np.float32),
        parts=parts,
        skin=np.asarray(np.any(list(parts.values()), axis=0), dtype=np.bool_),
        features=masks.filled(shape, points, [*masks.EYES, *masks.BROWS, masks.LIPS], grow=near),
        brows=masks.filled(shape, points, masks.BROWS, grow=1),
        hair=_hair_at_scale(head, box, shrink, shape)
        & ~masks.filled(shape, points, [masks.OVAL], grow=round(CLEAR * scale)),
        shrink=shrink,
        left=float(box[0]),
        top=float(box[1]),
    )


def _clipped(shape: tuple[int, ...], low: Array, high: Array) -> Box:
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    return left, top, max(left + 8, min(shape[1], int(high[0]))), max(top + 8, min(shape[0], int(high[1])))


def _at_scale(rgb: Rgb, box: Box, shrink: float) -> Array:
    """The box shrunk, 0..255, with a blur of the same width in the result whatever the factor, so that sizes compare.

    In floating point: skin's finest bands are smaller than the rounding of eight bits.
    """
    part = np.ascontiguousarray(rgb[box[1] : box[3], box[0] : box[2]])
    level, scale = Pyramid(part).level(shrink / 2)  # halving leaves a factor of 2..4 for the blur to even out
    left = max(1.0, shrink * scale)
    soft = cv2.GaussianBlur(level.astype(np.float32), (0, 0), 0.5 * left)
    size = (max(8, round(part.shape[1] / shrink)), max(8, round(part.shape[0] / shrink)))
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _skin_at_scale(skin: Mask, window: Box, box: Box, size: tuple[int, int]) -> Mask:
    """The window's skin mask cut to the box, which may reach beyond it, and shrunk; a little smaller than it was."""
    canvas = np.zeros((box[3] - box[1], box[2] - box[0]), np.uint8)
    left, top = max(box[0], window[0]), max(box[1], window[1])
    right, bottom = min(box[2], window[2]), min(box[3], window[3])
    inside = skin[top - window[1] : bottom - window[1], left - window[0] : right - window[0]]
    canvas[top - box[1] : bottom - box[1], left - box[0] : right - box[0]] = inside.astype(np.uint8) * np.uint8(255)
    small = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
    inner = cv2.erode((small > 200).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=2, borderValue=0)
    return np.asarray(inner, dtype=np.uint8) > 0


def _hair_at_scale(head: Head, box: Box, shrink: float, shape: tuple[int, int]) -> Mask:
    onto_picture = np.array([[shrink, 0, box[0]], [0, shrink, box[1]], [0, 0, 1]], dtype=np.float64)
    head_onto_picture = np.vstack([head.square.to_picture(SIZE).astype(np.float64), [0.0, 0.0, 1.0]])
    matrix = (np.linalg.inv(head_onto_picture) @ onto_picture)[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    warped = cv2.warpAffine(head.hair.astype(np.float32), matrix, (shape[1], shape[0]), flags=flags)
    return np.asarray(warped, dtype=np.float32) > 0.5
