"""Whether a piece of skin occurs twice: the same pores at another place of the same face.

Every small square of fine texture is laid onto every other place of the skin. Noise, pores and hairs never agree as
two copies do. It takes many pixels to tell copies from chance: with 40 pixels between the eyes, other places agreed
about as well as planted copies did, with 80 they do not. Block matching after Fridrich, Soukal and Lukáš, 2003,
"Detection of copy-move forgery in digital images", here at the scale of the face and by normalised correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from detector.signal.closeup import Closeup

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIDE, STEP = 16, 4  # pixels of a square, and from square to square; each is held against every place
APART = 0.75  # sides that a copy must be away
COVERED = 0.9  # of a square is bare skin
FINE, COARSE = 0.7, 2.0  # pixels: the band in which texture is compared
WIDEST = 0.95  # of the texture's size: moles and stray hairs beyond count as that
FAINT = 0.2  # grey levels, root mean square: flat squares resemble each other and mean nothing
LEAST = 50  # squares' places; below that there is too little skin in one piece
AGREEING = 5  # overlapping squares that must have a copy: one alone may agree by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """level: Fisher's z of the correlation that AGREEING squares reach with their best copy, above 0.

    places: logarithm of how many places were compared. corners: N x 2 corners (x, y) of the squares in the closeup's
    pixels; copies: those of their best copies; alike: Fisher's z of each.
    """

    level: float
    places: float
    corners: Array
    copies: Array
    alike: Array


def repetition_of(face: Closeup) -> Repetition | None:
    """The best copies of all squares of skin; None where too little skin lies in one piece."""
    skin = face.skin
    if min(skin.shape) <= SIDE:
        return None
    places = (skin.shape[0] - SIDE + 1, skin.shape[1] - SIDE + 1)
    ys, xs = np.nonzero(_share(skin)[: places[0], : places[1]] > COVERED)
    asked = np.flatnonzero((ys % STEP == 0) & (xs % STEP == 0))
    if len(ys) < LEAST or len(asked) < AGREEING:
        return None
    squares = sliding_window_view(_texture(face.plane(0), skin), (SIDE, SIDE))[ys, xs].reshape(len(ys), -1)
    squares = squares - squares.mean(axis=1, keepdims=True)
    squares = squares / (np.linalg.norm(squares, axis=1, keepdims=True) + np.float32(FAINT * SIDE))
    alike = squares[asked] @ squares.T
    near = (np.abs(ys[asked, None] - ys) < APART * SIDE) & (np.abs(xs[asked, None] - xs) < APART * SIDE)
    alike[near] = 0.0
    best = alike.argmax(axis=1)
    z = np.arctanh(np.clip(alike.max(axis=1), 0.0, 0.999))
    return Repetition(
        level=float(np.sort(z)[-AGREEING]),
        places=float(np.log(len(ys))),
        corners=np.column_stack([xs, ys])[asked].astype(np.float32),
        copies=np.column_stack([xs, ys])[best].astype(np.float32),
        alike=z.astype(np.float32),
    )


def _share(skin: Mask) -> Array:
    """Of the square whose upper left corner is the pixel, how much is skin."""
    size = (SIDE, SIDE)
    share = cv2.boxFilter(skin.astype(np.float32), -1, size, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(share, dtype=np.float32)


def _texture(light: Array, skin: Mask) -> Array:
    band = cv2.GaussianBlur(light, (0, 0), FINE) - cv2.GaussianBlur(light, (0, 0), COARSE)
    limit = float(np.quantile(np.abs(band[skin]), WIDEST)) + 1e-3 if skin.any() else 1.0
    return np.asarray(np.clip(band, -limit, limit) * skin, dtype=np.float32)
