"""Skin changed by code on the astronaut, at a chosen strength: 0 leaves it as it is, 1 is the whole change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap, find_face
from detector.signal.closeup import PARTS
from detector.signal.masks import filled
from detector.training.retouch import smooth_skin
from tests.detector.astronaut import as_portrait, astronaut, enlarged

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

FILM = 2.5  # grey levels of grain on the large twin: an enlargement has no fine texture of its own that could repeat
TILE = 22  # pixels of the piece that is laid again and again over a cheek of the large twin
NOISE, DENOISED = 4.0, 20  # grey levels all over the noisy twin; strength of the non-local means on its skin
RESIDUE = 1.0  # pixels of blur that take away what non-local means leave


@cache
def large() -> Rgb:
    """The astronaut at twice the size, with film grain all over: 84 pixels between the eyes."""
    rgb = enlarged(astronaut(), 2).astype(np.float32)
    grain = np.random.default_rng(2).normal(size=rgb.shape[:2]).astype(np.float32)
    rgb += (cv2.GaussianBlur(grain, (0, 0), 0.7) * np.float32(2.5 * FILM))[..., None]
    out = np.rint(np.clip(rgb, 0, 255)).astype(np.uint8)
    out.setflags(write=False)
    return out


@cache
def noisy() -> Rgb:
    """The astronaut with the noise of a dim room all over."""
    noise = np.random.default_rng(4).normal(size=astronaut().shape[:2])
    out = np.asarray(np.rint(np.clip(astronaut() + NOISE * noise[..., None], 0, 255)), dtype=np.uint8)
    out.setflags(write=False)
    return out


@cache
def face() -> FaceMap:
    return find_face(as_portrait(astronaut()))


@cache
def large_face() -> FaceMap:
    return find_face(as_portrait(large()))


def skin_area() -> Mask:
    """The astronaut's skin, on the whole picture."""
    area = np.zeros(astronaut().shape[:2], np.bool_)
    left, top, right, bottom = face().window
    area[top:bottom, left:right] = face().skin
    return area


def cheek_area() -> Mask:
    """The cheek at the left of the large twin, the one in full view."""
    return filled((large().shape[0], large().shape[1]), large_face().landmarks, [PARTS["left cheek"]])


def smoothed(strength: float) -> Rgb:
    return smooth_skin(astronaut(), face(), strength)


def without_noise(strength: float) -> Rgb:
    denoised = cv2.fastNlMeansDenoisingColored(astronaut(), None, DENOISED, DENOISED, 5, 15)
    return _mixed(noisy(), cv2.GaussianBlur(denoised, (0, 0), RESIDUE), skin_area(), strength)


def tiled_cheek(strength: float) -> Rgb:
    """One piece of the cheek's fine texture, again and again over all of it; the light stays."""
    plain = large().astype(np.float32)
    soft = cv2.GaussianBlur(plain, (0, 0), 4.0)
    ys, xs = np.nonzero(cheek_area())
    y, x = round(float(ys.mean())) - TILE // 2, round(float(xs.mean())) - TILE // 2
    piece = (plain - soft)[y : y + TILE, x : x + TILE]
    height, width = plain.shape[:2]
    tiles = np.tile(piece, (height // TILE + 1, width // TILE + 1, 1))[:height, :width]
    return _mixed(large(), soft + tiles, cheek_area(), strength)


def _mixed(rgb: Rgb, changed: NDArray[np.generic], where: Mask, strength: float) -> Rgb:
    weight = where[..., None] * np.float32(strength)
    both = rgb * (1 - weight) + changed.astype(np.float32) * weight
    return np.asarray(np.rint(np.clip(both, 0, 255)), dtype=np.uint8)


# Code -> how it is planted, and where.
PLANTED: Mapping[str, tuple[Callable[[float], Rgb], Callable[[], Mask]]] = {
    "skin.smooth": (smoothed, skin_area),
    "skin.no_noise": (without_noise, skin_area),
    "skin.repeated": (tiled_cheek, cheek_area),
}
