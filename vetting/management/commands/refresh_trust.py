"""`manage.py refresh_trust`: the lists of known signers, from files or from where they are published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from vetting.trust import Outcome, Refreshed, refresh
from vetting.trust_sources import NotOffered, Offer, Offers, fetch, from_files, published

SECONDS = 30.0  # for all five together
SAID = {
    Outcome.INSTALLED: "in force",
    Outcome.CONFIRMED: "unchanged",
    Outcome.REFUSED: "not refreshed",
    Outcome.ABSENT: "left as it is",
}


class Command(BaseCommand):
    help = "Checks C2PA trust lists and puts them in force; examinations from then on know their signers."
    requires_system_checks = []  # they would warn of the very lists that this command brings

    def add_arguments(self, parser: CommandParser) -> None:
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--from", dest="place", type=Path, metavar="FOLDER", help="a folder, or a ZIP file")
        where.add_argument("--fetch", action="store_true", help="fetch them; the default where CANDID_FETCH_TRUST=1")
        parser.add_argument("--dated", type=_day, metavar="YYYY-MM-DD", help="of files: when they were published")
        parser.add_argument("--accept-shrunk", action="store_true", help="take a list that lost most of its entries")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--timeout", type=float, default=SECONDS, metavar="SECONDS", help="for all lists together")

    def handle(self, *args: Any, **options: Any) -> None:
        now, dry_run = timezone.now(), options["dry_run"]
        offers = _offers(now.date(), options)
        folder: Path = settings.TRUST_DIR
        try:
            if not dry_run and folder.is_relative_to(settings.VAR_DIR):
                settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # rows and photos will stand beside it
            told = refresh(
                offers=offers, folder=folder, now=now, accept_shrunk=options["accept_shrunk"], dry_run=dry_run
            )
        except OSError as error:
            raise CommandError(f"{error.filename or folder} cannot be used: {error.strerror}.") from error
        self._report(told, dry_run=dry_run)

    def _report(self, told: tuple[Refreshed, ...], *, dry_run: bool) -> None:
        for one in told:
            said = f"{'would be ' if dry_run and one.outcome is Outcome.INSTALLED else ''}{SAID[one.outcome]}"
            self.stdout.write(f"{said}: {one.title}. {one.words}")
        if refused := sum(one.outcome is Outcome.REFUSED for one in told):
            raise CommandError(f"{refused} of {len(told)} lists were not refreshed. What was in force before stays.")
        if dry_run:
            self.stdout.write("Nothing was written.")


def _offers(today: dt.date, options: Mapping[str, Any]) -> Offers:
    if options["place"]:
        return _files(options["place"], today, options["dated"])
    if options["dated"]:
        raise CommandError("--dated is for files; a list that is fetched has the date of the day.")
    if not options["fetch"] and not settings.FETCH_TRUST:
        raise CommandError(
            "Say where the lists come from: --from FOLDER, or --fetch for the published addresses. "
            "With CANDID_FETCH_TRUST=1 they are fetched without being told."
        )
    return fetch(published(settings.TRUST_MIRROR), today=today, seconds=options["timeout"])


def _files(place: Path, today: dt.date, dated: dt.date | None) -> Offers:
    if dated and dated > today:
        raise CommandError(f"{dated} is still to come.")
    try:
        offers = from_files(place, today)
    except NotOffered as reason:
        raise CommandError(str(reason)) from None
    if not dated:
        return offers
    return {
        name: Offer(name=name, data=offer.data, source=offer.source, date=dated)
        for name, offer in offers.items()
        if isinstance(offer, Offer)
    }


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
