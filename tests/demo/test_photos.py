"""The demo's photos show what they say they show."""

from __future__ import annotations

import hashlib
import io
import sys
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.observation import Bearing, Strength
from detector.portrait import read_portrait
from detector.provenance import content_credentials, generator_parameters, metadata_marks
from detector.scene import Scene
from detector.signs import background, skin
from detector.trust import TrustLists
from tests.detector.needs import face_models_here
from vetting.demo.credentials import DemoDependencyError, throw_away_authority
from vetting.demo.photos import DemoPhoto, demo_photos

pytestmark = face_models_here
DETECTORS = (content_credentials.DETECTOR, metadata_marks.DETECTOR, generator_parameters.DETECTOR)


@cache
def photos() -> dict[str, DemoPhoto]:
    return {photo.file_name.partition("-")[0]: photo for photo in demo_photos()}


def seen(name: str) -> set[str]:
    scene = Scene(read_portrait(photos()[name].data), TrustLists())
    return {observation.code for detector in DETECTORS for observation in detector.look(scene).observations}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ada", set()),
        ("bruno", {"content_credentials.claimed_capture", "content_credentials.unknown_signer"}),
        ("chiara", {"content_credentials.declared_generated", "content_credentials.unknown_signer"}),
        ("dmitri", {"generator_parameters.found"}),
        ("esra", set()),
        ("femi", {"content_credentials.claimed_capture", "content_credentials.mismatch"}),
        ("gita", set()),
        (
            "hana",
            {
                "content_credentials.claimed_capture",
                "content_credentials.unknown_signer",
                "content_credentials.signed_crop",
                "content_credentials.signed_colours",
            },
        ),
    ],
)
def test_each_photo_gets_what_it_is_meant_to_show(name: str, expected: set[str]) -> None:
    assert seen(name) == expected


def test_exactly_two_photos_declare_themselves_generated() -> None:
    declared = []
    for name, photo in photos().items():
        scene = Scene(read_portrait(photo.data), TrustLists())
        for detector in DETECTORS:
            for observation in detector.look(scene).observations:
                if (observation.bearing, observation.strength) == (Bearing.GENERATED, Strength.CONCLUSIVE):
                    declared.append(name)
    assert declared == ["chiara", "dmitri"]


def test_every_photo_decodes_whole_and_belongs_to_somebody_else() -> None:
    assert len(photos()) == 8
    for photo in photos().values():
        assert not read_portrait(photo.data).truncated
        assert photo.shows
    for facts in (
        {photo.applicant for photo in photos().values()},
        {photo.file_name for photo in photos().values()},
        {hashlib.sha256(photo.data).hexdigest() for photo in photos().values()},
    ):
        assert len(facts) == 8


def test_no_key_leaves_the_authority() -> None:
    assert not any(b"PRIVATE KEY" in photo.data for photo in photos().values())


def pixels(name: str) -> NDArray[np.float64]:
    with Image.open(io.BytesIO(photos()[name].data)) as opened:
        return np.asarray(opened.convert("L"), dtype=np.float64)


def fine(name: str, left: int, top: int, right: int, bottom: int) -> float:
    """Middle size of the fine detail in a box, in grey levels."""
    grey = pixels(name)
    detail = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 2.0))
    return float(np.median(detail[top:bottom, left:right]))


def test_the_smoothed_photo_lost_its_skin_texture_and_kept_its_eyes_and_hair() -> None:
    cheeks, chin = ((285, 342, 333, 387), (450, 352, 502, 405)), (345, 477, 420, 510)
    eyes, hair = ((308, 294, 338, 316), (436, 296, 466, 318)), (270, 75, 495, 165)
    for place in (*cheeks, chin):
        assert fine("ada", *place) > 3 * fine("esra", *place)
    for place in (*eyes, hair):
        assert fine("esra", *place) > 0.9 * fine("ada", *place)


def test_the_tampered_photo_differs_from_the_signed_one_in_its_pixels() -> None:
    assert np.abs(pixels("femi") - pixels("bruno")).max() > 20


def test_the_skin_detector_sees_the_smoothed_photo_and_no_other() -> None:
    smooth = []
    for name, photo in photos().items():
        sighting = skin.look(Scene(read_portrait(photo.data), TrustLists()))
        smooth += [name for observation in sighting.observations if observation.code == "skin.smooth"]
    assert smooth == ["esra"]


def test_every_photo_has_one_face_of_a_headshots_size() -> None:
    for name, photo in photos().items():
        scene = Scene(read_portrait(photo.data), TrustLists())
        assert scene.face.count == 1
        # One is framed more widely, so that the shelf behind has a straight part left.
        assert scene.face.box[2] > (0.2 if name == "gita" else 0.3) * scene.portrait.width


@pytest.mark.parametrize("package", ["skimage.data", "cryptography"])
def test_a_missing_demo_package_is_named_with_the_command_that_brings_it(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    make = throw_away_authority if package == "cryptography" else demo_photos
    with pytest.raises(DemoDependencyError, match=r"requirements-demo\.txt"):
        make()


def test_the_bent_shelf_is_found_beside_its_straight_continuation() -> None:
    found = background.DETECTOR.look(Scene(read_portrait(photos()["gita"].data), TrustLists())).observations
    (bent,) = [observation for observation in found if observation.code == "background.bent_line"]
    assert bent.figure is not None
    assert bent.figure.seen
    assert bent.figure.expected
