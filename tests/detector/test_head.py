"""The head square: person and hair masks of a real portrait, and what they must not take for hair."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.face import find_face
from detector.signal import head as heads
from detector.signal.head import SIZE, UNIT, Head, from_picture, on_window
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here
from tests.detector.planted_hair import hair_of

Rgb = NDArray[np.uint8]
pytestmark = face_models_here


@cache
def untouched() -> Head:
    return head_of(astronaut())


def head_of(rgb: Rgb) -> Head:
    return find_face(as_portrait(rgb)).head


def repainted(change: str) -> Rgb:
    """The portrait with other hair."""
    rgb = astronaut().copy()
    hair = hair_of(rgb, find_face(as_portrait(rgb)))
    if change == "blue":
        rgb[hair] = np.array((30, 60, 170)) + rgb[hair] // 16
    if change == "of the backdrop's colour":
        rgb[hair] = np.median(rgb[20:60, 300:400].reshape(-1, 3), axis=0)
    return rgb


def test_the_hair_lies_above_and_beside_the_face_and_on_the_person() -> None:
    head = untouched()
    assert head.doubt == ""
    assert np.count_nonzero(head.hair) > 3 * UNIT**2
    assert (head.person[head.hair] > 0.5).all()
    rows, _ = np.nonzero(head.hair)
    assert np.median(rows) < head.points[[33, 263], 1].mean()
    assert rows.max() < head.points[152, 1]


def test_no_hair_is_seen_on_the_bare_face() -> None:
    head = untouched()
    face = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(face, [np.rint(head.points[[70, 300, 361, 152, 132]]).astype(np.int32)], (1,))
    assert np.count_nonzero(head.hair & (face > 0)) < 0.02 * np.count_nonzero(face)


def test_the_hair_is_the_same_in_the_mirror_and_at_twice_the_size() -> None:
    mirrored = head_of(np.ascontiguousarray(astronaut()[:, ::-1])).hair[:, ::-1]
    larger = head_of(enlarged(astronaut(), 2)).hair
    for other in (mirrored, larger):
        shared = np.count_nonzero(untouched().hair & other)
        assert shared / np.count_nonzero(untouched().hair | other) > 0.85


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_photo_gives_the_same_upright_head(turns: int) -> None:
    turned = head_of(np.ascontiguousarray(np.rot90(astronaut(), turns)))
    assert np.abs(turned.points - untouched().points).max() < 0.2 * UNIT
    shared = np.count_nonzero(untouched().hair & turned.hair)
    assert shared / np.count_nonzero(untouched().hair | turned.hair) > 0.8


def test_a_portrait_lit_from_one_side_keeps_its_hair() -> None:
    ramp = np.linspace(0.35, 1.0, astronaut().shape[1])[None, :, None]
    lit = head_of(np.asarray(np.rint(astronaut() * ramp), dtype=np.uint8))
    shared = np.count_nonzero(untouched().hair & lit.hair)
    assert lit.doubt == ""
    assert shared > 0.9 * np.count_nonzero(lit.hair)
    assert shared > 0.5 * np.count_nonzero(untouched().hair)


@pytest.mark.parametrize("change", ["blue", "of the backdrop's colour"])
def test_what_is_no_usual_hair_is_doubted_in_words(change: str) -> None:
    doubt = head_of(repainted(change)).doubt
    assert doubt in (heads.COLOURED, heads.MERGED, heads.BALD, heads.CLOTH)
    assert doubt.endswith(".")


def test_the_square_maps_to_the_picture_and_back() -> None:
    face = find_face(as_portrait(astronaut()))
    assert np.allclose(from_picture(face.head.square, face.landmarks[:, :2]), face.head.points, atol=1e-3)
    laid = on_window(face.head.square, face.head.hair.astype(np.float32), (0, 0, 512, 512))
    scale = face.head.square.side / SIZE
    assert np.count_nonzero(laid) == pytest.approx(np.count_nonzero(face.head.hair) * scale**2, rel=0.05)


def test_the_same_picture_always_gives_the_same_hair() -> None:
    assert (head_of(astronaut()).hair == untouched().hair).all()
