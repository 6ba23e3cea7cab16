"""The hair sign, on controlled twins of one public-domain portrait: only the hair differs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.face import FaceMap, find_face
from detector.observation import CouldNotLook, NotApplicable, Observation, Region, RegionKind, Sighting
from detector.portrait import Portrait
from detector.scene import Scene
from detector.signal import norm
from detector.signal.head import on_window
from detector.signs import hair
from detector.trust import TrustLists
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here
from tests.detector.planted_hair import dissolved, flooded, hair_of, haloed

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Plant = Callable[[Rgb, FaceMap, float], tuple[Rgb, Mask]]
pytestmark = face_models_here

PLANTS: tuple[tuple[Plant, str], ...] = ((flooded, hair.SOLID), (haloed, hair.HALO), (dissolved, hair.MERGED))
STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


@cache
def portrait() -> Rgb:
    """The astronaut with 63 pixels between the eyes, and as much backdrop above her hair as a headshot has."""
    higher = cv2.copyMakeBorder(astronaut(), 48, 0, 0, 0, cv2.BORDER_REPLICATE)[:480]
    return enlarged(np.asarray(higher, dtype=np.uint8), 1.5)


@cache
def face() -> FaceMap:
    return find_face(as_portrait(portrait()))


@cache
def planted(plant: Plant, strength: float) -> tuple[Rgb, Mask]:
    return plant(portrait(), face(), strength)


def look(picture: Portrait) -> Sighting:
    return hair.DETECTOR.look(Scene(picture, TrustLists()))


@cache
def sight(plant: Plant, strength: float) -> Sighting:
    return look(as_portrait(planted(plant, strength)[0]))


def of_code(sighting: Sighting, code: str) -> Observation | None:
    return next((seen for seen in sighting.observations if seen.code == code), None)


def filled(region: Region, shape: tuple[int, ...]) -> Mask:
    canvas = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(canvas, [np.rint(np.array(region.points)).astype(np.int32)], (1,))
    return canvas > 0


def overlap(one: Mask, other: Mask) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))


def surprises(rgb: Rgb) -> dict[str, float]:
    return dict(look(as_portrait(rgb)).details["surprises"])


def test_nothing_is_found_in_the_untouched_portrait() -> None:
    for rgb in (astronaut(), portrait()):
        sighting = look(as_portrait(rgb))
        assert sighting.observations == ()
        assert sighting.note


@pytest.mark.parametrize(("plant", "code"), PLANTS)
def test_a_planted_defect_is_found_at_its_place(plant: Plant, code: str) -> None:
    seen = of_code(sight(plant, 1.0), code)
    assert seen is not None
    assert seen.caveat
    assert seen.region is not None
    assert seen.region.kind is RegionKind.POLYGON
    assert overlap(filled(seen.region, portrait().shape), planted(plant, 1.0)[1]) > 0.3


@pytest.mark.parametrize(("plant", "code"), PLANTS)
def test_the_stronger_it_is_planted_the_more_it_surprises(plant: Plant, code: str) -> None:
    found = [float(sight(plant, strength).details["surprises"][code]) for strength in STRENGTHS]
    assert found == sorted(found)
    assert found[-1] > surprises(portrait())[code] + 2


def test_a_flooded_half_is_marked_in_that_half_and_mirrors_with_the_picture() -> None:
    whole, where = planted(flooded, 1.0)
    half = portrait().copy()
    middle = round(float(face().landmarks[10, 0]))
    half[:, middle:] = whole[:, middle:]
    mirrored = np.ascontiguousarray(half[:, ::-1])
    here, there = (of_code(look(as_portrait(rgb)), hair.SOLID) for rgb in (half, mirrored))
    assert here is not None
    assert there is not None
    assert here.region is not None
    assert there.region is not None
    marked, back = filled(here.region, half.shape), filled(there.region, half.shape)[:, ::-1]
    assert overlap(marked, where & (np.arange(half.shape[1]) >= middle)) > 0.3
    assert overlap(marked, back) > 0.6
    assert "right" in here.summary
    assert "left" in there.summary


@pytest.mark.parametrize("quality", [90, 75, 60, 40])
def test_ordinary_compression_of_a_real_portrait_fires_nothing(quality: int) -> None:
    assert look(as_portrait(portrait(), quality=quality)).observations == ()


def test_a_resized_portrait_fires_nothing() -> None:
    small = cv2.resize(portrait(), None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    assert look(as_portrait(np.asarray(small, dtype=np.uint8))).observations == ()


@pytest.mark.parametrize("turns", [1, 3])
def test_a_turned_photo_measures_about_the_same(turns: int) -> None:
    turned = surprises(np.ascontiguousarray(np.rot90(portrait(), turns)))
    assert turned == pytest.approx(surprises(portrait()), abs=0.8)


def test_a_coloured_head_covering_is_not_judged() -> None:
    rgb = portrait().copy()
    rgb[hair_of(rgb, face())] = (40, 60, 150)
    with pytest.raises(NotApplicable, match="colour"):
        look(as_portrait(rgb))


def test_a_shaven_head_is_not_judged() -> None:
    rgb = portrait().copy()
    x, y = np.rint(face().landmarks[[50, 101, 280, 330], :2]).astype(int).T
    cheek = np.median(rgb[y, x], axis=0)
    rgb[hair_of(rgb, face())] = cheek.astype(np.uint8)
    oval = np.rint(face().landmarks[[54, 103, 67, 109, 10, 338, 297, 332, 284, 334, 105], :2]).astype(np.int32)
    cv2.fillPoly(rgb, [oval], [int(value) for value in cheek])
    with pytest.raises(NotApplicable, match=r"[Tt]oo little hair|told apart|covers the head"):
        look(as_portrait(rgb))


def test_an_out_of_focus_photo_is_not_judged() -> None:
    soft = np.asarray(cv2.GaussianBlur(portrait(), (0, 0), 6.0), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="out of focus"):
        look(as_portrait(soft))


def test_strong_compression_is_not_judged() -> None:
    with pytest.raises(NotApplicable, match="compressed"):
        look(as_portrait(portrait(), quality=5))


def test_hair_in_deep_shade_is_not_judged() -> None:
    rgb = portrait().copy()
    rgb[hair_of(rgb, face())] //= 12
    with pytest.raises(NotApplicable, match="light that shows strands"):
        look(as_portrait(rgb))


def test_a_tiny_face_is_not_judged() -> None:
    tiny = np.asarray(cv2.resize(astronaut(), None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="too small"):
        look(as_portrait(tiny))


def test_an_outline_without_contrast_is_said_to_be_not_judged() -> None:
    rgb = portrait().copy()
    backdrop = face().head
    person = on_window(backdrop.square, backdrop.person, (0, 0, rgb.shape[1], rgb.shape[0]))
    tone = np.median(rgb[hair_of(rgb, face())], axis=0)
    rgb[~person] = np.rint(0.05 * rgb[~person] + 0.95 * tone).astype(np.uint8)
    try:
        assert "outline" in look(as_portrait(rgb)).details["not_judged"]
    except NotApplicable as reason:
        assert "told apart" in str(reason)  # noqa: PT017 - either answer is right, silence is not


def test_missing_weights_are_said_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(norm, "WEIGHTS", norm.WEIGHTS / "not-there")
    norm._loaded.cache_clear()
    with pytest.raises(CouldNotLook, match="install Candid again"):
        look(as_portrait(portrait()))
    norm._loaded.cache_clear()
