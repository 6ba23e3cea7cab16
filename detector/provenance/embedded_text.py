"""Text that stands in a picture file beside the pixels: PNG text chunks, EXIF fields, IPTC fields. XMP: xmp.py.

All of it was written by strangers: sizes are bounded before anything is unpacked, and a part that cannot be read is
left out rather than costing the others.
Sources: PNG 3rd edition, 11.3.3; EXIF 3.0 (CIPA DC-008); IPTC IIM 4.2.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from detector.portrait import Portrait

MAX_TEXT = 4_000_000  # bytes of one text after unpacking: ComfyUI's largest workflows are below 2 MB
MAX_ALL_TEXT = 3 * MAX_TEXT  # of one file: a graph, its workflow, and all the rest
MAX_KEYWORD = 79  # characters (PNG 3rd edition, 11.3.3.1)
MAX_CHUNKS = 2_000

# Names that Pillow does not know yet (EXIF 3.0).
NEW_TAGS = {0xA43A: "RAWDevelopingSoftware", 0xA43B: "ImageEditingSoftware"}
IPTC_FIELDS = {(2, 40): "SpecialInstructions", (2, 65): "OriginatingProgram", (2, 110): "Credit"}


def png_texts(data: bytes) -> dict[str, str]:
    """Keyword -> text of every tEXt, zTXt and iTXt chunk, also behind the pixels; the first of a keyword counts.

    Nothing is unpacked of a keyword that is there already, or behind MAX_ALL_TEXT characters: a file may have hundreds
    of chunks that each unpack to a thousand times their size.
    """
    texts: dict[str, str] = {}
    left = MAX_ALL_TEXT
    for kind, body in _png_chunks(data):
        name, _, rest = body.partition(b"\0")
        keyword = name[:MAX_KEYWORD].decode("latin-1")
        if kind not in {b"tEXt", b"zTXt", b"iTXt"} or keyword in texts or left <= 0:
            continue
        text = _png_text(kind, rest)
        if text is not None:
            texts[keyword] = text
            left -= len(text)
    return texts


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return
    at = 8
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind != b"IDAT":
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _png_text(kind: bytes, rest: bytes) -> str | None:
    if kind == b"tEXt":
        return _decoded(rest[:MAX_TEXT], "latin-1")
    if kind == b"zTXt":
        return _unpacked(rest[1:], "latin-1")
    packed, (_, _, text) = rest[:1] == b"\1", _split(rest[2:])
    return _unpacked(text, "utf-8") if packed else _decoded(text[:MAX_TEXT], "utf-8")


def _split(rest: bytes) -> tuple[bytes, bytes, bytes]:
    language, _, rest = rest.partition(b"\0")
    translated, _, text = rest.partition(b"\0")
    return language, translated, text


def _unpacked(packed: bytes, encoding: str) -> str | None:
    try:
        return _decoded(zlib.decompressobj().decompress(packed, MAX_TEXT), encoding)
    except zlib.error:
        return None


def _decoded(text: bytes, encoding: str) -> str:
    return text.decode(encoding, errors="replace")


@contextmanager
def opened(portrait: Portrait) -> Iterator[Image.Image | None]:
    """The picture's header for its metadata; None where Pillow cannot open it (the text beside it may be whole)."""
    try:
        picture = portrait.open()
    except Exception:
        yield None
        return
    with picture:
        yield picture


def exif_fields(picture: Image.Image, data: bytes) -> dict[str, Any]:
    """Tag name -> value of IFD 0 and the Exif IFD. No GPS, no maker notes; empty where EXIF is damaged."""
    fields: dict[str, Any] = {}
    try:
        exif = _png_exif(data) if picture.format == "PNG" else picture.getexif()
        for tags in (dict(exif), exif.get_ifd(ExifTags.IFD.Exif)):
            fields |= {
                ExifTags.TAGS.get(tag) or NEW_TAGS.get(tag, f"0x{tag:04X}"): value for tag, value in tags.items()
            }
    except Exception:
        return fields
    return {name: value for name, value in fields.items() if name not in {"GPSInfo", "MakerNote"}}


def _png_exif(data: bytes) -> Image.Exif:
    """EXIF of a PNG by its chunk: Pillow would decode the whole picture to look for one behind the pixels."""
    exif = Image.Exif()
    exif.load(_png_exif_block(data))
    return exif


def _png_exif_block(data: bytes) -> bytes:
    chunk = next((body for kind, body in _png_chunks(data) if kind == b"eXIf"), b"")
    return chunk or raw_profile(png_texts(data), "exif").removeprefix(b"Exif\0\0")


def raw_profile(texts: Mapping[str, str], name: str) -> bytes:
    """The profile that ImageMagick keeps as a PNG text: its name, its length, then hexadecimal digits; else empty."""
    _, _, digits = texts.get(f"Raw profile type {name}", "").strip().partition("\n")
    length, _, digits = digits.strip().partition("\n")
    if not re.fullmatch(r"[0-9]{1,8}", length.strip()):
        return b""
    try:
        return bytes.fromhex("".join(digits.split()))[: int(length)]
    except ValueError:
        return b""


def exif_block(picture: Image.Image, data: bytes) -> bytes:
    """The EXIF of the file as it stands there, from its TIFF header on; empty where there is none."""
    block: object = _png_exif_block(data) if picture.format == "PNG" else picture.info.get("exif")
    return block.removeprefix(b"Exif\0\0") if isinstance(block, bytes) else b""


def user_comment(value: object) -> str:
    """EXIF UserComment as text: eight bytes name the coding, UTF-16 comes in either byte order."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        return ""
    head, body = value[:8], value[8 : MAX_TEXT + 8]
    if head == b"UNICODE\0":
        zeros = (body[0:400:2].count(0), body[1:401:2].count(0))  # ASCII in UTF-16 has its zero byte first, or last
        return _decoded(body, "utf-16-be" if zeros[0] >= zeros[1] else "utf-16-le").strip("\0\ufeff ")
    return _decoded(body if head.rstrip(b"\0") in {b"ASCII", b"JIS", b""} else value[:MAX_TEXT], "utf-8").strip("\0 ")


def iptc_fields(picture: Image.Image) -> dict[str, str]:
    """Name -> value of the IPTC IIM fields that marks stand in; JPEG and TIFF carry them."""
    if not isinstance(picture, ImageFile.ImageFile) or picture.format not in {"JPEG", "MPO", "TIFF"}:
        return {}
    try:
        records = IptcImagePlugin.getiptcinfo(picture) or {}
    except Exception:
        return {}
    found = ((name, records.get(number)) for number, name in IPTC_FIELDS.items())
    return {name: _decoded(value[:MAX_TEXT], "utf-8").strip("\0 ") for name, value in found if isinstance(value, bytes)}
