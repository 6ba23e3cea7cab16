"""Two children that examine; one that dies, or takes too long, is killed and another started."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tools.fuzz.kinds import Broken, build, kind_of
from tools.fuzz.outcomes import BYTES, CLOCK, CRASHED, NOT_BUILT, TOO_LONG, Fate, judged

CHILDREN = 2
TRIES = 3  # to start a child
COMES_UP = 120.0  # seconds until a child has loaded everything, on a machine that is busy
ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Child:
    """A process that examines one file after another."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{threading.get_ident()}"
        self._log = (folder / "said").open("ab")
        self._start()

    def _start(self) -> None:
        for _ in range(TRIES):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.fuzz.child"], cwd=ROOT, env=os.environ | ONE_THREAD,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            )  # fmt: skip
            if self._answer(COMES_UP) is not None:
                return
            self.stop()
        said = Path(self._log.name).read_text(errors="replace")[-1000:]
        raise RuntimeError(f"the child did not come up: {said}")

    def fate(self, broken: Broken) -> Fate:
        """What becomes of the file; afterwards this child is alive, or another one is."""
        self._path.write_bytes(broken.data)
        assert self._process.stdin
        self._process.stdin.write(f"{self._path}\t{broken.kind}\n".encode())
        self._process.stdin.flush()
        begun = time.perf_counter()
        told = self._answer(CLOCK)
        if told is not None:
            return judged(broken.number, broken.kind, told)
        seconds = time.perf_counter() - begun
        died = self._ended()
        self._start()
        outcome = CRASHED if died else TOO_LONG
        words = died or f"no answer in {CLOCK:.0f} s"
        return Fate(number=broken.number, kind=broken.kind, outcome=outcome, seconds=seconds, complaints=(words,))

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        """None where the process ended, or the time did."""
        assert self._process.stdout
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        line = self._process.stdout.readline() if ready else b""
        answer: dict[str, Any] | None = json.loads(line) if line else None
        return answer

    def _ended(self) -> str:
        """How the process died, "" where it had to be killed."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.stop()
            return ""
        return f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()

    def renew(self) -> None:
        self.stop()
        self._start()


def fates(seed: int, numbers: Iterable[int], keep: Callable[[Broken, Fate], None]) -> Iterator[Fate]:
    """The fate of each, as they come; keep() is called for those that failed."""
    waiting, lock = iter(numbers), threading.Lock()
    ready: list[Fate] = []
    there = threading.Condition()
    with tempfile.TemporaryDirectory(prefix="candid-fuzz-") as folder:
        threads = [
            threading.Thread(target=_work, args=(seed, waiting, lock, ready, there, Path(folder), keep), daemon=True)
            for _ in range(CHILDREN)
        ]
        for thread in threads:
            thread.start()
        while True:
            with there:
                there.wait_for(lambda: ready or not any(thread.is_alive() for thread in threads), timeout=1)
                done, ready[:] = list(ready), []
            yield from done
            if not done and not any(thread.is_alive() for thread in threads):
                return


def _work(
    seed: int, waiting: Iterator[int], lock: threading.Lock, ready: list[Fate], there: threading.Condition,
    folder: Path, keep: Callable[[Broken, Fate], None],
) -> None:  # fmt: skip
    child = Child(folder)
    while True:
        with lock:
            number = next(waiting, None)
            if number is None:
                break
            try:
                broken = build(seed, number)
            except Exception as error:  # a fault of the tool, which has to be seen and must not end the run
                broken = Broken(number=number, seed=seed, kind=kind_of(number), data=b"")
                fate = Fate(number=number, kind=broken.kind, outcome=NOT_BUILT, complaints=(f"not built: {error!r}",))
            else:
                fate = Fate(number=number, kind=broken.kind, outcome="")
        if fate.outcome != NOT_BUILT:
            fate = child.fate(broken)
        if fate.outcome == TOO_LONG or fate.peak > BYTES:  # a busy machine, or what other files left: once more, alone
            child.renew()
            fate = child.fate(broken)
        if fate.failed:
            keep(broken, fate)
        with there:
            ready.append(fate)
            there.notify()
    child.stop()
