"""Text that stands in a picture file beside the pixels: PNG text chunks, EXIF fields, XMP properties.

All of it was written by strangers: sizes are bounded before anything is unpacked, XML is read without entities, and a
part that cannot be read is left out rather than costing the others.
Sources: PNG 3rd edition, 11.3.3; EXIF 3.0 (CIPA DC-008); XMP part 1 (ISO 16684-1); IPTC IIM 4.2.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from detector.portrait import Portrait

MAX_TEXT = 4_000_000  # bytes of one text after unpacking: ComfyUI's largest workflows are below 2 MB
MAX_CHUNKS = 2_000

PREFIXES = {
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.tc260.org.cn/ns/AIGC/1.0/": "TC260",
}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Here stand the properties of *other* files: what was placed into this one, or what it was made from.
OTHER_FILES = frozenset({"xmpMM:Pantry", "xmpMM:Ingredients", "xmpMM:DerivedFrom", "xmpMM:ManagedFrom"})


def png_texts(data: bytes) -> dict[str, str]:
    """Keyword -> text of every tEXt, zTXt and iTXt chunk, also behind the pixels; the first of a keyword counts."""
    texts: dict[str, str] = {}
    for kind, body in _png_chunks(data):
        if kind in {b"tEXt", b"zTXt", b"iTXt"}:
            keyword, _, rest = body.partition(b"\0")
            text = _png_text(kind, rest)
            if text is not None:
                texts.setdefault(keyword.decode("latin-1"), text)
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
            fields |= {ExifTags.TAGS.get(tag, f"0x{tag:04X}"): value for tag, value in tags.items()}
    except Exception:
        return fields
    return {name: value for name, value in fields.items() if name not in {"GPSInfo", "MakerNote"}}


def _png_exif(data: bytes) -> Image.Exif:
    """EXIF of a PNG by its chunk: Pillow would decode the whole picture to look for one behind the pixels."""
    exif = Image.Exif()
    exif.load(next((body for kind, body in _png_chunks(data) if kind == b"eXIf"), b""))
    return exif


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


def iptc_credit(picture: Image.Image) -> str:
    """IPTC IIM 2:110 (Credit), empty where there is none."""
    if not isinstance(picture, ImageFile.ImageFile) or picture.format not in {"JPEG", "MPO", "TIFF"}:
        return ""
    try:
        records = IptcImagePlugin.getiptcinfo(picture) or {}
        value = records.get((2, 110), b"")
    except Exception:
        return ""
    return _decoded(value if isinstance(value, bytes) else b"", "utf-8")


def xmp_packet(picture: Image.Image, data: bytes) -> bytes:
    """The XMP packet of the file, empty where there is none."""
    packet: object = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp")
    if not packet and picture.format == "PNG":
        packet = png_texts(data).get("XML:com.adobe.xmp")
    if not packet and picture.format == "TIFF":
        packet = getattr(picture, "tag_v2", {}).get(700)
    if isinstance(packet, str):
        packet = packet.encode()
    return packet[:MAX_TEXT].strip(b"\0 \r\n\t") if isinstance(packet, bytes) else b""


def xmp_properties(packet: bytes) -> list[tuple[str, str]] | None:
    """(name, value) of each simple XMP property of this file itself, such as ("xmp:CreatorTool", "GIMP 2.10").

    None where the packet is damaged or declares entities.
    """
    if not packet:
        return []
    try:
        root = fromstring(packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    found: list[tuple[str, str]] = []
    left: list[tuple[Any, str]] = [(root, "")]
    while left:
        element, inside = left.pop()
        name = _prefixed(element.tag)
        if name in OTHER_FILES:
            continue
        inside = inside if name.startswith("rdf:") else name
        for attribute, value in element.attrib.items():
            if attribute == f"{{{RDF}}}resource":
                found.append((inside, value))
            elif not attribute.startswith(f"{{{RDF}}}"):
                found.append((_prefixed(attribute), value))
        if element.text and element.text.strip():
            found.append((inside, element.text.strip()))
        left.extend((child, inside) for child in reversed(element))
    return found


def _prefixed(tag: object) -> str:
    """ "{namespace}Name" -> "prefix:Name", with an empty prefix for a namespace that no mark stands in."""
    if not isinstance(tag, str):  # a comment or a processing instruction
        return ""
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    return f"{'rdf' if namespace == RDF else PREFIXES.get(namespace, '')}:{name}"
