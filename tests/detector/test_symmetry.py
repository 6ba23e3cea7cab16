"""The symmetry sign, on controlled twins of one public-domain portrait: only an earring or a rim differs."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.observation import CouldNotLook, NotApplicable, Region, RegionKind, Sighting
from detector.portrait import Portrait
from detector.scene import Scene
from detector.signs import symmetry
from detector.signs.symmetry import EARRINGS, FADE
from detector.trust import TrustLists
from tests.detector.astronaut import as_portrait, enlarged
from tests.detector.needs import face_models_here
from tests.detector.planted_symmetry import (
    EYE_DISTANCE,
    FACTOR,
    GOLD,
    LOBES,
    earring_place,
    faded_place,
    portrait,
    with_earring,
    with_glasses,
    with_lenses,
)

Rgb = NDArray[np.uint8]
pytestmark = face_models_here

STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


def look(seen: Portrait) -> Sighting:
    return symmetry.DETECTOR.look(Scene(seen, TrustLists()))


def twin(kind: str) -> Rgb:
    """What nothing is wrong with."""
    return {"bare": portrait, "pair": pair, "glasses": glasses}[kind]()


def glasses() -> Rgb:
    return with_glasses(portrait())


def pair() -> Rgb:
    return with_earring(with_earring(portrait(), "left"), "right")


def codes(rgb: Rgb) -> set[str]:
    return {seen.code for seen in look(as_portrait(rgb)).observations}


def surprise(rgb: Rgb, code: str) -> float:
    return float(look(as_portrait(rgb)).details["surprises"][code])


def overlap(region: Region | None, planted: NDArray[np.bool_]) -> float:
    assert region is not None
    marked = np.zeros(planted.shape, np.uint8)
    corners = np.rint(np.array(region.points)).astype(np.int32)
    if region.kind is RegionKind.BOX:
        cv2.rectangle(marked, corners[0].tolist(), corners[1].tolist(), (1,), -1)
    else:
        cv2.fillPoly(marked, [corners], (1,))
    return np.count_nonzero((marked > 0) & planted) / np.count_nonzero((marked > 0) | planted)


# --- earrings


def test_bare_ears_are_judged_and_nothing_is_found() -> None:
    sighting = look(as_portrait(portrait()))
    assert sighting.observations == ()
    assert sighting.note
    assert EARRINGS in sighting.details["surprises"]


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_an_earring_without_a_partner_is_found_at_its_place(side: str, other: str) -> None:
    (seen,) = look(as_portrait(with_earring(portrait(), side))).observations
    assert seen.code == EARRINGS
    assert f"at the {side} of the picture" in seen.summary
    assert f"at the {other}" in seen.summary
    assert seen.caveat
    assert overlap(seen.region, earring_place(side) > 0.5) > 0.3
    assert seen.figure is not None
    assert [panel.mirrored for panel in seen.figure.panels] == [False, True]


def test_a_matching_pair_of_earrings_is_not_found() -> None:
    assert codes(pair()) == set()


def test_earrings_of_two_colours_are_found() -> None:
    assert EARRINGS in codes(with_earring(with_earring(portrait(), "left"), "right", colour=GOLD))


def test_earrings_of_two_heights_are_found() -> None:
    assert EARRINGS in codes(with_earring(with_earring(portrait(), "left"), "right", lower=0.3))


def test_the_plainer_the_earring_the_more_it_surprises() -> None:
    rising = [surprise(with_earring(portrait(), "left", strength=strength), EARRINGS) for strength in STRENGTHS]
    assert rising == sorted(set(rising))
    assert rising[0] > surprise(portrait(), EARRINGS)


def test_each_panel_shows_its_own_ear() -> None:
    (seen,) = look(as_portrait(with_earring(portrait(), "left"))).observations
    assert seen.figure is not None
    for panel, name in zip(seen.figure.panels, ("left", "right"), strict=True):
        x, y = (value * FACTOR for value in LOBES[name])
        assert panel.box[0] < x < panel.box[2]
        assert panel.box[1] < y < panel.box[3]


# --- glasses


def test_whole_glasses_are_judged_and_nothing_is_found() -> None:
    sighting = look(as_portrait(with_glasses(portrait())))
    assert sighting.observations == ()
    assert FADE in sighting.details["surprises"]


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_a_rim_that_fades_is_found_at_its_place(side: str, other: str) -> None:
    (seen,) = look(as_portrait(with_glasses(portrait(), fade=1.0, side=side))).observations
    assert seen.code == FADE
    assert f"at the {side} of the picture" in seen.summary
    assert f"at the {other}" in seen.summary
    assert overlap(seen.region, faded_place(side)) > 0.3
    assert seen.figure is not None
    assert len(seen.figure.panels) == 2


def test_the_more_a_rim_fades_the_more_it_surprises() -> None:
    rising = [surprise(with_glasses(portrait(), fade=strength), FADE) for strength in STRENGTHS]
    assert rising == sorted(set(rising))


# --- the same picture, otherwise


@pytest.mark.parametrize("quality", [90, 75, 60, 40])
@pytest.mark.parametrize("kind", ["bare", "pair", "glasses"])
def test_compression_of_a_matching_pair_is_never_found(kind: str, quality: int) -> None:
    assert look(as_portrait(twin(kind), quality=quality)).observations == ()


@pytest.mark.parametrize("factor", [0.8, 0.55])
@pytest.mark.parametrize("kind", ["bare", "pair", "glasses"])
def test_shrinking_a_matching_pair_is_never_found(kind: str, factor: float) -> None:
    small = np.asarray(cv2.resize(twin(kind), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    assert codes(small) == set()


def test_a_mirrored_picture_gives_the_mirrored_finding() -> None:
    (seen,) = look(as_portrait(np.ascontiguousarray(with_earring(portrait(), "left")[:, ::-1]))).observations
    assert "the ear at the right of the picture" in seen.summary
    assert overlap(seen.region, np.ascontiguousarray(earring_place("left")[:, ::-1]) > 0.5) > 0.3


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_measures_about_the_same(turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(with_earring(portrait(), "left"), turns))
    assert surprise(turned, EARRINGS) == pytest.approx(surprise(with_earring(portrait(), "left"), EARRINGS), rel=0.3)


# --- what cannot be compared


def reason_of(rgb: Rgb, part: str) -> str:
    return str(look(as_portrait(rgb)).details["not_judged"][part])


def painted_over(rgb: Rgb, side: str, colour: tuple[int, int, int]) -> Rgb:
    """Hair, as it were, over one ear."""
    x, y = (round(value * FACTOR) for value in LOBES[side])
    out = rgb.copy()
    wide, high = round(0.22 * EYE_DISTANCE * FACTOR), round(0.9 * EYE_DISTANCE * FACTOR)
    place = out[y - high : y + high // 2, x - wide : x + wide]
    grain = np.random.default_rng(1).normal(0, 12, place.shape[:2])[..., None]
    place[:] = np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8)
    return out


def test_without_glasses_only_the_glasses_are_not_judged() -> None:
    (reason,) = look(as_portrait(portrait())).details["not_judged"].items()
    assert reason == ("glasses", "No spectacle frame with lower rims was found.")


@pytest.mark.parametrize("side", ["left", "right"])
def test_hair_over_one_ear_is_no_mismatch(side: str) -> None:
    other = "right" if side == "left" else "left"
    covered = painted_over(with_earring(with_glasses(portrait()), other), side, (60, 45, 30))
    assert reason_of(covered, "earrings") == f"The ear at the {side} of the picture is covered, or turned away."
    assert codes(covered) == set()


def test_hair_over_both_ears_and_no_glasses_does_not_apply() -> None:
    covered = painted_over(painted_over(portrait(), "left", (60, 45, 30)), "right", (60, 45, 30))
    with pytest.raises(NotApplicable, match=r"Each ear is covered.*No spectacle frame"):
        look(as_portrait(covered))


def test_a_cropped_ear_is_no_mismatch() -> None:
    left = round((LOBES["left"][0] - 3) * FACTOR)
    cropped = np.ascontiguousarray(with_earring(with_glasses(portrait()), "right")[:, left:])
    assert "cut off by the edge" in reason_of(cropped, "earrings")
    assert codes(cropped) == set()


def test_dark_lenses_are_not_compared() -> None:
    rgb = with_lenses(with_glasses(portrait()), (72, 64, 60))
    assert "dark lenses" in reason_of(rgb, "glasses")


def test_a_small_face_is_not_judged() -> None:
    with pytest.raises(NotApplicable, match="too small"):
        look(as_portrait(enlarged(portrait(), 0.4)))


@pytest.mark.parametrize("yaw", [-30.0, 30.0])
def test_a_turned_head_is_no_mismatch(yaw: float) -> None:
    scene = Scene(as_portrait(with_earring(with_glasses(portrait()), "left")), TrustLists())
    turned = replace(scene.face, yaw=yaw)
    scene.__dict__["_face"] = turned
    with pytest.raises(NotApplicable, match=r"head is turned.*turned too far"):
        symmetry.measure(scene)


def test_missing_weights_are_said_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(symmetry.MODEL, name="not-there")
    monkeypatch.setattr(symmetry, "MODEL", absent)
    with pytest.raises(CouldNotLook, match="install Candid again"):
        look(as_portrait(portrait()))
