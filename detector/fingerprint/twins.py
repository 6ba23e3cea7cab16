"""Delivery twins: a photo saved again as sites, chats and phones do, to see whether a judgement survives it.

They are made of the cut that the networks look at, not of the whole photo: a site scales a portrait down to about that
size anyway, and seven twins cost a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.fingerprint.crop import MARGIN

Rgb = NDArray[np.uint8]


def jpeg(cut: Rgb, quality: int) -> Rgb:
    """Saved as JPEG with halved chroma, and opened again."""
    return _saved(cut, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def webp(cut: Rgb, quality: int) -> Rgb:
    """Saved as lossy WebP, and opened again."""
    return _saved(cut, ".webp", [cv2.IMWRITE_WEBP_QUALITY, quality])


def scaled(cut: Rgb, share: float) -> Rgb:
    """At a share of its size (area-averaged)."""
    side = round(cut.shape[0] * share)
    return np.asarray(cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def cropped(cut: Rgb, share: float) -> Rgb:
    """What lies outside the head's square is cut away but for `share` of it, as a tighter framing does; black there."""
    side = cut.shape[0]
    edge = round((side - side / MARGIN) / 2 + side * share)
    framed = np.zeros_like(cut)
    framed[edge : side - edge, edge : side - edge] = cut[edge : side - edge, edge : side - edge]
    return framed


def _saved(cut: Rgb, kind: str, options: list[int]) -> Rgb:
    done, data = cv2.imencode(kind, cv2.cvtColor(cut, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"OpenCV could not write {kind}")
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), dtype=np.uint8)


AS_IT_CAME = "as it came"
TWINS: dict[str, Callable[[Rgb], Rgb]] = {
    "JPEG 85": lambda cut: jpeg(cut, 85),
    "JPEG 60": lambda cut: jpeg(cut, 60),
    "WebP 75": lambda cut: webp(cut, 75),
    "three quarters of the size, JPEG 80": lambda cut: jpeg(scaled(cut, 0.75), 80),
    "half the size, JPEG 85": lambda cut: jpeg(scaled(cut, 0.5), 85),
    "cropped by a tenth, JPEG 85": lambda cut: jpeg(cropped(cut, 0.04), 85),
    "three fifths of the size, WebP 80": lambda cut: webp(scaled(cut, 0.6), 80),
}


def twins(cut: Rgb) -> dict[str, Rgb]:
    """Name -> the cut (S x S x 3) itself, first, and as each of TWINS delivers it; sizes differ."""
    return {AS_IT_CAME: cut} | {name: deliver(cut) for name, deliver in TWINS.items()}
