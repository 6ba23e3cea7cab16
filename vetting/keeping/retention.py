"""Who goes when: an opening says for how many days an applicant is kept, counted from the day they were added.

An open case is no exception: the days are what the candidate was told. Only a legal hold keeps somebody longer. Nobody
goes unannounced: an installation that had applicants before this was enforced gets two weeks, and whoever is in an
opening whose days were made fewer gets a few days, in which a slip can be mended.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from vetting import audit
from vetting.keeping import requests
from vetting.keeping.erasing import Cause, forget_applicant
from vetting.keeping.holds import UnderHold
from vetting.models import Applicant, Event, LegalHold, Opening, Photo, RetentionStart, Team

SOON = dt.timedelta(days=14)  # before which reviewers are told
GRACE = dt.timedelta(days=14)  # after the upgrade that brought this
AT_ONCE = 100  # applicants in one run; the next run comes in minutes
OLD_HASHES = ("photo.received", "photo.forgotten")  # events that held a hash before their second version
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What retention will delete in one opening. past: as soon as it may; soon: within SOON, those included."""

    opening: Opening
    soon: int
    past: int
    first: dt.datetime | None
    held: int


def begins_at() -> dt.datetime:
    """From when on retention deletes by itself; an installation that has lost the row gets the delay anew."""
    start = RetentionStart.objects.order_by("pk").first()
    if start is None:
        start = RetentionStart.objects.create(begins_at=timezone.now() + GRACE)
    return start.begins_at


def goes_at(applicant: Applicant, begins: dt.datetime) -> dt.datetime:
    """When the applicant is deleted, unless there is a hold. applicant: with its opening."""
    opening = applicant.opening
    passed = applicant.created_at + dt.timedelta(days=opening.retention_days)
    return max(passed, begins, opening.retention_not_before or passed)


def due(now: dt.datetime) -> QuerySet[Applicant]:
    """Whose days have passed and whom no hold keeps, longest here first."""
    return _past(now).filter(~Exists(_holds())).order_by("created_at", "pk")


def _past(moment: dt.datetime) -> QuerySet[Applicant]:
    """Whose days have passed by then, however many their opening has: one condition a number of days."""
    openings = Opening.objects.filter(Q(retention_not_before=None) | Q(retention_not_before__lte=moment))
    lengths = openings.order_by().values_list("retention_days", flat=True).distinct()
    passed = Q(pk__in=())
    for days in lengths:
        passed |= Q(opening__retention_days=days, created_at__lte=moment - dt.timedelta(days=days))
    return Applicant.objects.filter(passed, opening__in=openings)


def _holds() -> QuerySet[LegalHold]:
    return LegalHold.objects.filter(applicant=OuterRef("pk"), lifted_at=None)


def leaving_in(opening: Opening) -> Leaving | None:
    """For the opening's page; None where nobody goes within SOON, or nothing is enforced."""
    if not settings.RETENTION_ENFORCED:
        return None
    now, begins = timezone.now(), begins_at()
    if begins > now + SOON or (opening.retention_not_before or now) > now + SOON:
        return None
    days = dt.timedelta(days=opening.retention_days)
    rows = Applicant.objects.filter(opening=opening, created_at__lte=now + SOON - days)
    free, now_due = Q(stays=False), Q(created_at__lte=now - days)
    found = (
        rows.order_by()
        .annotate(stays=Exists(_holds()))
        .aggregate(
            soon=Count("pk", filter=free),
            past=Count("pk", filter=free & now_due),
            first=Min("created_at", filter=free),
            held=Count("pk", filter=Q(stays=True)),
        )
    )
    first = found.pop("first")
    if not found["soon"] and not found["held"]:
        return None
    earliest = max(begins, opening.retention_not_before or begins)
    return Leaving(opening=opening, first=max(first + days, earliest) if first else None, **found)


def sweep() -> None:
    """What the periodic task does: candidates' requests first, then who has been here long enough."""
    forget_past_hashes()
    forgotten = requests.carry_out_due(AT_ONCE)
    forgotten += forget_past()
    if forgotten:
        let_go()


def forget_past() -> int:
    """Erases the next of those whose days have passed; how many."""
    now = timezone.now()
    if not settings.RETENTION_ENFORCED or begins_at() > now:
        return 0
    count = 0
    for applicant in due(now).select_related("opening__team")[:AT_ONCE]:
        try:
            forget_applicant(applicant=applicant, by=None, cause=Cause.RETENTION)
        except (UnderHold, Applicant.DoesNotExist):  # a hold, or somebody else, came in between
            continue
        except Exception:
            log.exception("applicant %s could not be deleted; the next run tries again", applicant.pk)
            continue
        count += 1
    return count


def forget_past_hashes() -> None:
    """Once: events of photos that earlier versions deleted still hold their hash."""
    begins_at()
    waiting = RetentionStart.objects.filter(past_emptied_at=None)
    if not waiting.exists():
        return
    for team in Team.objects.order_by("pk"):
        events = Event.objects.filter(team=team, version=1, redacted_at=None, verb__in=OLD_HASHES)
        subjects = set(events.values_list("subject", flat=True))
        here = {
            f"photo:{pk}" for pk in Photo.objects.filter(applicant__opening__team=team).values_list("pk", flat=True)
        }
        emptied = audit.redact(team=team, subjects=subjects - here)
        if emptied:
            log.info("%s events about photos that were deleted earlier are emptied in team %s", emptied, team.pk)
    waiting.update(past_emptied_at=timezone.now())


def let_go() -> None:
    """SQLite's log of changes keeps what was deleted until it is written over: now it is."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def list_due(within: dt.timedelta) -> QuerySet[Applicant]:
    """Whose days will have passed by then, held or not, with their opening; for the command and the admins' page."""
    rows = _past(timezone.now() + within).select_related("opening__team").annotate(held=Exists(_holds()))
    return rows.order_by("created_at", "pk")
