"""`manage.py prepare`: everything the embedded site needs before it serves, made under var/."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.utils import get_random_secret_key


class Command(BaseCommand):
    help = "Makes var/, the secret key, the tables and the static files; and the demo, unless told not to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave out the demo team and its photos")

    def handle(self, *args: Any, no_demo: bool = False, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This prepares the embedded site. In production run `migrate` and `collectstatic`.")
        os.umask(0o077)  # rows, photos and secrets are for this user alone
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.SECRET_KEY = keep_secret(settings.VAR_DIR / "secret_key", get_random_secret_key)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if not no_demo:
            call_command("demo")


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in `path`; made there first, readable for this user alone, if the file is missing or empty."""
    if path.is_file() and (kept := path.read_text().strip()):
        return kept
    secret = make()
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.touch(mode=0o600)
    part.write_text(secret + "\n")
    part.replace(path)
    return secret
