"""Encoder history: planted saves, crops and enlargements that must be seen, and as many clean files that must not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from detector.observation import CouldNotLook, NotApplicable, Sighting
from detector.provenance.encoder_history import DETECTOR
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.astronaut import astronaut
from tests.detector.jpeg_files import again, as_jpeg, as_png, broken, camera_exif, konica, textured, with_segment
from tests.detector.provenance_files import codes, look, only, raw_portrait

HEADSHOTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "headshots"
headshots_here = pytest.mark.skipif(not HEADSHOTS.is_dir(), reason="../shared/data/headshots is not here")

OLDER = {"encoder_history.saved_twice", "encoder_history.was_jpeg", "encoder_history.cropped_after_jpeg"}


def test_a_camera_saved_again_is_told_from_one_that_was_not() -> None:
    saved = look(DETECTOR, as_jpeg(textured(), 85, exif=camera_exif("Canon")))
    assert "Canon" in only(saved, "encoder_history.saved_after_camera").summary
    assert [step["kind"] for step in saved.details["steps"]] == ["saved-before", "saved"]
    untouched = look(DETECTOR, with_segment(as_jpeg(textured(), 95), 0xE1, camera_exif("Canon"), keep_header=False))
    assert untouched.observations == ()


def test_a_cameras_own_tables_are_named_for_that_maker_alone() -> None:
    assert "encoder_history.camera_tables" in codes(look(DETECTOR, konica()))
    assert codes(look(DETECTOR, konica("Canon"))) == set()


def test_the_mark_of_facebook_says_that_it_passed_through() -> None:
    mark = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0d\x1c\x02\x28\0\x08FBMD0100"
    assert "encoder_history.site" in codes(look(DETECTOR, with_segment(as_jpeg(textured(), 71), 0xED, mark)))
    assert "encoder_history.site" not in codes(look(DETECTOR, with_segment(as_jpeg(textured(), 71), 0xED, mark[:14])))


def photo() -> Image.Image:
    """A photo at a size at which no older JPEG's blocks are left: a little smaller than it was published."""
    picture: Image.Image = Image.fromarray(astronaut()).resize((437, 437), Image.Resampling.LANCZOS)
    return picture


PICTURES: list[Callable[[], Image.Image]] = [textured, lambda: textured(2), photo]
picture_made = pytest.mark.parametrize("make", PICTURES, ids=["textured", "textured otherwise", "photo"])


@picture_made
@pytest.mark.parametrize(("first", "last"), [(70, 90), (85, 95), (60, 75), (50, 82), (75, 85)])
def test_a_picture_saved_twice_is_seen_with_its_first_quality(
    make: Callable[[], Image.Image], first: int, last: int
) -> None:
    sighting = look(DETECTOR, as_jpeg(again(make(), first), last))
    assert "twice" in only(sighting, "encoder_history.saved_twice").summary
    least, most = sighting.details["first_save"]["quality"]
    assert least - 1 <= first <= most + 1
    assert sighting.details["grid"] == {"right": 0, "down": 0, "aligned": True}
    assert [step["kind"] for step in sighting.details["steps"]] == ["saved-before", "saved"]


@picture_made
@pytest.mark.parametrize("quality", [40, 60, 75, 82, 90, 95, 100])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_picture_saved_once_is_clear(make: Callable[[], Image.Image], quality: int, subsampling: int) -> None:
    sighting = look(DETECTOR, as_jpeg(make(), quality, subsampling=subsampling))
    assert sighting.observations == ()
    assert "nothing either way" in sighting.note


@picture_made
def test_a_png_made_of_a_jpeg_is_told_from_one_that_was_not(make: Callable[[], Image.Image]) -> None:
    was = look(DETECTOR, as_png(again(make(), 80)))
    assert "PNG" in only(was, "encoder_history.was_jpeg").summary
    assert was.details["first_save"]["quality"] == [80, 80]
    never = look(DETECTOR, as_png(make()))
    assert never.observations == ()
    assert never.details["first_save"] is None


@picture_made
@pytest.mark.parametrize(("left", "top"), [(3, 5), (1, 7), (6, 2)])
def test_a_crop_after_a_jpeg_shows_where_the_blocks_went(make: Callable[[], Image.Image], left: int, top: int) -> None:
    cut = again(make(), 75).crop((left, top, 400, 400))
    for data in (as_png(cut), as_jpeg(cut, 92)):
        sighting = look(DETECTOR, data)
        assert "encoder_history.cropped_after_jpeg" in codes(sighting)
        assert sighting.details["grid"] == {"right": 8 - left, "down": 8 - top, "aligned": False}
    assert [step["kind"] for step in sighting.details["steps"]] == ["saved-before", "cropped", "saved"]


@picture_made
def test_a_crop_by_whole_blocks_leaves_the_blocks_in_place(make: Callable[[], Image.Image]) -> None:
    cut = again(make(), 70).crop((16, 8, 400, 400))
    assert look(DETECTOR, as_jpeg(cut, 90)).details["grid"] == {"right": 0, "down": 0, "aligned": True}


def test_a_turned_photo_is_looked_at_as_it_was_coded() -> None:
    turned = Image.Exif()
    for orientation in range(1, 9):
        turned[0x0112] = orientation
        cut = again(textured(), 70).crop((0, 0, 396, 410))  # sides of no multiple of eight: any wrong turn shifts it
        assert look(DETECTOR, as_jpeg(cut, 90, exif=turned)).details["grid"] == {"right": 0, "down": 0, "aligned": True}


@pytest.mark.parametrize("make", PICTURES[2:], ids=["photo"])
@pytest.mark.parametrize("factor", [1.3, 1.45, 2.6])
def test_an_enlarged_picture_shows_its_factor(make: Callable[[], Image.Image], factor: float) -> None:
    side = round(437 * factor)
    sighting = look(DETECTOR, as_jpeg(make().resize((side, side), Image.Resampling.BICUBIC), 97))
    assert "enlarged" in only(sighting, "encoder_history.enlarged").summary
    assert min(abs(one - factor) for one in sighting.details["enlarged"]["factors"]) < 0.03
    assert [step["kind"] for step in sighting.details["steps"]] == ["enlarged", "saved"]


@picture_made
@pytest.mark.parametrize("factor", [1.0, 0.9, 0.7, 0.5])
def test_a_picture_as_it_is_or_smaller_is_not_called_enlarged(make: Callable[[], Image.Image], factor: float) -> None:
    side = round(416 * factor)
    smaller = make().resize((side, side), Image.Resampling.LANCZOS) if factor < 1 else make()
    assert look(DETECTOR, as_jpeg(smaller, 92)).details["enlarged"] is None


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_other_formats_are_looked_at_by_their_pixels(kind: str) -> None:
    buffer = io.BytesIO()
    textured().save(buffer, kind, quality=85)
    sighting = look(DETECTOR, buffer.getvalue())
    assert sighting.observations == ()
    assert sighting.details["structure"] is None
    assert sighting.details["encoder"]["family"] in {"webp", "avif"}
    assert "covers the traces" in sighting.note


def test_a_lossless_webp_keeps_the_traces_of_a_jpeg() -> None:
    for picture, seen in ((again(textured(), 80), {"encoder_history.was_jpeg"}), (textured(), set())):
        for extra in ({}, {"exif": camera_exif("Canon")}):
            buffer = io.BytesIO()
            picture.save(buffer, "WEBP", lossless=True, method=0, **extra)
            assert codes(look(DETECTOR, buffer.getvalue())) == seen


def test_a_grey_picture_is_looked_at_too() -> None:
    sighting = look(DETECTOR, as_jpeg(again(textured(), 70).convert("L"), 90))
    assert sighting.details["encoder"]["subsampling"] == "grey"


def test_a_picture_in_printing_colours_is_told_by_its_structure_alone() -> None:
    sighting = look(DETECTOR, as_jpeg(textured().convert("CMYK"), 80))
    assert sighting.details["first_save"] is None
    assert sighting.details["encoder"]["quality"] == 80


def test_pixels_that_cannot_be_decoded_leave_the_structure() -> None:
    hierarchical = as_jpeg(textured(), 80).replace(b"\xff\xc0", b"\xff\xc5", 1)  # which no decoder at hand reads
    sighting = DETECTOR.look(Scene(raw_portrait(hierarchical, "JPEG"), TrustLists()))
    assert sighting.details["encoder"]["quality"] == 80
    assert sighting.details["pixels"] is False
    assert "only the structure" in sighting.note


def test_without_structure_and_pixels_it_says_that_it_could_not_look() -> None:
    with pytest.raises(CouldNotLook):
        DETECTOR.look(Scene(raw_portrait(b"\xff\xd8\xff", "JPEG"), TrustLists()))


def test_a_small_png_is_no_case_for_it() -> None:
    with pytest.raises(NotApplicable, match="too small"):
        look(DETECTOR, as_png(textured(side=64)))


def test_broken_files_have_an_outcome_of_the_detector() -> None:
    for data in islice(broken(as_jpeg(textured(side=128), 80)), 0, None, 3):
        try:
            sighting = DETECTOR.look(Scene(raw_portrait(data, "JPEG"), TrustLists()))
        except (CouldNotLook, NotApplicable):
            continue
        assert json.loads(json.dumps(dict(sighting.details), allow_nan=False))


def some_headshots(label: str, number: int) -> list[Image.Image]:
    """Of as many groups as there are, made smaller so that nothing of their own history is left."""
    with (HEADSHOTS / "manifest.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["label"] == label and int(row["width"]) >= 600]
    pictures = []
    for row in rows[:: max(1, len(rows) // number)][:number]:
        with Image.open(HEADSHOTS / row["file"]) as opened:
            opened.draft("RGB", (800, 800))
            side = (round(opened.width * 0.61), round(opened.height * 0.61))
            pictures.append(opened.convert("RGB").resize(side, Image.Resampling.LANCZOS))
    return pictures


def _older(sighting: Sighting) -> bool:
    return bool(codes(sighting) & OLDER)


@headshots_here
@pytest.mark.parametrize("label", ["real", "ai"])
def test_portraits_saved_twice_are_seen_and_those_saved_once_are_not(label: str) -> None:
    pictures = some_headshots(label, 12)
    twice = [_older(look(DETECTOR, as_jpeg(again(one, 70), 90))) for one in pictures]
    once = [_older(look(DETECTOR, as_jpeg(one, 90))) for one in pictures]
    cut = [_older(look(DETECTOR, as_png(again(one, 80).crop((3, 5, *one.size))))) for one in pictures]
    assert len(pictures) == 12
    assert all(twice)
    assert not any(once)
    assert all(cut)
