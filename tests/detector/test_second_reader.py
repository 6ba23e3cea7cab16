"""The second reader: agrees with the first, knows official signers without any list, and keeps to itself."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import encypher_c2pa
import pytest

from detector.observation import Bearing, Strength
from detector.provenance import second_reader
from detector.provenance.content_credentials import DETECTOR
from detector.provenance.second_reader import BUILT_IN_DATE, read_again
from detector.scene import Scene
from detector.trust import INTERIM_FROZEN, OFFICIAL, TrustLists
from tests.detector.c2pa_corpus import FOLDER, needs_c2pa_files
from tests.detector.provenance_files import (
    codes,
    known,
    known_signer,
    look,
    only,
    portrait_of,
    raw_portrait,
    saved,
    signed,
    stranger,
)
from tools.readers import compared
from vetting.demo.credentials import created, done
from vetting.demo.photos import tampered

CAPTURE = created("digitalCapture")
GOOGLE = "files/f4f3750589594be9.png"  # of a signer on the official list, eight manifests


def test_it_confirms_what_a_known_signer_signed() -> None:
    second = read_again(portrait_of(signed(CAPTURE, by=known_signer())), known())
    assert second is not None
    assert (second.present, second.intact, second.knows_signer, second.built_in) == (True, True, True, False)


def test_it_finds_changed_pixels() -> None:
    second = read_again(portrait_of(tampered(signed(CAPTURE, by=known_signer()))), known())
    assert second is not None
    assert second.intact is False


def test_a_self_made_certificate_is_known_to_no_built_in_list() -> None:
    found = look(DETECTOR, signed(CAPTURE, by=stranger())).details
    assert (found["state"], found["signer_list"]) == ("unknown-signer", None)
    assert found["second_reader"]["built_in_lists"] == BUILT_IN_DATE.isoformat()
    assert not found["second_reader"]["knows_signer"]


def test_a_file_without_credentials_is_not_read_twice() -> None:
    assert look(DETECTOR, saved()).details["second_reader"] is None


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"no picture at all" * 100], ids=["empty", "stub", "text"])
def test_what_it_cannot_read_gives_no_error(data: bytes) -> None:
    second = read_again(raw_portrait(data, "JPEG"), TrustLists())
    assert second is None or not second.knows_signer


def test_a_capture_counts_only_where_both_readers_find_the_bytes_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    data = signed(CAPTURE, by=known_signer())
    assert look(DETECTOR, data, known()).details["captured"]
    whole = encypher_c2pa.verify(data, "image/jpeg", online=False)
    for answer, code in (
        ({**whole, "hard_binding": "mismatch"}, "content_credentials.readers_disagree"),
        ({**whole, "hard_binding": "unknown"}, "content_credentials.capture_unconfirmed"),
    ):
        monkeypatch.setattr(second_reader, "verify", lambda *_, answer=answer, **__: answer)
        sighting = look(DETECTOR, data, known())
        assert not sighting.details["captured"]
        assert code in codes(sighting)
        assert only(sighting, "content_credentials.capture_unconfirmed").strength is Strength.MODERATE


def test_a_reader_that_panics_costs_its_own_reading_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """As the library's own is called, which no `except Exception` catches."""

    def panics(*_: object, **__: object) -> None:
        raise PanicException

    monkeypatch.setattr(second_reader, "verify", panics)
    sighting = look(DETECTOR, signed(created("trainedAlgorithmicMedia"), by=stranger()))
    assert sighting.details["second_reader"] is None
    assert sighting.details["declares_generated"]


def test_the_operators_own_list_is_asked_in_place_of_the_built_in_one() -> None:
    own = TrustLists(texts={OFFICIAL: known().text(OFFICIAL)})
    found = look(DETECTOR, signed(done("c2pa.opened"), by=stranger()), own).details
    assert found["second_reader"]["built_in_lists"] is None


def test_the_date_of_the_built_in_lists_is_that_of_the_installed_version() -> None:
    """The date stands in the package's documentation alone: a newer version must be looked at by a person."""
    assert encypher_c2pa.__version__.startswith("1.7.")
    assert dt.datetime.combine(BUILT_IN_DATE, dt.time(), dt.UTC) > INTERIM_FROZEN


def test_it_asks_no_question_and_leaves_no_file_in_the_home_folder(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(tampered(signed(CAPTURE, by=stranger())))
    program = (
        "from pathlib import Path; from detector.portrait import read_portrait; from detector.trust import TrustLists;"
        "from detector.provenance.second_reader import read_again;"
        f"print(read_again(read_portrait(Path({str(tmp_path / 'photo.jpg')!r}).read_bytes()), TrustLists()).intact)"
    )
    home = tmp_path / "home"
    home.mkdir()
    environment = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    done_ = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert (done_.stdout.strip(), done_.stderr) == ("False", "")
    assert list(home.iterdir()) == []


@needs_c2pa_files
def test_the_two_readers_agree_on_nineteen_files_in_twenty() -> None:
    pairs, _ = compared(FOLDER)
    assert len(pairs) > 50
    assert sum(pair.agree for pair in pairs) >= 0.95 * len(pairs)


@needs_c2pa_files
def test_each_disagreement_is_explained_in_the_documentation() -> None:
    documentation = (Path(__file__).resolve().parents[2] / "docs" / "detectors.md").read_text()
    pairs, _ = compared(FOLDER)
    assert [pair.name for pair in pairs if not pair.agree and Path(pair.name).stem not in documentation] == []


@needs_c2pa_files
def test_an_installation_without_lists_knows_an_official_signer() -> None:
    sighting = DETECTOR.look(Scene(portrait_of((FOLDER / GOOGLE).read_bytes()), TrustLists()))
    found = sighting.details
    assert (found["state"], found["signer_list"], found["intact"]) == ("trusted", "built-in", True)
    assert found["timestamp"]["trusted"]
    assert found["codes"]  # what the first reader could not confirm is not hidden
    assert only(sighting, "content_credentials.declared_generated").bearing is Bearing.GENERATED


@needs_c2pa_files
def test_the_built_in_list_knows_no_signer_over_changed_bytes() -> None:
    data = bytearray((FOLDER / GOOGLE).read_bytes())
    data[-2000] ^= 1
    found = DETECTOR.look(Scene(portrait_of(bytes(data)), TrustLists())).details
    assert (found["state"], found["signer_list"]) == ("mismatch", None)
