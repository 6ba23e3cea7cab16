"""`manage.py backup FILE`: everything of this site in one archive; `--check` reads one again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vetting.backup import CannotRestore, Contents, check_backup, make_backup


class Command(BaseCommand):
    help = (
        "Writes rows, originals, previews and uploads into one archive, which `restore` reads. The site may run "
        "meanwhile. Secrets are not inside: keep SECRET_KEY and the signing key apart."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--check", action="store_true", help="write nothing; is this archive whole?")

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        if not check and file.exists():
            raise CommandError(f"{file} is there already; nothing was overwritten.")
        try:
            contents = check_backup(file) if check else make_backup(file)
        except CannotRestore as reason:
            raise CommandError(str(reason)) from reason
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}. Nothing is left of it.") from error
        self.stdout.write(in_words(contents))
        if contents.missing:
            raise CommandError(f"The originals of {contents.missing} photos were not found; all else is inside.")


def in_words(contents: Contents) -> str:
    rows, files = list(contents.of("rows/")), list(contents.of("files/"))
    size = sum(member.size for member in contents.members)
    return (
        f"{sum(member.rows for member in rows)} rows of {len(rows)} tables and {len(files)} files, "
        f"{size / 1_000_000:.1f} MB, as of {contents.made_at}"
    )
