"""The small pictures in a manifest store: what the photo looked like at a signed step, made fit to show.

Each was put there by whoever signed, so it is decoded within bounds and saved again before anybody sees it.
Source: C2PA 2.2, section 18.12 (thumbnails).
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import c2pa
from PIL import Image, ImageOps

from detector.portrait import Portrait
from detector.provenance.manifest_reader import opened
from detector.trust import TrustLists

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 2_000_000  # of one thumbnail; makers write up to 100 kB
MAX_PIXELS = 4_000_000
EDGE = 320  # pixels of the longer side as shown
QUALITY = 82


def read_thumbnails(portrait: Portrait, uris: Iterable[str]) -> dict[str, bytes]:
    """uri -> JPEG bytes of at most EDGE pixels a side; what is missing or cannot be decoded is left out.

    uris: as they stand in `credentials.chapters`. Asks nothing of the network.
    """
    wanted = list(dict.fromkeys(uris))
    found: dict[str, bytes] = {}
    if not wanted:
        return found
    try:
        with opened(portrait, TrustLists()) as reader:
            for uri in wanted if reader else ():
                small = _shown(_resource(reader, uri))
                if small:
                    found[uri] = small
    except c2pa.C2paError:
        return found
    return found


class _Bounded(io.BytesIO):
    """A stream that takes no more than a thumbnail's bytes."""

    def write(self, data: object, /) -> int:
        if self.tell() + len(data) > MAX_BYTES:  # type: ignore[arg-type]
            raise OSError("too large for a thumbnail")
        return super().write(data)  # type: ignore[arg-type]


def _resource(reader: c2pa.Reader, uri: str) -> bytes:
    target = _Bounded()
    try:
        reader.resource_to_stream(uri, target)
    except Exception:  # the library raises several kinds for what is not there, or is too large
        return b""
    return target.getvalue()


def _shown(data: bytes) -> bytes | None:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            picture.draft("RGB", (EDGE, EDGE))
            small = ImageOps.exif_transpose(picture).convert("RGB")
    except Exception:  # decoders raise anything on broken input
        return None
    small.thumbnail((EDGE, EDGE))
    target = io.BytesIO()
    small.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()
