"""The kinds of broken files, and which number is which: a file is a function of the seed and its number."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tools.fuzz import archive_bombs, box_bombs, breaks, jpeg_bombs, png_bombs, text_bombs
from tools.fuzz.wholes import Wholes, wholes

Maker = Callable[[random.Random, Wholes], bytes]
# Name -> its share, and what makes it. "large" stands apart: as large as is taken costs seconds each.
KINDS: dict[str, tuple[int, Maker]] = {
    "bits turned": (12, breaks.flipped),
    "stretch overwritten": (6, breaks.overwritten),
    "cut off": (8, breaks.truncated),
    "two files spliced": (6, breaks.spliced),
    "stretch moved": (4, breaks.moved),
    "lengths that lie": (7, breaks.lying_length),
    "sizes that lie": (5, breaks.lying_size),
    "another kind's head": (4, breaks.wrong_kind),
    "polyglots": (4, breaks.polyglot),
    "damaged credentials": (6, breaks.malformed_credentials),
    "PNG bombs": (2, png_bombs.bomb),
    "PNG text bombs": (2, png_bombs.text_bomb),
    "PNG oddities": (3, png_bombs.oddity),
    "animations": (2, png_bombs.animated),
    "JPEG scans": (2, jpeg_bombs.many_scans),
    "JPEG segments": (3, jpeg_bombs.segments),
    "JPEG profiles": (1, jpeg_bombs.profile),
    "JPEG frames": (3, jpeg_bombs.frame),
    "TIFF in EXIF": (4, jpeg_bombs.exif),
    "extreme sides and modes": (2, jpeg_bombs.extremes),
    "HEIC and AVIF boxes": (4, box_bombs.lying_boxes),
    "renamed boxes": (1, box_bombs.renamed_boxes),
    "AVIF grids": (1, box_bombs.grid),
    "nested boxes": (1, box_bombs.nested),
    "WebP bombs": (2, box_bombs.webp),
    "XMP": (3, text_bombs.deep_xmp),
    "parameters": (2, text_bombs.parameters),
    "workflows": (1, text_bombs.workflow),
    "hidden texts": (1, text_bombs.hidden),
    "notes": (1, text_bombs.notes),
    "archives": (2, archive_bombs.archive),
    "tables": (1, archive_bombs.table),
}
LARGE = "as large as is taken"
LARGE_EVERY = 500  # files
FOR_IMPORTS = frozenset({"archives", "tables"})
_WHEEL = tuple(name for name, (share, _) in KINDS.items() for _ in range(share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One file that was built. number and seed build it again."""

    number: int
    seed: int
    kind: str
    data: bytes

    @property
    def name(self) -> str:
        return f"{self.seed}-{self.number}"


def kind_of(number: int) -> str:
    return LARGE if number % LARGE_EVERY == LARGE_EVERY - 1 else _WHEEL[number * 37 % len(_WHEEL)]


def build(seed: int, number: int) -> Broken:
    """The file of this number: the same bytes for the same seed, versions of the libraries and ../shared/data."""
    chance = random.Random(f"{seed}:{number}")
    kind = kind_of(number)
    make = png_bombs.large if kind == LARGE else KINDS[kind][1]
    return Broken(number=number, seed=seed, kind=kind, data=make(chance, wholes()))
