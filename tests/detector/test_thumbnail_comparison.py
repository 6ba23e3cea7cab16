"""The small preview inside a file against its picture: exports that keep it, edits that leave it behind."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from detector.observation import Bearing, RegionKind, Strength
from detector.portrait import read_portrait
from detector.provenance import camera_claims, embedded_thumbnail
from detector.provenance.file_metadata import read_metadata
from detector.provenance.metadata_marks import DETECTOR
from detector.provenance.thumbnail_comparison import Kind, difference
from tests.detector.astronaut import Rgb, astronaut
from tests.detector.camera_files import CANON, SHOT, block, packed, with_preview
from tests.detector.provenance_files import look, only

HEADSHOTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "headshots"


def scaled(rgb: Rgb, factor: float) -> Rgb:
    return np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def toned(rgb: Rgb, change: Callable[[Rgb], object]) -> Rgb:
    return np.asarray(np.clip(np.asarray(change(rgb), dtype=np.float64), 0, 255), dtype=np.uint8)


def pasted(rgb: Rgb) -> Rgb:
    """A checked cloth of 110 pixels over the face."""
    changed = rgb.copy()
    rows, columns = np.mgrid[0:110, 0:110]
    cloth = np.where((rows // 14 + columns // 14) % 2, 210, 40).astype(np.uint8)
    changed[60:170, 170:280] = cloth[..., None]
    return changed


def letterboxed(rgb: Rgb) -> bytes:
    sheet = Image.new("RGB", (160, 120))
    sheet.paste(Image.fromarray(rgb).resize((120, 120)), (20, 0))
    return packed(np.asarray(sheet), (160, 120))


PHOTO = astronaut()
ROCKET: Rgb = np.asarray(skimage.data.rocket(), dtype=np.uint8)[:, 100:527]  # type: ignore[no-untyped-call]
KEPT: list[tuple[str, Rgb, bytes]] = [
    ("as it was", PHOTO, packed(PHOTO)),
    ("a tiny preview", PHOTO, packed(PHOTO, (80, 80), 50)),
    ("halved", scaled(PHOTO, 0.5), packed(PHOTO)),
    ("quartered", scaled(PHOTO, 0.25), packed(PHOTO)),
    ("doubled", scaled(PHOTO, 2), packed(PHOTO)),
    ("brighter", toned(PHOTO, lambda a: a * 1.4 + 20), packed(PHOTO)),
    ("darker", toned(PHOTO, lambda a: 255 * (a / 255) ** 2), packed(PHOTO)),
    ("more contrast", toned(PHOTO, lambda a: (a - 128.0) * 1.8 + 128), packed(PHOTO)),
    ("black and white", toned(PHOTO, lambda a: a[..., :1] * np.ones(3)), packed(PHOTO)),
    ("warmer", toned(PHOTO, lambda a: a * [1.2, 1.0, 0.75]), packed(PHOTO)),
    ("sharpened", toned(PHOTO, lambda a: a + 1.5 * (a.astype(float) - cv2.GaussianBlur(a, (0, 0), 3))), packed(PHOTO)),
    ("turned, preview left", np.rot90(PHOTO).copy(), packed(PHOTO)),
    ("mirrored", PHOTO[:, ::-1].copy(), packed(PHOTO)),
    ("preview with bars", PHOTO, letterboxed(PHOTO)),
    ("preview cut to 4:3", PHOTO, packed(PHOTO[64:448], (160, 120))),
]
CHANGED: list[tuple[str, Rgb, bytes, Kind]] = [
    ("a patch", pasted(PHOTO), packed(PHOTO), Kind.PART),
    ("a patch, then reduced", scaled(pasted(PHOTO), 0.5), packed(PHOTO), Kind.PART),
    ("a patch, then brightened", toned(pasted(PHOTO), lambda a: a * 1.3 + 10), packed(PHOTO), Kind.PART),
    ("a patch under a preview with bars", pasted(PHOTO), letterboxed(PHOTO), Kind.PART),
    ("a crop", PHOTO[40:420, 60:440].copy(), packed(PHOTO), Kind.CUT),
    ("a crop of another shape", PHOTO[20:460, 90:380].copy(), packed(PHOTO), Kind.CUT),
    ("a slight crop", PHOTO[20:470, 30:480].copy(), packed(PHOTO), Kind.CUT),
    (
        "another picture",
        PHOTO,
        packed(ROCKET),
        Kind.OTHER,
    ),
]


@pytest.mark.parametrize(("rgb", "preview"), [(r, p) for _, r, p in KEPT], ids=[name for name, _, _ in KEPT])
def test_a_preview_of_an_exported_picture_is_not_mentioned(rgb: Rgb, preview: bytes) -> None:
    data = with_preview(rgb, preview, quality=40)
    assert read_metadata(read_portrait(data)).thumbnail == preview
    assert look(DETECTOR, data).details["contradictions"] == []


@pytest.mark.parametrize(
    ("rgb", "preview", "kind"), [(r, p, k) for _, r, p, k in CHANGED], ids=[name for name, _, _, _ in CHANGED]
)
def test_a_preview_that_shows_something_else_is_told_without_blame(rgb: Rgb, preview: bytes, kind: Kind) -> None:
    sighting = look(DETECTOR, with_preview(rgb, preview))
    seen = only(sighting, "metadata_marks.thumbnail_differs")
    assert (seen.bearing, seen.strength) == (Bearing.NEUTRAL, Strength.WEAK)
    assert seen.summary == camera_claims.PREVIEW_WORDS[kind]
    assert (seen.region is not None) == (kind is Kind.PART)
    assert [each["kind"] for each in sighting.details["contradictions"]] == ["thumbnail"]


def test_the_place_that_differs_is_marked_on_the_upright_picture() -> None:
    stored = np.rot90(pasted(PHOTO), 1).copy()  # orientation 6 turns it back by a quarter
    for data in (
        with_preview(pasted(PHOTO), packed(PHOTO)),
        with_preview(stored, packed(np.rot90(PHOTO, 1).copy()), orientation=6),
    ):
        region = only(look(DETECTOR, data), "metadata_marks.thumbnail_differs").region
        assert region is not None
        assert region.kind is RegionKind.BOX
        (left, top), (right, bottom) = region.points
        assert 140 < left < 200 < 250 < right < 310
        assert 30 < top < 90 < 140 < bottom < 200


@pytest.mark.parametrize(
    "preview",
    [
        b"\xff\xd8\xff\xe0no picture",
        b"\0" * 500,
        packed(PHOTO)[:300],
        packed(PHOTO, (16, 16)),
        packed(PHOTO, (1200, 1200)),
    ],
)
def test_a_preview_that_cannot_be_read_or_compared_costs_nothing(preview: bytes) -> None:
    block_of = block(CANON, SHOT, preview)
    assert embedded_thumbnail.packed_thumbnail(block_of.removeprefix(b"Exif\0\0")) == preview
    assert embedded_thumbnail.decoded(preview) is None or max(embedded_thumbnail.decoded(preview).shape) <= 1024  # type: ignore[union-attr]
    target = io.BytesIO()
    Image.fromarray(PHOTO).save(target, "PNG", exif=block_of)
    assert look(DETECTOR, target.getvalue()).details["contradictions"] == []


@pytest.mark.parametrize("seed", range(40))
def test_broken_directories_give_no_preview_or_a_bounded_one(seed: int) -> None:
    chance = np.random.default_rng(seed)
    data = bytearray(block(CANON, SHOT, packed(PHOTO)).removeprefix(b"Exif\0\0"))
    for at in chance.integers(4, 220, 12):
        data[at] = int(chance.integers(0, 256))
    assert len(embedded_thumbnail.packed_thumbnail(bytes(data[: int(chance.integers(8, len(data)))]))) <= len(data)


def test_a_file_that_broke_off_is_not_held_against_its_preview() -> None:
    data = with_preview(PHOTO, packed(PHOTO))
    assert look(DETECTOR, data[: len(data) * 2 // 3]).details["contradictions"] == []


def test_each_kind_of_contradiction_is_told_once() -> None:
    data = with_preview(PHOTO[40:420, 60:440].copy(), packed(PHOTO))
    kinds = [each["kind"] for each in look(DETECTOR, data).details["contradictions"]]
    assert len(kinds) == len(set(kinds))


@pytest.mark.skipif(not HEADSHOTS.is_dir(), reason="../shared/data/headshots is not here")
def test_previews_of_real_photos_agree_with_them() -> None:
    with (HEADSHOTS / "manifest.csv").open(newline="") as table:
        files = [row["file"] for row in csv.DictReader(table) if row["label"] == "real"]
    compared, kinds = 0, []
    for file in files:
        portrait = read_portrait((HEADSHOTS / file).read_bytes())
        small = embedded_thumbnail.decoded(read_metadata(portrait).thumbnail)
        if small is not None:
            compared += 1
            found = difference(portrait.rgb, small)
            kinds += [found.kind] if found else []
    assert compared > 50
    assert set(kinds) <= {Kind.CUT}  # one was cropped after its preview was made
    assert len(kinds) <= 1
