"""`manage.py report_keys`: which keys sign and have signed the reports of this installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from vetting.report.keys import FROM_ENVIRONMENT, NoSigningKey, known_keys, replace_key


class Command(BaseCommand):
    help = "Lists the public keys that signatures of this installation may be by; --replace makes a new one sign."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--pem", action="store_true", help="print the keys themselves too, to be published")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="make a new signing key; what the present one signed stays verifiable, its private half is deleted",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["replace"]:
            try:
                self.stdout.write(f"{replace_key()} signs from now on. Back up {settings.KEYS_DIR}.")
            except NoSigningKey as reason:
                raise CommandError(str(reason)) from reason
        keys = known_keys()
        for key in keys:
            self.stdout.write(f"{key.id}  {'signs' if key.signs else 'earlier'}")
            if options["pem"]:
                self.stdout.write(key.pem)
        if not any(key.signs for key in keys):
            how = f"{FROM_ENVIRONMENT} names none" if settings.PRODUCTION else "the first report makes one"
            self.stdout.write(f"No key signs yet: {how}.")
