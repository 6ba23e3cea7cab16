"""The places of a file in which a generator may have left its parameters, as keyword -> text.

Sources: PNG text chunks and EXIF as the tools fill them; the stealth form, in the lowest bits of the alpha channel,
as Stable Diffusion WebUI and NovelAI write it.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.portrait import Portrait
from detector.provenance import embedded_text
from detector.provenance.xmp import main_packet, parse

STEALTH_HEADS = (b"stealth_pngcomp", b"stealth_pnginfo")  # gzipped, plain
HEAD_BYTES = 19  # one of them, and the length


def carried_texts(portrait: Portrait) -> Iterator[dict[str, str]]:
    """Each place of the file that may hold parameters, as keyword -> text in the form that the parsers expect."""
    texts = embedded_text.png_texts(portrait.data)
    if texts:
        yield texts
    with embedded_text.opened(portrait) as picture:
        fields = embedded_text.exif_fields(picture, portrait.data) if picture else {}
        packet = main_packet(picture, portrait.data) if picture else b""
    comment = embedded_text.user_comment(fields.get("UserComment"))
    if comment:
        yield {"parameters": comment}
    nodes = dict(_labelled(value) for value in (fields.get("Make"), fields.get("Model")) if _labelled(value)[0])
    if nodes:  # ComfyUI in WebP: 0x010F "workflow:{…", 0x0110 "prompt:{…"
        yield nodes
    if b"Draw Things" in packet:
        yield _draw_things(packet)
    hidden = stealth_text(portrait)
    if hidden:
        yield {"parameters": hidden}
        yield _novelai(hidden)


def _labelled(value: object) -> tuple[str, str]:
    match = re.match(r"(prompt|workflow):\s*(\{.*)", str(value).strip("\0 "), re.DOTALL | re.IGNORECASE)
    return (match[1].lower(), match[2]) if match else ("", "")


def _draw_things(packet: bytes) -> dict[str, str]:
    """Draw Things keeps its JSON in the XMP property that EXIF's comment has there."""
    properties = parse(packet).properties
    if not any(name == "xmp:CreatorTool" and value.strip() == "Draw Things" for name, value in properties):
        return {}
    return next(({"draw_things": value} for name, value in properties if name == "exif:UserComment"), {})


def _novelai(text: str) -> dict[str, str]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in fields.items()} if isinstance(fields, dict) else {}


def stealth_text(portrait: Portrait) -> str:
    """Text in the lowest bits of the alpha channel, column by column; empty where there is none, or no alpha."""
    if portrait.format not in {"PNG", "WebP"}:
        return ""
    try:
        with portrait.open() as picture:
            if picture.mode != "RGBA":
                return ""
            columns = min(-(-8 * HEAD_BYTES // picture.height), picture.width)
            if _bytes(_alpha(picture, columns).T, 0, 15) not in STEALTH_HEADS:
                return ""
            alpha = _alpha(picture, picture.width)
    except Exception:
        return ""
    return _hidden(alpha)


def _alpha(picture: Image.Image, columns: int) -> NDArray[np.uint8]:
    """H x columns: the left part of the alpha channel."""
    return np.asarray(picture.crop((0, 0, columns, picture.height)).getchannel("A"))


def _hidden(alpha: NDArray[np.uint8]) -> str:
    """alpha: H x W. A head of 15 bytes, the length in bits as a 32-bit number, then the text."""
    columns = alpha.T  # bits run down each column, then to the next
    head = _bytes(columns, 0, HEAD_BYTES)
    if head[:15] not in STEALTH_HEADS or len(head) < HEAD_BYTES:
        return ""
    length = min(int.from_bytes(head[15:], "big") // 8, embedded_text.MAX_TEXT)
    body = _bytes(columns, HEAD_BYTES, length)
    if head[:15] == STEALTH_HEADS[0]:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as unpacked:
                body = unpacked.read(embedded_text.MAX_TEXT)
        except (OSError, EOFError, zlib.error):
            return ""
    return body.decode("utf-8", errors="replace")


def _bytes(columns: NDArray[np.uint8], start: int, count: int) -> bytes:
    """`count` bytes from the byte `start`, of the lowest bits in reading order of `columns` (W x H)."""
    rows = columns.shape[1]
    first, last = 8 * start // rows, 8 * (start + count) // rows + 1
    bits = columns[first:last].reshape(-1)[8 * start - first * rows :][: 8 * count] & 1
    return np.packbits(bits).tobytes()
