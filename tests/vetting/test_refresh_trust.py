"""`manage.py refresh_trust` from files: checked, dated, recorded, and what was in force is kept."""

from __future__ import annotations

import datetime as dt
import json
import os
import zipfile
from pathlib import Path

import pytest
from pytest_django import Settings

from detector.trust import FILE_NAMES, INTERIM_ANCHORS, OFFICIAL, STORE_CONFIG, TIMESTAMP, TrustLists
from tests.conftest import SHARED, AddPhoto, examine_now, needs_shared
from tests.detector.provenance_files import camera_authority, known_signer, signed
from tests.lists_server import NOW, YEAR, anchor, anchors
from tests.trust_lists import DAY, TODAY, called, five_lists, offer, refused
from vetting.demo.credentials import created
from vetting.models import Event
from vetting.trust_sources import MAX_BYTES


@pytest.fixture
def folder(settings: Settings) -> Path:
    """Where lists in force stand."""
    return Path(settings.TRUST_DIR)


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    return five_lists(tmp_path / "offered")


def recorded(folder: Path) -> dict[str, dict[str, object]]:
    lists: dict[str, dict[str, object]] = json.loads((folder / "trust.json").read_text())["lists"]
    return lists


# --- from files


def test_lists_from_a_folder_are_in_force_dated_and_recorded(offered: Path, folder: Path) -> None:
    printed = called("--from", str(offered), "--dated", "2026-11-01")
    assert "in force: Official C2PA trust list. 3 certificates, next expiry" in printed
    lists = TrustLists.from_folder(folder)
    assert lists.to_json() == dict.fromkeys(FILE_NAMES, "2026-11-01")
    kept = recorded(folder)[OFFICIAL]
    assert kept["sha256"] == lists.hashes[OFFICIAL]
    assert (kept["certificates"], kept["source"]) == (3, str(offered / OFFICIAL))
    assert kept["next_expiry"] == (NOW + 4 * YEAR).date().isoformat()
    assert str(kept["installed"]).startswith(str(TODAY.year))
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_file_without_a_date_is_dated_by_its_last_change_and_never_into_the_future(
    offered: Path, folder: Path
) -> None:
    early, late = (NOW - 30 * DAY).timestamp(), (NOW + 30 * DAY).timestamp()
    os.utime(offered / OFFICIAL, (early, early))
    os.utime(offered / TIMESTAMP, (late, late))
    called("--from", str(offered))
    dates = TrustLists.from_folder(folder).dates
    assert (dates[OFFICIAL], dates[TIMESTAMP]) == ((NOW - 30 * DAY).date(), TODAY)
    _, ended = refused("--from", str(offered), "--dated", (TODAY + 2 * DAY).isoformat())
    assert "is still to come" in ended


def test_a_zip_file_serves_as_well_and_published_names_are_understood(tmp_path: Path, folder: Path) -> None:
    packed = tmp_path / "lists.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("repo-main/trust-list/" + OFFICIAL, (2026, 10, 3, 8, 0, 0)), anchors("Camera"))
        archive.writestr("interim/anchors.pem", anchors("Early camera"))
        archive.writestr("interim/readme.txt", "no list")
    printed = called("--from", str(packed))
    assert "left as it is: Official C2PA list of timestamp authorities. Not among the files." in printed
    dates = TrustLists.from_folder(folder).dates
    assert dates == {OFFICIAL: dt.date(2026, 10, 3), INTERIM_ANCHORS: TODAY}


def test_two_files_for_one_list_are_refused(offered: Path) -> None:
    (offered / "anchors.pem").write_text(anchors("Another"))
    assert "more than one file for itl-anchors.pem" in refused("--from", str(offered))[1]


@pytest.mark.parametrize("name", ["nowhere", "empty", "notes.zip"])
def test_a_place_without_lists_is_said_so(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.zip").write_text("no archive")
    _, ended = refused("--from", str(tmp_path / name))
    assert str(tmp_path / name) in ended
    assert ("holds none of the lists" in ended) == (name == "empty")


def test_a_dry_run_checks_and_writes_nothing(offered: Path, folder: Path) -> None:
    printed = called("--from", str(offered), "--dry-run")
    assert "would be in force: Official C2PA trust list. 3 certificates" in printed
    assert list(folder.iterdir()) == []


def test_without_a_source_the_command_asks_for_one(folder: Path) -> None:
    assert "--from FOLDER, or --fetch" in refused()[1]


def test_an_examination_from_then_on_knows_the_signer(tmp_path: Path, folder: Path, add_photo: AddPhoto) -> None:
    capture = created("digitalCapture")
    before = examine_now(add_photo(signed(capture, by=known_signer()), name="before.jpg"))
    called("--from", offer(tmp_path / "authority", camera_authority().anchor), "--dated", "2026-11-01")
    after = examine_now(add_photo(signed(capture, by=known_signer()), name="after.jpg"))
    held = [
        next(o["details"] for o in analysis.result["outcomes"] if o["detector"] == "content_credentials")
        for analysis in (before, after)
    ]
    assert (held[0]["signer_list"], held[1]["signer_list"]) == (None, "official")
    assert after.versions["trust_lists"] == {OFFICIAL: "2026-11-01"}


@needs_shared
def test_the_published_lists_pass(folder: Path) -> None:
    printed = called("--from", str(SHARED / "data" / "c2pa" / "trust"))
    assert printed.count("in force: ") == 5
    assert "1 expired (trufo.ai)" in printed


# --- what is no list

KEY = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"
ONE = anchor("Camera")
SINGLE = anchor("A single signer", authority=False)
WRONG = {
    "": "is empty",
    "\n \n": "is empty",
    "Not found": "has no certificate in it",
    "<!DOCTYPE html><html><body>Sign in</body></html>": "is a web page",
    ONE + anchor("Phone")[:300]: "is cut off",
    ONE + KEY: "holds a private key",
    ONE + KEY.replace("EC PRIVATE KEY", "X509 CRL"): "holds something that is no certificate: X509 CRL",
    ONE.replace("MII", "AAA", 1): "certificate 1 of 1 cannot be read",
    "\0\0" + ONE: "is no text",
    SINGLE: "holds no authority's certificate",
}


@pytest.mark.parametrize(("content", "reason"), WRONG.items(), ids=WRONG.values())
def test_what_is_no_list_is_refused_in_words_and_the_list_in_force_stays(
    content: str, reason: str, tmp_path: Path, folder: Path
) -> None:
    called("--from", offer(tmp_path / "good", anchors("Camera")), "--dated", "2026-05-01")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    printed, ended = refused("--from", offer(tmp_path / "bad", content))
    assert "not refreshed: Official C2PA trust list. Not taken: the file" in printed
    assert reason in printed
    assert "The list of 2026-05-01 stays in force." in printed
    assert "1 of 5 lists were not refreshed" in ended
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("content", ["", "// nothing\n", "1.3.6.1\n<html>", "1.3.x", "<html></html>"])
def test_a_store_configuration_is_a_list_of_object_identifiers(content: str, tmp_path: Path, folder: Path) -> None:
    printed, _ = refused("--from", offer(tmp_path / "bad", content, STORE_CONFIG))
    assert "not refreshed: Purposes that a signing certificate may state. Not taken: the file" in printed
    assert "There is none in force." in printed
    assert list(folder.iterdir()) == []


def test_a_file_beyond_all_bounds_is_not_read(tmp_path: Path) -> None:
    place = offer(tmp_path / "big", "#" * (MAX_BYTES + 1))
    assert "too large for a list" in refused("--from", place)[1]


def test_one_refused_list_costs_no_other(offered: Path, folder: Path) -> None:
    (offered / OFFICIAL).write_text("<html></html>")
    printed, ended = refused("--from", str(offered))
    assert printed.count("in force: ") == 4
    assert "1 of 5 lists were not refreshed" in ended
    assert set(TrustLists.from_folder(folder).texts) == set(FILE_NAMES) - {OFFICIAL}


def test_oddities_are_counted_and_the_list_is_taken(tmp_path: Path) -> None:
    """Expired, not valid yet, of no authority, twice: each stands in published lists, and harms none of the others."""
    gone, coming = anchor("Gone", ends=NOW - DAY), anchor("Coming", begins=NOW + DAY)
    printed = called("--from", offer(tmp_path / "odd", ONE + ONE + gone + coming + SINGLE))
    assert (
        "4 certificates, 1 of them of no authority, 1 expired (Gone), 1 not valid yet, 1 twice in the file" in printed
    )


# --- one list after another


def test_a_list_that_forgets_most_signers_is_refused_unless_that_is_meant(tmp_path: Path, folder: Path) -> None:
    three = [anchor(name) for name in ("Camera", "Phone", "Editor")]
    called("--from", offer(tmp_path / "old", "".join(three)))
    place = offer(tmp_path / "short", three[0])
    printed, _ = refused("--from", place)
    assert "2 of 3 entries in force are not in it" in printed
    assert TrustLists.from_folder(folder).text(OFFICIAL) == "".join(three)
    assert "in force: Official C2PA trust list. 1 certificates" in called("--from", place, "--accept-shrunk")


def test_as_many_other_signers_do_not_make_up_for_those_that_are_gone(tmp_path: Path) -> None:
    called("--from", offer(tmp_path / "old", anchors("A", "B", "C")))
    assert (
        "3 of 3 entries in force are not in it" in refused("--from", offer(tmp_path / "new", anchors("D", "E", "F")))[0]
    )


def test_expired_anchors_may_leave_a_list(tmp_path: Path, folder: Path) -> None:
    gone = anchor("Gone", ends=NOW - DAY) + anchor("Gone, too", ends=NOW - DAY)
    called("--from", offer(tmp_path / "old", ONE + gone))
    assert "in force" in called("--from", offer(tmp_path / "new", ONE))
    assert TrustLists.from_folder(folder).text(OFFICIAL) == ONE


def test_a_replaced_list_is_kept_under_its_date(tmp_path: Path, folder: Path) -> None:
    versions = [ONE, ONE + anchor("Phone"), ONE + anchor("Editor")]
    for content in versions:
        called("--from", offer(tmp_path / "lists", content), "--dated", "2026-06-01")
    first, second = sorted((folder / "history").iterdir())
    assert (first.name, second.name[:11]) == ("2026-06-01", "2026-06-01-")
    assert [(place / OFFICIAL).read_text() for place in (first, second)] == versions[:2]
    history = json.loads((folder / "trust.json").read_text())["history"]
    assert [entry["file"] for entry in history] == [f"history/{place.name}/{OFFICIAL}" for place in (first, second)]
    assert all(entry["name"] == OFFICIAL and len(entry["sha256"]) == 64 for entry in history)


def test_the_same_list_again_keeps_its_date_and_is_young_again(tmp_path: Path, folder: Path) -> None:
    place = offer(tmp_path / "lists", ONE)
    called("--from", place, "--dated", "2026-01-10")
    assert "unchanged: Official C2PA trust list" in called("--from", place, "--dated", TODAY.isoformat())
    assert TrustLists.from_folder(folder).to_json() == {OFFICIAL: "2026-01-10"}
    assert (recorded(folder)[OFFICIAL]["date"], recorded(folder)[OFFICIAL]["confirmed"]) == (
        "2026-01-10",
        TODAY.isoformat(),
    )
    assert not (folder / "history").exists()


def test_an_older_list_than_that_in_force_is_taken_and_called_so(tmp_path: Path) -> None:
    called("--from", offer(tmp_path / "new", ONE), "--dated", "2026-06-01")
    printed = called("--from", offer(tmp_path / "old", ONE + anchor("Phone")), "--dated", "2026-03-01")
    assert "It is older than the one it replaces, of 2026-06-01." in printed


def test_a_folder_that_cannot_be_written_is_said_so(offered: Path, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.TRUST_DIR = tmp_path / "file" / "trust"
    assert "cannot be used" in refused("--from", str(offered))[1]


def test_refreshing_lists_is_no_event_of_a_team(offered: Path, add_photo: AddPhoto) -> None:
    """A chain is a team's own; what concerns the whole installation stands in trust.json."""
    add_photo()
    before = Event.objects.count()
    called("--from", str(offered))
    assert Event.objects.count() == before
