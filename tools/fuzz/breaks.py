"""Ways to break any whole file: bits turned, cut off, put together from two, headers that lie, several files in one."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from tests.detector.mutated_credentials import MUTATIONS
from tools.fuzz.wholes import Wholes

LENGTHS: tuple[int, ...] = (0, 1, 2, 3, 7, 255, 2**15, 2**16 - 1)
LARGE = (*LENGTHS, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 8)
SIDES = (0, 1, 2, 3, 7000, 7071, 16383, 16384, 30_000, 65_500, 65_535)
# First bytes of what is no photo, whatever its name says.
HEADS = (
    b"%PDF-1.7\n%\xe2\xe3\n",
    b"PK\x03\x04\x14\0\0\0",
    b"GIF89a\x01\0\x01\0\x80\0\0",
    b"BM\x8a\0\0\0\0\0\0\0\x8a\0\0\0",
    b"<svg xmlns='http://www.w3.org/2000/svg'>",
    b"<!doctype html><script>",
    b"\x7fELF\x02\x01\x01",
    b"MZ\x90\0",
    b"\0\0\0\x18ftypmp42",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"\xff\x0a",
    b"8BPS\0\x01",
    b"#!/bin/sh\n",
    b'{"a":',
    b"II*\0",
    b"RIFF\xff\xff\xff\xffWEBP",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"\0\0\0\x1cftypheic\0\0\0\0",
    b"P6 9 9 255\n",
)


def flipped(chance: random.Random, whole: Wholes) -> bytes:
    """Bits turned anywhere, or only near the beginning, where the headers are."""
    changed = bytearray(whole.any(chance))
    last = min(len(changed), chance.choice([64, 700, 4000, len(changed)]))
    for _ in range(chance.choice([1, 2, 5, 20, 100])):
        changed[chance.randrange(2, max(last, 3))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwritten(chance: random.Random, whole: Wholes) -> bytes:
    """A stretch of zeros, ones or noise over some of it."""
    data = whole.any(chance)
    at, length = chance.randrange(2, len(data)), chance.choice([1, 2, 4, 16, 300])
    filling = chance.choice([bytes(length), b"\xff" * length, chance.randbytes(length)])
    return data[:at] + filling + data[at + length :]


def truncated(chance: random.Random, whole: Wholes) -> bytes:
    data = whole.any(chance)
    return data[: chance.randrange(1, len(data))]


def spliced(chance: random.Random, whole: Wholes) -> bytes:
    """The beginning of one file and the end of another."""
    first, second = whole.any(chance), whole.any(chance)
    return first[: chance.randrange(1, len(first))] + second[chance.randrange(len(second)) :]


def moved(chance: random.Random, whole: Wholes) -> bytes:
    """A stretch left out, or there many times."""
    data = whole.any(chance)
    at, length = chance.randrange(2, len(data)), chance.choice([1, 4, 60, 2000])
    return data[:at] + data[at : at + length] * chance.choice([0, 2, 3, 50]) + data[at + length :]


def lying_length(chance: random.Random, whole: Wholes) -> bytes:
    """A segment, chunk or box that claims another length."""
    data = whole.small[chance.randrange(len(whole.small))]
    changed = bytearray(data)
    if data.startswith(b"\xff\xd8"):
        places = [found.start() + 2 for found in re.finditer(rb"\xff[\xc0-\xc4\xda-\xdf\xe0-\xef\xfe]", data)]
        at, width, lengths = chance.choice(places or [4]), 2, LENGTHS
    elif data.startswith(b"RIFF"):
        places = [found.start() + 4 for found in re.finditer(rb"VP8[ LX]|ICCP|EXIF|XMP |RIFF|ALPH", data)]
        at, width, lengths = chance.choice(places), 4, LARGE
    else:
        places = [found.start() - 4 for found in re.finditer(rb"[A-Za-z]{4}", data[:8000]) if found.start() >= 4]
        at, width, lengths = chance.choice(places or [8]), 4, LARGE
    changed[at : at + width] = chance.choice(lengths).to_bytes(width, "big" if data[:4] != b"RIFF" else "little")
    return bytes(changed)


def lying_size(chance: random.Random, whole: Wholes) -> bytes:
    """Width and height in the header are others than the picture's; a checksum, where there is one, is right."""
    head = chance.choice([b"\xff\xd8", b"\x89PNG", b"RIFF", b"ftyp"])
    changed = bytearray(whole.of(chance, head))
    wide, high = chance.choice(SIDES), chance.choice(SIDES)
    if head == b"\x89PNG":
        changed[16:24] = struct.pack(">II", wide, high)
        changed[29:33] = struct.pack(">I", zlib.crc32(changed[12:29]))
    elif head == b"RIFF":
        at = 24 if changed[12:16] == b"VP8X" else 26
        changed[at : at + 4] = struct.pack("<HH", wide & 0x3FFF, high & 0x3FFF)
    elif head == b"ftyp":
        for found in re.finditer(b"ispe", bytes(changed)):
            changed[found.end() + 4 : found.end() + 12] = struct.pack(">II", wide, high)
    elif frame := re.search(rb"\xff[\xc0-\xc2]..\x08", bytes(changed), re.DOTALL):
        changed[frame.end() : frame.end() + 4] = struct.pack(">HH", high, wide)
    return bytes(changed)


def wrong_kind(chance: random.Random, whole: Wholes) -> bytes:
    """No photo at all, or one behind or under another kind's first bytes."""
    head = chance.choice(HEADS)
    tail = chance.choice([b"", chance.randbytes(chance.choice([1, 90, 5000])), whole.any(chance), bytes(3000)])
    return head + tail if chance.random() < 0.7 else head + tail[len(head) :]


def polyglot(chance: random.Random, whole: Wholes) -> bytes:
    """A file that is several: a photo and an archive, a web page, a document, a script."""
    photo = whole.small[chance.randrange(len(whole.small))]
    page = b"<html><script>alert(document.cookie)</script></html>"
    document = b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<<>>\n"
    other = chance.choice(
        [zipped({"evil.html": page, "photo.jpg": photo}), page, document, b"GIF89a/*", whole.any(chance)]
    )
    if chance.random() < 0.4:
        return photo + other
    if chance.random() < 0.4:
        return other + photo
    if photo.startswith(b"\xff\xd8"):
        body = other[:65_000]
        return photo[:2] + b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body + photo[2:]
    if photo.startswith(b"\x89PNG"):
        return photo[:33] + png_chunk(b"tEXt", b"Comment\0" + other) + photo[33:]
    return photo[: len(photo) // 2] + other + photo[len(photo) // 2 :]


def malformed_credentials(chance: random.Random, whole: Wholes) -> bytes:
    """A file that was signed, with its manifest store damaged, swapped or lying about its boxes."""
    _, data = chance.choice(whole.signed)
    return chance.choice(MUTATIONS)(data, chance, chance.choice(whole.signed)[1])


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these files that has no time in it, so that it is the same tomorrow."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path), data, method)
    return buffer.getvalue()
