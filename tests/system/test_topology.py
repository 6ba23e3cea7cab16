"""The production way on this machine: gunicorn, two workers, the sweep, redis-server and PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import ROOT, Site, postgres, redis_server, site
from tests.system.stage import PASSWORD, TEAM, applicant, headshot, rows, upload, wait_until_all_ended
from tests.system.visitor import Visitor

pytestmark = pytest.mark.system


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Site]:
    with (
        redis_server() as broker,
        postgres() as database,
        site(tmp_path, REDIS_URL=broker, DATABASE_URL=database) as running,
    ):
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        yield running


def test_an_upload_over_http_ends_with_a_verdict_on_redis_and_postgresql(running: Site) -> None:
    running.web()
    running.worker("first")
    running.worker("second")
    beat = running.sweep()
    alice = Visitor(running.url)
    alice.sign_in("alice", PASSWORD)
    page = applicant(alice, "Eileen Collins")

    upload(alice, page, [(f"{seed}.jpg", headshot(seed)) for seed in range(4)])
    wait_until_all_ended(running, 120)

    ended = rows(running)
    assert [row.state for row in ended] == ["done"] * 4, ended
    assert all(row.verdict and row.ends == 1 for row in ended)
    assert "Eileen Collins" in alice.get(page).text
    assert alice.get(page + "report.pdf").content.startswith(b"%PDF-")
    assert [is_healthy(running, part) for part in ("web", "worker", "beat")] == [True, True, True]

    beat.kill_9()
    schedules = list((running.folder / "var").glob("beat-schedule*"))
    for schedule in schedules:  # as it is found two minutes later
        os.utime(schedule, (schedule.stat().st_atime, schedule.stat().st_mtime - 130))
    assert schedules
    assert not is_healthy(running, "beat")


def is_healthy(running: Site, part: str) -> bool:
    """What the container's health check says of it."""
    check = [sys.executable, "deploy/healthcheck.py", part]
    return subprocess.run(check, cwd=ROOT, env=running.env, capture_output=True, check=False).returncode == 0
