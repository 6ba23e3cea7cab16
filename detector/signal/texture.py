"""How much fine texture the skin of a face shows, beside the sharpness of its eyes and brows and the grain of its hair.

Band-pass energies of lightness and colour on bare skin; the same bands at eyes, brows and lips tell focus and blur.
Skin whose fine bands are much weaker than a camera leaves them at that sharpness was smoothed, denoised, or never
photographed; skin without the grain that the hair beside it has was treated by itself.
(Sources: Immerkaer, 1996, "Fast noise variance estimation", for the grain; judging texture against the picture's own
sharpness follows Crete et al., 2007, "The blur effect"; noise that differs within a picture as a trace of editing:
Mahdian and Saic, 2009, "Using noise inconsistencies for blind image forensics".)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.closeup import LEAST_HAIR, Closeup

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIGMAS = (0.7, 1.4, 2.8, 5.6)  # pixels at the working scale; a band lies between two of them, the first above 0.7
FLOOR = 0.03  # grey levels, a tenth of the rounding noise of 8 bits: keeps logarithms finite on perfectly flat skin
TRIM = 0.9  # the strongest tenth of a part (moles, stray hairs, specks of glare) is no skin texture
NEIGHBOURHOOD = 4.0  # pixels over which the local energy is averaged
CALM_NEIGHBOURHOOD, CALM = 3.0, 0.1  # pixels, and the share of the skin that is calmest: what noise alone leaves there

SECOND_FINE = np.array([1, -2, 1], dtype=np.float32)
SECOND_MID = np.array([1, 0, -2, 0, 1], dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texture:
    """Natural logarithms of grey levels (0..255), unless said otherwise.

    values: grain_fine, grain_mid: what is left on the skin's lightness when shading and creases are taken out, at one
    and at two pixels, the median over the parts. calm: grain_mid where the skin is calmest. red_share: the middle band
    of red difference less that of lightness. eye_fine, eye_mid: the bands at eyes, brows and lips, as a share of the
    contrast there. brow_fine, brow_mid: how each band at the brows compares with the next coarser one. hair_fine,
    hair_mid: the grains of the hair, hair_gap: by how much the skin's exceeds it, where hair is seen. tail: mean size
    of the middle grain by its root mean square. uneven, uneven_mid, uneven_coarse: spread of the local energy of the
    middle grain and of two bands over the skin. coupled: correlation of the local energies of the fine and the middle
    band, -1..1. skew: of the coarse band. nose_light: lightness of the nose less that of the cheeks, LAB units, where
    both are seen. lightness: 0..1. warmth: red less blue difference in grey levels, 10..60 for bare skin of every tone
    in plain light.
    grain, calm: grain_mid and calm by part of the face.
    """

    values: Mapping[str, float]
    grain: Mapping[str, float]
    calm: Mapping[str, float]


def texture_of(face: Closeup) -> Texture:
    """The texture of a face's skin."""
    light = face.plane(0)
    grains, light_bands = grains_of(light), bands_of(light)
    rest = _local(np.abs(grains[1]), CALM_NEIGHBOURHOOD)
    grain = {name: energy(grains[1][mask]) for name, mask in face.parts.items()}
    calm = {name: float(np.log(np.quantile(rest[mask], CALM) + FLOOR)) for name, mask in face.parts.items()}
    fine = _middle([energy(grains[0][mask]) for mask in face.parts.values()])
    middle = _middle([energy(light_bands[1][mask]) for mask in face.parts.values()])
    red = bands_of(face.plane(2))[1]
    values = {
        "grain_fine": fine,
        "grain_mid": _middle(list(grain.values())),
        "calm": float(np.log(np.quantile(rest[face.skin], CALM) + FLOOR)),
        "red_share": _middle([energy(red[mask]) for mask in face.parts.values()]) - middle,
        "tail": _tail(grains[1][face.skin]),
        "skew": _skew(light_bands[2][face.skin]),
        "lightness": float(light[face.skin].mean()) / 255,
        "warmth": float(np.median((face.planes[..., 2] - face.planes[..., 1])[face.skin])),
    }
    values |= _evenness(grains[1], light_bands, face.skin)
    values |= _sharpness(face, light, light_bands) | _hair(face, grains, fine) | _nose(face)
    return Texture(values=values, grain=grain, calm=calm)


def bands_of(plane: Array) -> list[Array]:
    """Four band-passes, from fine to wide."""
    levels = [plane, *(np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), dtype=np.float32) for sigma in SIGMAS)]
    return [finer - softer for finer, softer in pairwise(levels)]


def grains_of(plane: Array) -> list[Array]:
    """Second differences along both axes at once: blind to shading and to straight creases (Immerkaer, 1996)."""
    soft = np.asarray(cv2.GaussianBlur(plane, (0, 0), SIGMAS[0]), dtype=np.float32)
    return [
        np.asarray(cv2.filter2D(source, cv2.CV_32F, np.outer(second, second) / 4), dtype=np.float32)
        for source, second in ((plane, SECOND_FINE), (soft, SECOND_MID))
    ]


def energy(band: Array) -> float:
    """Logarithm of the mean size, without the strongest tenth."""
    sizes = np.abs(band)
    kept = sizes[sizes <= np.quantile(sizes, TRIM)]
    return float(np.log(kept.mean() + FLOOR))


def correlation(one: Array, other: Array) -> float:
    """Pearson's, -1..1; 0 where nothing varies."""
    first, second = one - one.mean(), other - other.mean()
    return float((first * second).mean() / np.sqrt((first**2).mean() * (second**2).mean() + 1e-4))


def _evenness(grain: Array, bands: list[Array], skin: Mask) -> dict[str, float]:
    weight = np.maximum(_local(skin.astype(np.float32), NEIGHBOURHOOD)[skin], 1e-3)
    local = [np.log(_local(np.abs(band) * skin, NEIGHBOURHOOD)[skin] / weight + FLOOR) for band in (grain, *bands[:3])]
    names = ("uneven", "uneven_mid", "uneven_coarse")
    spreads = {name: float(each.std()) for name, each in zip(names, (local[0], local[2], local[3]), strict=True)}
    return spreads | {"coupled": correlation(local[1], local[2])}


def _sharpness(face: Closeup, light: Array, bands: list[Array]) -> dict[str, float]:
    at_eyes = light[face.features]
    contrast = float(np.subtract(*np.percentile(at_eyes, (97, 3)))) + 1.0 if at_eyes.size else 1.0
    brows = [_strong(band[face.brows], 0.8, FLOOR) for band in bands[:3]]
    return {
        "eye_fine": _strong(bands[0][face.features] / contrast, 0.9, 1e-3),
        "eye_mid": _strong(bands[1][face.features] / contrast, 0.9, 1e-3),
        "brow_fine": brows[0] - brows[1],
        "brow_mid": brows[1] - brows[2],
    }


def _strong(band: Array, share: float, floor: float) -> float:
    return float(np.log((np.quantile(np.abs(band), share) if band.size else 0.0) + floor))


def _hair(face: Closeup, grains: list[Array], skin_fine: float) -> dict[str, float]:
    if np.count_nonzero(face.hair) < LEAST_HAIR:
        return {}
    fine, middle = (energy(grain[face.hair]) for grain in grains)
    return {"hair_fine": fine, "hair_mid": middle, "hair_gap": skin_fine - fine}


def _nose(face: Closeup) -> dict[str, float]:
    cheeks = [face.parts[name] for name in ("left cheek", "right cheek") if name in face.parts]
    if "nose" not in face.parts or not cheeks:
        return {}
    soft = cv2.GaussianBlur(face.rgb, (0, 0), SIGMAS[1]) / np.float32(255)
    light = cv2.cvtColor(np.clip(soft, 0, 1), cv2.COLOR_RGB2LAB)[..., 0]
    beside = float(np.mean([light[mask].mean() for mask in cheeks]))
    return {"nose_light": float(light[face.parts["nose"]].mean()) - beside}


def _local(plane: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), dtype=np.float32)


def _middle(values: list[float]) -> float:
    return float(np.median(values))


def _tail(band: Array) -> float:
    return float(np.log((np.abs(band).mean() + FLOOR) / (np.sqrt((band**2).mean()) + FLOOR)))


def _skew(band: Array) -> float:
    z = np.clip((band - band.mean()) / (band.std() + 1e-3), -4, 4)
    return float((z**3).mean())
