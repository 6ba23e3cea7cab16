"""Copies of a photo in which nothing was edited: what sites, messengers and programs do to every picture.

A comparison that calls one of these changed would accuse somebody. Each takes and gives pixels and leaves as a file.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

Rgb = NDArray[np.uint8]
Picture = Image.Image
Copy = Callable[[Picture], bytes]


def saved(picture: Picture, kind: str = "JPEG", **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, kind, **({"quality": 85} | options if kind in {"JPEG", "WEBP"} else options))
    return data.getvalue()


def resized(picture: Picture, scale: float, kernel: Image.Resampling = Image.Resampling.LANCZOS) -> Picture:
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, kernel)


def cropped(picture: Picture, left: float, top: float, right: float, bottom: float) -> Picture:
    """Shares of the sides."""
    wide, tall = picture.size
    return picture.crop((round(left * wide), round(top * tall), round(right * wide), round(bottom * tall)))


def turned(picture: Picture, degrees: float) -> Picture:
    """Turned about its middle and cut to what stays covered, as an editor's "straighten" does."""
    whole = picture.rotate(degrees, Image.Resampling.BICUBIC)
    off = abs(np.sin(np.radians(degrees)))
    return cropped(whole, off, off, 1 - off, 1 - off)


def reopened(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data)) as opened:
        return opened.convert("RGB")


def _lying(picture: Picture) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(picture.rotate(90, expand=True), exif=exif.tobytes())


def _white_balance(picture: Picture) -> Picture:
    rgb = np.asarray(picture, dtype=np.float32) * np.array([1.08, 1.0, 0.88], dtype=np.float32)
    return Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))


def _curve(picture: Picture) -> Picture:
    """An S-curve, as presets have it."""
    x = np.arange(256) / 255
    table = np.rint(255 * (x + 0.12 * np.sin(2 * np.pi * (x - 0.5)) / 2)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(table[np.asarray(picture)])


def _messenger(picture: Picture) -> bytes:
    """Shrunk and saved coarsely, received, saved again by the next program."""
    once = reopened(saved(resized(picture, min(1.0, 1280 / max(picture.size))), quality=70))
    return saved(resized(once, 0.8), quality=90)


def _twice(picture: Picture) -> bytes:
    """Two coarse savings on other grids, then one that hides them."""
    once = reopened(saved(cropped(picture, 0.02, 0.03, 0.99, 0.98), quality=60))
    return saved(reopened(saved(resized(once, 0.7), quality=75)), quality=95)


def _all_at_once(picture: Picture) -> bytes:
    small = resized(cropped(turned(picture, 1.5), 0.05, 0.0, 0.95, 0.9), 0.6)
    return saved(ImageEnhance.Color(ImageEnhance.Brightness(small).enhance(1.12)).enhance(1.15), quality=75)


COPIES: Mapping[str, Copy] = {
    "JPEG 95": partial(saved, quality=95),
    "JPEG 75": partial(saved, quality=75),
    "JPEG 50": partial(saved, quality=50),
    "PNG": partial(saved, kind="PNG"),
    "WebP 75": partial(saved, kind="WEBP", quality=75),
    "scale 0.75": lambda picture: saved(resized(picture, 0.75)),
    "scale 0.5": lambda picture: saved(resized(picture, 0.5)),
    "scale 0.25": lambda picture: saved(resized(picture, 0.25)),
    "enlarged by a half": lambda picture: saved(resized(picture, 1.5, Image.Resampling.BICUBIC)),
    "crop": lambda picture: saved(cropped(picture, 0.1, 0.02, 0.88, 0.85)),
    "lying, with the tag": _lying,
    "turned by 3 degrees": lambda picture: saved(turned(picture, 3.0)),
    "mirrored": lambda picture: saved(ImageOps.mirror(picture)),
    "brighter": lambda picture: saved(ImageEnhance.Brightness(picture).enhance(1.2)),
    "darker": lambda picture: saved(ImageEnhance.Brightness(picture).enhance(0.8)),
    "more contrast": lambda picture: saved(ImageEnhance.Contrast(picture).enhance(1.25)),
    "S-curve": lambda picture: saved(_curve(picture)),
    "white balance": lambda picture: saved(_white_balance(picture)),
    "more saturation": lambda picture: saved(ImageEnhance.Color(picture).enhance(1.35)),
    "grey": lambda picture: saved(picture.convert("L")),
    "shrunk and sharpened": lambda picture: saved(
        resized(picture, 0.6).filter(ImageFilter.UnsharpMask(radius=1.0, percent=90, threshold=0))
    ),
    "messenger": _messenger,
    "saved thrice": _twice,
    "turned, cut, shrunk, brighter": _all_at_once,
}
