"""Pictures made on the spot, for tests: no committed photo, and the astronaut for a real face (NASA, public domain)."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@cache
def astronaut() -> Image.Image:
    """A real portrait, 512 x 512."""
    from skimage import data

    return Image.fromarray(np.asarray(data.astronaut()))  # type: ignore[no-untyped-call]


def noise(width: int = 64, height: int = 48, seed: int = 0) -> NDArray[np.uint8]:
    """Height x width x 3, reproducible."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(picture: Image.Image | NDArray[np.uint8], kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as the bytes of a file."""
    if not isinstance(picture, Image.Image):
        picture = Image.fromarray(picture)
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
