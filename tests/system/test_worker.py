"""The worker as an operator meets it: a stop while it works, and an examination that hangs."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.services import Process, Site, descendants, eventually, site
from tests.system.stage import TEAM, headshot, rows, wait_until_all_ended

pytestmark = pytest.mark.system
PHOTOS = 6

ENTER = """
from pathlib import Path
from django.core.files.base import ContentFile
from vetting.intake import accept_photo, add_applicant
from vetting.models import Opening, Team, User
alice, team = User.objects.get(username="alice"), Team.objects.get()
opening = Opening.objects.create(team=team, title="Autumn campaign", created_by=alice)
person = add_applicant(opening=opening, name="Eileen Collins", by=alice)
for path in sorted(Path("{folder}").iterdir()):
    accept_photo(applicant=person, upload=ContentFile(path.read_bytes(), name=path.name), by=alice)
"""


def enter_photos(running: Site) -> None:
    """Photos taken in by a process of its own, as the web process does."""
    folder = running.folder / "sent"
    folder.mkdir()
    for seed in range(PHOTOS):
        (folder / f"{seed}.jpg").write_bytes(headshot(seed))
    running.manage("prepare", "--no-demo")
    running.python(TEAM)
    running.python(ENTER.format(folder=folder))


def is_running(running: Site) -> bool:
    return any(row.state == "running" for row in rows(running))


def test_sigterm_lets_the_worker_end_the_examination_it_has_begun(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        enter_photos(running)
        worker = running.worker("first")
        eventually(lambda: is_running(running), "an examination has begun")
        assert worker.stop(seconds=30) == 0, worker.output()
        states = [row.state for row in rows(running)]
        assert "running" not in states
        assert "done" in states
        assert "queued" in states, "the stop came too late to say anything"

        running.worker("second")
        wait_until_all_ended(running, 60)
        assert {(row.state, row.attempt, row.ends) for row in rows(running)} == {("done", 1, 1)}


def test_an_examination_that_hangs_is_ended_by_the_time_limit_and_taken_up_by_the_sweep(tmp_path: Path) -> None:
    quick = {"ANALYSIS_TIME_LIMIT": "8", "ANALYSIS_LEASE": "9", "QUEUED_TOO_LONG": "5", "SWEEP_EVERY": "1"}
    with site(tmp_path, **quick) as running:
        enter_photos(running)
        worker = running.worker()
        running.sweep()
        hanging = stop_in_the_middle(running, worker)
        wait_until_all_ended(running, 90)

        assert hanging not in descendants(worker.popen.pid), "the child that hung was left alive"
        assert {(row.state, row.ends) for row in rows(running)} == {("done", 1)}
        assert max(row.attempt for row in rows(running)) == 2


def stop_in_the_middle(running: Site, worker: Process) -> int:
    """Freezes the worker's child while it holds a row; the child's process id."""
    for _ in range(200):
        eventually(lambda: is_running(running), "an examination has begun")
        (child,) = descendants(worker.popen.pid) - {worker.popen.pid}
        os.kill(child, signal.SIGSTOP)
        time.sleep(0.3)
        if is_running(running):
            return child
        os.kill(child, signal.SIGCONT)  # it had just ended: try the next one
    pytest.fail("no examination could be met in the middle")
