"""`manage.py verify_report FILE...`: whether each report is unchanged and from this installation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from vetting.report.verification import MOST_BYTES, TOO_LARGE, Outcome, Verification, lines_of, verify

UNREADABLE = Outcome.NO_REPORT.code


class Command(BaseCommand):
    help = (
        "Says of each PDF, JSON or CSV file whether it is unchanged and from this installation. Ends with 0 where all "
        "are; else with the highest of: 1 changed, or its pages cannot be vouched for; 2 signed by an unknown key; "
        "3 not a report."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        code = max([self._look_at(path) for path in files])
        if code:
            sys.exit(code)

    def _look_at(self, path: Path) -> int:
        try:
            found = _verified(path)
        except OSError as error:
            self.stderr.write(f"{path}: cannot be read: {error.strerror}")
            return UNREADABLE
        first, *others = lines_of(found)
        self.stdout.write(f"{path}: {first}")
        for line in others:
            self.stdout.write(f"  {line}")
        return found.outcome.code


def _verified(path: Path) -> Verification:
    return TOO_LARGE if path.stat().st_size > MOST_BYTES else verify(path.read_bytes())
