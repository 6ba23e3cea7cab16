"""Edits planted by code on real portraits, each with where it was made: what a comparison must find.

Smoothed skin comes from retouch.py. The others are what retouchers do most: a jaw pushed in with a soft brush, another
background behind the person, dyed hair and clothes, whiter eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.signal import masks
from detector.signal.head import on_window
from detector.training import retouch

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Eye distances: how far the jaw is pushed in (between subtle and plain to see), and how wide the brush is.
PUSHED, BRUSH = 0.10, 0.32
JAW = (132, 58, 172, 136, 150, 361, 288, 397, 365, 379)  # its sides, in MediaPipe's numbering
MOVED = 0.35  # of the farthest push: what counts as pushed
SOFT = 0.3  # eye distances of blur of a blurred background
LEAST_SEED, NECK = 50, 2.5  # pixels that tell the skin's colour, and its spreads within which a place is the neck
VISIBLE = 8.0  # grey levels (root mean square over the place) below which an edit changed next to nothing
VISIBLE_SKIN = 1.0  # the same for skin: its texture is fine
SOFT_BRUSH = 0.5  # of the frequency separation that blends half of the smooth skin in


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """rgb: the edited picture. where: what was edited, H x W. part: as Change.part."""

    part: str
    rgb: Rgb
    where: Mask


Edit = Callable[[Rgb, FaceMap, Rgb], Edited]  # picture, its face, another picture


def visible(before: Rgb, edited: Edited) -> bool:
    """Whether the edit changed enough for anyone to see (a grey backdrop replaced by grey has not)."""
    if np.count_nonzero(edited.where) < 100:
        return False
    off = (before.astype(np.float32) - edited.rgb.astype(np.float32))[edited.where]
    return float(np.sqrt((off**2).mean())) > (VISIBLE_SKIN if edited.part == "skin" else VISIBLE)


def person_of(rgb: Rgb, face: FaceMap) -> Array:
    """0..1, H x W: the person, finer around the head."""
    height, width = rgb.shape[:2]
    sure = masks.person_mask(rgb)
    fine = on_window(face.head.square, face.head.person, (0, 0, width, height))
    known = on_window(face.head.square, face.head.inside.astype(np.float32), (0, 0, width, height))
    mixed = np.where(known, fine.astype(np.float32), sure)
    return np.asarray(cv2.GaussianBlur(mixed, (0, 0), max(0.7, 0.02 * face.inter_ocular)), dtype=np.float32)


def slim_jaw(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
    """The sides of the jaw pushed towards the middle, as by a liquify brush."""
    unit, points = face.inter_ocular, face.landmarks[:, :2]
    height, width = rgb.shape[:2]
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    turn = np.radians(face.roll)
    across = np.array([np.cos(turn), np.sin(turn)], dtype=np.float32)
    middle = points[[152, 168]].mean(axis=0)
    side = np.tanh(((xs - middle[0]) * across[0] + (ys - middle[1]) * across[1]) / (0.5 * unit))
    nearest = np.min([(xs - x) ** 2 + (ys - y) ** 2 for x, y in points[list(JAW)]], axis=0)
    push = np.exp(-nearest / (2 * (BRUSH * unit) ** 2)) * side * np.float32(PUSHED * unit)
    away = (xs + push * across[0]).astype(np.float32), (ys + push * across[1]).astype(np.float32)
    warped = cv2.remap(rgb, *away, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return Edited(
        part="jaw-line", rgb=np.asarray(warped, dtype=np.uint8), where=np.abs(push) > MOVED * float(np.abs(push).max())
    )


def replace_background(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
    """The person laid over another picture."""
    size = (rgb.shape[1], rgb.shape[0])
    soft = cv2.GaussianBlur(cv2.resize(other, size, interpolation=cv2.INTER_AREA), (0, 0), 0.05 * face.inter_ocular)
    return _behind(rgb, face, np.asarray(soft, dtype=np.float32))


def plain_background(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
    """The person laid over one colour: the other picture's middle one."""
    return _behind(rgb, face, np.broadcast_to(np.median(other, axis=(0, 1)), rgb.shape).astype(np.float32))


def blur_background(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
    """What is behind the person blurred, as "portrait mode" and retouchers do."""
    behind = 1 - person_of(rgb, face)
    reach = SOFT * face.inter_ocular
    weight = np.maximum(cv2.GaussianBlur(behind, (0, 0), reach), 1e-3)[..., None]
    soft = cv2.GaussianBlur(rgb.astype(np.float32) * behind[..., None], (0, 0), reach) / weight
    return _behind(rgb, face, np.asarray(soft, dtype=np.float32))


def dye_hair(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
    """The hair in another colour, its light and shade kept: towards red, or towards brown where it is red."""
    where = on_window(face.head.square, face.head.hair.astype(np.float32), (0, 0, rgb.shape[1], rgb.shape[0]))
    return Edited(part="hair", rgb=_dyed(rgb, where, face, (12.0, 28.0, 16.0)), where=where)


def dye_clothes(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
    """The clothes in another colour."""
    where = person_of(rgb, face) > 0.8
    chin = face.landmarks[152, 1] + 0.5 * face.inter_ocular
    where[: max(0, int(chin))] = False
    where &= ~on_window(face.head.square, face.head.hair.astype(np.float32), (0, 0, rgb.shape[1], rgb.shape[0]))
    seed = masks.filled((rgb.shape[0], rgb.shape[1]), face.landmarks, masks.SEED)
    if np.count_nonzero(seed) >= LEAST_SEED:
        lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), dtype=np.float32)
        where &= masks.colour_distance(lab, seed) > NECK
    return Edited(part="clothes", rgb=_dyed(rgb, where, face, (10.0, -24.0, 30.0)), where=where)


def whiten_eyes(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
    """The whites of the eyes lighter and without colour."""
    shape = (rgb.shape[0], rgb.shape[1])
    where = masks.filled(shape, face.landmarks, masks.EYES)
    lab = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), dtype=np.float32)
    white = where & (lab[..., 0] > np.median(lab[..., 0][where]) if where.any() else where)
    weight = cv2.GaussianBlur(white.astype(np.float32), (0, 0), max(0.5, 0.01 * face.inter_ocular))[..., None]
    lighter = np.dstack([np.minimum(lab[..., 0] * 1.25 + 6, 98), lab[..., 1] * 0.4, lab[..., 2] * 0.3])
    return Edited(part="eyes", rgb=_mixed(rgb, _from_lab(lighter), weight), where=where)


def _skin(change: retouch.Retouch) -> Edit:
    def edited(rgb: Rgb, face: FaceMap, other: Rgb) -> Edited:
        where = np.zeros(rgb.shape[:2], np.bool_)
        left, top, right, bottom = face.window
        where[top:bottom, left:right] = face.skin
        return Edited(part="skin", rgb=change(rgb, face), where=where)

    return edited


def separate_frequencies(rgb: Rgb, face: FaceMap) -> Rgb:
    """Skin whose texture of middle size is gone, the finest half kept: "frequency separation" by two blurs."""
    left, top, right, bottom = face.window
    part = rgb[top:bottom, left:right].astype(np.float32)
    fine, wide = (
        np.asarray(cv2.GaussianBlur(part, (0, 0), reach * face.inter_ocular), dtype=np.float32)
        for reach in (0.02, 0.12)
    )
    weight = cv2.GaussianBlur(face.skin.astype(np.float32), (0, 0), 0.03 * face.inter_ocular)[..., None]
    out = rgb.copy()
    soft = wide + np.float32(SOFT_BRUSH) * (part - fine)
    out[top:bottom, left:right] = np.rint(np.clip(part * (1 - weight) + soft * weight, 0, 255)).astype(np.uint8)
    return out


def _behind(rgb: Rgb, face: FaceMap, ground: Array) -> Edited:
    person = person_of(rgb, face)
    return Edited(part="background", rgb=_mixed(rgb, ground, np.float32(1) - person[..., None]), where=person < 0.5)


def _dyed(rgb: Rgb, where: Mask, face: FaceMap, by: tuple[float, float, float]) -> Rgb:
    lab = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), dtype=np.float32)
    usual = np.median(lab[where], axis=0) if where.any() else np.zeros(3)
    # Away from what it is: dyeing red hair red would be no edit.
    step = np.array([by[0], *(value if usual[at] * value <= 0 else -value for at, value in ((1, by[1]), (2, by[2])))])
    weight = cv2.GaussianBlur(where.astype(np.float32), (0, 0), max(0.7, 0.02 * face.inter_ocular))[..., None]
    return _mixed(rgb, _from_lab(lab + step.astype(np.float32)), weight)


def _from_lab(lab: NDArray[np.generic]) -> Array:
    kept = lab.astype(np.float32)
    kept[..., 0] = np.clip(kept[..., 0], 0, 100)
    return np.asarray(np.clip(cv2.cvtColor(kept, cv2.COLOR_LAB2RGB), 0, 1) * 255, dtype=np.float32)


def _mixed(rgb: Rgb, changed: Array, weight: NDArray[Any]) -> Rgb:
    return np.asarray(np.rint(np.clip(rgb * (1 - weight) + changed * weight, 0, 255)), dtype=np.uint8)


EDITS: Mapping[str, Edit] = {
    "skin smoothed (bilateral)": _skin(lambda rgb, face: retouch.smooth_skin(rgb, face, 1.0)),
    "skin smoothed, blended by half": _skin(lambda rgb, face: retouch.smooth_skin(rgb, face, 0.5)),
    "skin smoothed, grain put back": _skin(retouch.regrain_skin),
    "skin: median": _skin(retouch.denoise_skin),
    "skin: frequency separation": _skin(separate_frequencies),
    "jaw slimmed": slim_jaw,
    "background replaced": replace_background,
    "background plain": plain_background,
    "background blurred": blur_background,
    "hair dyed": dye_hair,
    "clothes dyed": dye_clothes,
    "eyes whitened": whiten_eyes,
}
