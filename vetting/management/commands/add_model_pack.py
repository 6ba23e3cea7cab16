"""`manage.py add_model_pack`: a published classifier as one more voice, calibrated here and now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Checks a model against its card, calibrates it on labelled pictures and puts it in force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", type=Path, metavar="MODEL.onnx")
        parser.add_argument("card", type=Path, metavar="CARD.json", help="what it is (docs/operations.md#model-packs)")
        parser.add_argument("--labelled", type=Path, required=True, metavar="MANIFEST.csv", help="file, label, group")

    def handle(self, *args: Any, model: Path, card: Path, labelled: Path, **options: Any) -> None:
        from detector.training.packs import CannotAdd, add_pack, added  # late: it loads the decoders

        try:
            pack = add_pack(model, card, labelled, settings.PACKS_DIR, say=self.stderr.write)
        except CannotAdd as reason:
            raise CommandError(str(reason)) from None
        self.stdout.write(added(pack))
        self.stdout.write("Examinations from now on use it; ask for a new examination where an older photo needs it.")
