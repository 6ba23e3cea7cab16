"""ZIP archives and tables for an import: damaged, lying about themselves, or unpacking to much more than they are."""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache

from tests.vetting.archives import with_link
from tools.fuzz.breaks import zipped
from tools.fuzz.wholes import Wholes

NAMES = (
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\windows\\a.jpg",
    "a/../../b.jpg",
    "a\0b.jpg",
    "..\\..\\b.jpg",
    "a" * 3000 + ".jpg",
    "eileen.jpg",
    "eileen.jpg",
    "photo\u202egpj.exe",
    "__MACOSX/._a.jpg",
    "a.zip",
    "people.csv",
    "..",
    ".",
    "a//b.jpg",
    "CON.jpg",
    "\ud7ff.jpg",
)
ENDS = (0, 1, 65_535)
HEADERS = (
    b"name,email,reference,file",
    b"Name;E-Mail;File",
    b"name\tfile",
    b"sep=;\nname;file",
    b"first name,last name",
    b'"name',
    b"",
)


@cache
def _bomb(megabytes: int, files: int) -> bytes:
    return zipped({f"{number}.jpg": bytes(megabytes << 20) for number in range(files)})


@cache
def _many(files: int) -> bytes:
    return zipped({f"person {number}.jpg": b"" for number in range(files)}, zipfile.ZIP_STORED)


def archive(chance: random.Random, whole: Wholes) -> bytes:
    """One archive, half of them damaged afterwards."""
    photos = {f"Person {number}.jpg": whole.small[chance.randrange(len(whole.small))] for number in range(3)}
    names = {chance.choice(NAMES): chance.choice(list(photos.values())) for _ in range(5)}
    makers: list[Callable[[], bytes]] = [
        lambda: zipped(photos | names),
        lambda: zipped(photos | {"people.csv": table(chance, whole)}),
        lambda: zipped({"inner.zip": zipped(photos), **names}, zipfile.ZIP_STORED),
        lambda: zipped(photos, zipfile.ZIP_BZIP2),
        lambda: zipped(photos, zipfile.ZIP_LZMA),
        lambda: _bomb(*chance.choice([(25, 2), (200, 1), (1, 300)])),
        lambda: _many(chance.choice([300, 21_000])),
        lambda: with_link("photo.jpg", "/etc/passwd"),
        lambda: _lying(zipped(photos), chance),
    ]
    data = chance.choice(makers)()
    if chance.random() < 0.5:
        return data
    changed = bytearray(data)
    for _ in range(chance.choice([1, 3, 20])):
        changed[chance.randrange(max(0, len(changed) - chance.choice([22, 400, len(changed)])), len(changed))] ^= (
            1 << chance.randrange(8)
        )
    return bytes(changed) if chance.random() < 0.7 else bytes(changed[: chance.randrange(len(changed))])


def _lying(data: bytes, chance: random.Random) -> bytes:
    """The list at the end says other sizes, places, methods and flags than there are."""
    changed = bytearray(data)
    at = changed.find(b"PK\1\2")
    while at >= 0:
        place, width = chance.choice([(8, 2), (10, 2), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4)])
        changed[at + place : at + place + width] = chance.choice([0, 1, 9, 255, 256**width - 1]).to_bytes(
            width, "little"
        )
        at = changed.find(b"PK\1\2", at + 4)
    end = changed.rfind(b"PK\5\6")
    if chance.random() < 0.5:
        changed[end + 10 : end + 12] = struct.pack("<H", chance.choice(ENDS))
        changed[end + 12 : end + 20] = struct.pack(
            "<II", chance.choice([0, 100, 2**32 - 1]), chance.choice([0, 2**31, 2**32 - 1])
        )
    if chance.random() < 0.3:
        record = b"PK\6\6" + struct.pack(
            "<QHHIIQQQQ", 44, 45, 45, 0, 0, 2**40, chance.choice([3, 2**40]), chance.choice([300, 2**60]), 0
        )
        changed[end:end] = record + b"PK\6\7" + struct.pack("<IQI", 0, end, 1)
    return bytes(changed)


def table(chance: random.Random, _: Wholes) -> bytes:
    """A table in any encoding, with quotation marks that never end, lines without end, and cells of every kind."""
    cells = [
        b"Eileen",
        b'"',
        b"=cmd|'/c calc'!A0",
        b"a@b.c",
        b"../x.jpg",
        b"\0",
        b"x" * 200_000,
        b"\xff\xfe",
        "É𝕏\u202e".encode(),
        b"",
        b"1,2",
        b"a\rb",
    ]
    lines = [
        b",".join(chance.choice(cells) for _ in range(chance.choice([1, 4, 40])))
        for _ in range(chance.choice([0, 3, 60]))
    ]
    data = chance.choice(HEADERS) + chance.choice([b"\n", b"\r\n", b"\r"]) + chance.choice([b"\n", b"\r"]).join(lines)
    if chance.random() < 0.2:
        data = b"name,file\n" + b"a,b\n" * 25_000
    if chance.random() < 0.3:
        data = chance.choice([b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\0"]) + data
    return data if chance.random() < 0.7 else data.decode("latin-1").encode("utf-16")
