"""How long somebody is kept, as the applicant's page and the admins' page show it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from vetting import audit
from vetting.keeping import export, retention
from vetting.keeping.requests import open_requests
from vetting.models import Applicant, DataRequest, LegalHold, Team, Tombstone

NEWEST = 20  # tombstones and rows of a list that one page shows
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """goes_at: when retention deletes, unless a hold is in force. asked: an erasure that the candidate waits for.

    copied: when a copy of everything was last handed out.
    """

    goes_at: dt.datetime
    enforced: bool
    hold: LegalHold | None
    lifted: tuple[LegalHold, ...]
    asked: DataRequest | None
    copied: DataRequest | None

    @property
    def left(self) -> str:
        """In words: "in 5 days", "today", "due"."""
        return in_words(self.goes_at)

    @property
    def soon(self) -> bool:
        """Whether the head of the page says so."""
        return self.enforced and not self.hold and self.goes_at <= timezone.now() + retention.SOON

    @property
    def overdue(self) -> bool:
        return self.asked is not None and self.asked.due_at < timezone.now()


def in_words(moment: dt.datetime) -> str:
    """By days of the calendar, as people count them."""
    days = (timezone.localdate(moment) - timezone.localdate()).days
    if days < 0:
        return "now due"
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")


def keeping_of(applicant: Applicant) -> Keeping:
    """Three queries, whatever there is. applicant: with its opening."""
    holds = list(LegalHold.objects.filter(applicant=applicant).select_related("placed_by", "lifted_by"))
    asked = list(DataRequest.objects.filter(applicant=applicant).select_related("entered_by"))
    waiting = [
        one for one in asked if one.kind == DataRequest.Kind.ERASURE and not one.answered_at and not one.withdrawn_at
    ]
    copies = [one for one in asked if one.kind == DataRequest.Kind.ACCESS and one.answered_at]
    return Keeping(
        goes_at=retention.goes_at(applicant, retention.begins_at()),
        enforced=settings.RETENTION_ENFORCED,
        hold=next((hold for hold in holds if hold.lifted_at is None), None),
        lifted=tuple(hold for hold in holds if hold.lifted_at is not None),
        asked=waiting[0] if waiting else None,
        copied=copies[-1] if copies else None,
    )


def send_copy(applicant: Applicant) -> HttpResponse:
    """Everything that is stored, sent as it is read."""
    response = StreamingHttpResponse(export.stream_copy(applicant), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{export.name_of_copy()}"'
    response["X-Content-Type-Options"] = "nosniff"
    return cast(HttpResponse, response)  # nothing more is asked of it


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamKeeping:
    """What an admin looks after. leaving: applicants whose days pass within two weeks; more: how many beyond those."""

    team: Team
    requests: tuple[DataRequest, ...]
    holds: tuple[LegalHold, ...]
    leaving: tuple[tuple[Applicant, dt.datetime], ...]
    more: int
    gone: tuple[Tombstone, ...]
    events: int
    head: str


def keeping_in(team: Team, begins: dt.datetime) -> TeamKeeping:
    """The number of queries does not depend on how many there are."""
    due = retention.list_due(retention.SOON).filter(opening__team=team)
    shown = list(due[:NEWEST])
    holds = LegalHold.objects.filter(applicant__opening__team=team, lifted_at=None)
    number, digest = audit.head_of(team)
    return TeamKeeping(
        team=team,
        requests=tuple(open_requests(team)[:NEWEST]),
        holds=tuple(holds.select_related("applicant", "placed_by")[:NEWEST]),
        leaving=tuple((one, retention.goes_at(one, begins)) for one in shown),
        more=max(0, due.count() - len(shown)),
        gone=tuple(Tombstone.objects.filter(team=team).select_related("by", "opening").order_by("-pk")[:NEWEST]),
        events=number,
        head=digest,
    )
