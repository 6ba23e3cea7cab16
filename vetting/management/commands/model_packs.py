"""`manage.py model_packs`: which models of others are in force, and how good they were here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Lists the model packs in force, and what is wrong with those that cannot look."

    def handle(self, *args: Any, **options: Any) -> None:
        from detector.packs import Packs  # late: it loads the decoders

        packs = Packs.from_folder(settings.PACKS_DIR)
        for pack in packs.packs:
            self.stdout.write(f"{pack.card.name}: {pack.card.title}, {pack.card.licence}, SHA-256 {pack.card.sha256}")
            if pack.calibration:
                made = pack.calibration
                self.stdout.write(f"  {made.date}: {made.figures}. Weight {made.weight:.2f}.")
            if pack.problem:
                self.stdout.write(f"  Could not look. {pack.problem}")
        for broken in packs.broken:
            self.stdout.write(f"{broken.folder}: could not look. {broken.problem}")
        if not packs.packs and not packs.broken:
            self.stdout.write("No model pack is in force.")
