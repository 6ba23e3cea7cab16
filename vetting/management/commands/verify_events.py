"""`manage.py verify_events`: whether each team's record of events is whole, and what was emptied in it."""

from __future__ import annotations

import re
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vetting import audit
from vetting.models import Team

ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


class Command(BaseCommand):
    help = (
        "Walks the chain of events of each team. Ends with 0 where all of them hold, and with 1 where one is broken or "
        "does not have the digest that was expected."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", type=int, metavar="N", help="of this team alone")
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="an event as it was noted down earlier, from “Keeping and deleting”; with --team, may be repeated",
        )

    def handle(self, *args: Any, team: int | None, expect: list[str], **options: Any) -> None:
        anchors = [_anchor(text) for text in expect]
        if anchors and team is None:
            raise CommandError("--expect is about one team: say which with --team.")
        teams = Team.objects.order_by("pk") if team is None else Team.objects.filter(pk=team)
        if team is not None and not teams:
            raise CommandError(f"There is no team {team}.")
        verified = [self._verified(one, anchors) for one in teams]
        if not all(verified):
            sys.exit(1)

    def _verified(self, team: Team, anchors: list[tuple[int, str]]) -> bool:
        chain = audit.walk(team)
        state = "holds" if chain.broken is None else f"BROKEN at event {chain.broken}"
        emptied = f"{chain.redacted} emptied after an erasure" if chain.redacted else "none emptied"
        self.stdout.write(f"team {team.pk}, {team}: {chain.events} events, {emptied}: {state}")
        self.stdout.write(f"  last: {chain.head[0]}:{chain.head[1]}")
        noted = [self._expected(team, *anchor) for anchor in anchors]
        return chain.broken is None and all(noted)

    def _expected(self, team: Team, number: int, digest: str) -> bool:
        now = audit.digest_at(team, number)
        if now == digest:
            self.stdout.write(f"  event {number} is as it was noted down")
            return True
        self.stdout.write(f"  event {number} {'is gone' if now is None else 'is ANOTHER ONE than was noted down'}")
        return False


def _anchor(text: str) -> tuple[int, str]:
    found = ANCHOR.fullmatch(text.strip().lower())
    if not found:
        raise CommandError(f"“{text}” is no NUMBER:DIGEST, such as 120:9f86… with 64 hexadecimal digits.")
    return int(found[1]), found[2]
