"""Defects planted into the hair of a real portrait: flooded, haloed, dissolved; each with its place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.signal.head import on_window, unit_of
from detector.signal.masks import grown

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]


def hair_of(rgb: Rgb, face: FaceMap) -> Mask:
    """The hair, in the picture's pixels."""
    return on_window(face.head.square, face.head.hair.astype(np.float32), (0, 0, rgb.shape[1], rgb.shape[0]))


def flooded(rgb: Rgb, face: FaceMap, strength: float) -> tuple[Rgb, Mask]:
    """The hair blended towards its mean colour; strength 0..1."""
    hair = hair_of(rgb, face)
    return _blended(rgb, np.broadcast_to(rgb[hair].mean(axis=0), rgb.shape), hair, strength), hair


def haloed(rgb: Rgb, face: FaceMap, strength: float) -> tuple[Rgb, Mask]:
    """A white seam of constant width just outside the hair's outline; strength 0..1."""
    unit = unit_of(face.landmarks)
    hair = hair_of(rgb, face)
    person = on_window(face.head.square, face.head.person, (0, 0, rgb.shape[1], rgb.shape[0])) | hair
    seam = grown(person, round(0.18 * unit)) & ~person & grown(hair, round(0.25 * unit))
    return _blended(rgb, np.full(rgb.shape, 255.0), seam, strength), seam


def dissolved(rgb: Rgb, face: FaceMap, strength: float) -> tuple[Rgb, Mask]:
    """Hair and backdrop blurred into each other along the outline; strength 0..1."""
    unit = unit_of(face.landmarks)
    hair = hair_of(rgb, face)
    person = on_window(face.head.square, face.head.person, (0, 0, rgb.shape[1], rgb.shape[0])) | hair
    reach = round(0.25 * unit)
    band = grown(person, reach) & ~grown(person, -reach) & grown(hair, reach)
    soft = np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.2 * unit), dtype=np.float64)
    return _blended(rgb, soft, band, strength), band


def _blended(rgb: Rgb, other: NDArray[np.float64], where: Mask, strength: float) -> Rgb:
    weight = np.asarray(cv2.GaussianBlur(where.astype(np.float32), (0, 0), 0.8), dtype=np.float64)[..., None] * strength
    return np.asarray(np.rint(rgb * (1 - weight) + other * weight), dtype=np.uint8)
