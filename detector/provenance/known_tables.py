"""Whose quantisation tables these are: the standard's own, Adobe's, mozjpeg's, Apple's, or nobody's that we know.

A table is a family's if it is exactly what that family writes at some quality; Apple's, whose quality is no number that
could be read back, if it is Apple's largest known table times one factor. Tables say which program *chose* the steps,
not who wrote the file last: jpegtran and GIMP keep those of the picture that was opened.
Sources: ITU-T T.81, Annex K.1, scaled as libjpeg does (jcparam.c, jpeg_quality_scaling); mozjpeg's manual (-quant-table
3); Adobe's by digest, each met in a file that names its program or in Pillow's JpegPresets, and found under the same
name in ExifTool's JPEGDigest; Apple's as met in files of Photos, Pixelmator and an iPhone; ISO/IEC 13818-2, 6.3.11.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from detector.provenance.jpeg_structure import JpegStructure, Table

LEARNT = Path(__file__).resolve().parent.parent / "weights" / "encoders.json"

# fmt: off
LUMA: Table = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)
CHROMA: Table = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, *(99,) * 32,
)
MOZJPEG: Table = (
    16, 16, 16, 18, 25, 37, 56, 85, 16, 17, 20, 27, 34, 40, 53, 75, 16, 20, 24, 31, 43, 62, 91, 135,
    18, 27, 31, 40, 53, 74, 106, 156, 25, 34, 43, 53, 69, 94, 131, 189, 37, 40, 62, 74, 94, 124, 169, 238,
    56, 53, 91, 106, 131, 169, 226, 311, 85, 75, 135, 156, 189, 238, 311, 418,
)
APPLE_LUMA: Table = (
    24, 24, 24, 42, 59, 80, 101, 122, 24, 24, 24, 42, 59, 80, 101, 122, 24, 24, 42, 59, 80, 101, 122, 146,
    42, 42, 59, 80, 101, 122, 146, 171, 59, 59, 80, 101, 122, 146, 171, 192, 80, 80, 101, 122, 146, 171, 192, 192,
    101, 101, 122, 146, 171, 192, 192, 192, 122, 122, 146, 171, 192, 192, 192, 192,
)
APPLE_CHROMA: Table = (
    30, 31, 49, 84, 201, 201, 201, 201, 31, 45, 45, 136, 201, 201, 201, 201, 49, 45, 112, 201, 201, 201, 201, 201,
    84, 136, 201, 201, 201, 201, 201, 201, *(201,) * 32,
)
MPEG: Table = (
    8, 16, 19, 22, 26, 27, 29, 34, 16, 16, 22, 24, 27, 29, 34, 37, 19, 22, 26, 27, 29, 34, 34, 38,
    22, 22, 26, 27, 29, 34, 37, 40, 22, 26, 27, 29, 32, 35, 40, 48, 26, 27, 29, 32, 35, 40, 48, 58,
    26, 27, 29, 34, 38, 46, 56, 69, 27, 29, 35, 38, 46, 56, 69, 83,
)
# fmt: on

SAVE_AS, FOR_WEB, LIGHTROOM = "Save As, level {} of 12", "Save for Web, quality {}", "Lightroom export, quality {}"
# JPEGDigest -> what wrote it. A new one is a line here and one in the tests.
ADOBE: Mapping[str, tuple[str, str]] = {
    "cbfbfef12aead8841585ef605c789b9f": (SAVE_AS, "3"),
    "a0772e73dec2bdc4057c27da47bff376": (SAVE_AS, "4"),
    "7ef06dbde538346b8b01c6b538ca70c6": (SAVE_AS, "5"),
    "0ff225f58a214f79d1d85d78f6f5dab8": (SAVE_AS, "6"),
    "44f583ed6b65cb8ba915ec5df051616c": (SAVE_AS, "8"),
    "de94c5591bafc7456ccaef430271b907": (SAVE_AS, "9"),
    "a6841b35e9ffefa5d83a0445dddd2621": (SAVE_AS, "10"),
    "6e3f6a3a5a1eae6155331d42d6f968dd": (SAVE_AS, "11"),
    "5379e0133d4439b6f7c7039fc7f7734f": (SAVE_AS, "12"),
    "57aa47876e10c6b4f35ecb8889e55ad9": (SAVE_AS, "8"),  # grey, as the next two
    "076598d43c5186f6d7a1020b64b93625": (SAVE_AS, "9"),
    "7b83284f61decf47ab3f8f7361c18943": (SAVE_AS, "12"),
    "301158b292e3232856a765486da26fa6": (FOR_WEB, "10"),
    "45148ae63b12ccaa6fb5a487ca7620e9": (FOR_WEB, "30"),
    "78a2a442aac5cca7fa2ef5a8bd96219e": (FOR_WEB, "35"),
    "8fb05e3c3b0a7404ff6ca54f952d2a5e": (FOR_WEB, "40"),
    "328ab751ea48f5a8bc7c4b8628138ce0": (FOR_WEB, "41"),
    "91dfacd928ce717cb135c6da03afd907": (FOR_WEB, "49"),
    "16c443478b9417d44893f8748d49b790": (FOR_WEB, "50"),
    "6123a3685e1012af5a0d024de1ce0304": (FOR_WEB, "60"),
    "240fffe5f8e2d8f3345b8175f9cb0a40": (FOR_WEB, "70"),
    "51879d6e5178d2282d5e8276ed4e2439": (FOR_WEB, "80"),
    "5e016a2d28f8ad3e7e27e4e2981031d2": (FOR_WEB, "90"),
    "234d8f310d75effc9f77beb1d3847f49": (FOR_WEB, "100"),
    "27472e3714251402d5509438505611c3": (LIGHTROOM, "62 to 69"),
    "34a599dff2b6aaed12143938b7374f2f": (LIGHTROOM, "70 to 76"),
    "5c508e529d045b6f0c800e29ba2d6ab5": (LIGHTROOM, "77 to 84"),
    "42bfe52476bf07f1ed0e6451903cc9ee": (LIGHTROOM, "85 to 92"),
    "4c3c425b4024b68c0de03904a825bc35": (LIGHTROOM, "93 to 100"),
}

# Two tables are one times a factor if every entry rounds to it; files of one program miss that by this much.
FACTOR_SLACK = 1.03


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFit:
    """family: standard, adobe, mozjpeg, apple, mpeg, scaled (the standard's shape in other steps), unknown, none.

    quality: 1..100 as libjpeg counts; None where the family has no such number. words: the setting, for adobe.
    """

    family: str
    quality: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What files of the training corpus say of tables that belong to no family: the camera's maker, and how often."""

    maker: str
    files: int


def scaled(base: Table, quality: int) -> Table:
    """The table at this quality (1..100), as libjpeg scales it, held to eight bits."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(min(max((step * percent + 50) // 100, 1), 255) for step in base)


@cache
def _qualities(base: Table) -> Mapping[Table, int]:
    return {scaled(base, quality): quality for quality in range(1, 101)}


def fit(structure: JpegStructure) -> TableFit:
    """The family of the tables that the picture's components use."""
    luma, chroma = structure.luma, structure.chroma
    if luma is None:
        return TableFit(family="none")
    if (quality := _qualities(LUMA).get(luma)) and chroma in {None, luma, scaled(CHROMA, quality)}:
        return TableFit(family="standard", quality=quality)
    if structure.digest in ADOBE:
        template, value = ADOBE[structure.digest]
        return TableFit(
            family="adobe", quality=int(value) if template == FOR_WEB else None, words=template.format(value)
        )
    if (quality := _qualities(MOZJPEG).get(luma)) and chroma in {None, luma}:
        return TableFit(family="mozjpeg", quality=quality)
    if all(abs(step * 8 - of * luma[0]) <= 8 for step, of in zip(luma[1:], MPEG[1:], strict=True)) and chroma == luma:
        return TableFit(family="mpeg")
    if _times(luma, APPLE_LUMA) and (chroma is None or _times(chroma, APPLE_CHROMA)):
        return TableFit(family="apple")
    if _times(luma, LUMA) and (chroma is None or _times(chroma, CHROMA)):
        return TableFit(family="scaled")
    return TableFit(family="unknown")


def _times(table: Table, base: Table) -> bool:
    """Whether one factor turns base into table, each entry rounded and held to 1..255."""
    least, most = 0.0, math.inf
    for step, of in zip(table, base, strict=True):
        if step > 1:
            least = max(least, (step - 0.5) / (of + 0.5))
        if step < 255:
            most = min(most, (step + 0.5) / (of - 0.5))
    return 0 < least <= most * FACTOR_SLACK


@cache
def learnt(path: Path = LEARNT) -> Mapping[str, Learnt]:
    """Digest -> the camera maker whose untouched files have these tables, as `detector.training.encoders` wrote it."""
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))["cameras"]
    return {row["digest"]: Learnt(maker=row["maker"], files=row["files"]) for row in rows}
