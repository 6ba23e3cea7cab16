"""Delivery twins: the same head saved again, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.face import find_face
from detector.fingerprint.crop import INPUT, MARGIN, SIZE, crop, crop_square, head_of
from detector.fingerprint.twins import AS_IT_CAME, TWINS, cropped, twins
from detector.signal.head import SIDE, unit_of
from detector.signal.pyramid import Pyramid
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here

Rgb = NDArray[np.uint8]
pytestmark = face_models_here


def cut(rgb: Rgb) -> Rgb:
    return crop(Pyramid(rgb), find_face(as_portrait(rgb)))


def apart(one: Rgb, other: Rgb) -> float:
    """Mean distance in grey levels of the middle of what the networks are shown: framing changes the rest."""
    middle = slice(INPUT // 4, 3 * INPUT // 4)
    first, second = (head_of(cut)[middle, middle].astype(float) for cut in (one, other))
    return float(np.abs(first - second).mean())


def test_there_are_six_to_eight_and_the_photo_itself_comes_first() -> None:
    versions = twins(cut(astronaut()))
    assert 6 <= len(TWINS) <= 8
    assert list(versions) == [AS_IT_CAME, *TWINS]
    assert np.array_equal(versions[AS_IT_CAME], cut(astronaut()))


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_shows_the_same_head_a_little_changed(name: str) -> None:
    original = cut(enlarged(astronaut(), 2))
    twin = TWINS[name](original)
    other_head = np.ascontiguousarray(original[::-1])
    assert 0 < apart(original, twin) < 0.25 * apart(original, other_head)


def test_a_tighter_framing_leaves_the_face_alone() -> None:
    original = cut(astronaut())
    framed = cropped(original, 0.04)
    middle = slice(SIZE // 4, 3 * SIZE // 4)
    assert np.array_equal(framed[middle, middle], original[middle, middle])
    assert not framed[:20].any()


def test_the_cut_has_one_scale_whatever_the_size_of_the_photo() -> None:
    small, large = cut(astronaut()), cut(enlarged(astronaut(), 3))
    assert small.shape == large.shape == (SIZE, SIZE, 3)
    assert head_of(small).shape == (INPUT, INPUT, 3)
    assert apart(small, large) < 8


def test_the_cut_is_the_head_square_with_its_margin() -> None:
    face = find_face(as_portrait(astronaut()))
    assert crop_square(face).side == pytest.approx(unit_of(face.landmarks) * SIDE * MARGIN)
