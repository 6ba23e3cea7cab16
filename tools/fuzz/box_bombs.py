"""HEIC, AVIF and WebP whose boxes and chunks lie, nest without end, or claim pictures that are not there."""

from __future__ import annotations

import random
import re
import struct

from tests.detector.provenance_files import saved
from tests.pictures import encoded, noise
from tools.fuzz.wholes import Wholes

BOXES = re.compile(
    rb"ftyp|meta|hdlr|pitm|iloc|iinf|infe|iprp|ipco|ipma|ispe|pixi|colr|irot|imir|clap|iref|idat|mdat|av1C|hvcC|auxC|grid"
)
NUMBERS = (0, 1, 2, 255, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1)


def _plain(chance: random.Random, whole: Wholes) -> bytes:
    return whole.of(chance, b"ftyp") if chance.random() < 0.7 else saved("AVIF")


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def lying_boxes(chance: random.Random, whole: Wholes) -> bytes:
    """Numbers inside the boxes of the picture's description turned into others: offsets, counts, versions, sizes."""
    data = bytearray(_plain(chance, whole))
    found = [match.end() for match in BOXES.finditer(bytes(data[:6000]))]
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.choice(found) + chance.choice([0, 2, 4, 6, 8, 10, 12, 14, 16])
        width = chance.choice([1, 2, 4])
        data[at : at + width] = (chance.choice(NUMBERS) & (256**width - 1)).to_bytes(width, "big")
    return bytes(data)


def renamed_boxes(chance: random.Random, whole: Wholes) -> bytes:
    """Boxes under another box's name, so that a reader takes one structure for another."""
    data = bytearray(_plain(chance, whole))
    found = [match.span() for match in BOXES.finditer(bytes(data[:6000]))]
    for _ in range(chance.choice([1, 2, 3])):
        (start, end), (other, other_end) = chance.choice(found), chance.choice(found)
        data[start:end] = data[other:other_end]
    return bytes(data)


def grid(chance: random.Random, _: Wholes) -> bytes:
    """A picture put together from up to 65,536 tiles which are all the same one, or itself."""
    rows, columns, side = chance.choice([1, 16, 255]), chance.choice([1, 16, 255]), chance.choice([64, 7000, 65_535])
    tiles = (rows + 1) * (columns + 1)
    grid_item = struct.pack(">BBBBHH", 0, 0, rows, columns, side, side)
    small = encoded(noise(64, 64), "AVIF", quality=10)
    picture = small[small.find(b"mdat") + 4 :]
    config = small[small.find(b"av1C") - 4 :][: int.from_bytes(small[small.find(b"av1C") - 4 :][:4], "big")]
    one = chance.choice([1, 2])
    refs = box(b"dimg", struct.pack(">HH", 1, min(tiles, 65_535)) + struct.pack(">H", one) * min(tiles, 65_535))
    infe = b"".join(
        box(b"infe", struct.pack(">IHH", 2 << 24, number, 0) + kind + b"\0")
        for number, kind in ((1, b"grid"), (2, b"av01"))
    )
    ispe = [box(b"ispe", struct.pack(">III", 0, *size)) for size in ((side, side), (64, 64))]
    props = box(b"ipco", ispe[0] + ispe[1] + config)
    ipma = box(b"ipma", struct.pack(">II", 0, 2) + struct.pack(">HBBHBBB", 1, 1, 1, 2, 2, 2, 3))
    handler = box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    head = box(b"ftyp", b"avif\0\0\0\0avifmif1")
    parts = [handler, box(b"pitm", struct.pack(">IH", 0, 1)), box(b"iinf", struct.pack(">IH", 0, 2) + infe)]
    parts += [box(b"iref", bytes(4) + refs), box(b"iprp", props + ipma), box(b"idat", grid_item)]
    rest = sum(map(len, parts)) + 12 + len(head) + 48
    iloc = box(
        b"iloc",
        struct.pack(">IHH", 1 << 24, 0x4400, 2)
        + struct.pack(">HHHHII", 1, 1, 0, 1, 0, 8)
        + struct.pack(">HHHHII", 2, 0, 0, 1, rest + 8, len(picture)),
    )
    return head + box(b"meta", bytes(4) + b"".join(parts) + iloc) + box(b"mdat", picture)


def nested(chance: random.Random, _: Wholes) -> bytes:
    """Boxes within boxes, thousands deep; or as many side by side."""
    kind = chance.choice([b"meta", b"iprp", b"ipco", b"moov", b"trak", b"dinf", b"jumb", b"grpl"])
    body = b""
    depth = chance.choice([20, 500, 5000])
    for _level in range(depth):
        body = box(kind, (bytes(4) if kind == b"meta" else b"") + body)
    if chance.random() < 0.5:
        body = box(b"meta", bytes(4) + box(chance.choice([b"infe", b"free", b"ispe", b"colr"]), bytes(12)) * depth * 4)
    whole = saved("AVIF")
    at = int.from_bytes(whole[:4], "big")
    return whole[:at] + body + (whole[at:] if chance.random() < 0.6 else b"")


def webp(chance: random.Random, whole: Wholes) -> bytes:
    """WebP of impossible sizes, with frames, alpha and profiles that are not there or are far too large."""
    width, height = chance.choice([(16_384, 16_384), (7_000, 7_000), (1, 1), (16_777_216, 1)])
    flags = chance.choice([0, 0x02, 0x10, 0x20, 0x3E, 0xFF])
    head = (
        struct.pack("<4sIB3x", b"VP8X", 10, flags)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    inner = encoded(noise(40, 30), "WEBP", lossless=chance.random() < 0.5)[12:]
    kind = chance.choice([b"ICCP", b"EXIF", b"XMP ", b"ALPH", b"ANIM", b"ANMF", b"FRGM"])
    filling = chance.choice([b"", bytes(16), chance.randbytes(500), b"<x>" * 300_000])
    extra = (kind + struct.pack("<I", chance.choice([len(filling), 2**32 - 10, 7])) + filling) * chance.choice(
        [1, 1, 2000 if len(filling) < 600 else 2]
    )
    body = b"WEBP" + chance.choice([head + extra + inner, head + inner + extra, inner + extra, extra + inner])
    lossless = b"WEBPVP8L" + struct.pack("<IBI", 5000, 0x2F, 16_383 | 16_383 << 14) + chance.randbytes(5000)
    body = lossless if chance.random() < 0.2 else body
    return b"RIFF" + struct.pack("<I", chance.choice([len(body), len(body) // 2, 2**32 - 1])) + body
