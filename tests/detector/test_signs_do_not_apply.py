"""What no sign may judge: each says that it does not apply, and why, in words."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from detector.face import find_face
from detector.observation import Status
from detector.pipeline import run_detector
from detector.registry import detectors_by_wing
from detector.scene import Detector, Scene
from detector.training.paint import KINDS as PAINTED
from detector.trust import TrustLists
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here

Rgb = NDArray[np.uint8]
pytestmark = face_models_here
SIGNS = detectors_by_wing()["signs"]


def coffee() -> Rgb:
    return np.asarray(skimage.data.coffee(), dtype=np.uint8)  # type: ignore[no-untyped-call]


def two_faces() -> Rgb:
    half = astronaut()[:, 64:384]
    return np.ascontiguousarray(np.hstack([half, half[:, ::-1]]))


def forty_pixels() -> Rgb:
    """The face is 40 pixels wide."""
    factor = 40 / find_face(as_portrait(astronaut())).box[2]
    return np.asarray(cv2.resize(astronaut(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def cropped_chin() -> Rgb:
    _, top, _, height = find_face(as_portrait(astronaut())).box
    return np.ascontiguousarray(astronaut()[: round(top + 0.85 * height)])


def black_and_white() -> Rgb:
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def sepia() -> Rgb:
    return np.asarray(np.rint(black_and_white() * np.array([1.0, 0.89, 0.71])), dtype=np.uint8)


def painted(kind: str) -> Callable[[], Rgb]:
    return lambda: PAINTED[kind](enlarged(astronaut(), 2), 84.0)


CASES: dict[str, tuple[Callable[[], Rgb], str]] = {
    "no face": (coffee, "No face"),
    "two faces": (two_faces, "two faces"),
    "a face of 40 pixels": (forty_pixels, "too small"),
    "a cropped chin": (cropped_chin, "cut off"),
    "black-and-white": (black_and_white, "black-and-white"),
    "sepia": (sepia, "toned in one colour"),
    # Not "oil": its dabs are the finest, and the gate lets some of it pass (detector/weights/medium.md).
    **{f"a painting: {kind}": (painted(kind), "painting") for kind in ("strokes", "cartoon", "drawing")},
}


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: str(sign.name))
@pytest.mark.parametrize("case", CASES)
def test_a_sign_says_that_it_does_not_apply_and_why(case: str, sign: Detector) -> None:
    picture, word = CASES[case]
    outcome = run_detector(sign, Scene(as_portrait(picture()), TrustLists()))
    assert outcome.status is Status.NOT_APPLICABLE
    assert word in outcome.note
    assert outcome.note.endswith(".")
    assert (outcome.score, outcome.observations) == (None, ())


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: str(sign.name))
def test_the_ordinary_portrait_is_not_refused_by_those_gates(sign: Detector) -> None:
    assert Scene(as_portrait(astronaut()), TrustLists()).subject.count == 1
    outcome = run_detector(sign, Scene(as_portrait(enlarged(astronaut(), 2)), TrustLists()))
    assert not any(word in outcome.note for _, word in CASES.values())
