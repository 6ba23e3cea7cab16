"""`manage.py seed_applicants 100000`: a crowd of fictitious applicants, to measure and to look around with."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Model
from numpy.typing import NDArray
from PIL import Image

from vetting import audit
from vetting.demo.crowd import Member, member
from vetting.models import Analysis, Applicant, Decision, Finding, Membership, Opening, Photo, Role, Team, User
from vetting.preview import make_previews

TEAM = "Seeded for measuring"
LOGIN = "seeded"  # nobody can sign in as these: they have no password
REASON = "Seeded: nobody here is a person."
BLIND = 10  # every tenth opening is looked at blind
BATCH = 2000  # applicants in one transaction: short enough for a site in use, long enough to be quick
PICTURED = 200  # applicants that --photos gives a picture; the others' pages say that there is no preview


class Command(BaseCommand):
    help = "Makes N fictitious applicants with photos, verdicts and decisions, in a team of their own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, metavar="N")
        parser.add_argument("--team", default=TEAM, help=f"the team they stand in (“{TEAM}”)")
        parser.add_argument("--openings", type=int, default=41, metavar="K", help="the first one holds a fifth (41)")
        parser.add_argument("--photos", action="store_true", help=f"store a small picture for {PICTURED} of them")
        parser.add_argument("--member", metavar="USER", help="let this person look at them, as admin of the team")
        parser.add_argument("--again", action="store_true", help="add to a team that has applicants already")
        parser.add_argument("--yes", action="store_true", help="also on a production site")

    def handle(self, *args: Any, number: int, openings: int, **options: Any) -> None:
        if settings.PRODUCTION and not options["yes"]:
            raise CommandError("These people are made up. To have them on a production site, say --yes.")
        if number < 1 or openings < 1:
            raise CommandError("Ask for one applicant in one opening at least.")
        team = Team.objects.filter(name=options["team"]).first()
        there = Applicant.objects.filter(opening__team=team).count() if team else 0
        if there and not options["again"]:
            raise CommandError(f"“{team}” has {there} applicants already. To add {number} more, say --again.")
        onlooker = self._onlooker(options["member"])
        by, reviewer, into = make_team(options["team"], openings, onlooker)
        for first in range(there, there + number, BATCH):
            last = min(first + BATCH, there + number)
            enter([member(n, into, by, reviewer) for n in range(first, last)])
            self.stdout.write(f"{last - there} of {number}")
        audit.record(team=into[0].team, actor=None, verb="applicants.seeded", subject=into[0].team, count=number)
        if options["photos"]:
            give_pictures(into[0].team)
        self.stdout.write(f"“{into[0].team}” has {there + number} applicants in {len(into)} openings.")

    def _onlooker(self, username: str | None) -> User | None:
        onlooker = User.objects.filter(username=username).first() if username else None
        if username and onlooker is None:
            raise CommandError(f"There is no user “{username}”.")
        return onlooker


@transaction.atomic
def make_team(name: str, openings: int, onlooker: User | None) -> tuple[User, User, list[Opening]]:
    """The team, who adds and who decides in it, and its openings: those that are there, and as many as are missing."""
    team, _ = Team.objects.get_or_create(name=name)
    by, reviewer = (_user(team, LOGIN, Role.ADMIN), _user(team, f"{LOGIN}-reviewer", Role.REVIEWER))
    if onlooker:
        Membership.objects.get_or_create(user=onlooker, team=team, defaults={"role": Role.ADMIN})
    there = list(Opening.objects.filter(team=team, title__startswith="Seeded ").select_related("team").order_by("pk"))
    made = [
        Opening.objects.create(
            team=team,
            title=f"Seeded {number:03}",
            photo_reason=REASON,
            blind_first=number % BLIND == 0,
            created_by=by,
        )
        for number in range(len(there) + 1, openings + 1)
    ]
    return by, reviewer, [*there, *made]


def _user(team: Team, username: str, role: Role) -> User:
    user, made = User.objects.get_or_create(username=username, defaults={"first_name": username.capitalize()})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    Membership.objects.get_or_create(user=user, team=team, defaults={"role": role})
    return user


@transaction.atomic
def enter(people: list[Member]) -> None:
    """All rows of these people; the dates last, which the columns themselves set to now."""
    came = [person.applicant.created_at for person in people]
    decided = [person.applicant.reviewed_at for person in people if person.decision]
    Applicant.objects.bulk_create(person.applicant for person in people)
    Photo.objects.bulk_create(person.photo for person in people if person.photo)
    Analysis.objects.bulk_create(person.analysis for person in people if person.analysis)
    Finding.objects.bulk_create(person.finding for person in people if person.finding)
    Decision.objects.bulk_create(person.decision for person in people if person.decision)
    covers = [person.photo.pk if person.photo else None for person in people]
    applicants = [person.applicant.pk for person in people]
    photos = [(moment, person.photo.pk) for moment, person in zip(came, people, strict=True) if person.photo]
    analyses = [(moment, p.analysis.pk) for moment, p in zip(came, people, strict=True) if p.analysis]
    decisions = [person.decision.pk for person in people if person.decision]
    _write(Applicant, ("created_at", "cover_id"), list(zip(_stored(came), covers, applicants, strict=True)))
    _write(Photo, ("uploaded_at",), [(*_stored([moment]), pk) for moment, pk in photos])
    _write(Analysis, ("requested_at",), [(*_stored([moment]), pk) for moment, pk in analyses])
    _write(Decision, ("decided_at",), list(zip(_stored(decided), decisions, strict=True)))


def _stored(moments: Sequence[dt.datetime | None]) -> list[Any]:
    """As the database keeps them."""
    return [connection.ops.adapt_datetimefield_value(moment) for moment in moments]


def _write(model: type[Model], columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Row by row, the key last: one prepared statement, where a CASE over thousands of rows takes minutes."""
    if not rows:
        return
    name = connection.ops.quote_name
    sets = ", ".join(f"{name(column)} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {name(model._meta.db_table)} SET {sets} WHERE id = %s", rows)  # noqa: S608


def give_pictures(team: Team) -> None:
    """A small picture of its own for the first few, stored as an upload is; nothing is examined again."""
    first = Photo.objects.filter(applicant__opening__team=team, has_preview=False).order_by("pk")[:PICTURED]
    for photo in first:
        rgb = _slope(photo.pk)
        encoded = io.BytesIO()
        Image.fromarray(rgb).save(encoded, "JPEG")
        photo.sha256, photo.size = hashlib.sha256(encoded.getvalue()).hexdigest(), len(encoded.getvalue())
        photo.height, photo.width = rgb.shape[:2]
        storages["originals"].save(photo.original_key, ContentFile(encoded.getvalue()))
        photo.save(update_fields=["sha256", "size", "width", "height"])
        make_previews(photo, rgb)


def _slope(number: int) -> NDArray[np.uint8]:
    """240 x 300 pixels that go over from one colour into another; both drawn from the number."""
    ends = np.random.default_rng(number).integers(40, 216, (2, 3))
    way = np.linspace(0, 1, 300)[:, None, None]
    return np.broadcast_to(ends[0] * (1 - way) + ends[1] * way, (300, 240, 3)).astype(np.uint8)
