"""On the embedded database, pages answer while a worker's transaction is open: they show what was there before it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.services import site
from tests.system.stage import PASSWORD, TEAM
from tests.system.visitor import Visitor

pytestmark = pytest.mark.system
SOON = dt.timedelta(seconds=10)  # who waits for the lock waits twice as long, and then fails


def test_a_page_does_not_wait_for_who_writes(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        running.manage("seed_applicants", "60", "--openings", "2", "--member", "ada")
        running.web()
        visitor = Visitor(running.url)
        visitor.sign_in("ada", PASSWORD)
        with closing(sqlite3.connect(tmp_path / "var" / "candid.sqlite3", isolation_level=None)) as worker:
            assert worker.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            worker.execute("BEGIN IMMEDIATE")
            worker.execute("UPDATE vetting_opening SET title = 'Not yet'")
            for address in ("/openings/", "/queue/", "/openings/?q=ana"):
                answer = visitor.get(address)
                assert answer.status_code == 200
                assert answer.elapsed < SOON
                assert "Not yet" not in answer.text
            worker.execute("COMMIT")
        assert "Not yet" in visitor.get("/openings/").text
