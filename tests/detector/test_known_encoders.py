"""Known encoders and the structure of a JPEG: each row of the table on a file of its own, and bytes made to break."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.JpegPresets import presets

from detector.observation import Bearing, Strength
from detector.provenance.encoder_history import DETECTOR
from detector.provenance.jpeg_structure import ZIGZAG, JpegStructure, read_structure
from detector.provenance.known_encoders import ENCODERS, Encoder, identify
from detector.provenance.known_tables import ADOBE, APPLE_CHROMA, APPLE_LUMA, CHROMA, LUMA, MOZJPEG, MPEG, fit, scaled
from detector.scene import Scene
from detector.training.encoders import collect
from detector.trust import TrustLists
from tests.detector.jpeg_files import (
    as_jpeg,
    broken,
    camera_exif,
    frame_first,
    konica,
    merged,
    textured,
    times,
    with_segment,
    with_tables,
)
from tests.detector.provenance_files import look, raw_portrait

ADOBE_MARK = b"Adobe\0\x64\0\0\0\0\x01"


def ducky(quality: int) -> bytes:
    return b"Ducky\0\1\0\4" + quality.to_bytes(4, "big") + b"\0\0"


def preset(name: str) -> bytes:
    return as_jpeg(textured(), None, qtables=name, subsampling=0)


def adobes(name: str) -> bytes:
    return with_segment(preset(name), 0xEE, ADOBE_MARK)


EXAMPLES: list[tuple[str, str, Callable[[], bytes]]] = [
    ("Photoshop's Save for Web", "photoshop-web", lambda: with_segment(adobes("web_high"), 0xEC, ducky(60))),
    ("Photoshop's Save As", "photoshop", lambda: adobes("maximum")),
    ("Adobe's tables, repacked", "adobe", lambda: preset("high")),
    (
        "an iPhone's export",
        "apple",
        lambda: frame_first(with_tables(times(APPLE_LUMA, 0.08), times(APPLE_CHROMA, 0.08), subsampling=2)),
    ),
    (
        "Apple's tables, kept by another",
        "apple",
        lambda: with_tables(times(APPLE_LUMA, 0.28), times(APPLE_CHROMA, 0.28)),
    ),
    ("mozjpeg", "mozjpeg", lambda: with_tables(scaled(MOZJPEG, 82), scaled(MOZJPEG, 82), progressive=True)),
    ("a frame of a video", "ffmpeg", lambda: with_tables(MPEG, MPEG, subsampling=0)),
    ("a Go service", "go", lambda: merged(as_jpeg(textured(), 75), (0xDB, 0xC0, 0xC4))),
    ("a camera of the list", "camera", konica),
    (
        "a phone with the standard tables",
        "exif-layout",
        lambda: with_segment(as_jpeg(textured(), 95), 0xE1, camera_exif("Google"), keep_header=False),
    ),
    ("Pillow", "libjpeg", lambda: as_jpeg(textured(), 75)),
    ("the standard's shape in other steps", "scaled", lambda: with_tables(times(LUMA, 0.138), times(CHROMA, 0.138))),
    ("tables of nobody", "unknown", lambda: with_tables(range(2, 66), range(3, 67))),
]


@pytest.mark.parametrize(("family", "make"), [(f, make) for _, f, make in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_an_encoder_is_known_by_its_files(family: str, make: Callable[[], bytes]) -> None:
    sighting = look(DETECTOR, make())
    assert sighting.details["encoder"]["family"] == family
    assert "{" not in sighting.details["encoder"]["words"]
    assert all(seen.bearing is Bearing.NEUTRAL and seen.strength is Strength.WEAK for seen in sighting.observations)
    assert json.loads(json.dumps(dict(sighting.details))) == dict(sighting.details)


def test_every_row_of_the_table_has_an_example() -> None:
    met = [identity.encoder for _, _, make in EXAMPLES if (identity := identify(read_structure(make())))]
    assert [row.source for row in ENCODERS if row not in met] == []


@pytest.mark.parametrize("row", ENCODERS, ids=lambda row: f"{row.family}-{row.source[:20]}")
def test_a_row_says_where_it_is_from(row: Encoder) -> None:
    assert row.words
    assert row.source
    assert not row.habits & row.lacks


@pytest.mark.parametrize("quality", range(1, 101, 3))
def test_a_quality_of_libjpeg_is_read_back(quality: int) -> None:
    details = look(DETECTOR, as_jpeg(textured(side=64), quality)).details["encoder"]
    assert (details["family"], details["quality"]) == ("libjpeg", quality)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("web_low", "Save for Web, quality 10"),
        ("web_medium", "Save for Web, quality 30"),
        ("web_high", "Save for Web, quality 60"),
        ("web_very_high", "Save for Web, quality 80"),
        ("web_maximum", "Save for Web, quality 100"),
        ("low", "Save As, level 3 of 12"),
        ("medium", "Save As, level 5 of 12"),
        ("high", "Save As, level 8 of 12"),
        ("maximum", "Save As, level 10 of 12"),
    ],
)
def test_photoshops_settings_are_those_that_pillow_knows_too(name: str, words: str) -> None:
    assert name in presets
    assert fit(read_structure(preset(name))).words == words


def test_adobes_digests_are_digests() -> None:
    assert all(len(digest) == 32 and digest == digest.lower() for digest in ADOBE)


def test_the_structure_is_read_without_decoding() -> None:
    structure = read_structure(as_jpeg(textured(), 80, progressive=True, subsampling=1, dpi=(300, 300), comment=b"hi"))
    assert structure.progressive
    assert structure.subsampling == "4:2:2"
    assert structure.density == (1, 300, 300)
    assert structure.comment == "hi"
    assert structure.scans > 3
    assert structure.huffman == "optimised"
    assert structure.whole
    assert structure.size == textured().size


def test_the_zigzag_is_that_of_the_standard() -> None:
    assert ZIGZAG[:12] == (0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25)
    assert sorted(ZIGZAG) == list(range(64))


def test_standard_huffman_tables_are_told_from_optimised_ones() -> None:
    assert read_structure(as_jpeg(textured(), 80)).huffman == "typical"
    assert read_structure(as_jpeg(textured(), 80, optimize=True)).huffman == "optimised"


def test_a_comment_that_outlived_its_program_names_nobody() -> None:
    """Pillow hands a comment on: a file that says gd-jpeg was not saved by GD last."""
    first = Image.open(io.BytesIO(as_jpeg(textured(), 70, comment=b"CREATOR: gd-jpeg v1.0, quality = 70")))
    second = as_jpeg(first, 90)
    sighting = look(DETECTOR, second)
    assert b"gd-jpeg" in second
    assert "gd" not in sighting.details["encoder"]["words"].replace("ImageMagick, GD", "").casefold().split()
    assert not any("gd-jpeg" in seen.summary for seen in sighting.observations)


def test_broken_files_have_a_structure_all_the_same() -> None:
    started = time.perf_counter()
    for data in broken(as_jpeg(textured(), 80, progressive=True, exif=camera_exif("Canon"))):
        structure = read_structure(data)
        identify(structure)
        assert len(structure.segments) < 100
    assert time.perf_counter() - started < 5


HOSTILE: list[tuple[str, Callable[[], bytes]]] = [
    ("nothing", lambda: b""),
    ("a start alone", lambda: b"\xff\xd8"),
    ("random bytes", lambda: b"\xff\xd8" + np.random.default_rng(1).bytes(300_000)),
    ("100,000 empty segments", lambda: b"\xff\xd8" + b"\xff\xe1\0\2" * 100_000),
    ("100,000 starts", lambda: b"\xff\xd8" * 100_000),
    ("100,000 scans", lambda: b"\xff\xd8\xff\xc2\0\x0b\x08\0\x10\0\x10\1\1\x11\0" + b"\xff\xda\0\3\1\0" * 100_000),
    ("filling without end", lambda: b"\xff\xd8" + b"\xff" * 5_000_000),
    ("coded data without end", lambda: b"\xff\xd8\xff\xda\0\2" + b"\xff\0" * 5_000_000),
    ("a segment longer than the file", lambda: b"\xff\xd8\xff\xdb\xff\xff\0" + b"\1" * 64),
    ("a length of nothing", lambda: b"\xff\xd8\xff\xdb\0\0" + b"\1" * 64),
    ("255 components", lambda: b"\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x10\xff\1\x11\0"),
    ("a table of zeros", lambda: b"\xff\xd8\xff\xdb\0\x43\0" + b"\0" * 64),
    ("a Huffman table that claims too much", lambda: b"\xff\xd8\xff\xc4\0\x13\0" + b"\xff" * 16),
]


@pytest.mark.parametrize("make", [make for _, make in HOSTILE], ids=[name for name, _ in HOSTILE])
def test_hostile_bytes_cost_little_and_raise_nothing(make: Callable[[], bytes]) -> None:
    data, started = make(), time.perf_counter()
    structure = read_structure(data)
    identify(structure)
    assert len(structure.segments) <= 2_000
    assert time.perf_counter() - started < 2


def test_a_table_of_zeros_is_no_reason_to_divide() -> None:
    jpeg = as_jpeg(textured(side=128), 80)
    at = jpeg.index(b"\xff\xdb") + 5
    sighting = DETECTOR.look(Scene(raw_portrait(jpeg[:at] + bytes(64) + jpeg[at + 64 :], "JPEG"), TrustLists()))
    assert sighting.details["encoder"]["family"] == "unknown"


def test_the_structure_of_nothing_is_empty() -> None:
    assert read_structure(b"\x89PNG\r\n\x1a\n") == JpegStructure()
    assert identify(JpegStructure()) is None


def test_the_command_learns_a_camera_from_untouched_files_alone(tmp_path: Path) -> None:
    files = {"own.jpg": konica(), "again.jpg": as_jpeg(textured(), 85, exif=camera_exif("Canon")), "not.jpg": b"text"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    learnt = collect(tmp_path / name for name in files)
    assert [(row["maker"], row["files"]) for row in learnt["cameras"]] == [("KONICA CORPORATION", 1)]
    assert learnt["of"] == 2
