"""The structure of a JPEG as its bytes show it: tables, sampling, scans, order of segments. No pixel is decoded.

Every length in the file was written by a stranger: the walk is bounded by a number of segments, follows no length
beyond the end, and hands back what it had read when something makes no sense. It never raises.
Source: ITU-T T.81 (marker segments, Annex B; typical Huffman tables, Annex K.3); JFIF 1.02; ExifTool's JPEGDigest (the
digest's definition, so that a table can be looked up elsewhere).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Table = tuple[int, ...]  # 64 steps in raster order: index 8 * vertical + horizontal frequency

MAX_SEGMENTS = 2_000  # the corpus' longest file has 190: EXIF, XMP, a colour profile in parts, ten scans
MAX_SCANNED = 8_000_000  # bytes of compressed picture searched for further scans
COMMENT = 80  # characters kept of a comment

ZIGZAG = tuple(sorted(range(64), key=lambda at: (sum(divmod(at, 8)), at // 8 if sum(divmod(at, 8)) % 2 else at % 8)))
PROCESSES = {0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive", 0xC3: "lossless"}
# MD5 of class and number, counts and values of the four tables of Annex K.3, as libjpeg writes them unasked.
TYPICAL_HUFFMAN = frozenset(
    {
        "8ff12b83fc8947fda98d793ed9a738d6",
        "b030320539344aca6806b91b1f12d1b8",
        "caa37eff2284b51bf9e4c4c4f77269a1",
        "e31dc5ad06e145b6ba9a8539d94d12b0",
    }
)
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
META_MARK = re.compile(rb"\x1c\x02\x28..FBMD", re.DOTALL)  # IPTC 2:40, special instructions, of Facebook and Instagram
SAMPLINGS = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (1, 2): "4:4:0", (4, 1): "4:1:1", (4, 2): "4:1:0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegStructure:
    """What was read before the walk ended.

    tables: number -> steps, as in force at the first scan. luma, chroma: the tables of the first two components.
    sampling: (horizontal, vertical) factor of each component. letters: the components are named R, G, B.
    process: baseline, progressive ...; "" where no frame header was met. huffman: typical, optimised, "".
    segments: markers in order, each as "DQT", "SOF0", "APP1 Exif"; entropy-coded data is not named.
    density: JFIF unit, horizontal, vertical; None without that header. adobe: APP14's transform, None without one.
    web_quality: what Photoshop's Save for Web noted. whole: the walk came to the end of the picture.
    """

    tables: Mapping[int, Table] = field(default_factory=dict)
    luma: Table | None = None
    chroma: Table | None = None
    sampling: tuple[tuple[int, int], ...] = ()
    letters: bool = False
    process: str = ""
    size: tuple[int, int] = (0, 0)
    huffman: str = ""
    scans: int = 0
    restart: int = 0
    segments: tuple[str, ...] = ()
    density: tuple[int, int, int] | None = None
    adobe: int | None = None
    web_quality: int | None = None
    meta_mark: bool = False
    comment: str = ""
    whole: bool = False

    @property
    def progressive(self) -> bool:
        return self.process == "progressive"

    @property
    def subsampling(self) -> str:
        """In the usual notation; "grey" for one component, "" where it is none of the usual ones."""
        if len(self.sampling) == 1:
            return "grey"
        if len(self.sampling) != 3 or self.sampling[1] != self.sampling[2] or 0 in self.sampling[1]:
            return ""
        (wide, high), (less_wide, less_high) = self.sampling[0], self.sampling[1]
        return "" if wide % less_wide or high % less_high else SAMPLINGS.get((wide // less_wide, high // less_high), "")

    @property
    def digest(self) -> str:
        """ExifTool's JPEGDigest without the sampling: MD5 of the table segments as they would stand in the file."""
        return digest_of(self.tables)

    @property
    def luminance_coded(self) -> bool:
        """Whether the first component is the luminance of JFIF, so that its steps can be found in the pixels again."""
        return len(self.sampling) in {1, 3} and not self.letters and self.adobe != 0


def digest_of(tables: Mapping[int, Table]) -> str:
    """The digest of these tables; entries beyond a byte, which hardly a file has, count as 255."""
    raw = b"".join(bytes([number, *(min(table[at], 255) for at in ZIGZAG)]) for number, table in sorted(tables.items()))
    return hashlib.md5(raw, usedforsecurity=False).hexdigest()


def read_structure(data: bytes) -> JpegStructure:
    """What the bytes of a JPEG show; an empty structure for anything that is none. Never raises."""
    walk = _Walk()
    if data.startswith(b"\xff\xd8"):
        for marker, body in _segments(data, walk):
            walk.take(marker, body)
    return walk.structure()


def _segments(data: bytes, walk: _Walk) -> Iterator[tuple[int, bytes]]:
    at = 2
    for _ in range(MAX_SEGMENTS):
        found = NEXT_MARKER.search(data, at, at + MAX_SCANNED)
        if found is None:
            return
        marker, at = data[found.end() - 1], found.end()
        if marker == 0xD9:
            walk.whole = True
            return
        if marker in {0x01, 0xD8}:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            return
        yield marker, data[at + 2 : at + length]
        at += length
        if marker == 0xDA and walk.single_scan:  # what follows is all pixels: no need to search it
            walk.whole = data.rfind(b"\xff\xd9", at) >= 0
            return


class _Walk:
    """What has been read so far."""

    def __init__(self) -> None:
        self.tables: dict[int, Table] = {}
        self.huffman: set[str] = set()
        self.facts: dict[str, object] = {}
        self.names: list[str] = []
        self.components: list[tuple[int, int, int, int]] = []  # letter, horizontal, vertical, table
        self.scans = 0
        self.single_scan = False
        self.whole = False

    def take(self, marker: int, body: bytes) -> None:
        """One segment's body (without its length), whatever is in it."""
        self.names.append(_name(marker, body))
        if marker == 0xDB and not self.scans:
            self.tables |= dict(_tables(body))
        elif marker == 0xC4 and not self.scans:
            self.huffman |= set(_huffman(body))
        elif 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            self._frame(marker, body)
        elif marker == 0xDA:
            self.scans += 1
            self.single_scan = self.facts.get("process") != "progressive" and body[:1] == bytes([len(self.components)])
        elif marker == 0xDD:
            self.facts["restart"] = int.from_bytes(body[:2], "big")
        elif marker == 0xFE:
            self.facts.setdefault("comment", body[:COMMENT].decode("latin-1"))
        elif 0xE0 <= marker <= 0xEF:
            self.facts |= _application(marker, body)

    def _frame(self, marker: int, body: bytes) -> None:
        if self.components or len(body) < 6:
            return
        self.facts["process"] = PROCESSES.get(marker, "other")
        self.facts["size"] = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
        parts = [body[at : at + 3] for at in range(6, min(6 + 3 * body[5], len(body) - 2), 3)]
        self.components = [(part[0], part[1] >> 4, part[1] & 15, part[2]) for part in parts]

    def structure(self) -> JpegStructure:
        steps = [self.tables.get(table) for _, _, _, table in self.components[:2]]
        huffman = "" if not self.huffman else "typical" if self.huffman <= TYPICAL_HUFFMAN else "optimised"
        return JpegStructure(
            tables=self.tables,
            luma=steps[0] if steps else None,
            chroma=steps[1] if len(steps) > 1 else None,
            sampling=tuple((wide, high) for _, wide, high, _ in self.components),
            letters=bytes(letter for letter, _, _, _ in self.components) == b"RGB",
            huffman=huffman,
            scans=self.scans,
            segments=tuple(self.names),
            whole=self.whole,
            **self.facts,  # type: ignore[arg-type]
        )


def _name(marker: int, body: bytes) -> str:
    if 0xE0 <= marker <= 0xEF:
        label = body[:12].split(b"\0")[0].decode("latin-1")
        return f"APP{marker - 0xE0} {label if label.isprintable() else ''}".strip()
    if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
        return f"SOF{marker - 0xC0}"
    return {0xDB: "DQT", 0xC4: "DHT", 0xDA: "SOS", 0xDD: "DRI", 0xFE: "COM"}.get(marker, f"{marker:02X}")


def _tables(body: bytes) -> Iterator[tuple[int, Table]]:
    at = 0
    while at < len(body):
        width, number = 1 + (body[at] >> 4 > 0), body[at] & 15
        values = body[at + 1 : at + 1 + 64 * width]
        if len(values) < 64 * width or number > 3:
            return
        steps = [0] * 64
        for place, value in zip(ZIGZAG, range(0, 64 * width, width), strict=True):
            steps[place] = int.from_bytes(values[value : value + width], "big")
        yield number, tuple(steps)
        at += 1 + 64 * width


def _huffman(body: bytes) -> Iterator[str]:
    at = 0
    while at + 17 <= len(body):
        end = at + 17 + sum(body[at + 1 : at + 17])
        yield hashlib.md5(body[at:end], usedforsecurity=False).hexdigest()
        at = end


def _application(marker: int, body: bytes) -> dict[str, object]:
    if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 12:
        return {"density": (body[7], int.from_bytes(body[8:10], "big"), int.from_bytes(body[10:12], "big"))}
    if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        return {"adobe": body[11]}
    if marker == 0xEC and body.startswith(b"Ducky\0\1\0\4") and len(body) >= 13:
        return {"web_quality": int.from_bytes(body[9:13], "big")}
    if marker == 0xED and META_MARK.search(body):
        return {"meta_mark": True}
    return {}
