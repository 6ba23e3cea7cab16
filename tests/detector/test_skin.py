"""The skin sign, on controlled twins of one public-domain portrait: only the skin's texture differs."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from detector.face import FaceMap, find_face
from detector.observation import Bearing, CouldNotLook, NotApplicable, RegionKind, Sighting, Strength
from detector.portrait import Portrait
from detector.scene import Scene
from detector.signs import skin
from detector.training.retouch import smooth_skin
from detector.trust import TrustLists
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here

Rgb = NDArray[np.uint8]
pytestmark = face_models_here


def look(portrait: Portrait) -> Sighting:
    return skin.DETECTOR.look(Scene(portrait, TrustLists()))


@cache
def face() -> FaceMap:
    return find_face(as_portrait(astronaut()))


def smoothed(strength: float) -> Rgb:
    return smooth_skin(astronaut(), face(), strength)


def blurred_skin(sigma: float) -> Rgb:
    """Another way to the same end: plain blur, within the skin alone."""
    left, top, right, bottom = face().window
    out = astronaut().copy()
    soft = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), sigma), dtype=np.uint8)
    out[top:bottom, left:right][face().skin] = soft[top:bottom, left:right][face().skin]
    return out


def grey(rgb: Rgb) -> Rgb:
    return np.repeat(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)[..., None], 3, axis=2)


def smoothness(rgb: Rgb) -> float:
    return float(look(as_portrait(rgb)).details["smoothness"])


def test_the_untouched_portrait_is_not_smooth() -> None:
    sighting = look(as_portrait(astronaut()))
    assert sighting.observations == ()
    assert sighting.note


def test_the_smoothed_twin_is_found_and_called_retouched_not_generated() -> None:
    (seen,) = look(as_portrait(smoothed(1.0))).observations
    assert seen.code == "skin.smooth"
    assert seen.bearing is Bearing.RETOUCHED
    assert seen.strength.rank <= Strength.MODERATE.rank
    assert "cheek" in seen.summary
    assert seen.caveat


def test_plain_blur_on_the_skin_is_found_too() -> None:
    assert look(as_portrait(blurred_skin(2.5))).observations


def test_the_more_the_skin_is_smoothed_the_smoother_it_measures() -> None:
    measured = [smoothness(smoothed(strength)) for strength in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert measured == sorted(measured)
    assert measured[-1] > measured[0] + 2


def test_the_region_lies_where_the_skin_was_smoothed() -> None:
    (seen,) = look(as_portrait(smoothed(1.0))).observations
    assert seen.region is not None
    assert seen.region.kind is RegionKind.POLYGON
    marked = np.zeros(astronaut().shape[:2], np.uint8)
    cv2.fillPoly(marked, [np.rint(np.array(seen.region.points)).astype(np.int32)], (1,))
    touched = np.zeros(astronaut().shape[:2], np.bool_)
    left, top, right, bottom = face().window
    touched[top:bottom, left:right] = face().skin
    shared = np.count_nonzero((marked > 0) & touched)
    assert shared / np.count_nonzero((marked > 0) | touched) > 0.3


@pytest.mark.parametrize("sigma", [2.0, 4.0])
def test_an_out_of_focus_photo_is_not_judged(sigma: float) -> None:
    soft = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), sigma), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="out of focus"):
        look(as_portrait(soft))


@pytest.mark.parametrize("sigma", [0.5, 0.8, 1.0, 1.2, 1.5])
def test_a_slightly_soft_photo_is_never_called_smooth(sigma: float) -> None:
    soft = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), sigma), dtype=np.uint8)
    try:
        assert look(as_portrait(soft)).observations == ()
    except NotApplicable as reason:
        assert "out of focus" in str(reason)  # noqa: PT017 - either answer is right, "smooth" is not


def test_an_enlarged_thumbnail_is_not_judged() -> None:
    thumbnail = np.asarray(
        cv2.resize(astronaut(), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
    with pytest.raises(NotApplicable, match="enlarged"):
        look(as_portrait(enlarged(thumbnail, 6)))


def test_strong_compression_is_not_judged() -> None:
    with pytest.raises(NotApplicable, match="compressed"):
        look(as_portrait(astronaut(), quality=10))


def test_strong_compression_saved_again_is_not_judged() -> None:
    once = as_portrait(astronaut(), quality=8)
    with pytest.raises(NotApplicable, match="compressed"):
        look(as_portrait(once.rgb))


@pytest.mark.parametrize("quality", [90, 75, 60, 40])
def test_ordinary_compression_of_a_real_portrait_is_not_called_smooth(quality: int) -> None:
    assert look(as_portrait(astronaut(), quality=quality)).observations == ()


def test_a_cloth_over_nose_and_mouth_is_not_taken_for_skin() -> None:
    rgb = astronaut().copy()
    outline = [34, 116, 118, 196, 419, 347, 345, 264, 454, 361, 397, 378, 152, 149, 172, 132, 234]
    cloth = np.rint(face().landmarks[outline, :2]).astype(np.int32)
    cv2.fillPoly(rgb, [cloth], (232, 232, 230))
    with pytest.raises(NotApplicable, match=r"covered|[Tt]oo little bare skin|No face"):
        look(as_portrait(rgb))


def test_a_face_of_a_few_pixels_is_not_judged() -> None:
    tiny = np.asarray(cv2.resize(astronaut(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="too small"):
        look(as_portrait(tiny))


@pytest.mark.parametrize("name", ["coffee", "brick"])
def test_a_picture_without_a_face_is_not_judged(name: str) -> None:
    picture = np.asarray(getattr(skimage.data, name)(), dtype=np.uint8)
    rgb = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    with pytest.raises(NotApplicable, match="No face"):
        look(as_portrait(rgb))


def test_black_and_white_is_judged_but_gets_no_calibrated_score() -> None:
    natural, smooth = look(as_portrait(grey(astronaut()))), look(as_portrait(grey(smoothed(1.0))))
    assert natural.observations == ()
    assert smooth.details["smoothness"] > natural.details["smoothness"] + 2
    assert natural.score is None
    assert look(as_portrait(astronaut())).score is not None


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_photo_measures_the_same(turns: int) -> None:
    turned = smoothness(np.ascontiguousarray(np.rot90(astronaut(), turns)))
    assert turned == pytest.approx(smoothness(astronaut()), abs=0.6)


def test_a_mirrored_photo_measures_the_same() -> None:
    assert smoothness(np.ascontiguousarray(astronaut()[:, ::-1])) == pytest.approx(smoothness(astronaut()), abs=0.6)


def test_missing_weights_are_said_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skin, "WEIGHTS", skin.WEIGHTS.with_name("not-there.json"))
    skin.weights.cache_clear()
    with pytest.raises(CouldNotLook, match="install Candid again"):
        look(as_portrait(astronaut()))
    skin.weights.cache_clear()


def test_the_score_is_a_probability_and_the_weights_have_a_card() -> None:
    score = look(as_portrait(astronaut())).score
    assert score is not None
    assert 0 < score < 1
    assert skin.weights()["date"] in skin.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
