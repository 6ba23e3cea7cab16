"""The skin sign, on controlled twins of one public-domain portrait: only the skin's texture differs."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from detector.observation import Bearing, NotApplicable, Observation, Region, RegionKind, Sighting, Strength
from detector.portrait import Portrait
from detector.scene import Scene
from detector.signal.closeup import PARTS
from detector.signal.masks import filled
from detector.signs import skin
from detector.training.retouch import RETOUCHES, smooth_skin
from detector.trust import TrustLists
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here
from tests.detector.planted_skin import PLANTED, face, large, noisy, smoothed

Rgb = NDArray[np.uint8]
pytestmark = face_models_here
STRENGTHS = (0.4, 0.55, 0.7, 0.85, 1.0)  # a fifth of a copy mixed into skin is lost in what was there


def look(portrait: Portrait) -> Sighting:
    return skin.DETECTOR.look(Scene(portrait, TrustLists()))


def surprise(rgb: Rgb, code: str = "skin.smooth") -> float:
    return float(look(as_portrait(rgb)).details["surprises"][code])


def seen_in(rgb: Rgb, code: str) -> Observation | None:
    return next((seen for seen in look(as_portrait(rgb)).observations if seen.code == code), None)


def blurred_skin(sigma: float) -> Rgb:
    """Another way to smooth skin: plain blur, within the skin alone."""
    left, top, right, bottom = face().window
    out = astronaut().copy()
    soft = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), sigma), dtype=np.uint8)
    out[top:bottom, left:right][face().skin] = soft[top:bottom, left:right][face().skin]
    return out


def overlap(region: Region, area: NDArray[np.bool_]) -> float:
    marked = np.zeros(area.shape, np.uint8)
    cv2.fillPoly(marked, [np.rint(np.array(region.points)).astype(np.int32)], (1,))
    return np.count_nonzero((marked > 0) & area) / np.count_nonzero((marked > 0) | area)


@pytest.mark.parametrize("picture", [astronaut, large, noisy], ids=["as it is", "large", "noisy"])
def test_nothing_is_found_on_the_untouched_portrait(picture: Callable[[], Rgb]) -> None:
    sighting = look(as_portrait(picture()))
    assert sighting.observations == ()
    assert sighting.note


@pytest.mark.parametrize("code", PLANTED)
def test_what_was_planted_is_found_where_it_was_planted(code: str) -> None:
    plant, area = PLANTED[code]
    seen = seen_in(plant(1.0), code)
    assert seen is not None
    assert seen.region is not None
    assert seen.region.kind is RegionKind.POLYGON
    assert overlap(seen.region, area()) > 0.3
    assert seen.caveat


@pytest.mark.parametrize("code", PLANTED)
def test_the_stronger_the_defect_the_greater_the_surprise(code: str) -> None:
    plant = PLANTED[code][0]
    measured = [surprise(plant(strength), code) for strength in STRENGTHS]
    assert measured == sorted(measured)
    assert measured[-1] > measured[0] + 1


def test_smoothed_skin_speaks_of_retouching_and_never_strongly() -> None:
    seen = seen_in(smoothed(1.0), "skin.smooth")
    assert seen is not None
    assert seen.bearing is Bearing.RETOUCHED
    assert seen.strength.rank <= Strength.MODERATE.rank
    assert "cheek" in seen.summary


def smoothed_twice() -> Rgb:
    """Well beyond the limit, however it is turned."""
    return smooth_skin(smoothed(1.0), face(), 1.0)


@pytest.mark.parametrize("part", ["chin", "nose", "left cheek"])
def test_a_part_that_was_left_alone_is_not_named_and_stands_beside_the_smoothest(part: str) -> None:
    rgb = smoothed_twice()
    alone = filled((rgb.shape[0], rgb.shape[1]), face().landmarks, [PARTS[part]], grow=3)
    rgb[alone] = astronaut()[alone]
    seen = seen_in(rgb, "skin.smooth")
    assert seen is not None
    assert f"the {part}" not in seen.summary
    assert seen.figure is not None
    least, most = (panel.label for panel in seen.figure.panels)
    assert "least texture" in least
    assert most == f"{part}: most texture"


def test_a_face_that_is_smooth_all_over_is_compared_with_nothing_of_its_own() -> None:
    seen = seen_in(smoothed_twice(), "skin.smooth")
    assert seen is not None
    assert seen.figure is None
    assert seen.region is not None


def test_plain_blur_on_the_skin_is_found_too() -> None:
    assert seen_in(blurred_skin(2.5), "skin.smooth")


@pytest.mark.parametrize("kind", ["smoothed full", "skin denoised"])
def test_retouching_by_code_takes_texture_away(kind: str) -> None:
    assert surprise(RETOUCHES[kind](astronaut(), face())) > surprise(astronaut()) + 1


@pytest.mark.parametrize("kind", ["smoothed, grain put back", "tone evened"])
def test_what_keeps_the_texture_is_not_called_smooth(kind: str) -> None:
    assert seen_in(RETOUCHES[kind](astronaut(), face()), "skin.smooth") is None


@pytest.mark.parametrize("kind", RETOUCHES)
def test_retouching_by_code_changes_the_skin_and_nothing_far_from_the_face(kind: str) -> None:
    changed = np.any(RETOUCHES[kind](astronaut(), face()) != astronaut(), axis=2)
    assert changed.any()
    ys, xs = np.nonzero(changed)
    x, y, width, height = face().box
    assert x - width < xs.min() < xs.max() < x + 2 * width
    assert y - height < ys.min() < ys.max() < y + 2 * height


@pytest.mark.parametrize("sigma", [2.0, 4.0])
def test_an_out_of_focus_photo_is_not_judged(sigma: float) -> None:
    soft = np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), sigma), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="out of focus"):
        look(as_portrait(soft))


def found_or_out_of_focus(rgb: Rgb) -> tuple[Observation, ...]:
    """What is found; nothing where the picture is too soft to be judged, which is as right an answer."""
    try:
        return look(as_portrait(rgb)).observations
    except NotApplicable as reason:
        assert "out of focus" in str(reason)  # noqa: PT017
        return ()


@pytest.mark.parametrize("sigma", [0.5, 0.8, 1.0, 1.2, 1.5])
def test_a_slightly_soft_photo_is_never_called_smooth(sigma: float) -> None:
    assert found_or_out_of_focus(np.asarray(cv2.GaussianBlur(astronaut(), (0, 0), sigma), dtype=np.uint8)) == ()


@pytest.mark.parametrize("strength", [3, 6, 10])
def test_noise_reduction_of_the_whole_photo_is_not_called_skin_without_noise(strength: int) -> None:
    rgb = np.asarray(cv2.fastNlMeansDenoisingColored(astronaut(), None, strength, strength, 5, 15), dtype=np.uint8)
    assert "skin.no_noise" not in {seen.code for seen in found_or_out_of_focus(rgb)}


@pytest.mark.parametrize("factor", [0.95, 1.3, 2.0])
def test_a_photo_of_another_size_is_not_called_smooth(factor: float) -> None:
    size = (round(512 * factor), round(512 * factor))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    assert found_or_out_of_focus(np.asarray(cv2.resize(astronaut(), size, interpolation=how), dtype=np.uint8)) == ()


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


@pytest.mark.parametrize("picture", [astronaut, large, noisy], ids=["as it is", "large", "noisy"])
@pytest.mark.parametrize("quality", [90, 75, 60, 40])
def test_nothing_is_found_after_ordinary_compression(picture: Callable[[], Rgb], quality: int) -> None:
    assert look(as_portrait(picture(), quality=quality)).observations == ()


def test_a_cloth_over_nose_and_mouth_is_not_taken_for_skin() -> None:
    rgb = astronaut().copy()
    outline = [34, 116, 118, 196, 419, 347, 345, 264, 454, 361, 397, 378, 152, 149, 172, 132, 234]
    cloth = np.rint(face().landmarks[outline, :2]).astype(np.int32)
    cv2.fillPoly(rgb, [cloth], (232, 232, 230))
    with pytest.raises(NotApplicable, match=r"covered|[Tt]oo little bare skin|No face"):
        look(as_portrait(rgb))


def test_a_face_in_deep_shadow_is_not_judged() -> None:
    dark = np.rint(astronaut() * 0.12).astype(np.uint8)
    with pytest.raises(NotApplicable, match=r"shadow|out of focus|black-and-white"):
        look(as_portrait(dark))


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


def test_a_black_and_white_photo_is_not_judged() -> None:
    grey = np.asarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    with pytest.raises(NotApplicable, match="black-and-white"):
        look(as_portrait(np.repeat(grey[..., None], 3, axis=2)))


def test_copies_are_not_looked_for_on_a_small_face_and_that_is_said() -> None:
    small, wide = look(as_portrait(astronaut())), look(as_portrait(large()))
    assert "too small" in small.details["not_judged"]["copies"]
    assert "skin.repeated" not in small.details["surprises"]
    assert "copies" not in wide.details["not_judged"]
    assert "skin.repeated" in wide.details["surprises"]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_photo_measures_the_same(turns: int) -> None:
    turned = surprise(np.ascontiguousarray(np.rot90(astronaut(), turns)))
    assert turned == pytest.approx(surprise(astronaut()), abs=0.6)


def test_a_mirrored_photo_measures_the_same() -> None:
    assert surprise(np.ascontiguousarray(astronaut()[:, ::-1])) == pytest.approx(surprise(astronaut()), abs=0.6)


def test_the_mirrored_finding_lies_at_the_mirrored_place() -> None:
    here, there = (seen_in(rgb, "skin.smooth") for rgb in (smoothed_twice(), smoothed_twice()[:, ::-1].copy()))
    assert here is not None
    assert here.region is not None
    assert there is not None
    assert there.region is not None
    across = [np.mean([x for x, _ in region.points]) for region in (here.region, there.region)]
    assert across[0] + across[1] == pytest.approx(511, abs=12)


def test_the_score_is_a_probability() -> None:
    score = look(as_portrait(astronaut())).score
    assert score is None or 0 < score < 1


def test_the_weights_are_those_of_these_inputs_and_have_a_card() -> None:
    date = skin.MODEL.weights()["date"]
    assert date in skin.MODEL.path.with_suffix(".md").read_text(encoding="utf-8")
