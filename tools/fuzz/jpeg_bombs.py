"""JPEG files with scans, segments, profiles and EXIF that cost more than they are worth."""

from __future__ import annotations

import random
import struct
from functools import cache

from tests.detector.jpeg_files import put_together, take_apart
from tests.detector.provenance_files import picture, saved
from tests.pictures import encoded, noise
from tools.fuzz.wholes import Wholes

MARKERS = (0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEB, 0xEC, 0xFE, 0xDB, 0xC4, 0xDD, 0xC8)
LABELS = (
    b"Exif\0\0",
    b"http://ns.adobe.com/xap/1.0/\0",
    b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32,
    b"ICC_PROFILE\0\1\xff",
    b"Photoshop 3.0\08BIM\x04\x04\0\0",
    b"JP\0\0\0\1",
    b"MPF\0MM\0*",
    b"Ducky\0\1\0\4",
    b"Adobe\0",
    b"JFIF\0\1\1",
    b"",
)


@cache
def _progressive(side: int) -> bytes:
    return encoded(noise(side, side), "JPEG", progressive=True, quality=60)


def many_scans(chance: random.Random, _: Wholes) -> bytes:
    """A progressive picture that claims to be large, and whose last scan stands there a thousand times."""
    whole = _progressive(chance.choice([64, 256]))
    scan = whole[whole.rfind(b"\xff\xda") : -2]
    short = scan[: 2 + int.from_bytes(scan[2:4], "big")] + chance.choice([b"", b"\0", chance.randbytes(30)])
    data = bytearray(whole[:-2] + chance.choice([scan, short]) * chance.choice([10, 300, 3000]) + b"\xff\xd9")
    if chance.random() < 0.6:
        at = data.find(b"\xff\xc2") + 5
        side = chance.choice([1000, 3000, 7000])
        data[at : at + 4] = struct.pack(">HH", side, side)
    return bytes(data)


def segments(chance: random.Random, _: Wholes) -> bytes:
    """Application segments as long as they can be, or there so often that reading them takes time."""
    marker, label = chance.choice(MARKERS), chance.choice(LABELS)
    body = label + chance.choice([b"", bytes(30), chance.randbytes(300), b"\xff" * 65_000, b"<a>" * 20_000])
    body = body[:65_533]
    often = chance.choice([1, 255, 3000]) if len(body) < 1000 else chance.choice([1, 16, 120])
    parts, rest = take_apart(saved())
    return put_together([(marker, body)] * often + parts, rest)


def profile(chance: random.Random, _: Wholes) -> bytes:
    """A colour profile in parts that lie about their number, or whose tables have no end."""
    head = struct.pack(">I4sI4s4s4s", chance.choice([128, 2**31, 0]), b"lcms", 0x04400000, b"mntr", b"RGB ", b"XYZ ")
    tags = struct.pack(">I", chance.choice([0, 3, 2**24, 2**32 - 1])) + chance.randbytes(600)
    body = (head + bytes(12) + b"acsp").ljust(128, b"\0") + tags
    count = chance.choice([0, 1, 2, 255])
    pieces = [
        (0xE2, b"ICC_PROFILE\0" + bytes([chance.choice([at & 255, 1]), count]) + body) for at in range(1, count + 2)
    ]
    parts, rest = take_apart(saved())
    return put_together(pieces + parts, rest)


def frame(chance: random.Random, _: Wholes) -> bytes:
    """A frame header of another process, precision, component count or sampling than the picture has."""
    data = bytearray(encoded(picture().convert(chance.choice(["L", "RGB"])), "JPEG", quality=80))
    at = data.find(b"\xff\xc0")
    data[at + 1] = chance.choice([0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xCB, 0xF7])
    for place in chance.sample(range(4, 19), chance.choice([1, 2, 4])):
        data[at + place] = chance.choice([0, 1, 2, 3, 4, 8, 12, 0x11, 0x22, 0x41, 0x44, 255])
    return bytes(data)


def exif(chance: random.Random, _: Wholes) -> bytes:
    """TIFF in EXIF whose directories point at themselves, count to four thousand million, or lie about types."""
    order = chance.choice(["<", ">"])
    entries = b"".join(_entry(chance, order) for _ in range(chance.choice([1, 4, 30, 600])))
    count = chance.choice([len(entries) // 12, 65_535, 0])
    following = chance.choice([0, 8, 10, 2**32 - 1, 8 + len(entries)])
    block = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", chance.choice([8, 8, 8, 0, 4, 2**31]))
    block += struct.pack(order + "H", count) + entries + struct.pack(order + "I", following) + chance.randbytes(200)
    kind = chance.choice(["JPEG", "PNG", "WEBP", "TIFF"])  # Pillow reads what it puts into AVIF
    if kind == "TIFF":
        return block + bytes(chance.choice([0, 5000]))
    return saved(kind, exif=(b"Exif\0\0" + block)[:65_000])


def _entry(chance: random.Random, order: str) -> bytes:
    tags = [
        0x8769,
        0x8825,
        0xA005,
        0x014A,
        0x0112,
        0x0201,
        0x0202,
        0x927C,
        0x9286,
        0x0100,
        0x0101,
        0x0111,
        0x0117,
        0x0103,
    ]
    tag = chance.choice([*tags, 0x0106, 0x0102, 0x0115, 0x83BB, 0x02BC, 0x8773, 0x010F, chance.randrange(65_536)])
    kind = chance.choice([1, 2, 3, 4, 4, 5, 7, 9, 10, 12, 13, 0, 99])
    return struct.pack(
        order + "HHII",
        tag,
        kind,
        chance.choice([0, 1, 2, 2**16, 2**31, 2**32 - 1]),
        chance.choice([0, 1, 6, 8, 10, 300, 2**32 - 1]),
    )


def extremes(chance: random.Random, _: Wholes) -> bytes:
    """Whole pictures of sides and modes that hardly anybody sends."""
    width, height = chance.choice(
        [(1, 1), (2, 1), (1, 3000), (3000, 1), (65_500, 2), (3, 65_000), (7, 7), (16_000, 20)]
    )
    mode, kind = chance.choice(
        [
            ("L", "JPEG"),
            ("CMYK", "JPEG"),
            ("YCbCr", "JPEG"),
            ("1", "PNG"),
            ("P", "PNG"),
            ("LA", "PNG"),
            ("RGBA", "PNG"),
            ("I;16", "PNG"),
            ("RGB", "WEBP"),
            ("RGBA", "WEBP"),
            ("RGB", "AVIF"),
            ("RGB", "TIFF"),
            ("F", "TIFF"),
            ("LAB", "TIFF"),
        ]
    )
    if kind == "WEBP":
        width, height = min(width, 16_383), min(height, 16_383)
    if kind == "AVIF":
        width, height = min(width, 8000), min(height, 8000)
    plain = picture(size=(width, height))
    if mode == "LAB":
        return encoded(plain.resize((20, 20)), "TIFF", compression=chance.choice(["tiff_lzw", "jpeg", None]))
    return encoded((plain.convert("I") if mode == "I;16" else plain).convert(mode), kind)
