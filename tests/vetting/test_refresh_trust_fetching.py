"""`manage.py refresh_trust` over the network: HTTPS alone, one host, in time, and a failure loses nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from detector.trust import FILE_NAMES, OFFICIAL, TrustLists
from tests.lists_server import Answer, ListsServer, anchors, lists_server
from tests.trust_lists import TODAY, called, five_lists, offer, refused
from vetting.trust_sources import MAX_BYTES, PUBLISHED


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


@pytest.fixture
def answers(offered: Path) -> dict[str, Answer]:
    """What the server says: all five lists, unless a test changes it."""
    return {f"/lists/{name}": Answer(body=(offered / name).read_bytes()) for name in FILE_NAMES}


@pytest.fixture
def server(
    tmp_path: Path, answers: dict[str, Answer], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ListsServer]:
    """A mirror on this machine, whose certificate is believed."""
    with lists_server(tmp_path, answers) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(running.certificate))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        settings.TRUST_MIRROR = f"{running.base}/lists/"
        yield running


def test_lists_are_fetched_checked_and_dated_by_the_day(server: ListsServer, folder: Path) -> None:
    printed = called("--fetch")
    assert printed.count("in force: ") == 5
    assert TrustLists.from_folder(folder).to_json() == dict.fromkeys(FILE_NAMES, TODAY.isoformat())
    assert recorded(folder)[OFFICIAL]["source"] == f"{server.base}/lists/{OFFICIAL}"
    assert {agent for _, agent in server.asked} == {"Candid refresh_trust"}


def test_the_network_is_asked_only_where_the_operator_said_so(server: ListsServer, settings: Settings) -> None:
    refused()
    assert server.asked == []
    settings.FETCH_TRUST = True
    called()
    assert len(server.asked) == 5


FAILURES = {
    "not found": (Answer(status=404), "The server answered 404"),
    "server error": (Answer(status=500), "The server answered 500"),
    "a web page": (Answer(body=b"<html><body>Sign in</body></html>"), "the file is a web page"),
    "too large": (Answer(body=b"#" * (MAX_BYTES + 1)), "too large for a list"),
    "elsewhere": (Answer(status=302, location="https://example.org/list.pem"), "another one, https://example.org"),
    "unencrypted": (Answer(status=302, location="http://127.0.0.1/list.pem"), "another one, http://127.0.0.1"),
    "a file": (Answer(status=302, location="file:///etc/hostname"), "to where no list is taken from"),
    "round and round": (Answer(status=302, location=f"/lists/{OFFICIAL}"), "sends on again and again"),
    "no answer": (Answer(wait=True), "No answer within"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_list_that_does_not_come_costs_no_other_and_loses_nothing(
    case: str, server: ListsServer, answers: dict[str, Answer], folder: Path, tmp_path: Path
) -> None:
    called("--from", offer(tmp_path / "old", anchors("Old")), "--dated", "2026-05-01")
    answers[f"/lists/{OFFICIAL}"], reason = FAILURES[case]
    before = (folder / OFFICIAL).read_bytes()
    started = time.monotonic()
    printed, ended = refused("--fetch", "--timeout", "2")
    assert time.monotonic() - started < 5
    assert printed.count("in force: ") == 4
    assert reason in printed
    assert "The list of 2026-05-01 stays in force." in printed
    assert "1 of 5 lists were not refreshed" in ended
    assert (folder / OFFICIAL).read_bytes() == before


def test_a_redirect_on_the_same_host_is_followed(server: ListsServer, answers: dict[str, Answer]) -> None:
    answers["/moved.pem"] = answers[f"/lists/{OFFICIAL}"]
    answers[f"/lists/{OFFICIAL}"] = Answer(status=301, location="/moved.pem")
    assert called("--fetch").count("in force: ") == 5


def test_a_server_that_cannot_prove_its_name_is_not_believed(
    server: ListsServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    printed, _ = refused("--fetch")
    assert printed.count("The server could not be reached") == 5
    assert server.asked == []
    assert list(folder.iterdir()) == []


def test_an_address_without_https_is_not_asked(settings: Settings) -> None:
    settings.TRUST_MIRROR = "http://127.0.0.1:9/lists"
    assert refused("--fetch")[0].count("is no HTTPS address") == 5


def test_each_list_has_one_published_https_address() -> None:
    assert set(PUBLISHED) == set(FILE_NAMES)
    assert all(address.startswith("https://") for address in PUBLISHED.values())
