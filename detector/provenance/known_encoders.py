"""The table of known encoders: which tables and which habits of writing speak of which program.

A new one is a row and a test; the first row that fits counts, so the particular stand above the general.
A habit is a property of the file's layout (`habits`). Most programs share libjpeg's tables and layout, and the rows say
so rather than pick one: Pillow, OpenCV, libvips, ImageMagick, GD and browsers cannot be told apart by what they write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detector.provenance.jpeg_structure import JpegStructure
from detector.provenance.known_tables import TableFit, fit, learnt

ANY = frozenset({"standard", "adobe", "mozjpeg", "apple", "mpeg", "scaled", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """One row. tables: families of which it writes one. habits, lacks: what its files have, and never have.

    words may hold {quality}, {setting} (Adobe's) or {maker} (a learnt camera's). named: whether the row names a program
    or a product rather than what thousands share.
    """

    family: str
    tables: frozenset[str]
    words: str
    source: str
    habits: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    named: bool = True


ENCODERS: tuple[Encoder, ...] = (
    Encoder(
        family="photoshop-web",
        tables=frozenset({"adobe", "scaled", "unknown"}),
        habits=frozenset({"ducky", "adobe"}),
        words="Adobe Photoshop (Save for Web, quality {quality})",
        source="segment APP12 “Ducky”, which holds the setting; 145 published headshots",
    ),
    Encoder(
        family="photoshop",
        tables=frozenset({"adobe"}),
        habits=frozenset({"adobe"}),
        words="Adobe Photoshop ({setting})",
        source="Adobe's tables with segment APP14 “Adobe”; 38 of 42 headshots with both name Photoshop, too",
    ),
    Encoder(
        family="adobe",
        tables=frozenset({"adobe"}),
        lacks=frozenset({"adobe"}),
        words="an Adobe program ({setting}), or one that repacked its file without loss",
        source="Adobe's tables without APP14: 64 headshots, six name Adobe's programs, four GIMP",
    ),
    Encoder(
        family="apple",
        tables=frozenset({"apple"}),
        habits=frozenset({"frame-first"}),
        words="Apple's system encoder (iPhone, iPad or Mac, and the apps on them)",
        source="tables and segment order of files that name Photos, Pixelmator, iPhone 6 and 11",
    ),
    Encoder(
        family="apple",
        tables=frozenset({"apple"}),
        words="Apple's system encoder, or a program that kept its tables",
        source="the same tables in a layout of another program",
    ),
    Encoder(
        family="mozjpeg",
        tables=frozenset({"mozjpeg"}),
        words="mozjpeg (quality {quality}), which many sites use to make pictures small",
        source="mozjpeg's default tables, -quant-table 3",
    ),
    Encoder(
        family="ffmpeg",
        tables=frozenset({"mpeg"}),
        words="video software (FFmpeg's picture encoder): perhaps a frame of a video",
        source="ISO/IEC 13818-2, default intra matrix; a file whose comment names libavcodec",
    ),
    Encoder(
        family="go",
        tables=frozenset({"standard"}),
        habits=frozenset({"no-header", "one-table-segment", "one-huffman-segment", "typical-huffman", "baseline"}),
        words="the Go language's image library (quality {quality}), which some sites' resizers use",
        source="Go's image/jpeg: no JFIF header, one segment each for all tables",
    ),
    Encoder(
        family="camera",
        tables=frozenset({"scaled", "unknown", "standard"}),
        habits=frozenset({"exif-first", "learnt"}),
        lacks=frozenset({"jfif", "adobe"}),
        words="a camera of {maker}",
        source="detector/weights/encoders.json",
    ),
    Encoder(
        family="exif-layout",
        tables=frozenset({"standard", "scaled", "unknown"}),
        habits=frozenset({"exif-first"}),
        lacks=frozenset({"jfif", "adobe"}),
        words="a camera, a phone or a program that writes as they do (EXIF first, no JFIF header)",
        source="EXIF 3.0, 4.7.1: APP1 straight behind the start; DCF files have no JFIF header",
        named=False,
    ),
    Encoder(
        family="libjpeg",
        tables=frozenset({"standard"}),
        words="a program with the standard tables (quality {quality}): most programs and sites write so",
        source="ITU-T T.81, Annex K.1; libjpeg, and Pillow, OpenCV, libvips, ImageMagick, GD and browsers with it",
        named=False,
    ),
    Encoder(
        family="scaled",
        tables=frozenset({"scaled"}),
        words="a camera or a program that scales the standard tables in its own way",
        source="the shape of ITU-T T.81, Annex K.1, at no quality of libjpeg",
        named=False,
    ),
    Encoder(
        family="unknown",
        tables=ANY,
        words="a program or camera that is not in the list of known ones",
        source="no row above",
        named=False,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who wrote a JPEG, as far as its structure tells: the row, the tables' family, and the words filled in."""

    encoder: Encoder
    tables: TableFit
    quality: int | None
    words: str


def habits(structure: JpegStructure) -> frozenset[str]:
    """What is peculiar about how the file is laid out."""
    return frozenset(_habits(structure))


def _habits(structure: JpegStructure) -> Iterator[str]:
    names = structure.segments
    first = names[0] if names else ""
    if structure.density is not None:
        yield "jfif"
    if structure.adobe is not None:
        yield "adobe"
    if structure.web_quality is not None:
        yield "ducky"
    if not any(name.startswith("APP") for name in names):
        yield "no-header"
    if first == "APP1 Exif":
        yield "exif-first"
    frame = next((at for at, name in enumerate(names) if name.startswith("SOF")), len(names))
    if "DQT" in names[frame:] and "DQT" not in names[:frame]:
        yield "frame-first"
    for name, habit in (("DQT", "one-table-segment"), ("DHT", "one-huffman-segment")):
        if names.count(name) == 1:
            yield habit
    if structure.huffman:
        yield f"{structure.huffman}-huffman"
    if structure.process:
        yield structure.process
    if structure.digest in learnt():
        yield "learnt"


def identify(structure: JpegStructure) -> Identity | None:
    """The first row that fits; None where no table was read."""
    tables = fit(structure)
    if tables.family == "none":
        return None
    seen = habits(structure)
    for row in ENCODERS:
        if tables.family in row.tables and row.habits <= seen and not row.lacks & seen:
            return _identity(row, tables, structure)
    return None


def _identity(row: Encoder, tables: TableFit, structure: JpegStructure) -> Identity:
    quality = structure.web_quality if row.family == "photoshop-web" else tables.quality
    known = learnt().get(structure.digest)
    words = row.words.format(quality=quality, setting=tables.words, maker=known.maker if known else "")
    return Identity(encoder=row, tables=tables, quality=quality, words=words)
