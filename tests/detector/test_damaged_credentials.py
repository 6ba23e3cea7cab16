"""Damaged, cut, transplanted and lying manifests: each file gets an outcome, soon, and in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.detector.c2pa_corpus import FOLDER, needs_c2pa_files

FILES = 1_000
SECONDS, BYTES = 2.0, 300_000_000  # what one file may take, and all the process that reads them


def damaged(*folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.detector.mutated_credentials", str(FILES), *map(str, folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def check(report: dict[str, Any]) -> None:
    assert report["files"] == FILES
    assert report["wordless"] == 0
    assert report["captured"] == 0  # nobody is vouched for by bytes that are not the signed ones
    assert report["slowest_s"] < SECONDS
    assert report["peak_bytes"] < BYTES
    assert report["states"]["mismatch"] > 100
    assert report["states"]["unreadable"] > 100


def test_a_thousand_damaged_files_that_were_signed_here_each_get_an_outcome() -> None:
    check(damaged())


@needs_c2pa_files
def test_a_thousand_damaged_files_of_others_each_get_an_outcome() -> None:
    check(damaged(FOLDER / "files"))
