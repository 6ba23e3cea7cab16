"""The XMP of a file: its properties, its editing history, and the part that a JPEG keeps in further segments.

Written by strangers: sizes are bounded, XML is read without DTD and entities, a damaged packet is named.
Sources: XMP part 1 (ISO 16684-1); XMP part 3, 1.1.3.1 (extended XMP in JPEG).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from PIL import Image

from detector.provenance import embedded_text

MAX_SEGMENTS = 2_000  # of a JPEG before its pixels; 4 MB of extended XMP are 64
MAX_PROPERTIES = 20_000  # Photoshop lists every text layer and placed file
MAX_FIELDS = 40  # elements of one event; the standard has six
MAX_EVENTS = 60  # of the history, the latest; a long one names the same program over and over

PREFIXES = {
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://www.tc260.org.cn/ns/AIGC/1.0/": "TC260",
}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
# Here stand the properties of *other* files: what was placed into this one, or what it was made from.
OTHER_FILES = frozenset({"xmpMM:Pantry", "xmpMM:Ingredients", "xmpMM:DerivedFrom", "xmpMM:ManagedFrom"})

EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
WORTH_PARSING = tuple(
    namespace.encode()
    for namespace, prefix in PREFIXES.items()
    if prefix in {"Iptc4xmpExt", "photoshop", "stEvt", "TC260"}
)  # extended XMP is mostly depth maps and gain maps: megabytes without a mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Xmp:
    """properties: (name, value) in file order. history: the fields of each event, such as stEvt:when, oldest first."""

    properties: tuple[tuple[str, str], ...] = ()
    history: tuple[Mapping[str, str], ...] = ()
    damaged: bool = False


def read_xmp(picture: Image.Image, data: bytes) -> Xmp:
    """The XMP of this file itself: main packet and, in a JPEG, the extended one. picture: header; data: bytes."""
    main = parse(main_packet(picture, data))
    guid = next((value for name, value in main.properties if name == "xmpNote:HasExtendedXMP"), "")
    packet = extended(data, guid) if guid and picture.format in {"JPEG", "MPO"} else b""
    if not any(namespace in packet for namespace in WORTH_PARSING):
        return main
    rest = parse(packet)
    return Xmp(
        properties=main.properties + rest.properties,
        history=(main.history + rest.history)[-MAX_EVENTS:],
        damaged=main.damaged or rest.damaged,
    )


def main_packet(picture: Image.Image, data: bytes) -> bytes:
    """The main packet of the file, empty where there is none."""
    packet: object = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp")
    if not packet and picture.format == "PNG":
        texts = embedded_text.png_texts(data)
        packet = texts.get("XML:com.adobe.xmp") or embedded_text.raw_profile(texts, "xmp")
    if not packet and picture.format == "TIFF":
        packet = getattr(picture, "tag_v2", {}).get(700)
    if isinstance(packet, str):
        packet = packet.encode()
    return packet[: embedded_text.MAX_TEXT].strip(b"\0 \r\n\t") if isinstance(packet, bytes) else b""


def extended(data: bytes, guid: str) -> bytes:
    """The extended packet of this GUID (32 hexadecimal digits), joined; empty where a part is missing or too large."""
    name = guid.encode("ascii", errors="ignore")
    if not re.fullmatch(rb"[0-9A-Fa-f]{32}", name):
        return b""
    parts: dict[int, bytes] = {}
    size = 0
    for body in _app1_segments(data):
        if body.startswith(EXTENSION + name) and len(body) > 75:
            size = int.from_bytes(body[67:71], "big")
            parts.setdefault(int.from_bytes(body[71:75], "big"), body[75:])
    if not 0 < size <= embedded_text.MAX_TEXT:
        return b""
    joined = b""
    for offset, part in sorted(parts.items()):
        if offset != len(joined):
            return b""
        joined += part
    return joined if len(joined) == size else b""


def _app1_segments(data: bytes) -> Iterator[bytes]:
    """The bodies of a JPEG's APP1 segments, up to its pixels (ITU T.81, B.1.1)."""
    at = 2
    for _ in range(MAX_SEGMENTS):
        if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] == 0xDA:
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xE1:
            yield data[at + 4 : at + 2 + length]
        at += 2 + max(2, length)


def parse(packet: bytes) -> Xmp:
    """Each simple property of this file itself, such as ("xmp:CreatorTool", "GIMP 2.10"), and its history.

    damaged where the packet is no whole XML, or declares a DTD or entities.
    """
    if not packet:
        return Xmp()
    try:
        root = fromstring(packet, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return Xmp(damaged=True)
    found: list[tuple[str, str]] = []
    history: deque[Mapping[str, str]] = deque(maxlen=MAX_EVENTS)
    left: list[tuple[Any, str]] = [(root, "")]
    while left and len(found) < MAX_PROPERTIES:
        element, inside = left.pop()
        name = _prefixed(element.tag)
        if name in OTHER_FILES:
            continue
        if name == "xmpMM:History":
            history.extend(_events(element))
        inside = inside if name.startswith("rdf:") else name
        found.extend(_of_element(element, inside))
        left.extend((child, inside) for child in reversed(element))
    return Xmp(properties=tuple(found), history=tuple(history))


def _of_element(element: Any, inside: str) -> Iterator[tuple[str, str]]:
    """The values of an element's attributes, and its text as the value of the property that it stands in."""
    for attribute, value in element.attrib.items():
        if attribute == f"{{{RDF}}}resource":
            yield inside, value
        elif not attribute.startswith(f"{{{RDF}}}"):
            yield _prefixed(attribute), value
    if element.text and element.text.strip():
        yield inside, element.text.strip()


def _events(history: Any) -> Iterator[Mapping[str, str]]:
    """The fields of each entry of a history, written as attributes or as elements."""
    for entry in (entry for sequence in history for entry in sequence if entry.tag == f"{{{RDF}}}li"):
        fields: dict[str, str] = {}
        for element in islice(entry.iter(), MAX_FIELDS):
            for name, value in _of_element(element, _prefixed(element.tag)):
                fields.setdefault(name, value)
        yield fields


def _prefixed(tag: object) -> str:
    """ "{namespace}Name" -> "prefix:Name", with an empty prefix for a namespace that no mark stands in."""
    if not isinstance(tag, str):  # a comment or a processing instruction
        return ""
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    return f"{'rdf' if namespace == RDF else PREFIXES.get(namespace, '')}:{name}"
