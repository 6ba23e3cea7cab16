"""`manage.py remove_model_pack`: takes a model pack out of force. What was examined with it keeps its name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Takes a model pack out of force and deletes its files; stored examinations stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="as `manage.py model_packs` lists it")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        from detector.packs import remove_pack  # late: it loads the decoders

        if not remove_pack(settings.PACKS_DIR, name):
            raise CommandError(f"There is no model pack called “{name}”. `manage.py model_packs` lists them.")
        self.stdout.write(f"“{name}” is no longer in force. Examinations that used it still name it.")
