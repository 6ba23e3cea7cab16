"""A first photo beside its original: what was changed is found where it was changed, and saving is no change."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.comparison import SIDE, Relation, compare_pictures
from detector.face import FaceMap, find_face
from detector.portrait import PictureError
from detector.training.comparison import OVERLAP, alignment_error, overlap_of
from detector.training.edits import EDITS, visible
from detector.training.plain_copies import COPIES, cropped, resized, saved
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here

pytestmark = face_models_here
Rgb = NDArray[np.uint8]

# One of every kind; all of COPIES are measured by `make comparison`.
TRIED = (
    *("JPEG 50", "WebP 75", "scale 0.25", "enlarged by a half", "crop", "lying, with the tag", "turned by 3 degrees"),
    *("S-curve", "more saturation", "grey", "shrunk and sharpened", "messenger", "saved thrice"),
)

ALIGNED = 0.03  # eye distances: what the task allows


@cache
def original() -> Rgb:
    """The astronaut's head and shoulders with a camera's size and a camera's noise, which an enlargement lacks."""
    large = enlarged(astronaut(), 2)[:620, 150:770].astype(np.float32)
    noise = np.random.default_rng(3).normal(size=large.shape[:2])[..., None] * 2.5
    return np.asarray(np.rint(np.clip(large + noise, 0, 255)), dtype=np.uint8)


@cache
def camera_file() -> bytes:
    return saved(Image.fromarray(original()), quality=95)


@cache
def face() -> FaceMap:
    return find_face(as_portrait(original()))


@cache
def stranger() -> Rgb:
    """Another picture for a background: stripes and a slope, in colours that the astronaut's has not."""
    ys, xs = np.mgrid[:300, :400]
    return np.dstack([120 + 100 * np.sin(xs / 17), ys * 0.7, 200 - ys * 0.5]).astype(np.uint8)


@pytest.mark.parametrize("name", EDITS)
def test_a_planted_edit_is_found_where_it_was_planted(name: str) -> None:
    edited = EDITS[name](original(), face(), stranger())
    found = compare_pictures(saved(Image.fromarray(edited.rgb)), camera_file())
    assert visible(original(), edited)
    assert found.relation == Relation.SAME
    assert (overlap_of(found, edited) or 0) > OVERLAP


def test_an_edit_is_still_found_in_a_cropped_and_shrunk_copy() -> None:
    edited = EDITS["jaw slimmed"](original(), face(), stranger())
    small = resized(cropped(Image.fromarray(edited.rgb), 0.1, 0.0, 0.9, 0.8), 0.6)
    found = compare_pictures(saved(small), camera_file())
    assert [change.part for change in found.changes] == ["jaw-line"]
    assert found.scale == pytest.approx(0.6, abs=0.01)
    assert found.kept == pytest.approx(0.64, abs=0.02)


@pytest.mark.parametrize("name", TRIED)
def test_saving_shrinking_turning_and_toning_is_no_change(name: str) -> None:
    found = compare_pictures(COPIES[name](Image.fromarray(original())), camera_file())
    assert (found.relation, [change.summary for change in found.changes]) == (Relation.SAME, [])
    assert found.share == 0


def test_more_smoothing_leaves_less_texture() -> None:
    magnitudes = [
        next(change.magnitude for change in compare_pictures(data, camera_file()).changes if change.part == "skin")
        for data in map(_edited, ("skin smoothed, blended by half", "skin smoothed (bilateral)"))
    ]
    assert magnitudes[0] < magnitudes[1]


def _edited(name: str) -> bytes:
    return saved(Image.fromarray(EDITS[name](original(), face(), stranger()).rgb))


def test_how_the_first_photo_lies_in_the_original_is_told() -> None:
    found = compare_pictures(COPIES["mirrored"](Image.fromarray(original())), camera_file())
    assert found.mirrored
    assert found.scale == pytest.approx(1.0, abs=0.005)
    assert "mirrored" in found.summary
    turned = compare_pictures(COPIES["turned by 3 degrees"](Image.fromarray(original())), camera_file())
    assert turned.rotation == pytest.approx(-3.0, abs=0.1)
    assert not turned.mirrored


def test_the_pictures_are_of_one_size_and_the_difference_is_blue_where_something_changed() -> None:
    edited = EDITS["background plain"](original(), face(), stranger())
    found = compare_pictures(saved(Image.fromarray(edited.rgb)), camera_file())
    assert {name: picture.shape for name, picture in found.pictures.items()} == dict.fromkeys(
        ("first", "original", "difference"), (620, 620, 3)
    )
    assert max(found.pictures["first"].shape) <= SIDE
    difference = found.pictures["difference"].astype(int)
    blue = difference[..., 2] > difference[..., 0] + 10
    assert np.count_nonzero(blue & edited.where) > 0.8 * np.count_nonzero(edited.where)
    assert np.count_nonzero(blue & ~edited.where) < 0.1 * np.count_nonzero(~edited.where)


def test_the_pixels_stay_out_of_the_stored_form() -> None:
    found = compare_pictures(_edited("eyes whitened"), camera_file())
    stored = json.loads(json.dumps(found.to_json()))
    assert "pictures" not in stored
    assert (stored["relation"], stored["changes"][0]["part"]) == ("same-picture", "eyes")
    assert stored["changes"][0]["region"]["kind"] == "polygon"


def test_a_picture_without_texture_cannot_be_compared() -> None:
    plain = saved(Image.new("RGB", (300, 300), (120, 130, 140)))
    found = compare_pictures(plain, camera_file())
    assert (found.relation, dict(found.pictures), found.changes) == (Relation.CANNOT_SAY, {}, ())


def test_another_picture_is_called_another_picture() -> None:
    found = compare_pictures(saved(Image.fromarray(stranger()).resize((800, 600))), camera_file())
    assert found.relation != Relation.SAME
    noise = np.random.default_rng(5).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    assert compare_pictures(saved(Image.fromarray(noise)), camera_file()).relation == Relation.DIFFERENT


def test_a_picture_without_a_face_is_compared_as_a_whole() -> None:
    import skimage.data

    coffee = Image.fromarray(np.asarray(skimage.data.coffee()))  # type: ignore[no-untyped-call]
    assert compare_pictures(saved(resized(coffee, 0.7)), saved(coffee, quality=95)).relation == Relation.SAME


@pytest.mark.parametrize("bad", [b"", b"%PDF-1.7 nothing to look at"])
def test_what_is_no_picture_is_refused_with_a_sentence(bad: bytes) -> None:
    with pytest.raises(PictureError, match=r"\.$"):
        compare_pictures(bad, camera_file())
    with pytest.raises(PictureError, match=r"\.$"):
        compare_pictures(camera_file(), bad)


def test_a_picture_beyond_the_limit_is_refused() -> None:
    with pytest.raises(PictureError, match="megapixels"):
        compare_pictures(camera_file(), camera_file(), max_pixels=100_000)


@pytest.mark.parametrize(("degrees", "scale"), [(-9.0, 0.5), (15.0, 1.0), (4.0, 0.35)])
def test_the_alignment_is_off_by_less_than_three_percent_of_the_eye_distance(degrees: float, scale: float) -> None:
    error = alignment_error(camera_file(), degrees, scale)
    assert error is not None
    assert error < ALIGNED
