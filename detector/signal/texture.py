"""How much fine texture the skin of a face shows, at a fixed face scale and beside the sharpness of its eyes.

Band-pass energies of lightness and colour on bare skin; the same bands at eyes, brows and lips tell focus and blur.
Skin whose fine bands are much weaker than a camera leaves them at that sharpness was smoothed, denoised, or never
photographed.
(Sources: Immerkaer, 1996, "Fast noise variance estimation", for the grain; judging texture against the picture's own
sharpness follows Crete et al., 2007, "The blur effect".)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import masks
from detector.signal.pyramid import Pyramid

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIGMAS = (0.7, 1.4, 2.8)  # pixels at the working scale; a band lies between two of them, the first above 0.7
LEAST_PIXELS = 150  # of skin in a part, at the working scale; fewer give energies that jump by a third
FLOOR = 0.03  # grey levels, a tenth of the rounding noise of 8 bits: keeps logarithms finite on perfectly flat skin
TRIM = 0.9  # the strongest tenth of a part (moles, stray hairs, specks of glare) is no skin texture

SECOND_FINE = np.array([1, -2, 1], dtype=np.float32)
SECOND_MID = np.array([1, 0, -2, 0, 1], dtype=np.float32)

# Lightness and the two colour differences of JPEG (ITU T.871), as rows from R, G, B.
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
class Texture:
    """Measured at one face scale. Energies are natural logarithms of grey levels (0..255).

    scale: inter-ocular distance in pixels of the working copy. grain_fine, grain_mid: what is left on the skin's
    lightness when shading and creases are taken out, at one and at two pixels. mid, coarse: lightness bands on skin.
    eye_fine, eye_mid: the same bands at eyes, brows and lips, as a share of the contrast there.
    colour_fine, colour_mid: bands of the two colour planes on skin. tail: how heavy-tailed the middle grain is (mean
    size by root mean square). uneven: spread of the middle grain over the skin. lightness: 0..1, of the skin. warmth:
    red minus blue colour difference of the skin in grey levels, 10..60 for bare skin of every tone in plain light.
    parts: grain_mid by part of the face. masks: where each part's skin is, on the working copy.
    to_picture: the working copy's scale and offset (x, y) on the picture.
    """

    scale: float
    grain_fine: float
    grain_mid: float
    mid: float
    coarse: float
    eye_fine: float
    eye_mid: float
    colour_fine: float
    colour_mid: float
    tail: float
    uneven: float
    lightness: float
    warmth: float
    parts: Mapping[str, float]
    masks: Mapping[str, Mask]
    to_picture: tuple[float, float, float]


def face_scale(landmarks: Array) -> float:
    """Distance of the eyes' centres in pixels of the picture, with depth: a turned head does not count as small."""
    right, left = landmarks[[33, 133]].mean(axis=0), landmarks[[362, 263]].mean(axis=0)
    return float(np.linalg.norm(right - left))


def measure(
    rgb: NDArray[np.uint8], landmarks: Array, skin: Mask, window: tuple[int, int, int, int], scale: float
) -> Texture | None:
    """The texture at an inter-ocular distance of `scale` pixels; None where too little skin is visible.

    rgb: H x W x 3 uint8, the picture. landmarks: 468 x 3 in its pixels. skin, window: as in FaceMap.
    The face must be at least `scale` large: texture cannot be enlarged into being.
    """
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    reach = 0.05 * (high - low)
    box = _clipped(rgb.shape, low - reach, high + reach)
    shrink = face_scale(landmarks) / scale
    small = _at_scale(rgb, box, shrink)
    points = (landmarks[:, :2] - np.array(box[:2], dtype=np.float32)) / np.float32(shrink)
    bare = _skin_at_scale(skin, window, box, (small.shape[1], small.shape[0]))
    shape = (small.shape[0], small.shape[1])
    parts = {name: bare & masks.filled(shape, points, [outline]) for name, outline in PARTS.items()}
    parts = {name: mask for name, mask in parts.items() if np.count_nonzero(mask) >= LEAST_PIXELS}
    if not parts:
        return None
    planes = small @ RGB_TO_YCC
    features = masks.filled(shape, points, [*masks.EYES, *masks.BROWS, masks.LIPS], grow=max(1, round(scale / 24)))
    return _texture(planes, parts, features, scale, (shrink, float(box[0]), float(box[1])))


def _texture(
    planes: Array, parts: Mapping[str, Mask], features: Mask, scale: float, to_picture: tuple[float, float, float]
) -> Texture:
    light = np.ascontiguousarray(planes[..., 0])
    grains, bands = _grains(light), _bands(light)
    colour = [_bands(np.ascontiguousarray(planes[..., plane])) for plane in (1, 2)]
    skin = np.any(list(parts.values()), axis=0)
    by_part = {name: _energy(grains[1][mask]) for name, mask in parts.items()}
    at_eyes = light[features]
    contrast = float(np.subtract(*np.percentile(at_eyes, (97, 3)))) + 1.0 if at_eyes.size else 1.0
    return Texture(
        scale=scale,
        grain_fine=_middle([_energy(grains[0][mask]) for mask in parts.values()]),
        grain_mid=_middle(list(by_part.values())),
        mid=_middle([_energy(bands[1][mask]) for mask in parts.values()]),
        coarse=_middle([_energy(bands[2][mask]) for mask in parts.values()]),
        eye_fine=_crispness(bands[0][features], contrast),
        eye_mid=_crispness(bands[1][features], contrast),
        colour_fine=0.5 * (_energy(colour[0][0][skin]) + _energy(colour[1][0][skin])),
        colour_mid=0.5 * (_energy(colour[0][1][skin]) + _energy(colour[1][1][skin])),
        tail=_tail(grains[1][skin]),
        uneven=_unevenness(grains[1], skin),
        lightness=float(light[skin].mean()) / 255,
        warmth=float(np.median((planes[..., 2] - planes[..., 1])[skin])),
        parts=by_part,
        masks=parts,
        to_picture=to_picture,
    )


def _clipped(shape: tuple[int, ...], low: Array, high: Array) -> tuple[int, int, int, int]:
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    return left, top, max(left + 8, min(shape[1], int(high[0]))), max(top + 8, min(shape[0], int(high[1])))


def _at_scale(rgb: NDArray[np.uint8], box: tuple[int, int, int, int], shrink: float) -> Array:
    """The box shrunk, 0..255, with a blur of the same width in the result whatever the factor, so that sizes compare.

    In floating point: skin's finest bands are smaller than the rounding of eight bits.
    """
    part = np.ascontiguousarray(rgb[box[1] : box[3], box[0] : box[2]])
    level, scale = Pyramid(part).level(shrink / 2)  # halving leaves a factor of 2..4 for the blur to even out
    left = max(1.0, shrink * scale)
    soft = cv2.GaussianBlur(level.astype(np.float32), (0, 0), 0.5 * left)
    size = (max(8, round(part.shape[1] / shrink)), max(8, round(part.shape[0] / shrink)))
    return np.asarray(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _skin_at_scale(
    skin: Mask, window: tuple[int, int, int, int], box: tuple[int, int, int, int], size: tuple[int, int]
) -> Mask:
    part = skin[
        max(0, box[1] - window[1]) : max(1, box[3] - window[1]), max(0, box[0] - window[0]) : max(1, box[2] - window[0])
    ]
    small = cv2.resize(part.astype(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    inner = cv2.erode((small > 200).astype(np.uint8), np.ones((3, 3), np.uint8), iterations=2, borderValue=0)
    return np.asarray(inner, dtype=np.uint8) > 0


def _bands(plane: Array) -> list[Array]:
    levels = [plane, *(np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), dtype=np.float32) for sigma in SIGMAS)]
    return [finer - softer for finer, softer in pairwise(levels)]


def _grains(plane: Array) -> list[Array]:
    """Second differences along both axes at once: blind to shading and to straight creases (Immerkaer, 1996)."""
    soft = np.asarray(cv2.GaussianBlur(plane, (0, 0), SIGMAS[0]), dtype=np.float32)
    return [
        np.asarray(cv2.filter2D(source, cv2.CV_32F, np.outer(second, second) / 4), dtype=np.float32)
        for source, second in ((plane, SECOND_FINE), (soft, SECOND_MID))
    ]


def _energy(band: Array) -> float:
    sizes = np.abs(band)
    kept = sizes[sizes <= np.quantile(sizes, TRIM)]
    return float(np.log(kept.mean() + FLOOR))


def _middle(values: list[float]) -> float:
    return float(np.median(values))


def _crispness(band: Array, contrast: float) -> float:
    return float(np.log(np.quantile(np.abs(band), 0.9) / contrast + 1e-3)) if band.size else float(np.log(1e-3))


def _tail(band: Array) -> float:
    return float(np.log((np.abs(band).mean() + FLOOR) / (np.sqrt((band**2).mean()) + FLOOR)))


def _unevenness(band: Array, skin: Mask) -> float:
    """Standard deviation, over the skin, of the logarithm of the local fine energy."""
    weight = cv2.GaussianBlur(skin.astype(np.float32), (0, 0), 4.0)
    local = cv2.GaussianBlur(np.abs(band) * skin, (0, 0), 4.0) / np.maximum(weight, 1e-3)
    return float(np.log(local[skin] + FLOOR).std())
