"""The blocks in which the "dwtDct" method of invisible-watermark hides bits, read without that package.

The method: the blue difference U of the picture; its 2 x 2 averages (the low band of one Haar step); blocks of 4 x 4 of
those. In each block the value of largest magnitude, the first of the block left out, is moved to a quarter (zero) or
three quarters (one) of a step of 36. Blocks run row by row, and the payload is repeated over them. Despite its name no
cosine transform is taken: the published code calls none.
Source: invisible-watermark 0.1.5 and 0.2.0 (MIT), imwatermark/maxDct.py; alike in both. Written anew, as the package
needs torch. Of 541,116 blocks its reader and this one read 182 otherwise (2026-11-24), all with a value on the edge of
a half step, where the last digit of a float decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

STEP = 36.0  # the encoder's own default, which every generator in the table leaves as it is
SIDE = 4  # averages a side of a block
BLOCK = 2 * SIDE  # pixels a side of a block
MOST_PIXELS = 2_000_000  # read of a larger picture; these generators paint up to as many in one go

# U of red, green, blue (ITU-R BT.601 as OpenCV rounds it), as the encoder computes it from floats, which it centres on
# 0.5; and the same for pictures whose red and blue were swapped.
_FROM_FLOATS = np.array(
    [
        [-0.492 * 0.299, -0.492 * 0.587, 0.492 * (1 - 0.114), 0.5],
        [0.492 * (1 - 0.114), -0.492 * 0.587, -0.492 * 0.299, 0.5],
    ],
    dtype=np.float32,
)


class Handed(StrEnum):
    """How a generator handed its picture to the encoder: U comes out otherwise, and so do the bits.

    BYTES: 0..255 as whole numbers, U around 128. FLOATS: 0..255 as floats, U around 0, so that the largest magnitude
    may be the most negative value. SWAPPED: floats with red taken for blue, as diffusers did until February 2024.
    """

    BYTES = "bytes"
    FLOATS = "floats"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """bits: R x C, what stands in each block that was read. rows: R, which row of blocks of the picture each is."""

    bits: NDArray[np.bool_]
    rows: NDArray[np.int64]


def read_blocks(rgb: NDArray[np.uint8]) -> dict[Handed, Blocks]:
    """The bit in each block, for each way in which the picture may have been handed over.

    rgb: H x W x 3, 0..255. Of more than MOST_PIXELS whole rows of blocks are read, evenly spread: the payload repeats.
    Empty where the picture is narrower or lower than a block.
    """
    down, across = rgb.shape[0] // BLOCK, rgb.shape[1] // BLOCK
    if not down or not across:
        return {}
    count = min(down, max(1, MOST_PIXELS // (BLOCK * BLOCK * across)))
    rows = np.linspace(0, down - 1, count).astype(np.int64)
    whole = rgb[: down * BLOCK, : across * BLOCK].reshape(down, BLOCK, across * BLOCK, 3)
    pixels = np.ascontiguousarray(whole[rows]).reshape(count * BLOCK, across * BLOCK, 3)
    return {handed: Blocks(bits=_bits(plane), rows=rows) for handed, plane in _low_bands(pixels).items()}


def _low_bands(pixels: NDArray[np.uint8]) -> dict[Handed, NDArray[np.float32]]:
    """pixels: H x W x 3, both even. The low band of U, H/2 x W/2: twice the mean of 2 x 2, as a Haar step leaves it."""
    rounded = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV)[..., 1], dtype=np.uint8)
    floats = cv2.transform(_halved(pixels), _FROM_FLOATS)  # linear, so that averaging first is the same and cheaper
    return {
        Handed.BYTES: 2 * _halved(rounded),
        Handed.FLOATS: 2 * np.asarray(floats[..., 0], dtype=np.float32),
        Handed.SWAPPED: 2 * np.asarray(floats[..., 1], dtype=np.float32),
    }


def _halved(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    size = (values.shape[1] // 2, values.shape[0] // 2)
    return np.asarray(cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _bits(low: NDArray[np.float32]) -> NDArray[np.bool_]:
    """low: 4R x 4C. R x C: whether the largest magnitude of each block lies in the upper half of its step."""
    rows, columns = low.shape[0] // SIDE, low.shape[1] // SIDE
    blocks = np.abs(low).reshape(rows, SIDE, columns, SIDE)
    places = list(product(range(SIDE), repeat=2))[1:]
    largest = np.maximum.reduce([blocks[:, y, :, x] for y, x in places])
    return np.asarray(largest % STEP >= STEP / 2)


def shares(blocks: Blocks, length: int) -> NDArray[np.float64] | None:
    """length, 0..1: of each bit of a payload of that length, the share of its blocks in which a one stands.

    None where some bit of it has no block.
    """
    columns = blocks.bits.shape[1]
    numbers = blocks.rows[:, None] * columns + np.arange(columns)[None, :]
    places = (numbers % length).ravel()
    held = np.bincount(places, minlength=length)
    if not held.all():
        return None
    return np.asarray(np.bincount(places, weights=blocks.bits.ravel(), minlength=length) / held)
