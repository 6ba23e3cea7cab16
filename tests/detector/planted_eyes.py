"""Eyes painted onto the enlarged astronaut: two that belong together, and defects planted in the one at the left.

Lids, lashes and skin stay the astronaut's; iris, pupil and catchlight are drawn anew, four times finer than the
picture's pixels, so that the untouched twin has the same paint as the planted one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap, find_face
from tests.detector.astronaut import as_portrait, astronaut, enlarged

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
SCALE = 3
FINE = 4  # sub-pixels a pixel
LIDS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (362, 382, 381, 380, 374, 373, 390, 249, 263, 466, 388, 387, 386, 385, 384, 398),
)


@dataclass(frozen=True)
class Painted:
    """One eye's paint, in radii of a usual iris. shift: of iris and all in it, towards the right of the picture."""

    size: float = 1.0
    shift: float = 0.0
    light: tuple[float, float] = (-0.25, -0.3)
    lights: int = 1
    ragged: float = 0.0
    pupil: float = 0.42


@cache
def large() -> Rgb:
    """The astronaut, enlarged and with a little grain: 126 pixels between the eyes."""
    rgb = enlarged(astronaut(), SCALE)[: 300 * SCALE, 80 * SCALE : 400 * SCALE]
    grain = np.random.default_rng(1).normal(0, 1.5, rgb.shape)
    out = np.asarray(np.clip(rgb + grain, 0, 255), dtype=np.uint8)
    out.setflags(write=False)
    return out


@cache
def face() -> FaceMap:
    return find_face(as_portrait(large()))


def centres() -> tuple[tuple[float, float], tuple[float, float], float]:
    """Both irises' centres and their common radius in pixels."""
    mesh = face()
    return (mesh.left.x, mesh.left.y), (mesh.right.x, mesh.right.y), 0.0925 * mesh.inter_ocular


def portrait_with(left: Painted, right: Painted | None = None) -> Rgb:
    """The enlarged astronaut with painted eyes."""
    out = large().astype(np.float32)
    first, second, radius = centres()
    for paint, centre, lids in zip((left, right or Painted()), (first, second), LIDS, strict=True):
        _paint(out, paint, centre, radius, face().landmarks[list(lids), :2])
    return np.asarray(np.clip(np.rint(out), 0, 255), dtype=np.uint8)


def iris_of(paint: Painted, side: int) -> NDArray[np.bool_]:
    """Where the iris of that eye was painted, lids or not."""
    first, second, radius = centres()
    x, y = (first, second)[side]
    rows, columns = np.mgrid[: large().shape[0], : large().shape[1]]
    return np.asarray(np.hypot(columns - x - paint.shift * radius, rows - y) < paint.size * radius, dtype=np.bool_)


def _paint(out: Array, paint: Painted, centre: tuple[float, float], radius: float, lids: Array) -> None:
    half = int(radius * 3)
    left, top = round(centre[0]) - half, round(centre[1]) - half
    side = 2 * half * FINE
    line = (np.arange(side) + 0.5) / FINE - 0.5
    x = (line[None] + left - centre[0]) / radius - paint.shift
    y = (line[:, None] + top - centre[1]) / radius
    eye = _drawn(paint, np.asarray(x, dtype=np.float32), np.asarray(y, dtype=np.float32))
    opening = np.zeros((side, side), np.uint8)
    corners = (lids - [left, top] + 0.5) * FINE
    cv2.fillPoly(opening, [np.rint(corners).astype(np.int32)], (255,))
    cover = cv2.GaussianBlur(opening.astype(np.float32) / 255, (0, 0), 1.2 * FINE)
    size = (2 * half, 2 * half)
    small = cv2.resize(cv2.GaussianBlur(eye * cover[..., None], (0, 0), 0.7 * FINE), size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(cv2.GaussianBlur(cover, (0, 0), 0.7 * FINE), size, interpolation=cv2.INTER_AREA)[..., None]
    part = out[top : top + 2 * half, left : left + 2 * half]
    part[:] = part * (1 - alpha) + small


def _drawn(paint: Painted, x: Array, y: Array) -> Array:
    """Sclera, iris, pupil and catchlights, H x W x 3."""
    far, angle = np.hypot(x, y), np.arctan2(y, x)
    eye = np.empty((*far.shape, 3), np.float32)
    eye[:] = (205, 190, 182)
    fibres = 8 * np.sin(23 * angle) * np.clip(far - 0.4, 0, 1)
    eye[far < paint.size] = np.stack([96 + fibres, 122 + fibres, 138 + fibres], axis=-1)[far < paint.size]
    edge = paint.pupil * (1 + paint.ragged * (np.sin(5 * angle + 1) + 0.6 * np.sin(3 * angle)))
    eye[far < edge] = (16, 14, 14)
    for light in range(paint.lights):
        across, down = paint.light[0] + 0.45 * light, paint.light[1]
        eye[(np.abs(x - across) < 0.13) & (np.abs(y - down) < 0.16)] = (250, 250, 248)
    return eye
