"""A sample of the broken files through a real site: uploaded with its form, examined by its real worker."""

from __future__ import annotations

import html
import io
import re
import tempfile
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

from tests.services import Site, descendants, site
from tests.system.stage import PASSWORD, TEAM, Row, applicant, rows, upload, wait_until_all_ended
from tests.system.visitor import Visitor
from tools.fuzz.kinds import FOR_IMPORTS, Broken, build

AT_ONCE = 25  # files of one upload
PATIENCE = 900.0  # seconds until all are examined
SUFFIXES = ("jpg", "png", "webp", "heic", "avif", "txt", "html")  # whatever is in them


def sample(seed: int, numbers: list[int], count: int) -> list[Broken]:
    """Evenly from all of them; no archives, which an upload of photos refuses by their first bytes."""
    step = max(1, len(numbers) // count) | 1
    built = (build(seed, number) for number in numbers[::step])
    return [broken for broken in built if broken.kind not in FOR_IMPORTS and broken.data][:count]


def through_site(seed: int, numbers: list[int], count: int) -> bool:
    """Prints the figures; whether every file had an answer in words and every process is still alive."""
    files = sample(seed, numbers, count)
    with (
        redirect_stdout(io.StringIO()),  # the logs, which site() prints for a test that failed
        tempfile.TemporaryDirectory(prefix="candid-fuzz-") as folder,
        site(Path(folder), SWEEP_EVERY="2") as running,
    ):
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        web, worker = running.web(), running.worker(concurrency=2)
        running.sweep()
        before = descendants(web.popen.pid)
        answered, silent = _sent(running, files)
        children = descendants(worker.popen.pid)
        wait_until_all_ended(running, PATIENCE)
        ended = rows(running)
        died = len(before - descendants(web.popen.pid)) + len(children - descendants(worker.popen.pid))
        log = running.logs()
        running.stop()
    return _told(files, answered, silent, ended, died, log)


def _sent(running: Site, files: list[Broken]) -> tuple[int, list[int]]:
    """How many files the receipts answer for; the numbers of those of which they say nothing."""
    alice = Visitor(running.url)
    alice.sign_in("alice", PASSWORD)
    page = applicant(alice, "Eileen Collins")
    silent: list[int] = []
    for at in range(0, len(files), AT_ONCE):
        part = files[at : at + AT_ONCE]
        named = [(f"file-{each.number}.{SUFFIXES[each.number % len(SUFFIXES)]}", each.data) for each in part]
        words = html.unescape(re.sub(r"<[^>]+>", " ", upload(alice, page, named)))
        silent += [each.number for each, (name, _) in zip(part, named, strict=True) if name not in words]
    return len(files) - len(silent), silent


def _told(files: list[Broken], answered: int, silent: list[int], ended: list[Row], died: int, log: str) -> bool:
    states = Counter(row.state for row in ended)
    wordless = [row for row in ended if row.state != "done" and not row.error]
    broke = [line for line in log.splitlines() if "Traceback" in line or "WorkerLost" in line]
    print(
        f"through a real site: {len(files)} files, {answered} answered in words, {len(ended)} taken and examined "
        f"({dict(states)}), {died} processes died, {len(wordless)} ends without words, "
        f"{len(broke)} tracebacks in the logs",
        flush=True,
    )
    if broke or silent:
        print(f"silent: {silent}\n{log[-3000:]}", flush=True)
    return not (silent or wordless or died or broke or states["failed"])
