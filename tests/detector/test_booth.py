"""Two pictures of one face beside each other: alignment, and differences that are said only where they are measured."""

from __future__ import annotations

import io
import json
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.booth import NOTHING_BEYOND, ONE_SHOT_SAID, WORDS, FacesCompared, compare_faces
from detector.face import find_face
from detector.face_measures import HAIR_COLOUR, HAIR_LINE, TEXTURE
from detector.observation import NotApplicable
from detector.portrait import PictureError, read_portrait
from detector.signal import usual
from detector.training.booth_checks import alignment_errors, lighten_hair
from detector.training.edits import slim_jaw
from detector.training.retouch import smooth_skin
from tests.conftest import SHARED, needs_shared
from tests.detector.astronaut import astronaut
from tests.detector.needs import face_models_here
from tests.detector.planted_skin import large

Rgb = NDArray[np.uint8]

pytestmark = face_models_here

# What a brush on the jaw moves: the corners of the mouth lie under it.
JAW = frozenset(code for code in WORDS if any(word in code for word in ("jaw", "chin", "face", "mouth")))


def jpeg(rgb: Rgb, quality: int = 95) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@cache
def plain() -> bytes:
    return jpeg(large())


def beyond(compared: FacesCompared) -> set[str]:
    return {each.code for each in compared.differences if each.beyond}


def test_a_plain_copy_shows_no_difference_beyond_what_copies_show() -> None:
    compared = compare_faces(jpeg(large(), 75), plain())
    assert compared.summary == f"{ONE_SHOT_SAID} {NOTHING_BEYOND}"
    assert len(compared.differences) >= 8
    assert beyond(compared) == set()


def test_a_smaller_copy_shows_none_either() -> None:
    smaller = cv2.resize(large(), None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    assert beyond(compare_faces(jpeg(np.asarray(smaller, dtype=np.uint8), 90), plain())) == set()


def test_a_slimmed_jaw_is_said_and_eyes_nose_skin_and_hair_are_not() -> None:
    rgb = large()
    compared = compare_faces(jpeg(slim_jaw(rgb, find_face(read_portrait(plain())), rgb).rgb), plain())
    jaw = next(each for each in compared.differences if each.code == "proportions.jaw_width")
    assert jaw.beyond
    assert jaw.value < 0
    assert jaw.summary.startswith("The jaw is narrower in the photo by ")
    assert beyond(compared) <= JAW


def test_smoothed_skin_is_said_as_less_fine_texture_and_nothing_else_is() -> None:
    rgb = large()
    compared = compare_faces(jpeg(smooth_skin(rgb, find_face(read_portrait(plain())), 1.0)), plain())
    assert beyond(compared) == {TEXTURE}
    texture = next(each for each in compared.differences if each.code == TEXTURE)
    assert "less fine texture in the photo" in texture.summary
    assert "make-up" in texture.summary


def test_bleached_hair_is_said_and_the_face_is_not() -> None:
    rgb = large()
    compared = compare_faces(jpeg(lighten_hair(rgb, find_face(read_portrait(plain())), (4.0, 3.0, 8.0))), plain())
    found = beyond(compared)
    assert HAIR_COLOUR in found
    assert all(code.startswith("hair.") for code in found)


def test_every_difference_is_a_sentence_that_says_its_uncertainty() -> None:
    for each in compare_faces(plain(), jpeg(astronaut(), 90)).differences:
        assert each.summary[0].isupper()
        assert each.summary.endswith(".")
        assert "usually differ by up to" in each.summary
        assert each.uncertainty > 0


def test_nothing_that_could_name_a_person_is_handed_on_for_storing() -> None:
    stored = compare_faces(plain(), plain()).to_json()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            assert not any(isinstance(inner, (int, float)) for inner in value), "a list of numbers may be a vector"
            for inner in value:
                walk(inner)

    walk(json.loads(json.dumps(stored)))
    assert set(stored) == {"schema", "summary", "differences", "not_measured"}


def test_both_pictures_come_back_aligned_and_of_one_size() -> None:
    height, width = large().shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 20.0, 0.7)
    turned = np.asarray(cv2.warpAffine(large(), matrix, (width, height)), dtype=np.uint8)
    pictures = compare_faces(plain(), jpeg(turned)).pictures
    assert {name: (sheet.shape, sheet.dtype) for name, sheet in pictures.items()} == {
        "photo": ((640, 640, 3), np.dtype(np.uint8)),
        "live": ((640, 640, 3), np.dtype(np.uint8)),
    }
    faces = [find_face(read_portrait(jpeg(np.asarray(sheet)))) for sheet in pictures.values()]
    for side in ("left", "right"):
        first, second = (getattr(face, side) for face in faces)
        assert np.hypot(first.x - second.x, first.y - second.y) < 0.03 * faces[0].inter_ocular


@needs_shared
def test_the_alignment_of_turned_and_resized_portraits_is_off_by_less_than_3_per_cent_of_the_eyes_distance() -> None:
    errors: list[float] = []
    draw = np.random.default_rng(1)
    for path in islice(sorted((SHARED / "data/headshots/real/webmorph_london").glob("*.jpg")), 3):
        errors += alignment_errors(read_portrait(path.read_bytes()).rgb, draw)
    assert len(errors) == 18
    assert max(errors) < 0.03


def test_a_nearer_camera_is_told_from_the_whole_face_and_taken_out() -> None:
    """As an arm's length would change every proportion at once; a jaw that changes alone is no camera's doing."""
    near = usual.weights()["near"]
    level = usual.level_cameras(dict(near))
    assert all(abs(level[code]) < usual.limit_of(code, 0.0, near) for code in near)  # type: ignore[operator]
    alone = dict.fromkeys(near, 0.0) | {"proportions.jaw_width": -0.1}
    assert usual.level_cameras(alone)["proportions.jaw_width"] < -0.08


def test_limits_never_shrink_when_the_poses_differ() -> None:
    assert all(each["far"] >= each["near"] > 0 for each in usual.weights()["limits"].values())
    assert {HAIR_LINE, HAIR_COLOUR, TEXTURE, *WORDS} <= usual.weights()["limits"].keys()


# --- pictures that cannot be compared


@pytest.fixture
def empty() -> bytes:
    return jpeg(np.full((300, 300, 3), 120, np.uint8) + np.arange(300, dtype=np.uint8)[None, :, None] // 4)


def test_a_live_picture_without_a_face_says_what_to_do(empty: bytes) -> None:
    with pytest.raises(NotApplicable, match=r"in the live picture\. Please look into the camera"):
        compare_faces(plain(), empty)


def test_a_photo_without_a_face_is_called_the_photo(empty: bytes) -> None:
    with pytest.raises(NotApplicable, match=r"in the photo\. Please choose another photo"):
        compare_faces(empty, plain())


def test_two_people_before_the_camera_are_not_compared() -> None:
    head = astronaut()[:300, 100:400]
    with pytest.raises(NotApplicable, match="one person alone"):
        compare_faces(plain(), jpeg(np.concatenate([head, head], axis=1)))


def test_a_face_that_is_far_away_is_asked_to_come_nearer() -> None:
    small = cv2.resize(astronaut(), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    with pytest.raises(NotApplicable, match="come nearer"):
        compare_faces(plain(), jpeg(np.asarray(small, dtype=np.uint8)))


def test_bytes_that_are_no_picture_are_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError):
        compare_faces(plain(), b"%PDF-1.7 not a picture")
