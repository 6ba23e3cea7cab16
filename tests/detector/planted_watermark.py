"""Sets the mark that detector.provenance.dwt_dct reads, as the published encoder does; for tests alone."""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.provenance.dwt_dct import BLOCK, SIDE, STEP, Handed


def marked(rgb: NDArray[np.uint8], bits: str, handed: Handed = Handed.BYTES) -> NDArray[np.uint8]:
    """rgb: H x W x 3, 0..255. The picture with the payload in every block of it, as the generator would save it."""
    bgr = np.ascontiguousarray(rgb if handed is Handed.SWAPPED else rgb[..., ::-1])
    if handed is not Handed.BYTES:
        bgr = bgr.astype(np.float32)
    yuv = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)
    height, width = (side // BLOCK * BLOCK for side in rgb.shape[:2])
    yuv[:height, :width, 1] = _with_payload(yuv[:height, :width, 1].astype(np.float64), bits).astype(yuv.dtype)
    back = cv2.cvtColor(yuv, cv2.COLOR_YUV2BGR)
    pixels = np.round(np.clip(back, 0, 255)).astype(np.uint8)
    return np.ascontiguousarray(pixels if handed is Handed.SWAPPED else pixels[..., ::-1])


def _with_payload(plane: NDArray[np.float64], bits: str) -> NDArray[np.float64]:
    """plane: H x W, both multiples of a block's side."""
    fours = plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2)
    low = fours.sum(axis=(1, 3)) / 2
    rows, columns = low.shape[0] // SIDE, low.shape[1] // SIDE
    blocks = low.reshape(rows, SIDE, columns, SIDE).transpose(0, 2, 1, 3).reshape(rows * columns, SIDE * SIDE)
    numbers = np.arange(len(blocks))
    at = np.abs(blocks[:, 1:]).argmax(axis=1) + 1
    values = blocks[numbers, at]
    payload = np.array([int(bit) for bit in bits])[numbers % len(bits)]
    moved = (np.abs(values) // STEP + 0.25 + 0.5 * payload) * STEP * np.where(values < 0, -1, 1)
    shift = np.zeros_like(blocks)
    shift[numbers, at] = moved - values
    raised = shift.reshape(rows, columns, SIDE, SIDE).transpose(0, 2, 1, 3).reshape(low.shape) / 2
    result = fours + raised[:, None, :, None]
    # The encoder takes its two bands of detail for each other, which exchanges two pixels of every four.
    turned = result.copy()
    for y, x in product((0, 1), repeat=2):
        turned[:, y, :, x] = result[:, x, :, y]
    return np.asarray(turned.reshape(plane.shape))
