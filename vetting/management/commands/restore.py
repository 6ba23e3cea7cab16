"""`manage.py restore FILE`: a backup back into an empty site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vetting.backup import CannotRestore, restore_backup
from vetting.management.commands.backup import in_words


class Command(BaseCommand):
    help = (
        "Restores a backup into an empty, migrated database and empty storages, of whatever kind: every hash is "
        "checked before and after. People who were erased after the backup was made are in it: erase them again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            contents = restore_backup(file)
        except CannotRestore as reason:
            raise CommandError(str(reason)) from reason
        except OSError as error:
            raise CommandError(f"{error}. No row was restored; the command can be given again.") from error
        self.stdout.write(in_words(contents))
        self.stdout.write("Every hash was compared, and every event chain holds.")
