"""Run as a program by pool.py: takes paths of files, one a line, examines each, and prints what became of it as JSON.

A process of its own, so that what breaks a decoder breaks this one alone, and its memory is that of examining.
"""

from __future__ import annotations

import io
import json
import logging
import os
import resource
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

ADDRESSES = 6 * 1024**3  # bytes of address space, far above what may be held: the net under the measurement


class Heard(logging.Handler):
    """Errors that our own code logged: it went on, but something broke that should not."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self.said.append(f"{record.name}: {record.getMessage()[:100]} {type(error).__name__}: {str(error)[:200]}")


def reset_peak() -> None:
    """From here on VmHWM is that of the next file (Linux, proc(5): clear_refs)."""
    switch = Path("/proc/self/clear_refs")
    if switch.exists():
        switch.write_text("5")


def peak() -> int:
    """Bytes; on Linux of this file alone, elsewhere the most so far."""
    status = Path("/proc/self/status")
    if status.is_file():
        return (
            int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:")).split()[1]) * 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def examined(data: bytes) -> tuple[str, list[str]]:
    """A photo, first as an upload reads it, then as a worker does: outcome and complaints."""
    from detector import examine
    from tools.fuzz.outcomes import complaints_about, outcome_of
    from vetting.intake import Refused, read_headshot

    refusal = ""
    try:
        read_headshot(data)
    except Refused as reason:
        refusal = str(reason)
    result = examine(data).to_json()
    return outcome_of(result, refusal), list(complaints_about(result, refusal))


def imported(data: bytes, kind: str) -> tuple[str, list[str]]:
    """An archive or a table, as an import reads it."""
    from vetting.bulk.table import CannotRead, read_table

    try:
        outcomes = (
            set(_of_archive(data)) if kind == "archives" else {f"{'no ' if not read_table(data).lines else ''}lines"}
        )
    except CannotRead as reason:
        return "refused as a whole", [] if str(reason).endswith(".") else [f"no sentence: {reason}"]
    return "read" if outcomes - {"", "refused"} else "every file refused", []


def _of_archive(data: bytes) -> Iterator[str]:
    from vetting.bulk.archive import Archive
    from vetting.bulk.naming import name_from
    from vetting.bulk.table import read_table
    from vetting.intake import Refused, read_headshot

    archive = Archive(io.BytesIO(data))
    for entry in archive.entries()[:500]:
        name_from(entry.path)
        if entry.problem:
            yield "refused"
            continue
        try:
            content = archive.read(entry.path, 30 << 20)
            yield "table" if entry.is_table and read_table(content) else read_headshot(content).format
        except Refused:
            yield "refused"


def told(path: Path, kind: str, heard: Heard) -> dict[str, Any]:
    from tools.fuzz.kinds import FOR_IMPORTS

    data = path.read_bytes()
    heard.said.clear()
    reset_peak()
    begun = time.process_time()
    try:
        outcome, complaints = imported(data, kind) if kind in FOR_IMPORTS else examined(data)
    except BaseException as error:  # whatever it is, it is a failure to be told
        outcome, complaints = "raised", [f"{type(error).__name__}: {str(error)[:300]}{_where(error)}"]
    seconds = time.process_time() - begun
    return {"outcome": outcome, "complaints": complaints + heard.said, "seconds": seconds, "peak": peak()}


def _where(error: BaseException) -> str:
    at, own = error.__traceback__, ""
    while at:
        name = at.tb_frame.f_code.co_filename
        own = f" at {name}:{at.tb_lineno}" if "/detector/" in name or "/vetting/" in name else own
        at = at.tb_next
    return own


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
    warnings.simplefilter("ignore")
    django.setup()
    heard = Heard()
    logging.basicConfig(handlers=[heard], force=True)
    for name in ("detector", "vetting"):
        logging.getLogger(name).handlers, logging.getLogger(name).propagate = [], True
    from tools.fuzz.wholes import ready_picture

    examined(ready_picture())  # what is loaded once costs no file anything
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        path, _, kind = line.rstrip("\n").partition("\t")
        print(json.dumps(told(Path(path), kind, heard)), file=answers, flush=True)


if __name__ == "__main__":
    main()
