"""`manage.py run`: the embedded site as one foreground command, its processes named in the Procfile.

Each process leads a session of its own and only the leader is asked to stop: a signal to all would kill Celery's
children in the middle of an examination, where a warm shutdown lets them end it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from vetting.management.commands.demo import LOGIN, demo_password

PATIENCE = 30  # seconds that a process gets to end what it has begun
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Command(BaseCommand):
    help = "Prepares the embedded site and runs web, worker and sweep until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = os.environ.get("HOST", "127.0.0.1"), _port()
        _demand_free(host, port)
        call_command("prepare")
        processes = Processes(_procfile(), {**os.environ, "HOST": host, "PORT": str(port), **_defaults()})
        address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}/"  # noqa: S104
        threading.Thread(target=_announce, args=(host, port, address), daemon=True).start()
        with _own_terminal():
            ended = processes.run()
        if ended:
            raise CommandError(f"{ended} ended by itself; everything else was stopped. Its last lines say why.")


class Processes:
    """The site's processes, each with its output passed on line by line under its name."""

    def __init__(self, commands: dict[str, str], environment: dict[str, str]) -> None:
        self._commands, self._environment = commands, environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._signals = 0

    def run(self) -> str:
        """Runs until a signal comes or a process ends by itself; hands back the name of that process, else ""."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        readers = [self._start(name, command) for name, command in self._commands.items()]
        ended = ""
        while not self._signals and not ended:
            time.sleep(0.1)
            ended = next((name for name, process in self._running.items() if process.poll() is not None), "")
        self._stop()
        for reader in readers:
            reader.join(timeout=2)
        say("stopped")
        return ended

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1

    def _start(self, name: str, command: str) -> threading.Thread:
        process = subprocess.Popen(  # noqa: S602 - the line stands in our own Procfile
            command,
            shell=True,
            env=self._environment,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running[name] = process
        assert process.stdout is not None  # noqa: S101 - for the type checker
        reader = threading.Thread(target=_pass_on, args=(name, process.stdout), daemon=True)
        reader.start()
        return reader

    def _stop(self) -> None:
        """Asks each leader to end; who takes too long, or a second Ctrl-C, ends it with all its children."""
        say("stopping; an examination that has begun is ended first (Ctrl-C again: at once)")
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        until, asked = time.monotonic() + PATIENCE, self._signals
        while any(process.poll() is None for process in self._running.values()):
            if time.monotonic() > until or self._signals > max(asked, 1):
                break
            time.sleep(0.1)
        for process in self._running.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue  # the usual case: nobody is left of that session
            process.wait()


def say(text: str) -> None:
    """One write a line, so that threads do not mix theirs; a reader that went away is no reason to fail."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _pass_on(name: str, output: IO[bytes]) -> None:
    for line in output:
        say(f"{name:<6} | {line.decode(errors='replace').rstrip()}")


def _procfile() -> dict[str, str]:
    lines = (settings.BASE_DIR / "Procfile").read_text().splitlines()
    entries = (line.partition(":") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in entries}


def _defaults() -> dict[str, str]:
    """What a process finds in its environment unless it was set from outside."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {
        "PYTHON": sys.executable,
        "PYTHONUNBUFFERED": "1",
        "WORKERS": os.environ.get("WORKERS") or str(min(4, cores)),
    }


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if given.isdecimal() and 0 < int(given) < 65536:
        return int(given)
    raise CommandError(f"PORT is {given!r}; it must be a number between 1 and 65535.")


def _demand_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Another program is probably there; "
                f"choose a free one: make run PORT={port + 1 if port < 65535 else 8000}"
            ) from error


@contextmanager
def _own_terminal() -> Iterator[None]:
    """On a terminal, be its foreground group for as long as the site runs, as a shell arranges it for a job.

    Ctrl-C then reaches this process alone: make and whatever the output is piped into see an ordinary end.
    """
    before = os.getpgrp()
    if not sys.stdin.isatty() or before == os.getpid() or os.tcgetpgrp(sys.stdin.fileno()) != before:
        yield
        return
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # handing the terminal over would stop a group in the background
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # make could not bring a stopped group back
    os.setpgid(0, 0)
    os.tcsetpgrp(sys.stdin.fileno(), os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(sys.stdin.fileno(), before)


def _announce(host: str, port: int, address: str) -> None:
    """Prints the address and the login as soon as the site answers."""
    probe = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    while not _answers(f"http://{probe}:{port}/healthz"):
        time.sleep(0.2)
    password = demo_password()
    login = f"{LOGIN}   password: {password}" if password else f"{LOGIN}   (its password was changed on the site)"
    rule = "-" * 64
    say(f"{rule}\n  Candid answers at {address}\n  login: {login}\n  Ctrl-C stops it.\n{rule}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
