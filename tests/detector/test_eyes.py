"""The eyes sign, on one public-domain portrait with painted eyes: a pair that agrees, or a defect in the left one."""

from __future__ import annotations

import itertools
from functools import cache

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from detector.observation import Bearing, NotApplicable, Observation, RegionKind, Sighting, Strength
from detector.scene import Scene
from detector.signs import eyes
from detector.trust import TrustLists
from tests.detector.astronaut import as_portrait, astronaut
from tests.detector.needs import face_models_here
from tests.detector.planted_eyes import Painted, centres, face, iris_of, large, portrait_with

Rgb = NDArray[np.uint8]
pytestmark = face_models_here

# Each defect at five strengths; the first picture of every series is the untouched twin.
MOVED = [Painted(light=(-0.25 + 0.13 * step, -0.3 + 0.11 * step)) for step in range(6)]
RAGGED = [Painted(ragged=0.1 * step) for step in range(6)]
# A tenth more is not seen: the circles are held near a radius that both eyes share.
LARGER = [Painted(size=size) for size in (1.0, 1.13, 1.15, 1.17, 1.19, 1.21)]
# Between 0.5 and 0.7 the face models shift the eye's corners along with the iris, and the surprise dips by a third.
TURNED = [Painted(shift=shift) for shift in (0.0, 0.2, 0.4, 0.8, 1.0, 1.1)]
NOISE = 0.1  # spreads: a circle is found in steps of a quarter pixel
DEFECTS = {
    eyes.CATCHLIGHTS: MOVED,
    eyes.PUPIL_SHAPE: RAGGED,
    eyes.IRIS_SIZES: LARGER,
    eyes.GAZE: TURNED,
}


def scene(rgb: Rgb, quality: int | None = None) -> Scene:
    return Scene(as_portrait(rgb, quality=quality), TrustLists())


def look(rgb: Rgb, quality: int | None = None) -> Sighting:
    return eyes.DETECTOR.look(scene(rgb, quality))


@cache
def untouched() -> Sighting:
    return look(portrait_with(Painted()))


def seen(sighting: Sighting, code: str) -> Observation:
    (found,) = [observation for observation in sighting.observations if observation.code == code]
    return found


def smaller(rgb: Rgb, factor: float) -> Rgb:
    return np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def covered_by(observation: Observation, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The observation's ellipse as a mask."""
    assert observation.region is not None
    assert observation.region.kind is RegionKind.ELLIPSE
    (x, y), (ax, ay), (bx, by) = observation.region.points
    canvas = np.zeros(shape[:2], np.uint8)
    axes = (round(np.hypot(ax - x, ay - y)), round(np.hypot(bx - x, by - y)))
    angle = float(np.degrees(np.arctan2(ay - y, ax - x)))
    cv2.ellipse(canvas, (round(x), round(y)), axes, angle, 0, 360, (1,), -1)
    return canvas > 0


def test_eyes_that_belong_together_are_not_found() -> None:
    assert untouched().observations == ()
    assert untouched().note
    assert set(untouched().details["surprises"]) == set(DEFECTS)


def test_the_portrait_before_anything_was_painted_is_not_found() -> None:
    assert look(large()).observations == ()


@pytest.mark.parametrize("code", DEFECTS)
def test_the_planted_eye_is_found_and_pointed_at(code: str) -> None:
    planted = DEFECTS[code][-1]
    rgb = portrait_with(planted)
    found = seen(look(rgb), code)
    marked, touched = covered_by(found, rgb.shape), iris_of(planted, 0)
    assert np.count_nonzero(marked & touched) / np.count_nonzero(marked | touched) > 0.3
    assert found.caveat
    assert found.figure is not None
    assert [panel.mirrored for panel in found.figure.panels] == [False, False]


@pytest.mark.parametrize("code", DEFECTS)
def test_the_stronger_the_defect_the_greater_the_surprise(code: str) -> None:
    surprises = [look(portrait_with(paint)).details["surprises"][code] for paint in DEFECTS[code]]
    assert all(later > earlier - NOISE for earlier, later in itertools.pairwise(surprises))
    assert surprises[-1] > surprises[0] + 1.5


def test_a_defect_in_one_part_is_not_reported_of_another() -> None:
    assert {found.code for found in look(portrait_with(MOVED[-1])).observations} == {eyes.CATCHLIGHTS}


def test_a_second_catchlight_in_one_eye_is_a_greater_surprise() -> None:
    two = look(portrait_with(Painted(lights=2))).details["surprises"][eyes.CATCHLIGHTS]
    assert two > untouched().details["surprises"][eyes.CATCHLIGHTS] + 1


def test_two_catchlights_in_both_eyes_are_no_surprise() -> None:
    both = Painted(lights=2)
    assert look(portrait_with(both, both)).observations == ()


def test_both_catchlights_on_the_other_side_are_no_surprise() -> None:
    other = Painted(light=(0.3, -0.3))
    assert look(portrait_with(other, other)).observations == ()


def test_eyes_that_look_aside_together_are_not_called_squinting() -> None:
    aside = Painted(shift=0.3)
    assert eyes.GAZE not in {found.code for found in look(portrait_with(aside, aside)).observations}


def test_gaze_is_never_more_than_weak_and_speaks_for_nothing() -> None:
    found = seen(look(portrait_with(TURNED[-1])), eyes.GAZE)
    assert found.strength is Strength.WEAK
    assert found.bearing is Bearing.NEUTRAL
    assert "strabismus" in found.caveat


def test_the_mirrored_picture_has_the_finding_at_the_other_side() -> None:
    rgb = portrait_with(MOVED[-1])
    found = seen(look(np.ascontiguousarray(rgb[:, ::-1])), eyes.CATCHLIGHTS)
    marked = covered_by(found, rgb.shape)[:, ::-1]
    touched = iris_of(MOVED[-1], 0)
    assert np.count_nonzero(marked & touched) / np.count_nonzero(marked | touched) > 0.3


@pytest.mark.parametrize("turns", [1, 3])
def test_a_turned_picture_measures_about_the_same(turns: int) -> None:
    turned = look(np.ascontiguousarray(np.rot90(portrait_with(MOVED[-1]), turns)))
    upright = look(portrait_with(MOVED[-1]))
    code = eyes.CATCHLIGHTS
    assert turned.details["surprises"][code] == pytest.approx(upright.details["surprises"][code], abs=0.8)


@pytest.mark.parametrize("quality", [90, 75, 60, 40])
def test_ordinary_compression_makes_no_finding(quality: int) -> None:
    assert look(portrait_with(Painted()), quality).observations == ()


def test_ordinary_shrinking_makes_no_finding() -> None:
    assert look(smaller(portrait_with(Painted()), 0.8)).observations == ()


def test_small_eyes_are_not_judged() -> None:
    with pytest.raises(NotApplicable, match="too small"):
        look(smaller(portrait_with(Painted()), 0.42))


def test_closed_eyes_are_not_judged() -> None:
    """The cheek's skin, drawn over both eyes, with a line of lashes."""
    rgb = portrait_with(Painted())
    skin = tuple(int(value) for value in rgb[round(face().landmarks[50, 1]), round(face().landmarks[50, 0])])
    for x, y in centres()[:2]:
        cv2.ellipse(rgb, (round(x), round(y)), (36, 20), 0, 0, 360, skin, -1)
        cv2.ellipse(rgb, (round(x), round(y) + 4), (30, 6), 0, 10, 170, (60, 40, 35), 2)
    with pytest.raises(NotApplicable, match=r"closed|cannot be made out"):
        look(rgb)


def test_dark_glasses_are_not_judged() -> None:
    rgb = portrait_with(Painted())
    for x, y in centres()[:2]:
        cv2.ellipse(rgb, (round(x), round(y) + 6), (48, 38), 0, 0, 360, (22, 22, 24), -1)
    with pytest.raises(NotApplicable, match=r"cannot be made out|closed"):
        look(rgb)


def test_blurred_eyes_are_not_judged() -> None:
    soft = np.asarray(cv2.GaussianBlur(portrait_with(Painted()), (0, 0), 10), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="cannot be made out"):
        look(soft)


def test_blurred_catchlights_are_not_compared() -> None:
    soft = np.asarray(cv2.GaussianBlur(portrait_with(MOVED[-1]), (0, 0), 5), dtype=np.uint8)
    assert "no catchlight" in look(soft).details["not_judged"]["catchlights"]


def test_catchlights_are_not_compared_where_one_eye_has_none() -> None:
    sighting = look(portrait_with(Painted(lights=0)))
    assert "no catchlight" in sighting.details["not_judged"]["catchlights"]
    assert eyes.CATCHLIGHTS not in sighting.details["surprises"]
    assert eyes.IRIS_SIZES in sighting.details["surprises"]


def test_catchlights_are_not_compared_where_one_eye_lies_in_shadow() -> None:
    rgb = portrait_with(MOVED[-1]).astype(np.float32)
    middle = (centres()[0][0] + centres()[1][0]) / 2
    shade = 1 / (1 + np.exp(-(np.arange(rgb.shape[1]) - middle) / 12))
    rgb *= (0.35 + 0.65 * shade)[None, :, None]
    sighting = look(np.asarray(rgb, dtype=np.uint8))
    assert "shadow" in sighting.details["not_judged"]["catchlights"]


def test_catchlights_are_not_compared_behind_spectacles() -> None:
    rgb = portrait_with(MOVED[-1])
    first, second, _ = centres()
    for x, y in (first, second):
        cv2.ellipse(rgb, (round(x), round(y) + 8), (54, 44), 0, 0, 360, (20, 18, 18), 6, cv2.LINE_AA)
    bridge = ((round(first[0]) + 53, round(first[1]) + 2), (round(second[0]) - 53, round(second[1]) + 2))
    cv2.line(rgb, *bridge, (20, 18, 18), 6, cv2.LINE_AA)
    assert "Spectacles" in look(rgb).details["not_judged"]["catchlights"]


def test_pupils_of_dark_eyes_are_not_judged() -> None:
    rgb = portrait_with(Painted(pupil=0.0), Painted(pupil=0.0))
    assert "pupils" in look(rgb).details["not_judged"]


def test_a_black_and_white_picture_is_not_judged() -> None:
    grey = np.asarray(cv2.cvtColor(portrait_with(Painted()), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="black-and-white"):
        look(np.repeat(grey[..., None], 3, axis=2))


def test_a_picture_without_a_face_is_not_judged() -> None:
    with pytest.raises(NotApplicable, match="No face"):
        look(np.asarray(skimage.data.coffee(), dtype=np.uint8))  # type: ignore[no-untyped-call]


def test_the_astronaut_at_her_own_size_is_too_small() -> None:
    with pytest.raises(NotApplicable, match="too small"):
        look(astronaut())
