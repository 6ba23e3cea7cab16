"""Trust lists: read from a folder, dated, and what c2pa-python is told of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from detector.trust import FILE_NAMES, INTERIM_ANCHORS, OFFICIAL, STORE_CONFIG, TIMESTAMP, TrustLists
from detector.trust_facts import State, TrustList, facts_of
from detector.trust_record import RECORD_FILE
from tests.lists_server import NOW, anchor

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "c2pa" / "trust"


def test_a_missing_folder_is_no_list_at_all(tmp_path: Path) -> None:
    lists = TrustLists.from_folder(tmp_path / "nowhere")
    assert lists == TrustLists()
    assert lists.text(OFFICIAL) == ""
    assert "trust_anchors" not in lists.settings()


def test_each_list_has_the_date_of_its_file_and_strange_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / OFFICIAL).write_text("official")
    (tmp_path / "notes.pem").write_text("not a list")
    day = dt.datetime(2026, 2, 3, 12, tzinfo=dt.UTC)
    os.utime(tmp_path / OFFICIAL, (day.timestamp(), day.timestamp()))
    lists = TrustLists.from_folder(tmp_path)
    assert lists.to_json() == {OFFICIAL: "2026-02-03"}
    assert lists.text(OFFICIAL) == "official"


def test_a_list_that_is_no_text_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / OFFICIAL).write_bytes(b"\xff\xfe\x00")
    (tmp_path / TIMESTAMP).write_text("stamps")
    assert TrustLists.from_folder(tmp_path).text(TIMESTAMP) == "stamps"


def test_the_key_is_the_content_whatever_the_date_and_the_order() -> None:
    texts = {OFFICIAL: "a", TIMESTAMP: "b"}
    same = TrustLists(texts=dict(reversed(texts.items())), dates={OFFICIAL: dt.date(2026, 1, 1)})
    assert TrustLists(texts=texts).key == same.key
    assert hash(same.key) == hash(TrustLists(texts=texts).key)
    assert TrustLists(texts={OFFICIAL: "a"}).key != same.key


def test_official_and_interim_lists_are_kept_apart() -> None:
    settings = TrustLists(texts={OFFICIAL: "O", TIMESTAMP: "T", INTERIM_ANCHORS: "I"}).settings()
    assert settings["trust_anchors"] == "O\nT"
    assert settings["user_anchors"] == "I"
    assert "allowed_list" not in settings


def test_signing_purposes_are_stated_even_without_a_store_configuration() -> None:
    assert "1.3.6.1.4.1.62558.2.1" in TrustLists().settings()["trust_config"]
    assert TrustLists(texts={STORE_CONFIG: "1.2.3"}).settings()["trust_config"] == "1.2.3"


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data/c2pa/trust is not here")
def test_the_published_lists_are_read_by_their_names() -> None:
    lists = TrustLists.from_folder(SHARED)
    assert set(lists.to_json()) == set(FILE_NAMES)
    assert all("BEGIN CERTIFICATE" in lists.text(name) for name in FILE_NAMES if name.endswith(".pem"))


# --- the record beside them, and what can be said of each


def record_of(text: str) -> dict[str, Any]:
    said = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "date": "2026-03-04", "source": "https://example.org/"}
    return {**said, "installed": "2026-03-05T06:07:08+00:00", "certificates": 1, "next_expiry": None}


def write_record(folder: Path, of: str) -> None:
    (folder / RECORD_FILE).write_text(json.dumps({"lists": {OFFICIAL: record_of(of)}}))


def test_a_recorded_list_has_the_date_of_its_record(tmp_path: Path) -> None:
    (tmp_path / OFFICIAL).write_text("official")
    write_record(tmp_path, of="official")
    lists = TrustLists.from_folder(tmp_path)
    assert lists.to_json() == {OFFICIAL: "2026-03-04"}
    record = lists.record(OFFICIAL)
    assert record
    assert (record.source, record.confirmed) == ("https://example.org/", dt.date(2026, 3, 4))


def test_a_record_of_another_content_says_nothing_of_the_file(tmp_path: Path) -> None:
    (tmp_path / OFFICIAL).write_text("put there by hand")
    write_record(tmp_path, of="official")
    lists = TrustLists.from_folder(tmp_path)
    assert lists.record(OFFICIAL) is None
    assert lists.to_json() == {OFFICIAL: dt.datetime.now(dt.UTC).date().isoformat()}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"lists": 3}', '{"lists": {"a": {}}}', '{"lists": {"a": 3}}'])
def test_a_broken_record_does_not_stop_an_examination(content: str, tmp_path: Path) -> None:
    (tmp_path / OFFICIAL).write_text("official")
    (tmp_path / RECORD_FILE).write_text(content)
    lists = TrustLists.from_folder(tmp_path)
    assert lists.text(OFFICIAL) == "official"
    assert "cannot be read" in lists.records.problem


def test_files_are_read_again_only_when_one_has_changed(tmp_path: Path) -> None:
    """Every examination asks for the lists."""
    (tmp_path / OFFICIAL).write_text("official")
    first = TrustLists.from_folder(tmp_path)
    assert TrustLists.from_folder(tmp_path) is first
    (tmp_path / "part").write_text("replaced")
    before = (tmp_path / OFFICIAL).stat()
    os.utime(tmp_path / "part", ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "part").replace(tmp_path / OFFICIAL)  # of the same size and time
    assert TrustLists.from_folder(tmp_path).text(OFFICIAL) == "replaced"


def test_an_examination_does_not_load_what_reads_certificates() -> None:
    program = "import sys, detector.trust; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_each_state_of_a_list_has_its_reason() -> None:
    now = dt.datetime.now(dt.UTC)
    today = now.date()
    whole, gone = anchor("Camera"), anchor("Gone", ends=NOW - dt.timedelta(days=100))

    def official(text: str, day: dt.date = today, name: str = OFFICIAL) -> TrustList:
        lists = TrustLists(texts={name: text}, dates={name: day}, hashes={name: "0"})
        return next(fact for fact in facts_of(lists, now) if fact.name == name)

    half_a_year = today - dt.timedelta(days=180)
    assert official(whole).state is State.CURRENT
    assert official(whole, half_a_year).state is State.CURRENT
    assert official(whole, half_a_year - dt.timedelta(days=1)).state is State.OLD
    assert official(whole + gone).state is State.EXPIRED
    assert official(whole + gone).expired == ("Gone",)
    assert official("no list").state is State.BROKEN
    assert official(whole + gone, half_a_year - dt.timedelta(days=1), INTERIM_ANCHORS).state is State.FROZEN
    assert {fact.state for fact in facts_of(TrustLists(), now)} == {State.MISSING}


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data/c2pa/trust is not here")
def test_the_published_lists_are_whole() -> None:
    facts = {fact.name: fact for fact in facts_of(TrustLists.from_folder(SHARED), dt.datetime.now(dt.UTC))}
    assert all(fact.problem == "" and fact.certificates > 0 for fact in facts.values())
    assert facts[INTERIM_ANCHORS].expired  # frozen with it: the reason why that alone is no warning
