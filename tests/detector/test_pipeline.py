"""The run over all detectors: the contract's shape, and what a crash costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from detector import examine
from detector.__main__ import main
from detector.face import FaceMap, find_face
from detector.observation import Bearing, CouldNotLook, NotApplicable, Observation, Region, Sighting, Status, Strength
from detector.pipeline import run_detector
from detector.portrait import Portrait, read_portrait
from detector.registry import detectors, detectors_by_wing, wing_of
from detector.scene import Detector, Scene
from detector.signal.pyramid import Pyramid
from detector.trust import TrustLists
from tests.pictures import astronaut, encoded, noise

CONTRACT = {
    "schema",
    "file",
    "sha256",
    "format",
    "width",
    "height",
    "verdict",
    "outcomes",
    "credentials",
    "face",
    "elapsed_ms",
    "error",
}
CODES = {
    "verified-capture",
    "nothing-found",
    "inconclusive",
    "retouched",
    "generated",
    "declared-generated",
    "unexamined",
}
STATES = {"none", "remote", "unreadable", "mismatch", "unconfirmed", "unknown-signer", "partly-trusted", "trusted"}


def assert_contract(line: dict[str, Any]) -> None:
    """The shape that tools outside the project rely on."""
    assert line.keys() >= CONTRACT
    assert line["verdict"].keys() >= {"code", "score", "strength", "summary", "reasons"}
    assert line["verdict"]["code"] in CODES
    assert line["credentials"]["state"] in STATES
    assert line["credentials"].keys() >= {"signer", "generator", "declares_generated", "history"}
    assert line["face"].keys() >= {"box", "count"}
    assert (line["verdict"]["score"] is None) == (line["error"] is not None)
    for outcome in line["outcomes"]:
        assert outcome.keys() >= {"detector", "version", "status", "score", "observations", "elapsed_ms"}
        assert outcome["status"] in set(Status)
        assert (outcome["status"] == "found") == bool(outcome["observations"])
        for seen in outcome["observations"]:
            assert seen.keys() >= {"code", "bearing", "strength", "summary", "region"}
            assert seen["bearing"] in set(Bearing)
            assert seen["strength"] in set(Strength)
            assert seen["caveat"].endswith(".")


def scene() -> Scene:
    return Scene(read_portrait(encoded(noise())), TrustLists())


def detector(look: Any) -> Detector:
    return Detector(name="probe", version=3, title="Probe", question="Does it run?", look=look)


def raising(error: Exception) -> Any:
    def look(_: Scene) -> Sighting:
        raise error

    return look


def test_the_registry_finds_the_detectors_of_this_release() -> None:
    names = [d.name for d in detectors()]
    assert {"content_credentials", "metadata_marks", "generator_parameters", "skin"} <= set(names)
    assert len(names) == len(set(names))
    assert list(detectors_by_wing()) == ["provenance", "signs", "fingerprint"]
    assert wing_of("skin") == "signs"
    with pytest.raises(KeyError):
        wing_of("phrenology")


def test_every_detector_has_a_title_and_a_question() -> None:
    for entry in detectors():
        assert entry.title
        assert entry.question
        assert entry.version >= 1


def test_the_four_ways_to_end_stay_apart() -> None:
    seen = Observation(code="a.b", bearing=Bearing.NEUTRAL, strength=Strength.WEAK, summary="A.", caveat="B.")
    found = run_detector(detector(lambda _: Sighting(observations=(seen,))), scene())
    clear = run_detector(detector(lambda _: Sighting(note="Nothing.")), scene())
    no_matter = run_detector(detector(raising(NotApplicable("No face."))), scene())
    blind = run_detector(detector(raising(CouldNotLook("No model."))), scene())
    assert [o.status for o in (found, clear, no_matter, blind)] == list(Status)
    assert (no_matter.note, blind.note) == ("No face.", "No model.")


def test_a_picture_without_a_face_is_searched_once_not_once_a_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def counted(portrait: Portrait, pyramid: Pyramid) -> FaceMap:
        looked.append(portrait)
        return find_face(portrait, pyramid)

    monkeypatch.setattr("detector.scene.find_face", counted)
    found = examine(encoded(noise(200, 200)))
    assert len(looked) == 1
    signs = {d.name for d in detectors_by_wing()["signs"]}
    refused = [outcome for outcome in found.outcomes if outcome.detector in signs]
    assert {outcome.status for outcome in refused} == {Status.NOT_APPLICABLE}
    assert {outcome.note for outcome in refused} == {"No face was found in this picture."}


def test_a_crash_costs_its_own_outcome_and_not_the_run() -> None:
    outcome = run_detector(detector(raising(ZeroDivisionError("bug"))), scene())
    assert outcome.status is Status.FAILED
    assert "error" in outcome.note
    assert "bug" not in outcome.note


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_a_figure_that_no_database_takes_costs_its_own_outcome(broken: float) -> None:
    seen = Observation(
        code="a.b",
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="A.",
        caveat="B.",
        region=Region.box(0, 0, broken, 1),
    )
    for sighting in (Sighting(observations=(seen,)), Sighting(details={"measure": broken}), Sighting(score=broken)):
        outcome = run_detector(detector(lambda _, sighting=sighting: sighting), scene())
        assert outcome.status is Status.FAILED


def test_an_examination_has_the_shape_of_the_contract() -> None:
    found = examine(encoded(astronaut(), quality=92)).to_json()
    assert_contract({"file": "x"} | found)
    assert found["error"] is None
    assert 0 <= found["verdict"]["score"] <= 1
    assert found["versions"]["detectors"].keys() == {d.name for d in detectors()}
    assert json.loads(json.dumps(found)) == found


def test_what_is_not_a_picture_is_said_and_has_every_key() -> None:
    found = examine(b"%PDF-1.7").to_json()
    assert_contract({"file": "x"} | found)
    assert found["verdict"]["code"] == "unexamined"
    assert "PDF" in found["error"]
    assert {o["status"] for o in found["outcomes"]} == {"failed"}


def test_a_file_that_breaks_off_is_examined_as_far_as_it_goes_and_never_called_clean() -> None:
    whole = encoded(astronaut(), quality=90)
    found = examine(whole[: len(whole) * 3 // 4]).to_json()
    assert_contract({"file": "x"} | found)
    assert found["truncated"] is True
    assert found["verdict"]["code"] in {"inconclusive", "retouched"}
    assert "broke off" in found["verdict"]["settle"]


def test_the_same_bytes_give_the_same_verdict_twice() -> None:
    data = encoded(astronaut(), quality=80)
    assert examine(data).verdict == examine(data).verdict


def test_the_command_prints_one_line_a_file_and_says_which_could_not_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, gone = tmp_path / "good.jpg", tmp_path / "bad.jpg", tmp_path / "gone.jpg"
    good.write_bytes(encoded(noise(200, 200)))
    bad.write_bytes(b"PK\x03\x04zip")
    assert main(["--json", str(good), str(bad), str(gone), str(good)]) == 2
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == [str(good), str(bad), str(gone), str(good)]
    for line in lines:
        assert_contract(line)
    assert [bool(line["error"]) for line in lines] == [False, True, True, False]
    assert "No such file" in lines[2]["error"]
    assert main(["--json", str(good)]) == 0


def test_the_readable_table_names_verdict_and_detectors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = tmp_path / "face.png"
    photo.write_bytes(encoded(noise(200, 200), "PNG"))
    assert main([str(photo)]) == 0
    printed = capsys.readouterr().out
    assert any(code in printed for code in CODES)
    for entry in detectors():
        assert entry.name in printed


SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
def test_every_shared_provenance_file_gives_a_whole_line(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(str(p) for folder in ("c2pa/files", "metadata") for p in (SHARED / folder).iterdir())
    main(["--json", "--trust", str(SHARED / "c2pa" / "trust"), *files])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["file"] for line in lines] == files
    for line in lines:
        assert_contract(line)
