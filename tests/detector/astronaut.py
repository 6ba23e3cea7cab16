"""Pictures that tests look at: scikit-image's public-domain astronaut, changed by code."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from detector.portrait import Portrait, read_portrait

Rgb = NDArray[np.uint8]


@cache
def astronaut() -> Rgb:
    """512 x 512 x 3; one face, about 90 px wide, at the upper middle."""
    rgb: Rgb = np.asarray(skimage.data.astronaut(), dtype=np.uint8)  # type: ignore[no-untyped-call]
    rgb.setflags(write=False)
    return rgb


def as_portrait(rgb: Rgb, *, quality: int | None = None) -> Portrait:
    """The pixels as an uploaded PNG, or as a JPEG of the given quality."""
    buffer = io.BytesIO()
    picture = Image.fromarray(rgb)
    if quality is None:
        picture.save(buffer, "PNG", compress_level=1)
    else:
        picture.save(buffer, "JPEG", quality=quality)
    return read_portrait(buffer.getvalue())


def enlarged(rgb: Rgb, factor: float) -> Rgb:
    size = (round(rgb.shape[1] * factor), round(rgb.shape[0] * factor))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
