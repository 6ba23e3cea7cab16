"""The small picture that a camera keeps in its EXIF, found and decoded within bounds.

An editor that knows EXIF renews it; one that does not leaves the picture as it was at the capture.
Source: EXIF 3.0 (CIPA DC-008), 4.5.8 (thumbnail in IFD 1); TIFF 6.0, section 2.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MAX_BYTES = 1_000_000  # EXIF in a JPEG ends at 64 KB; other containers have no such bound
MAX_SIDE = 1024  # pixels; EXIF asks for 160 x 120, phones write up to 512
LEAST_SIDE = 32  # pixels; below that there is nothing to compare
MAX_FIELDS = 500  # entries of a directory
START, LENGTH = 0x0201, 0x0202  # JPEGInterchangeFormat and its length


def decoded(packed: bytes) -> NDArray[np.uint8] | None:
    """h x w x 3, sRGB-coded 0..255, as it is stored (not turned); None where it cannot be read or compared."""
    if not packed:
        return None
    try:
        with Image.open(io.BytesIO(packed), formats=["JPEG"]) as small:
            if min(small.size) < LEAST_SIDE or max(small.size) > MAX_SIDE:
                return None
            return np.asarray(small.convert("RGB"))
    except Exception:  # decoders raise anything on broken input
        return None


def packed_thumbnail(block: bytes) -> bytes:
    """The thumbnail's JPEG in a block of EXIF (TIFF header first); empty where there is none, or it is too large."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return b""
    try:
        (first,) = struct.unpack_from(order + "I", block, 4)
        _, second = _directory(block, order, first)
        fields, _ = _directory(block, order, second) if second else ({}, 0)
    except struct.error:
        return b""
    start, length = fields.get(START, 0), fields.get(LENGTH, 0)
    if not 0 < length <= MAX_BYTES or start + length > len(block):
        return b""
    return block[start : start + length]


def _directory(block: bytes, order: str, at: int) -> tuple[Mapping[int, int], int]:
    """Tag -> value of the entries that hold one 32-bit number, and where the next directory stands (0: nowhere)."""
    (count,) = struct.unpack_from(order + "H", block, at)
    fields: dict[int, int] = {}
    for number in range(min(count, MAX_FIELDS)):
        tag, kind, _, value = struct.unpack_from(order + "HHII", block, at + 2 + 12 * number)
        if kind == 4:  # LONG
            fields[tag] = value
    if count > MAX_FIELDS:
        return fields, 0
    (following,) = struct.unpack_from(order + "I", block, at + 2 + 12 * count)
    return fields, following
