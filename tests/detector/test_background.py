"""The background sign, on controlled twins of one public-domain portrait: only what stands behind her differs."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.observation import NotApplicable, Observation, Region, RegionKind, Sighting, Strength
from detector.portrait import Portrait
from detector.scene import Scene
from detector.signs import background
from detector.signs.background import BENT, MELTED
from detector.trust import TrustLists
from tests.detector import planted_background as planted
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here
from tests.detector.planted_background import door_frame, shelf, textured, two_shelves

Rgb = NDArray[np.uint8]
pytestmark = face_models_here

STRENGTHS = (0.05, 0.1, 0.15, 0.2, 0.3)  # of a bend, in eye distances
SHARES = (0.2, 0.4, 0.6, 0.8, 1.0)  # of the melting


def look(portrait: Portrait) -> Sighting:
    return background.DETECTOR.look(Scene(portrait, TrustLists()))


def seen(rgb: Rgb, code: str) -> Observation | None:
    return next((each for each in look(as_portrait(rgb)).observations if each.code == code), None)


def surprise(rgb: Rgb, code: str) -> float:
    return float(look(as_portrait(rgb)).details["surprises"][code])


def filled(region: Region | None) -> NDArray[np.bool_]:
    assert region is not None
    assert region.kind is RegionKind.POLYGON
    mask = np.zeros(astronaut().shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(np.array(region.points)).astype(np.int32)], (1,))
    return mask > 0


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(one & other) / np.count_nonzero(one | other))


@pytest.mark.parametrize("straight", [shelf, door_frame])
def test_a_straight_edge_is_looked_at_and_not_found(straight: Callable[[], Rgb]) -> None:
    sighting = look(as_portrait(straight()))
    assert BENT in sighting.details["surprises"]
    assert sighting.observations == ()
    assert "straight" in sighting.note


@pytest.mark.parametrize("edge", [shelf, door_frame])
def test_a_bent_edge_is_found_where_it_bends(edge: Callable[[float], Rgb]) -> None:
    found = seen(edge(0.3), BENT)
    assert found is not None
    assert "edge" in found.summary
    assert found.caveat
    assert overlap(filled(found.region), planted.changed(edge(0.3), edge(0.0))) > 0.3


@pytest.mark.parametrize("edge", [shelf, door_frame])
def test_the_more_an_edge_bends_the_greater_the_surprise(edge: Callable[[float], Rgb]) -> None:
    surprises = [surprise(edge(strength), BENT) for strength in (0.0, *STRENGTHS)]
    assert surprises == sorted(surprises)
    assert seen(edge(STRENGTHS[-1]), BENT) is not None


@pytest.mark.parametrize("bend", [0.2, 0.3, 0.4])
def test_a_bend_that_reaches_far_along_the_edge_is_found_too(bend: float) -> None:
    found = seen(door_frame(bend, 0.65), BENT)
    assert found is not None
    assert overlap(filled(found.region), planted.changed(door_frame(bend, 0.65), door_frame())) > 0.3


def test_an_edge_that_comes_out_elsewhere_is_found_and_said_so() -> None:
    found = seen(shelf(step=0.3), BENT)
    assert found is not None
    assert "does not come out in line" in found.summary


def test_two_different_edges_that_nearly_meet_are_not_one_that_misses_itself() -> None:
    assert seen(two_shelves(0.25), BENT) is None


@pytest.mark.parametrize("amount", [0.04, 0.08, -0.04])
@pytest.mark.parametrize("edge", [shelf, door_frame])
def test_a_lens_that_bends_every_line_is_not_taken_for_a_bent_edge(edge: Callable[[], Rgb], amount: float) -> None:
    assert seen(planted.barrel(edge(), amount), BENT) is None


def test_the_figure_shows_the_edge_as_it_runs_beside_its_straight_continuation() -> None:
    found = seen(shelf(0.3), BENT)
    assert found is not None
    assert found.figure is not None
    runs, expected = np.array(found.figure.seen), np.array(found.figure.expected)
    from_line = [np.abs(line[:, 1] - planted.SHELF) for line in (runs, expected)]
    assert from_line[1].max() < 0.05 * planted.unit()
    assert from_line[0].max() > 0.2 * planted.unit()
    assert np.median(from_line[0]) < 0.05 * planted.unit()


def test_a_rough_wall_is_looked_at_and_not_found() -> None:
    sighting = look(as_portrait(textured()))
    assert MELTED in sighting.details["surprises"]
    assert sighting.observations == ()
    assert sighting.details["not_judged"]["lines"] == background.NO_EDGE
    assert "texture" in sighting.note


def test_a_wall_that_melts_at_the_outline_is_found_there() -> None:
    found = seen(textured(1.0), MELTED)
    assert found is not None
    assert "outline" in found.summary
    assert overlap(filled(found.region), planted.melted_area()) > 0.3


def test_the_more_a_wall_melts_the_greater_the_surprise() -> None:
    surprises = [surprise(textured(share), MELTED) for share in (0.0, *SHARES)]
    assert surprises == sorted(surprises)
    assert seen(textured(SHARES[-1]), MELTED) is not None


def test_a_backdrop_that_is_out_of_focus_everywhere_has_not_melted() -> None:
    soft = planted.behind_the_person(np.asarray(cv2.GaussianBlur(textured(contrast=60.0), (0, 0), 4.0), np.float64))
    with pytest.raises(NotApplicable, match="out of focus"):
        look(as_portrait(soft))


def test_a_plain_backdrop_is_not_judged() -> None:
    plain = planted.behind_the_person(np.full((*astronaut().shape[:2], 3), 170.0))
    with pytest.raises(NotApplicable, match="plain"):
        look(as_portrait(plain))


def test_a_face_that_fills_the_picture_leaves_no_background_to_judge() -> None:
    close = enlarged(np.ascontiguousarray(astronaut()[40:190, 160:300]), 3)
    with pytest.raises(NotApplicable, match=r"background|plain|cut off"):
        look(as_portrait(close))


@pytest.mark.parametrize("plant", [lambda: shelf(0.3), lambda: textured(1.0)], ids=["bent", "melted"])
def test_a_mirrored_picture_gives_the_mirrored_finding(plant: Callable[[], Rgb]) -> None:
    (found,) = look(as_portrait(plant())).observations
    (turned,) = look(as_portrait(np.ascontiguousarray(plant()[:, ::-1]))).observations
    assert found.code == turned.code
    assert overlap(filled(found.region), filled(turned.region)[:, ::-1]) > 0.6


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_measures_about_the_same(turns: int) -> None:
    turned = surprise(np.ascontiguousarray(np.rot90(shelf(0.2), turns)), BENT)
    assert turned == pytest.approx(surprise(shelf(0.2), BENT), abs=0.8)


@pytest.mark.parametrize("turns", [1, 3])  # upside down, the mesh takes chin and forehead of this one for each other
def test_a_turned_wall_measures_about_the_same(turns: int) -> None:
    turned = surprise(np.ascontiguousarray(np.rot90(textured(0.6), turns)), MELTED)
    assert turned == pytest.approx(surprise(textured(0.6), MELTED), abs=0.8)


@pytest.mark.parametrize("quality", [90, 75, 60, 40])
@pytest.mark.parametrize("untouched", [astronaut, shelf, door_frame, textured])
def test_saving_an_untouched_portrait_again_is_never_found(untouched: Callable[[], Rgb], quality: int) -> None:
    try:
        assert look(as_portrait(untouched(), quality=quality)).observations == ()
    except NotApplicable as reason:
        assert "backdrop" in str(reason)  # noqa: PT017 - either answer is right, a finding is not


def test_a_smaller_copy_of_a_straight_edge_is_not_found_and_of_a_bent_one_is() -> None:
    big = [enlarged(shelf(bend), 1.6) for bend in (0.0, 0.3)]
    small = [np.asarray(cv2.resize(rgb, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA), np.uint8) for rgb in big]
    assert seen(small[0], BENT) is None
    assert seen(small[1], BENT) is not None


def test_the_sign_alone_is_never_conclusive() -> None:
    for picture in (shelf(0.3), textured(1.0)):
        assert all(each.strength.rank < Strength.CONCLUSIVE.rank for each in look(as_portrait(picture)).observations)
