"""Files with a camera's fields, as a camera writes them: EXIF of three directories, the last with a thumbnail."""

from __future__ import annotations

import io
import struct

from PIL import Image

from tests.detector.astronaut import Rgb
from tests.detector.provenance_files import saved

ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
SIZES = {ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8}
Entry = tuple[int, int, bytes]


def text(tag: int, value: str) -> Entry:
    return tag, ASCII, value.encode() + b"\0"


def number(tag: int, value: int) -> Entry:
    return tag, LONG, struct.pack(">I", value)


def ratio(tag: int, above: int, below: int) -> Entry:
    return tag, RATIONAL, struct.pack(">II", above, below)


def directory(entries: list[Entry], at: int, following: int = 0) -> bytes:
    """One TIFF directory, big-endian, that starts at this offset; long values stand behind it."""
    head, tail = struct.pack(">H", len(entries)), b""
    behind = at + 2 + 12 * len(entries) + 4
    for tag, kind, value in sorted(entries):
        count = len(value) // SIZES[kind]
        if len(value) <= 4:
            head += struct.pack(">HHI", tag, kind, count) + value.ljust(4, b"\0")
        else:
            head += struct.pack(">HHII", tag, kind, count, behind + len(tail))
            tail += value
    return head + struct.pack(">I", following) + tail


def block(camera: list[Entry], shot: list[Entry], thumbnail: bytes = b"") -> bytes:
    """EXIF as a camera writes it: IFD 0, the Exif directory, and IFD 1 with a thumbnail."""
    placeholder = [*camera, number(0x8769, 0)]
    shot_at = 8 + len(directory(placeholder, 8))
    small_at = shot_at + len(directory(shot, shot_at))
    small = [(0x0103, SHORT, struct.pack(">H", 6)), number(0x0201, 0), number(0x0202, len(thumbnail))]
    jpeg_at = small_at + len(directory(small, small_at))
    small[1] = number(0x0201, jpeg_at)
    first = directory([*camera, number(0x8769, shot_at)], 8, small_at if thumbnail else 0)
    second = directory(small, small_at) if thumbnail else b""
    return b"Exif\0\0MM\0*\0\0\0\x08" + first + directory(shot, shot_at) + second + thumbnail


CANON = [text(0x010F, "Canon"), text(0x0110, "Canon EOS R6")]
SHOT = [ratio(0x829A, 1, 200), ratio(0x829D, 28, 10)]


def shot(*more: Entry, camera: list[Entry] = CANON, exposure: list[Entry] = SHOT) -> bytes:
    """A JPEG of 96 x 64 pixels with a camera's fields."""
    return saved(exif=block(camera, [*exposure, *more]))


def sized(width: int, height: int) -> list[Entry]:
    return [number(0xA002, width), number(0xA003, height)]


def packed(rgb: Rgb, size: tuple[int, int] = (160, 160), quality: int = 70) -> bytes:
    target = io.BytesIO()
    Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS).save(target, "JPEG", quality=quality)
    return target.getvalue()


def with_preview(rgb: Rgb, preview: bytes, quality: int = 90, orientation: int = 1) -> bytes:
    target = io.BytesIO()
    turned = [(0x0112, SHORT, struct.pack(">H", orientation))]
    Image.fromarray(rgb).save(target, "JPEG", quality=quality, exif=block([*CANON, *turned], SHOT, preview))
    return target.getvalue()
