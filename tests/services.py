"""The real things that system tests talk to: redis-server, PostgreSQL, Chromium, and Candid's own processes.

Each is started on a free port in a folder of its own and ended again. A missing binary skips the test by name, with the
command that brings it; with CI=true it fails.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "make services"
PATIENCE = 60  # seconds for anything to come up or to come true


def need(*names: str) -> str:
    """The path of the first of these programs that is installed; skips the test, or with CI=true fails it."""
    for name in names:
        if found := _which(name):
            return found
    message = f"{names[0]} is not installed; `{COMMAND}` as root or with sudo brings it"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(message)
    pytest.skip(message)


def _which(name: str) -> str | None:
    """PATH first; Debian keeps PostgreSQL's programs, and macOS its browsers, elsewhere."""
    elsewhere = [
        *Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        *Path("/Applications").glob(f"{name}.app/*/MacOS/*"),
    ]
    elsewhere += Path("/opt/homebrew/opt").glob(f"postgresql@*/bin/{name}")
    return shutil.which(name) or next((str(path) for path in sorted(elsewhere, reverse=True)), None)


def chromium() -> str:
    return need("chromium", "chromium-browser", "google-chrome", "Google Chrome", "Chromium")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Waits until `holds` does; fails with `what` was waited for."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            pytest.fail(f"after {seconds:.0f} s still not: {what}")
        time.sleep(0.1)


class Process:
    """A program in a session of its own, so that the whole of it can be ended; its output goes to a file."""

    def __init__(self, command: list[str], *, log: Path, env: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as out:
            self.popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def stop(self, seconds: float = 20) -> int:
        """SIGTERM to the leader as a supervisor sends it, SIGKILL to whoever is left; the leader's exit code."""
        self.popen.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout=seconds)
        return self.kill_9()

    def kill_9(self) -> int:
        """SIGKILL to the whole session."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        return self.popen.wait(timeout=10)

    def output(self) -> str:
        return self.log.read_text(errors="replace")


def descendants(root: int) -> set[int]:
    """The process and everything it started, and what those started."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    family = {root}
    while more := {pid for pid, parent in pairs if parent in family} - family:
        family |= more
    return family


@contextmanager
def redis_server() -> Iterator[str]:
    """An empty Redis without persistence; its URL."""
    binary, port = need("redis-server"), free_port()
    with tempfile.TemporaryDirectory(prefix="candid-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"]
        process = Process([binary, *options], log=Path(folder, "log"))
        try:
            eventually(lambda: _redis_answers(port), "redis-server answers")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.stop()


def _redis_answers(port: int) -> bool:
    with redis.Redis(port=port) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def postgres() -> Iterator[str]:
    """An empty PostgreSQL cluster that does not wait for the disk; its URL."""
    initdb, binary, port = need("initdb"), need("postgres"), free_port()
    folder = Path(tempfile.mkdtemp(prefix="candid-postgres-", dir="/tmp"))
    prefix = _as_its_user(folder)
    data = str(folder / "data")
    created = subprocess.run(
        [*prefix, initdb, "-D", data, "-U", "candid", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert created.returncode == 0, created.stderr
    options = ["-D", data, "-p", str(port), "-k", str(folder), "-h", "127.0.0.1", "-c", "fsync=off"]
    process = Process([*prefix, binary, *options], log=folder / "log")
    url = f"postgresql://candid@127.0.0.1:{port}/postgres"
    try:
        eventually(lambda: _postgres_answers(url), "PostgreSQL answers")
        yield url
    finally:
        process.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as_its_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user its package made."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root and there is no user `postgres` to run it as")
    os.chown(folder, user.pw_uid, user.pw_gid)
    if runuser := shutil.which("runuser"):
        return [runuser, "-u", "postgres", "--"]
    return [need("sudo"), "-n", "-u", "postgres", "--"]


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


class Site:
    """Candid's own processes over a folder that stands for var/: the code of production, in settings of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT") if name in os.environ
        }
        own = {"CANDID_VAR": str(folder / "var"), "PORT": str(self.port), "PYTHONUNBUFFERED": "1", "WEB_WORKERS": "1"}
        self.env = kept | own | settings
        self._processes: list[Process] = []

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """What a management command prints; its failure fails the test."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, program: str) -> str:
        """What a program prints that runs inside the site's settings, as a process of its own."""
        return self.manage("shell", "--verbosity", "0", "--command", program)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What the site's database answers, asked from outside."""
        if database := self.env.get("DATABASE_URL"):
            with psycopg.connect(database) as connection:
                return connection.execute(sql.encode()).fetchall()
        with closing(sqlite3.connect(f"file:{self.folder}/var/candid.sqlite3?mode=ro", uri=True, timeout=20)) as file:
            return file.execute(sql).fetchall()

    def start(self, name: str, *arguments: str) -> Process:
        process = Process([sys.executable, "-m", *arguments], log=self.folder / f"{name}.log", env=self.env)
        self._processes.append(process)
        return process

    def web(self) -> Process:
        process = self.start("web", "gunicorn", "--config", "deploy/gunicorn.conf.py", "vetting.wsgi")
        eventually(lambda: not process.alive or answers(f"{self.url}/healthz"), "the site answers")
        assert process.alive, process.output()
        return process

    def worker(self, name: str = "worker", concurrency: int = 1) -> Process:
        celery = ("celery", "--quiet", "--app", "vetting.celery", "worker", "--hostname", f"{name}@%h")
        quiet = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
        return self.start(name, *celery, "--concurrency", str(concurrency), *quiet)

    def sweep(self) -> Process:
        return self.start("sweep", "celery", "--quiet", "--app", "vetting.celery", "beat", "--loglevel", "WARNING")

    def logs(self) -> str:
        return "\n".join(
            f"== {log.name}\n{log.read_text(errors='replace')}" for log in sorted(self.folder.glob("*.log"))
        )

    def stop(self) -> None:
        for process in self._processes:
            process.popen.terminate()
        for process in self._processes:
            process.stop()
        self._processes.clear()


@contextmanager
def site(folder: Path, **settings: str) -> Iterator[Site]:
    """A Site whose processes end with the test; when the test fails, pytest shows what they said."""
    running = Site(folder, **settings)
    try:
        yield running
    finally:
        running.stop()
        print(running.logs())


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False
