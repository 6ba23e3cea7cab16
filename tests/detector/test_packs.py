"""Model packs: what a card must say, what a model is worth here, and what is never run."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector import examine
from detector.__main__ import main
from detector.observation import Bearing, CouldNotLook, Outcome, Status, Strength
from detector.packs import BrokenPack, Card, CardError, Pack, Packs, read_card, remove_pack
from detector.packs.calibration import Calibration, read_calibration
from detector.packs.network import FARTHEST, fed, log_odds, meant
from detector.pipeline import Examination
from detector.registry import wing_of
from detector.training import packs as adding
from detector.training.manifest import Row
from detector.training.pack_fitting import NoUse, Origin, added_weight, calibrated
from detector.training.packs import CannotAdd, add_pack
from tests.detector.astronaut import astronaut
from tests.detector.needs import face_models_here
from tests.onnx_file import blue_means_generated, colour_classifier
from tests.packs import (
    GENERATED_BLUE,
    REAL_BLUE,
    Offered,
    card,
    install,
    labelled,
    offered,
    readings,
    tinted,
    write_manifest,
)
from tests.pictures import encoded

ORIGIN = Origin(date="2026-11-20", card="a" * 64, manifest="b" * 64)
SOFTMAX = {"meaning": "class-logits", "values": 2, "index": 1}


def read(**changes: Any) -> Card:
    return read_card(json.dumps(card(blue_means_generated(), **changes)).encode())


def problems(**changes: Any) -> tuple[str, ...]:
    with pytest.raises(CardError) as refused:
        read(**changes)
    return refused.value.problems


def photo(blue: float, seed: int = 7) -> bytes:
    return encoded(tinted(blue, seed), "PNG")


def said(found: Examination, name: str = "pack_blue") -> Outcome:
    return next(outcome for outcome in found.outcomes if outcome.detector == name)


def look(folder: Path, blue: float, name: str = "pack_blue") -> Outcome:
    return said(examine(photo(blue), packs=Packs.from_folder(folder)), name)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An empty folder; that of every test holds the site's folders."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(place.name for place in folder.iterdir())


# --- the card


def test_a_short_card_is_enough_and_means_the_usual() -> None:
    known = read()
    assert (known.name, known.version, known.title, known.licence) == ("blue", 1, "Blue Detector 2", "MIT")
    assert (known.channels, known.mean, known.std) == ("rgb", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    assert known.scale == pytest.approx(1 / 255)
    assert (known.values, known.index, known.output) == (1, 0, "")


def test_a_long_card_says_everything_itself() -> None:
    whole = {"fed": "head", "size": [224, 192], "channels": "bgr", "scale": 1, "mean": [1, 2, 3], "std": [4, 5, 6.5]}
    known = read(version=3, input=whole, output={**SOFTMAX, "name": "answer"})
    assert (known.version, known.size, known.channels) == (3, (224, 192), "bgr")
    assert (known.scale, known.mean, known.std) == (1.0, (1.0, 2.0, 3.0), (4.0, 5.0, 6.5))
    assert (known.values, known.index, known.output) == (2, 1, "answer")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"licence": None}, "The card lacks “licence”."),
        ({"source": None}, "The card lacks “source”."),
        ({"licence": " "}, "as “licence”"),
        ({"title": "two\nlines"}, "as “title”"),
        ({"title": "x" * 201}, "as “title”"),
        ({"name": "../blue"}, "as “name”"),
        ({"name": "Blue"}, "as “name”"),
        ({"name": 7}, "as “name”"),
        ({"version": 0}, "as “version”"),
        ({"version": True}, "as “version”"),
        ({"sha256": "ABC"}, "as “sha256”"),
        ({"colour": "blue"}, "The card has “colour”, which means nothing here."),
        ({"input": None}, "The card lacks the object “input”."),
        ({"output": "yes"}, "The card lacks the object “output”."),
        ({"input": {"fed": "nose", "size": [8, 8]}}, "one of head, picture as “fed”"),
        ({"input": {"fed": "head"}}, "as “size”"),
        ({"input": {"fed": "head", "size": [8, 9000]}}, "as “size”"),
        ({"input": {"fed": "head", "size": [8, 8], "std": [1, 1, 0]}}, "three numbers above 0 as “std”"),
        ({"input": {"fed": "head", "size": [8, 8], "mean": [1, 1]}}, "three numbers as “mean”"),
        ({"input": {"fed": "head", "size": [8, 8], "mean": [1, 1, math.nan]}}, "three numbers as “mean”"),
        ({"input": {"fed": "head", "size": [8, 8], "scale": 0}}, "above 0 as “scale”"),
        ({"input": {"fed": "head", "size": [8, 8], "crop": 1}}, "The input of the card has “crop”"),
        ({"output": {"meaning": "fake"}}, "as “meaning”"),
        ({"output": {"meaning": "class-logits"}}, "two values or more"),
        ({"output": {"meaning": "generated-logit", "values": 2}}, "as “index”"),
        ({"output": {"meaning": "generated-logit", "values": 2, "index": 2}}, "from 0 to 1 as “index”"),
    ],
)
def test_each_mistake_in_a_card_is_one_sentence(changes: dict[str, Any], words: str) -> None:
    (sentence,) = problems(**changes)
    assert words in sentence
    assert sentence.endswith(".")


def test_all_mistakes_are_said_at_once() -> None:
    found = problems(licence=None, title="", input={"fed": "head", "size": [8, 8], "channels": "yuv"})
    assert len(found) == 3


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'"card"', b"\xff\xfe"])
def test_what_is_no_card_is_said(data: bytes) -> None:
    with pytest.raises(CardError, match="The card is not"):
        read_card(data)


# --- in and out


def test_a_picture_is_fed_as_the_card_says() -> None:
    red = np.zeros((30, 40, 3), np.uint8)
    red[..., 0] = 200
    plain = fed(read(input={"fed": "picture", "size": [16, 8]}), red)
    assert plain.shape == (1, 3, 8, 16)
    assert plain.dtype == np.float32
    assert plain[0, :, 0, 0] == pytest.approx([200 / 255, 0, 0])
    turned = {"fed": "picture", "size": [16, 8], "channels": "bgr", "scale": 1, "mean": [10, 20, 30], "std": [1, 2, 5]}
    assert fed(read(input=turned), red)[0, :, 0, 0] == pytest.approx([-10, -10, 34])


@pytest.mark.parametrize(
    ("output", "answer", "odds"),
    [
        ({"meaning": "generated-probability"}, [0.9], math.log(9)),
        ({"meaning": "real-probability"}, [0.9], -math.log(9)),
        ({"meaning": "generated-logit"}, [1.5], 1.5),
        ({"meaning": "real-logit"}, [1.5], -1.5),
        ({"meaning": "generated-probability", "values": 2, "index": 1}, [0.3, 0.7], math.log(7 / 3)),
        (SOFTMAX, [1.0, 3.5], 2.5),
        ({"meaning": "class-logits", "values": 3, "index": 0}, [2.0, 0.0, 0.0], 2 - math.log(2)),
        ({"meaning": "generated-probability"}, [1.0], FARTHEST),
        ({"meaning": "generated-logit"}, [-9e9], -FARTHEST),
    ],
)
def test_every_meaning_becomes_log_odds_of_generated(output: dict[str, Any], answer: list[float], odds: float) -> None:
    assert meant(read(output=output), np.array(answer)) == pytest.approx(odds)


@pytest.mark.parametrize(
    ("answer", "words"),
    [([0.2, 0.8], "promises 1"), ([math.nan], "no number"), ([3.2], "no probability"), ([-1.0], "no probability")],
)
def test_an_answer_that_the_card_does_not_promise_is_refused(answer: list[float], words: str) -> None:
    with pytest.raises(CouldNotLook, match=words):
        meant(read(), np.array(answer))


def test_a_network_answers_the_same_each_time_and_by_the_name_of_its_output(own: Path) -> None:
    model = colour_classifier([[1, 0, 0], [0, 0, 1]], [0, 0], last="")
    pack = Packs.from_folder(install(own, model=model, output={**SOFTMAX, "name": "answer"}).parent).packs[0]
    blue, grey = tinted(220), tinted(128)
    first = log_odds(pack.model, pack.card, blue)
    assert first > log_odds(pack.model, pack.card, grey)
    assert log_odds(pack.model, pack.card, blue) == first
    assert first == pytest.approx(float((blue[..., 2].mean() - blue[..., 0].mean()) / 255), abs=0.02)


# --- one more voice


def test_no_pack_is_in_force_by_default(own: Path) -> None:
    assert Packs.from_folder(own / "nowhere") == Packs.from_folder(own) == Packs()
    found = examine(photo(GENERATED_BLUE)).to_json()
    assert found["versions"]["packs"] == []
    assert not any(outcome["detector"].startswith("pack_") for outcome in found["outcomes"])


def test_a_pack_speaks_beside_the_others_and_names_itself(own: Path) -> None:
    install(own)
    found = examine(photo(GENERATED_BLUE), packs=Packs.from_folder(own))
    outcome = said(found)
    (seen,) = outcome.observations
    assert (outcome.status, outcome.version, seen.code) == (Status.FOUND, 1, "pack_blue.generated")
    assert (seen.bearing, wing_of("pack_blue")) == (Bearing.GENERATED, "fingerprint")
    assert seen.summary == "The model “Blue Detector 2” takes this picture for a generated one."
    assert "third party's model" in seen.caveat
    assert "200 real photos from 5 sources" in seen.caveat
    assert outcome.score is not None
    assert outcome.score > 0.5
    assert outcome.details["pack"]["licence"] == "MIT"
    assert outcome.details["pack"]["calibrated_on"] == {
        "date": "2026-11-20",
        "photos": 200,
        "generated": 200,
        "sources": 10,
    }
    assert 0 <= outcome.details["weight"] <= 1
    (used,) = found.versions["packs"]
    assert used["sha256"] == hashlib.sha256(blue_means_generated()).hexdigest()
    assert (used["name"], used["calibrated"], used["licence"]) == ("pack_blue", "2026-11-20", "MIT")
    assert found.versions["detectors"]["pack_blue"] == 1
    assert json.loads(json.dumps(found.to_json())) == found.to_json()


def test_a_pack_says_nothing_of_an_ordinary_picture(own: Path) -> None:
    install(own)
    outcome = look(own, REAL_BLUE)
    assert (outcome.status, outcome.observations) == (Status.CLEAR, ())
    assert "too little" in outcome.note
    assert outcome.score is not None
    assert outcome.score < 0.5


def test_a_refused_file_names_the_pack_among_the_checks(own: Path) -> None:
    install(own)
    found = examine(b"%PDF-1.7", packs=Packs.from_folder(own))
    assert said(found).status is Status.FAILED
    assert found.versions["packs"][0]["title"] == "Blue Detector 2"


@face_models_here
def test_a_model_of_heads_gets_the_head_and_shows_where_it_is(own: Path) -> None:
    redder = colour_classifier([[40.0, -20.0, -20.0]], [0.0])
    install(own, model=redder, input={"fed": "head", "size": [64, 64]})
    packs = Packs.from_folder(own)
    whole = examine(encoded(astronaut(), "PNG"), packs=packs)
    outcome = said(whole)
    assert outcome.status is Status.FOUND
    region = outcome.observations[0].region
    assert region is not None
    (x, y, width, height), (left, top) = whole.face.box, region.points[0]  # type: ignore[union-attr]
    assert left < x < x + width < region.points[2][0]
    assert top < y < y + height < region.points[2][1]
    assert said(examine(photo(GENERATED_BLUE), packs=packs)).status is Status.NOT_APPLICABLE


def test_the_command_takes_packs_from_a_folder(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(own / "packs")
    (own / "blue.png").write_bytes(photo(GENERATED_BLUE))
    assert main(["--json", "--packs", str(own / "packs"), str(own / "blue.png")]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["outcomes"][-1]["detector"] == "pack_blue"
    assert line["versions"]["packs"][0]["title"] == "Blue Detector 2"


def test_nothing_is_fetched(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a pack asked for a network connection")

    monkeypatch.setattr(socket, "socket", refuse)
    install(own, source="http://127.0.0.1:1/model")
    assert look(own, GENERATED_BLUE).status is Status.FOUND


# --- what is not run


def test_a_changed_model_is_not_run_and_costs_only_its_own_outcome(own: Path) -> None:
    place = install(own)
    assert look(own, GENERATED_BLUE).status is Status.FOUND
    (place / "model.onnx").write_bytes(blue_means_generated(steep=-12.0))
    outcome = look(own, GENERATED_BLUE)
    assert (outcome.status, outcome.score) == (Status.FAILED, None)
    assert "is not the one of its card" in outcome.note
    assert Packs.from_folder(own).packs[0].problem == outcome.note


def test_a_model_put_back_is_run_again(own: Path) -> None:
    place = install(own)
    (place / "model.onnx").write_bytes(b"something else")
    assert look(own, GENERATED_BLUE).status is Status.FAILED
    (place / "model.onnx").write_bytes(blue_means_generated())
    assert look(own, GENERATED_BLUE).status is Status.FOUND
    assert Packs.from_folder(own).packs[0].problem == ""


@pytest.mark.parametrize("name", ["model.onnx", "card.json", "calibration.json"])
def test_a_pack_that_lacks_a_file_could_not_look_and_says_which(own: Path, name: str) -> None:
    (install(own) / name).unlink()
    outcome = look(own, GENERATED_BLUE)
    assert outcome.status is Status.FAILED
    assert name in outcome.note


def test_a_card_that_was_edited_afterwards_asks_for_another_calibration(own: Path) -> None:
    place = install(own)
    edited = card(blue_means_generated(), output={"meaning": "real-probability"})
    (place / "card.json").write_text(json.dumps(edited))
    assert "changed after the pack had been calibrated" in look(own, GENERATED_BLUE).note


def test_a_folder_under_another_name_is_not_taken_for_the_pack(own: Path) -> None:
    install(own).rename(own / "Green one")
    found = Packs.from_folder(own)
    assert found.packs == ()
    assert found.broken[0].folder == "Green one"
    assert look(own, GENERATED_BLUE, "pack_green_one").status is Status.FAILED


def test_what_is_being_made_or_lies_about_is_no_pack(own: Path) -> None:
    (own / ".blue.new").mkdir()
    (own / "notes.txt").write_text("mine")
    assert Packs.from_folder(own) == Packs()


@pytest.mark.parametrize(
    "changes",
    [{"weight": 1.5}, {"slope": -1.0}, {"slope": "1"}, {"limits": {"conclusive": {}}}, {"auc": None}, {"x": 1}],
)
def test_a_broken_calibration_is_not_believed(own: Path, changes: dict[str, Any]) -> None:
    place = install(own)
    whole = json.loads((place / "calibration.json").read_text())
    (place / "calibration.json").write_text(json.dumps(whole | changes))
    (broken,) = Packs.from_folder(own).broken
    assert "calibration cannot be read" in broken.problem


def test_two_packs_do_not_get_into_each_others_way(own: Path) -> None:
    install(own)
    install(own, name="red", model=colour_classifier([[12.0, -6.0, -6.0]], [0.0]))
    (own / "empty").mkdir()
    packs = Packs.from_folder(own)
    assert [pack.name for pack in packs.packs] == ["pack_blue", "pack_red"]
    assert [broken.folder for broken in packs.broken] == ["empty"]
    found = examine(photo(GENERATED_BLUE), packs=packs)
    assert [said(found, f"pack_{name}").status for name in ("blue", "red", "empty")] == [
        Status.FOUND,
        Status.CLEAR,
        Status.FAILED,
    ]


def test_a_removed_pack_is_gone_and_others_stay(own: Path) -> None:
    install(own)
    install(own, name="other")
    assert remove_pack(own, "blue")
    assert not remove_pack(own, "blue")
    assert [pack.card.name for pack in Packs.from_folder(own).packs] == ["other"]
    assert names(own) == ["other"]


@pytest.mark.parametrize("name", ["..", "", ".", "../other", "Other"])
def test_only_packs_can_be_removed(own: Path, name: str) -> None:
    (own / "packs" / "Other").mkdir(parents=True)
    (own / "other").mkdir()
    assert not remove_pack(own / "packs", name)
    assert (own / "other").is_dir()
    assert (own / "packs" / "Other").is_dir()


# --- what its answers are worth


def calibration(**shape: Any) -> Calibration:
    return calibrated(readings(**shape), ORIGIN)


def test_a_good_model_gets_limits_that_its_false_alarms_allow() -> None:
    made = calibration(apart=5.0, pictures=400)
    assert list(made.limits) == [Strength.WEAK, Strength.MODERATE, Strength.STRONG]
    evidence = [limit.evidence for limit in made.limits.values()]
    assert evidence == sorted(evidence)
    assert made.limits[Strength.WEAK].real <= 0.01
    assert made.limits[Strength.STRONG].real == 0
    assert made.limits[Strength.STRONG].ratio >= 30
    assert made.auc[0] > 0.98


def test_a_hundred_photos_are_too_few_for_a_strong_word() -> None:
    assert Strength.STRONG not in calibration(apart=6.0, pictures=100).limits


def test_a_poor_model_has_a_score_and_no_strong_findings() -> None:
    poor, good = calibration(apart=0.8, pictures=200), calibration(apart=5.0, pictures=200)
    assert Strength.MODERATE not in poor.limits
    assert poor.evidence(1.0) < good.evidence(1.0)


def test_evidence_grows_no_larger_than_the_folder_supports() -> None:
    small, large = calibration(apart=9.0, pictures=100), calibration(apart=9.0, pictures=400)
    assert small.evidence(FARTHEST) == pytest.approx(math.log(101), abs=0.01)
    assert small.evidence(FARTHEST) < large.evidence(FARTHEST) == pytest.approx(math.log(401), abs=0.01)
    assert small.evidence(-FARTHEST) == pytest.approx(-math.log(101), abs=0.01)


def test_scores_mean_what_they_say() -> None:
    """Of new pictures with evidence about e, the share of generated ones is near its probability."""
    made = calibration(apart=2.0, pictures=400)
    fresh = [(made.evidence(one.odds), one.generated) for one in readings(apart=2.0, pictures=4000, seed=99)]
    for low, high in ((-2, -1), (-0.5, 0.5), (1, 2)):
        some = [generated for evidence, generated in fresh if low < evidence < high]
        assert np.mean(some) == pytest.approx(1 / (1 + math.exp(-(low + high) / 2)), abs=0.06)


def test_a_model_that_hears_nothing_is_refused() -> None:
    with pytest.raises(NoUse, match="does not tell generated from real"):
        calibration(apart=0.0)


def test_a_model_under_the_opposite_meaning_is_refused_with_a_hint() -> None:
    with pytest.raises(NoUse, match="opposite meaning"):
        calibration(apart=-3.0)


def test_a_voice_that_hears_the_same_as_candid_adds_little() -> None:
    alone = calibration(apart=2.0, pictures=300)
    same = calibration(apart=2.0, pictures=300, repeat=2.0)
    assert alone.weight > 0.8
    assert same.weight < 0.2


def test_pictures_that_declare_themselves_set_no_weight() -> None:
    found = readings(apart=2.0, own=None)
    assert added_weight(found, np.array([one.odds for one in found])) == 0


def test_many_pictures_of_one_source_do_not_hide_the_false_alarms_of_another() -> None:
    found = readings(apart=5.0, pictures=120, groups=6)
    found = [dataclasses.replace(one, odds=2.0) if one.picture in {"real1", "real7"} else one for one in found]
    copies = [
        dataclasses.replace(one, picture=f"{one.picture}-{copy}")
        for one in found
        if one.group == "real0"
        for copy in range(40)
    ]
    real = [one for one in found if not one.generated]
    for known in (found, found + copies):
        made = calibrated(known, ORIGIN)
        passed = np.mean([made.strength(made.evidence(one.odds)) is not None for one in real])
        assert passed <= 0.01


def test_too_few_pictures_or_groups_are_counted_out() -> None:
    with pytest.raises(NoUse, match="20 more real pictures and 20 more generated pictures"):
        calibration(apart=5.0, pictures=80)
    with pytest.raises(NoUse, match="2 more groups of real pictures"):
        calibration(apart=5.0, groups=2)


def test_a_calibration_comes_back_from_its_file_as_it_was() -> None:
    made = calibration(apart=4.0)
    assert read_calibration(made.to_json()) == made


# --- adding one


def add(files: Offered, manifest: Path, into: Path) -> Pack:
    return add_pack(files.model, files.card, manifest, into, say=lambda _: None, processes=1)


def refused(files: Offered, manifest: Path, into: Path) -> str:
    with pytest.raises(CannotAdd) as reason:
        add(files, manifest, into)
    assert not into.exists() or not names(into)
    return str(reason.value)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of as many pictures as are needed."""
    return labelled(tmp_path_factory.mktemp("labelled"))


def test_a_model_is_added_calibrated_and_in_force(own: Path, pictures: Path) -> None:
    progress: list[str] = []
    files = offered(own)
    pack = add_pack(files.model, files.card, pictures, own / "packs", say=progress.append, processes=1)
    assert "400 of 400" in progress
    made = pack.calibration
    assert made is not None
    assert (made.photos, made.generated, made.photo_sources, made.generated_sources) == (100, 100, 4, 4)
    assert made.manifest == hashlib.sha256(pictures.read_bytes()).hexdigest()
    assert Strength.MODERATE in made.limits
    assert Packs.from_folder(own / "packs").packs == (pack,)
    assert names(own / "packs" / "blue") == ["calibration.json", "card.json", "model.onnx"]
    assert look(own / "packs", GENERATED_BLUE + 30).status is Status.FOUND
    assert look(own / "packs", REAL_BLUE).status is Status.CLEAR
    assert "is in force as pack_blue" in adding.added(pack)


def test_a_slug_that_is_taken_is_refused_and_the_first_pack_stays(own: Path, pictures: Path) -> None:
    place = install(own / "packs")
    before = (place / "card.json").read_bytes()
    with pytest.raises(CannotAdd, match="“blue” already"):
        add(offered(own, title="Another"), pictures, own / "packs")
    assert (place / "card.json").read_bytes() == before


def test_a_model_that_is_not_the_cards_is_refused(own: Path, pictures: Path) -> None:
    files = offered(own)
    files.model.write_bytes(blue_means_generated(steep=3.0))
    assert "its SHA-256 is" in refused(files, pictures, own / "packs")


@pytest.mark.parametrize("data", [b"", b"no model at all", blue_means_generated()[:80]])
def test_what_opencv_cannot_load_is_refused(own: Path, pictures: Path, data: bytes) -> None:
    assert "OpenCV cannot load" in refused(offered(own, data), pictures, own / "packs")


def test_an_answer_of_another_shape_is_refused(own: Path, pictures: Path) -> None:
    two = colour_classifier([[1, 0, 0], [0, 0, 1]], [0, 0])
    assert "answers with 2 numbers; its card promises 1" in refused(offered(own, two), pictures, own / "packs")


def test_an_answer_that_is_no_probability_is_refused(own: Path, pictures: Path) -> None:
    sums = colour_classifier([[9, 9, 9]], [5.0], last="")
    assert "no probability" in refused(offered(own, sums), pictures, own / "packs")


def test_an_output_that_the_model_lacks_is_refused(own: Path, pictures: Path) -> None:
    files = offered(own, output={"meaning": "generated-probability", "name": "elsewhere"})
    assert "does not run" in refused(files, pictures, own / "packs")


def test_every_problem_of_the_card_is_said_at_once(own: Path, pictures: Path) -> None:
    sentences = refused(offered(own, licence=None, title=""), pictures, own / "packs").splitlines()
    assert len(sentences) == 2
    assert "The card lacks “licence”." in sentences


def test_too_few_pictures_are_refused_before_any_is_looked_at(own: Path) -> None:
    few = labelled(own / "few", pictures=60, groups=3)
    words = refused(offered(own), few, own / "packs")
    for lacking in ("40 more real pictures", "40 more generated pictures", "1 more groups of real pictures"):
        assert lacking in words


@pytest.mark.parametrize(
    ("rows", "columns", "words"),
    [
        ([["a.png", "real", "x"]], ("file", "label", "group"), "not there; the first is"),
        ([["a.png", "real"]], ("file", "label"), "lacks the columns group"),
        ([], ("file", "label", "group"), "100 more real pictures"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(
    own: Path, rows: list[list[str]], columns: tuple[str, ...], words: str
) -> None:
    manifest = write_manifest(own / "list.csv", rows, columns)
    assert words in refused(offered(own), manifest, own / "packs")


def test_a_list_that_is_missing_or_no_text_is_refused(own: Path) -> None:
    assert "could not be read" in refused(offered(own), own / "gone.csv", own / "packs")
    (own / "list.csv").write_bytes(photo(128))
    assert "no CSV" in refused(offered(own), own / "list.csv", own / "packs")


def test_one_picture_under_both_labels_is_refused(own: Path) -> None:
    for name in ("one.png", "same.png"):
        (own / name).write_bytes(photo(128))
    manifest = write_manifest(own / "list.csv", [["one.png", "real", "a"], ["same.png", "ai", "b"]])
    assert "one picture with two labels" in refused(offered(own), manifest, own / "packs")


def test_what_cannot_be_read_among_the_labelled_is_passed_over(own: Path) -> None:
    (own / "broken.png").write_bytes(b"no picture")
    row = Row(path=own / "broken.png", label="real", group="x")
    probe = Pack(card=read(), model=offered(own).model)
    for condition in ("clean", "web"):
        assert isinstance(adding._ask((row, condition, probe)), adding.Refused)
    (own / "fine.png").write_bytes(photo(REAL_BLUE))
    row = Row(path=own / "fine.png", label="real", group="x")
    answers = [adding._ask((row, condition, probe)) for condition in ("clean", "web")]
    assert [type(answer).__name__ for answer in answers] == ["Reading", "Reading"]


def test_the_command_without_a_site_says_what_is_wrong(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = offered(own, licence=None)
    given = [
        str(files.model),
        str(files.card),
        "--labelled",
        str(own / "l.csv"),
        "--into",
        str(own / "packs"),
    ]
    assert adding.main(given) == 1
    assert "The card lacks “licence”." in capsys.readouterr().err


def test_a_broken_pack_keeps_a_name_that_rows_can_hold() -> None:
    for folder in ("x" * 300, "Ünïcode & more", "---"):
        name = BrokenPack(folder=folder, problem="No.").detector.name
        assert len(name) <= 45
        assert wing_of(name) == "fingerprint"
