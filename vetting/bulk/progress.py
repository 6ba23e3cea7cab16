"""How far an import is, in numbers for its page: four queries, however many rows it has."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from django.utils import timezone

from vetting.bulk.planning import UNNAMED
from vetting.bulk.reading import NOT_YET
from vetting.bulk.receiving import RECEIVED
from vetting.models import Analysis, Bulk, BulkRow

MINUTE = dt.timedelta(minutes=1)
State = BulkRow.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """counts: state -> rows. rate: photos a minute, over the last one; None where nobody can tell."""

    counts: dict[str, int]
    unread: int
    unnamed: int
    rate: int | None
    examining: int
    people: int

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    def count(self, *states: State) -> int:
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def ready(self) -> int:
        return self.count(State.READY)

    @property
    def done(self) -> int:
        return self.count(State.DONE)

    @property
    def known(self) -> int:
        return self.count(State.KNOWN)

    @property
    def refused(self) -> int:
        """Without those that the recruiter may still have imported."""
        return self.count(State.REFUSED) - self.unnamed

    @property
    def failed(self) -> int:
        return self.count(State.FAILED)

    @property
    def undone(self) -> int:
        return self.count(State.UNDONE)

    @property
    def read(self) -> int:
        return self.rows - self.unread

    @property
    def ended(self) -> int:
        """Rows of the import that need nothing more."""
        return self.done + self.failed

    @property
    def to_import(self) -> int:
        return self.ended + self.ready

    @property
    def examined(self) -> int:
        return max(self.done - self.examining, 0)

    @property
    def minutes_left(self) -> int | None:
        return math.ceil(self.ready / self.rate) if self.rate and self.ready else None


def progress_of(bulk: Bulk) -> Progress:
    rows = bulk.rows.all()
    reading = bulk.state == Bulk.State.READING
    imported = rows.filter(state=State.DONE)
    in_work = Analysis.objects.filter(photo__in=imported.values("photo"), state__in=Analysis.IN_WORK)
    return Progress(
        counts=rows.count_by_state(),
        unread=rows.filter(message__in=[RECEIVED, NOT_YET]).count() if reading else 0,
        unnamed=rows.filter(state=State.REFUSED, message=UNNAMED).count(),
        rate=_rate(bulk) if bulk.state == Bulk.State.RUNNING else None,
        examining=0 if reading or bulk.state == Bulk.State.PLANNED else in_work.count(),
        people=imported.filter(added_applicant=True).count(),
    )


def _rate(bulk: Bulk) -> int | None:
    """From what came in during the last minute, or since the start where that is less."""
    now = timezone.now()
    since = max(now - MINUTE, bulk.started_at or now)
    came = bulk.rows.filter(state=State.DONE, photo__uploaded_at__gte=since).count()
    seconds = (now - since).total_seconds()
    return round(came * 60 / seconds) if came and seconds >= 1 else None
