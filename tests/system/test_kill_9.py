"""kill -9 of the worker in the middle of twenty analyses: after a restart all twenty end, none twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.services import Site, eventually, postgres, redis_server, site
from tests.system.stage import PASSWORD, TEAM, applicant, headshot, rows, upload, wait_until_all_ended
from tests.system.visitor import Visitor

pytestmark = pytest.mark.system
PHOTOS = 20

# As in production, in quicker: the time limit is below the lease, the lease is what a lost photo waits.
QUICK = {"ANALYSIS_TIME_LIMIT": "24", "ANALYSIS_LEASE": "25", "QUEUED_TOO_LONG": "5", "SWEEP_EVERY": "1"}


@pytest.fixture(params=["SQLite and a folder", "PostgreSQL and Redis"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        settings = dict(QUICK)
        if request.param == "PostgreSQL and Redis":
            settings["REDIS_URL"] = stack.enter_context(redis_server())
            settings["DATABASE_URL"] = stack.enter_context(postgres())
        running = stack.enter_context(site(tmp_path, **settings))
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        yield running


def test_after_kill_9_of_the_worker_every_photo_is_examined_once(running: Site) -> None:
    running.web()
    running.sweep()
    alice = Visitor(running.url)
    alice.sign_in("alice", PASSWORD)
    page = applicant(alice, "Eileen Collins")
    upload(alice, page, [(f"{seed}.jpg", headshot(seed)) for seed in range(PHOTOS)])

    worker = running.worker("before", concurrency=2)
    eventually(lambda: sum(row.state == "done" for row in rows(running)) >= 3, "three of twenty are examined")
    worker.kill_9()
    left = [row.state for row in rows(running)]
    assert "running" in left, f"the kill hit nothing in the middle: {left}"
    assert "queued" in left, f"the kill came too late: {left}"

    running.worker("after", concurrency=2)
    wait_until_all_ended(running, 180)

    ended = rows(running)
    assert [row.state for row in ended] == ["done"] * PHOTOS, ended
    assert len({row.photo for row in ended}) == PHOTOS
    assert [row.ends for row in ended] == [1] * PHOTOS
    assert [row.findings for row in ended] == [row.observations for row in ended]
    assert max(row.attempt for row in ended) == 2, "nothing was taken up again"
