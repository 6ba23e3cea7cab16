"""`manage.py hash_photos`: hashes photos that were examined before there were hashes, and compares them."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from detector.observation import CouldNotLook
from detector.portrait import PictureError
from vetting.across import hash_photo, unhashed
from vetting.models import Photo

BATCH = 100
EVERY = 5  # seconds between two lines of progress


class Command(BaseCommand):
    help = (
        "Hashes what photos show and looks for the same picture under other names in each team's openings, for photos "
        "that were examined by an earlier release. Ctrl-C loses nothing: the same command goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=BATCH, help=f"photos read at a time ({BATCH} by default)")

    def handle(self, *args: Any, **options: Any) -> None:
        self.done = self.pairs = self.failed = 0
        self.total, self.started = unhashed().count(), time.monotonic()
        self.told = self.started
        newest = 0
        while batch := list(unhashed().filter(pk__gt=newest)[: max(1, options["batch"])]):
            for photo in batch:
                self._hash(photo)
            newest = batch[-1].pk
        self.stdout.write(f"{self.done} photos hashed, {self.pairs} pairs found, {self.failed} could not be hashed.")

    def _hash(self, photo: Photo) -> None:
        try:
            self.pairs += len(hash_photo(photo))
        except (OSError, PictureError, CouldNotLook) as reason:
            self.failed += 1
            self.stderr.write(f"not hashed: photo {photo.pk}: {reason}")
        else:
            self.done += 1
        if time.monotonic() - self.told > EVERY:
            self.told = time.monotonic()
            self.stdout.write(self._progress())

    def _progress(self) -> str:
        seen = self.done + self.failed
        rate = seen / (time.monotonic() - self.started)
        left = max(0, self.total - seen) / rate if rate else 0
        return f"{seen} of {self.total}, {rate:.1f} a second, about {left / 60:.0f} min left"
