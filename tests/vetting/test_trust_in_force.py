"""What `manage.py check` and the settings page say of the trust lists in force."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from detector.provenance.second_reader import BUILT_IN_DATE
from detector.trust import FILE_NAMES, INTERIM_ANCHORS, OFFICIAL
from tests.conftest import text, words
from tests.lists_server import NOW, YEAR, anchor
from tests.trust_lists import DAY, TODAY, called, five_lists, offer
from vetting import checks
from vetting.web.installed import installed

ONE = anchor("Camera")


@pytest.fixture
def folder(settings: Settings) -> Path:
    """Where lists in force stand."""
    return Path(settings.TRUST_DIR)


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    return five_lists(tmp_path / "offered")


# --- manage.py check


def found_by_check() -> list[tuple[str | None, str]]:
    return [(message.id, message.msg) for message in checks.trust_lists_are_in_force()]


def test_a_fresh_installation_gets_one_warning_with_the_command(folder: Path) -> None:
    (message,) = checks.trust_lists_are_in_force()
    assert message.id == "vetting.W004"
    assert "Official C2PA trust list; Official C2PA list of timestamp authorities" in message.msg
    assert "manage.py refresh_trust --fetch" in str(message.hint)


def test_whole_and_young_lists_give_no_message(offered: Path) -> None:
    called("--from", str(offered))
    assert found_by_check() == []


def test_a_missing_interim_list_is_a_lesser_note(offered: Path) -> None:
    (offered / INTERIM_ANCHORS).unlink()
    called("--from", str(offered))
    (message,) = checks.trust_lists_are_in_force()
    assert (message.id, message.is_serious()) == ("vetting.I001", False)


def test_only_a_list_that_is_kept_up_grows_old(offered: Path) -> None:
    called("--from", str(offered), "--dated", (TODAY - 180 * DAY).isoformat())
    assert found_by_check() == []
    for name in FILE_NAMES:
        (offered / name).write_text((offered / name).read_text() + "\n")
    called("--from", str(offered), "--dated", (TODAY - 181 * DAY).isoformat())
    assert [id for id, _ in found_by_check()] == ["vetting.W005", "vetting.W005"]
    assert "181 days old" in found_by_check()[0][1]


def test_an_expired_anchor_is_named_and_counted(offered: Path) -> None:
    gone = "".join(anchor(f"Gone {number}", ends=NOW - DAY) for number in range(5))
    (offered / OFFICIAL).write_text(ONE + gone)
    (offered / INTERIM_ANCHORS).write_text(ONE + gone)  # frozen: nobody can do anything about it
    called("--from", str(offered))
    ((code, said),) = found_by_check()
    assert code == "vetting.W006"
    assert "5 of 6 anchors expired: Gone 0, Gone 1, Gone 2 and others." in said


def test_an_old_list_with_an_expired_anchor_gives_both_warnings(tmp_path: Path, offered: Path) -> None:
    called("--from", str(offered))
    gone = offer(tmp_path / "gone", (offered / OFFICIAL).read_text() + anchor("Gone", ends=NOW - DAY))
    called("--from", gone, "--dated", (TODAY - 400 * DAY).isoformat())
    assert [code for code, _ in found_by_check()] == ["vetting.W005", "vetting.W006"]


def test_a_list_changed_behind_the_record_gives_a_warning(offered: Path, folder: Path) -> None:
    called("--from", str(offered))
    (folder / OFFICIAL).write_text(ONE)
    assert found_by_check() == [("vetting.W007", "Official C2PA trust list: not the file that was installed.")]
    called("--from", str(folder))
    assert found_by_check() == []


def test_a_broken_list_and_a_broken_record_give_warnings(offered: Path, folder: Path) -> None:
    called("--from", str(offered))
    (folder / OFFICIAL).write_text("<html></html>")
    (folder / "trust.json").write_text("[]")
    said = found_by_check()
    assert [code for code, _ in said] == ["vetting.W007", "vetting.W007"]
    assert "The file is a web page." in said[0][1]
    assert "trust.json cannot be read" in said[1][1]


# --- the page


def test_settings_show_each_list_with_its_facts(offered: Path, site: Client) -> None:
    (offered / OFFICIAL).write_text(ONE + anchor("Gone", ends=NOW - DAY))
    called("--from", str(offered), "--dated", (TODAY - 200 * DAY).isoformat())
    page = text(site, "/settings/")
    shown = words(page)
    assert f"Official C2PA trust list {(TODAY - 200 * DAY).isoformat()} 200 days old Expired anchor Cameras" in shown
    assert f"2 certificates, 1 expired next expiry {(NOW + 4 * YEAR).date().isoformat()} file {OFFICIAL}" in shown
    assert "200 days old Old Who may confirm" in shown
    assert shown.count("Complete") == 3
    assert "2 purposes" in shown
    assert str(offered) not in page
    assert "None of the lists" not in shown


def test_settings_without_lists_say_which_command_brings_them(site: Client) -> None:
    shown = words(text(site, "/settings/"))
    assert "manage.py refresh_trust --fetch" in shown
    assert "manage.py refresh_trust --from FOLDER" in shown
    assert shown.count("Missing") == 5


def test_a_list_put_there_by_hand_works_and_is_called_so(folder: Path, site: Client) -> None:
    (folder / OFFICIAL).write_text(ONE)
    assert f"{TODAY.isoformat()} 0 days old Current" in words(text(site, "/settings/"))
    assert "put there by hand" in words(text(site, "/settings/"))
    (folder / OFFICIAL).write_text("<html></html>")
    assert "Cannot be read" in words(text(site, "/settings/"))


def test_the_list_built_into_the_second_reader_has_its_date(folder: Path, settings: Settings) -> None:
    assert installed(folder, settings.PACKS_DIR).built_in == BUILT_IN_DATE
