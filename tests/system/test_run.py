"""`make run` as a person uses it: the banner, the login, the demo's verdicts, and Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import pytest

from tests.services import PATIENCE, ROOT, Process, Site, descendants, eventually
from tests.system.stage import rows
from tests.system.visitor import Visitor

pytestmark = pytest.mark.system

BANNER = re.compile(r"Candid answers at (\S+)\s+login: (\S+) +password: (\S+)")
DEMO_PHOTOS = 8

# Makes the terminal on its standard input its controlling terminal, as a login shell has it, and becomes the command.
ON_A_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


class Output:
    """What a command has printed so far, read by a thread so that it never waits for us."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.text, self._stream = "", stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while chunk := os.read(self._stream.fileno(), 4096):
                self.text += chunk.decode(errors="replace")
        except OSError:
            return  # a terminal whose other side has closed

    def banner(self) -> tuple[str, str, str]:
        """Address, login and password, once they stand there."""
        eventually(lambda: BANNER.search(self.text), f"the banner in: {self.text[-2000:]}", 2 * PATIENCE)
        found = BANNER.search(self.text)
        assert found
        return found[1].rstrip("/"), found[2], found[3]

    def close(self) -> None:
        self._thread.join(timeout=5)
        self._stream.close()


def left_alive(family: set[int]) -> set[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    alive = {int(pid) for pid, state in (line.split() for line in listed.splitlines()) if not state.startswith("Z")}
    return family & alive


def test_make_run_on_a_terminal_shows_the_demo_examined_and_ctrl_c_ends_it_with_0(tmp_path: Path) -> None:
    site = Site(tmp_path)
    keyboard, terminal = os.openpty()
    running = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, "make", "run"],
        cwd=ROOT,
        env=site.env | {"TERM": "dumb"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    output = Output(os.fdopen(keyboard, "r+b", buffering=0))
    try:
        address, login, password = output.banner()
        assert address == f"http://localhost:{site.port}"
        Visitor(address).sign_in(login, password)
        eventually(lambda: len(rows(site)) == DEMO_PHOTOS, "the demo's photos are queued")
        eventually(lambda: {row.state for row in rows(site)} == {"done"}, "the demo's photos are examined", 120)
        verdicts = [row.verdict for row in rows(site)]
        assert "declared-generated" in verdicts, verdicts

        family = descendants(running.pid)
        assert len(family) >= 6, "make, run, gunicorn and its worker, Celery and its child, beat"
        os.write(keyboard, b"\x03")
        assert running.wait(timeout=PATIENCE) == 0, output.text[-3000:]
        assert not left_alive(family)
    finally:
        _end(running, output)


def test_sigint_ends_a_piped_run_with_0_and_a_second_start_keeps_login_and_rows(tmp_path: Path) -> None:
    site = Site(tmp_path)
    logins = []
    for _ in range(2):
        began = time.monotonic()
        running = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=site.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert running.stdout
        output = Output(running.stdout)
        try:
            logins.append(output.banner())
            seconds = time.monotonic() - began
            family = descendants(running.pid)
            running.send_signal(signal.SIGINT)
            assert running.wait(timeout=PATIENCE) == 0, output.text[-3000:]
            assert not left_alive(family)
        finally:
            _end(running, output)
    assert seconds < 30, "a second start takes seconds"
    assert logins[0] == logins[1]
    assert len(rows(site)) == DEMO_PHOTOS


def _end(running: subprocess.Popen[bytes], output: Output) -> None:
    """Only a failed test finds anything to kill here."""
    if running.poll() is None:
        for pid in descendants(running.pid):
            os.kill(pid, signal.SIGKILL)
        running.wait(timeout=10)
    output.close()


def test_a_process_that_ends_by_itself_ends_the_run_with_its_name(tmp_path: Path) -> None:
    site = Site(tmp_path)
    run = Process([sys.executable, "manage.py", "run"], log=tmp_path / "run.log", env=site.env)
    try:
        eventually(lambda: BANNER.search(run.output()), "the banner")
        family = descendants(run.popen.pid)
        _kill_sweep(family)
        assert run.popen.wait(timeout=PATIENCE) == 1
        assert "sweep ended by itself" in run.output()
        assert not left_alive(family)
    finally:
        run.kill_9()


def _kill_sweep(family: set[int]) -> None:
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    beats = [int(line.split()[0]) for line in listed.splitlines() if " beat " in line]
    (beat,) = family & set(beats)
    os.kill(beat, signal.SIGKILL)


def test_a_taken_port_is_said_in_a_sentence_before_anything_is_made(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with socket.create_server(("127.0.0.1", site.port)):
        done = subprocess.run(
            [sys.executable, "manage.py", "run"], cwd=ROOT, env=site.env, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert f"Port {site.port} on 127.0.0.1 cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "var").exists()


def test_preparing_twice_makes_nothing_twice_and_keeps_secrets_for_one_user(tmp_path: Path) -> None:
    site = Site(tmp_path)
    kept = []
    for _ in range(2):
        site.manage("prepare")
        secrets = [(tmp_path / "var" / name) for name in ("secret_key", "demo_password")]
        assert [stat.S_IMODE(secret.stat().st_mode) for secret in secrets] == [0o600, 0o600]
        kept.append([secret.read_text() for secret in secrets])
    assert kept[0] == kept[1]
    assert len(kept[0][0].strip()) >= 50
    assert len(rows(site)) == DEMO_PHOTOS
    counts = site.query("SELECT (SELECT count(*) FROM vetting_opening), (SELECT count(*) FROM vetting_user)")
    assert counts == [(1, 1)], json.dumps(counts)
    assert stat.S_IMODE((tmp_path / "var" / "candid.sqlite3").stat().st_mode) & 0o077 == 0
