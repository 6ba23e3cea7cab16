"""How much strand-scale contrast hair shows, and how it flows, at a fixed face scale.

Band-pass energies of lightness within the hair, as a share of how light the hair is there; the same bands at
eyes, brows and lips tell focus and blur (Crete et al., 2007, "The blur effect"). Flow: the structure tensor (Bigun and
Granlund, 1987, "Optimal orientation detection of linear symmetry").
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import masks
from detector.signal.head import SIZE, Head, unit_of
from detector.signal.pyramid import Pyramid

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIGMAS = (0.7, 1.4, 2.8)  # pixels at the working scale; a band lies between two of them, the first above 0.7
MARGIN = 0.8  # eye distances of picture kept around the hair: the backdrop its outline is seen against
INNER = 0.12  # eye distances from the outline where hair begins to be nothing but hair
LOCAL = 0.09  # eye distances (a Gaussian's sigma) over which contrast is gathered: a lock's width
WIDE = 0.3  # the same, over which the flow of neighbouring locks is compared
# Clothes, backdrops and hats slip into a hair mask beyond these.
REACH = 1.1  # eye distances from the face's oval
ALIKE = (80.0, 14.0, 14.0)  # grey levels of lightness and colour differences from the hair's middle
LEAST = 0.35  # square eye distances of inner hair; less gives energies that jump by a third
BLACK, WHITE = 14.0, 248.0  # grey levels beyond which neither a camera nor a screen shows strands
DIM = 8.0  # grey levels added to the lightness that contrast is a share of: what noise and 8 bits leave in the dark
FLOOR = 0.05  # grey levels: keeps logarithms finite on perfectly flat paint
TRIM = 0.95  # the strongest twentieth (a hair-slide, a gap of backdrop) is no strand

RGB_TO_YCC = np.array([[0.299, -0.1687, 0.5], [0.587, -0.3313, -0.4187], [0.114, 0.5, -0.0813]], dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """The head's surroundings at `scale` pixels an eye distance; a turned head stays turned.

    planes: H x W x 3 float32, lightness and two colour differences, 0..255. person, hair: H x W. points: 468 x 2 in
    its pixels. origin: left, top on the picture; shrink: picture pixels a pixel of the plate.
    """

    scale: float
    planes: Array
    person: Array
    hair: Mask
    seen: Mask
    points: Array
    origin: tuple[float, float]
    shrink: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strands:
    """Measured within the hair. Energies are natural logarithms of shares of the hair's lightness.

    fine, mid, coarse: bands of lightness. low: mid band of the quietest sixth of the hair. coherence: 0..1, how much of
    the local contrast runs one way. flow: 0..1, how alike neighbouring locks run. lightness: 0..1. eye_fine, eye_mid:
    bands at eyes, brows and lips, as a share of the contrast there.
    inner: where hair was judged; quiet: the local contrast there (NaN elsewhere); both on the plate.
    """

    fine: float
    mid: float
    coarse: float
    low: float
    coherence: float
    flow: float
    uneven: float
    tail: float
    lightness: float
    eye_fine: float
    eye_mid: float
    inner: Mask
    quiet: Array


def plate_of(rgb: Rgb, landmarks: Array, head: Head, scale: float) -> Plate | None:
    """The plate around the hair of `head`; None where there is none. landmarks: 468 x 3 in the picture's pixels."""
    rows, columns = np.nonzero(head.hair)
    if not rows.size:
        return None
    unit = unit_of(landmarks)
    to_picture = head.square.to_picture(SIZE)
    low, high = np.array([columns.min(), rows.min()]), np.array([columns.max(), rows.max()])
    corners = np.array([(x, y) for x in (low[0], high[0]) for y in (low[1], high[1])], np.float32)
    spots = np.concatenate([corners @ to_picture[:, :2].T + to_picture[:, 2], landmarks[list(masks.OVAL), :2]])
    box = _clipped(rgb, spots.min(axis=0) - MARGIN * unit, spots.max(axis=0) + MARGIN * unit)
    shrink = unit / scale
    small = _at_scale(rgb[box[1] : box[3], box[0] : box[2]], shrink)
    size = (small.shape[1], small.shape[0])
    person, hair, seen = (
        _laid(plane, to_picture, box, shrink, size)
        for plane in (head.person, head.hair.astype(np.float32), head.inside.astype(np.float32))
    )
    return Plate(
        scale=scale,
        planes=small @ RGB_TO_YCC,
        person=person,
        hair=hair > 0.5,
        seen=seen > 0.9,
        points=((landmarks[:, :2] - np.array(box[:2], np.float32)) / np.float32(shrink)).astype(np.float32),
        origin=(float(box[0]), float(box[1])),
        shrink=shrink,
    )


def measure(plate: Plate) -> Strands | None:
    """The strands of the plate's hair; None where too little hair is seen in light that shows strands."""
    light = np.ascontiguousarray(plate.planes[..., 0])
    soft = np.asarray(cv2.GaussianBlur(light, (0, 0), LOCAL * plate.scale), dtype=np.float32)
    inner = _judged(plate, soft)
    if np.count_nonzero(inner) < LEAST * plate.scale**2:
        return None
    bands = _bands(light)
    shares = [np.asarray(np.abs(band) / (soft + DIM), dtype=np.float32) for band in bands]
    local = np.asarray(cv2.GaussianBlur(shares[1], (0, 0), LOCAL * plate.scale), dtype=np.float32)
    floor = FLOOR / (float(soft[inner].mean()) + DIM)
    coherence, flow = _flow(light, inner, plate.scale)
    features = masks.filled(light.shape[:2], plate.points, [*masks.EYES, *masks.BROWS, masks.LIPS])
    features = masks.grown(features, max(1, round(plate.scale / 24)))
    contrast = float(np.subtract(*np.percentile(light[features], (97, 3)))) + 1.0
    log_local = np.log(local[inner] + floor)
    return Strands(
        fine=_energy(shares[0][inner], floor),
        mid=_energy(shares[1][inner], floor),
        coarse=_energy(shares[2][inner], floor),
        low=float(np.quantile(log_local, 1 / 6)),
        coherence=coherence,
        flow=flow,
        uneven=float(log_local.std()),
        tail=float(
            np.log(np.abs(bands[1][inner]).mean() + FLOOR) - 0.5 * np.log((bands[1][inner] ** 2).mean() + FLOOR)
        ),
        lightness=float(light[inner].mean()) / 255,
        eye_fine=_crispness(bands[0][features], contrast),
        eye_mid=_crispness(bands[1][features], contrast),
        inner=inner,
        quiet=np.where(inner, np.log(local + floor), np.float32(np.nan)).astype(np.float32),
    )


def _judged(plate: Plate, soft: Array) -> Mask:
    """Hair for sure: away from its outline, on the head, of its main colours, in light that shows strands."""
    inner = masks.grown(plate.hair, -max(1, round(INNER * plate.scale))) & (soft > BLACK) & (soft < WHITE)
    oval = masks.filled(soft.shape[:2], plate.points, [masks.OVAL])
    apart = cv2.distanceTransform((~oval).astype(np.uint8), cv2.DIST_L2, 3)
    down = plate.points[152] - plate.points[10]
    down /= max(float(np.linalg.norm(down)), 1e-6)
    y, x = np.indices(soft.shape[:2], dtype=np.float32)
    inner &= (apart < REACH * plate.scale) & (
        (x - plate.points[152, 0]) * down[0] + (y - plate.points[152, 1]) * down[1] < 0
    )
    if not inner.any():
        return inner
    colours = cv2.GaussianBlur(plate.planes, (0, 0), LOCAL * plate.scale)
    off = np.abs(colours - np.median(colours[inner], axis=0))
    return np.asarray(inner & (off < np.array(ALIKE, dtype=np.float32)).all(axis=2), dtype=np.bool_)


def _flow(light: Array, inner: Mask, scale: float) -> tuple[float, float]:
    """Energy-weighted coherence of the structure tensor, and how well its directions agree over neighbouring locks."""
    soft = cv2.GaussianBlur(light, (0, 0), SIGMAS[0])
    x, y = (cv2.Sobel(soft, cv2.CV_32F, *way, ksize=3) / 8 for way in ((1, 0), (0, 1)))
    doubled = np.stack([x * x - y * y, 2 * x * y, x * x + y * y], axis=-1)
    near = cv2.GaussianBlur(doubled, (0, 0), LOCAL * scale * 0.6)
    size = np.hypot(near[..., 0], near[..., 1])
    coherence = float((size[inner].sum() + 1e-3) / (near[..., 2][inner].sum() + 1e-3))
    ways = near[..., :2] / np.maximum(size, 1e-6)[..., None] * inner[..., None]
    wide = cv2.GaussianBlur(np.dstack([ways, inner.astype(np.float32)]), (0, 0), WIDE * scale)
    agreed = np.hypot(wide[..., 0], wide[..., 1]) / np.maximum(wide[..., 2], 1e-3)
    return coherence, float(agreed[inner].mean())


def _clipped(rgb: Rgb, low: Array, high: Array) -> tuple[int, int, int, int]:
    left, top = (max(0, int(value)) for value in low)
    right, bottom = (min(side, int(value)) for side, value in zip((rgb.shape[1], rgb.shape[0]), high, strict=True))
    return left, top, max(left + 8, right), max(top + 8, bottom)


def _at_scale(part: Rgb, shrink: float) -> Array:
    """The part shrunk, with a blur of the same width in the result whatever the factor, so that sizes compare."""
    level, scale = Pyramid(np.ascontiguousarray(part)).level(shrink / 2)
    size = (max(8, round(part.shape[1] / shrink)), max(8, round(part.shape[0] / shrink)))
    soft = cv2.GaussianBlur(level.astype(np.float32), (0, 0), 0.5 * max(1.0, shrink * scale))
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _laid(plane: Array, to_picture: Array, box: tuple[int, ...], shrink: float, size: tuple[int, int]) -> Array:
    """A plane of the head's square, laid onto the plate."""
    matrix = to_picture.copy()
    matrix[:, 2] -= np.array(box[:2], np.float32)
    matrix /= np.float32(shrink)
    return np.asarray(cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_LINEAR), dtype=np.float32)


def _bands(plane: Array) -> list[Array]:
    levels = [plane, *(np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), dtype=np.float32) for sigma in SIGMAS)]
    return [finer - softer for finer, softer in pairwise(levels)]


def _energy(shares: Array, floor: float) -> float:
    return float(np.log(shares[shares <= np.quantile(shares, TRIM)].mean() + floor))


def _crispness(band: Array, contrast: float) -> float:
    return float(np.log(np.quantile(np.abs(band), 0.9) / contrast + 1e-3)) if band.size else float(np.log(1e-3))
