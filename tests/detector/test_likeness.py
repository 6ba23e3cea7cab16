"""The optional likeness score: a band with its error rates, and never more."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from detector import face_models, likeness
from detector.likeness import Band, Likeness, band_of, rates_said
from detector.observation import CouldNotLook, NotApplicable
from tests.detector.astronaut import astronaut
from tests.detector.needs import face_models_here
from tests.pictures import encoded, noise

installed = pytest.mark.skipif(
    not likeness.available(), reason=f"the optional likeness packages are missing; run `{likeness.COMMAND}`"
)


def test_without_its_packages_it_says_the_command_that_brings_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "FOLDER", tmp_path)
    likeness.load.cache_clear()
    assert not likeness.available()
    with pytest.raises(CouldNotLook, match="make likeness"):
        likeness.likeness(b"", b"")


def test_only_the_recognition_model_is_fetched_and_never_the_68_point_file() -> None:
    assert face_models.LIKENESS.name == "dlib_face_recognition_resnet_model_v1.dat"
    assert not list(face_models.FOLDER.glob("*68*"))


def test_the_bands_meet_without_a_gap() -> None:
    rates = likeness.weights()
    assert band_of(rates["similar"] - 0.01, rates) is Band.SIMILAR
    assert band_of((rates["similar"] + rates["unlike"]) / 2, rates) is Band.BETWEEN
    assert band_of(rates["unlike"] + 0.01, rates) is Band.UNLIKE


def test_every_band_names_its_measured_rates_and_what_the_counts_support() -> None:
    rates = likeness.weights()
    for band in Band:
        said = rates_said(band, rates)
        assert said.startswith("Measured: ")
        assert said.count("at most") == 3
    for kind in ("same", "different", "different_alike"):
        counted = rates[kind]
        assert sum(counted[band.value]["count"] for band in Band) == counted["pairs"]
        assert all(counted[band.value]["at_most"] >= counted[band.value]["rate"] for band in Band)


def test_similar_says_more_of_one_person_than_of_two_also_for_people_who_look_alike_to_it() -> None:
    rates = likeness.weights()
    assert rates["same"]["similar"]["rate"] > 20 * rates["different_alike"]["similar"]["at_most"]


def test_an_answer_has_no_place_for_a_distance_or_a_vector() -> None:
    assert {field.name: field.type for field in dataclasses.fields(Likeness)} == {
        "band": "Band",
        "summary": "str",
        "error_rates": "str",
    }


@installed
@face_models_here
def test_a_picture_beside_its_copy_is_similar_and_no_yes_or_no_is_said() -> None:
    plain, copy = encoded(astronaut(), quality=95), encoded(astronaut(), quality=70)
    found = likeness.likeness(plain, copy)
    assert found.band is Band.SIMILAR
    assert not re.search(r"\b(same person|match|yes|no)\b", found.summary, re.IGNORECASE)
    stored = found.to_json()
    assert set(stored) == {"schema", "band", "summary", "error_rates"}
    assert all(isinstance(value, str) for name, value in stored.items() if name != "schema")


@installed
@face_models_here
def test_a_picture_without_a_face_is_named() -> None:
    with pytest.raises(NotApplicable, match="No face was found in the live picture"):
        likeness.likeness(encoded(astronaut(), quality=95), encoded(noise(200, 200)))
