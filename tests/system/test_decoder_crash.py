"""A C library that crashes costs one analysis, not the service: the child dies, the row says so, the next one runs.

No file is known that crashes a decoder of the pinned versions (`make fuzz`), so the test sends the child the signal
that such a crash ends in.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.services import Process, Site, answers, descendants, eventually, site
from tests.system.stage import PASSWORD, TEAM, applicant, headshot, rows, upload
from tests.system.visitor import Visitor
from vetting.analysis import GIVEN_UP
from vetting.lease import ATTEMPTS

pytestmark = pytest.mark.system
QUICK = {"ANALYSIS_TIME_LIMIT": "7", "ANALYSIS_LEASE": "8", "QUEUED_TOO_LONG": "3", "SWEEP_EVERY": "1"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path, **QUICK) as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        yield running


def signed_in(running: Site) -> tuple[Visitor, str]:
    alice = Visitor(running.url)
    alice.sign_in("alice", PASSWORD)
    return alice, applicant(alice, "Eileen Collins")


def runs(running: Site, attempt: int) -> bool:
    """Whether the first photo is being examined, by its attempt of this number."""
    return (rows(running)[0].state, rows(running)[0].attempt) == ("running", attempt)


def crash_child(leader: Process) -> None:
    """As a decoder that writes where it must not: SIGSEGV, to every child and not to the leader."""
    for pid in descendants(leader.popen.pid) - {leader.popen.pid}:
        os.kill(pid, signal.SIGSEGV)


def test_a_photo_that_crashes_its_worker_three_times_says_so_and_the_next_one_is_examined(running: Site) -> None:
    running.web()
    running.sweep()
    alice, page = signed_in(running)
    worker = running.worker()
    upload(alice, page, [("breaks.jpg", headshot(1, 1600))])
    for attempt in range(1, ATTEMPTS + 1):
        eventually(partial(runs, running, attempt), "it is examined")
        crash_child(worker)
        if attempt == 1:
            upload(alice, page, [("whole.jpg", headshot(2))])
            eventually(lambda: rows(running)[1].state == "done", "the next one is examined by a new child")
    eventually(lambda: rows(running)[0].state == "failed", "the row says that it was given up")

    broken, whole = rows(running)
    assert worker.alive
    assert broken.error == GIVEN_UP
    assert (broken.attempt, broken.ends, broken.findings) == (ATTEMPTS, 1, 0)
    assert (whole.attempt, whole.ends) == (1, 1)
    assert "the file probably breaks a decoder" in alice.get(page).text


def test_a_web_process_that_crashes_is_replaced_and_what_was_taken_is_still_there(running: Site) -> None:
    web = running.web()
    alice, page = signed_in(running)
    upload(alice, page, [("first.jpg", headshot(1))])

    crash_child(web)

    eventually(lambda: answers(f"{running.url}/healthz"), "another child answers", seconds=10)
    assert web.alive
    upload(alice, page, [("second.jpg", headshot(2))])
    assert [row.state for row in rows(running)] == ["queued", "queued"]
