"""Trust lists: read from a folder, dated, and what c2pa-python is told of them."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from detector.trust import FILE_NAMES, INTERIM_ANCHORS, OFFICIAL, STORE_CONFIG, TIMESTAMP, TrustLists

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
