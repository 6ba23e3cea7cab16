"""Taking work with one UPDATE, and ending it fenced by the attempt: a worker that lost its lease writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from vetting.models.leased import Leased, LeasedQuerySet, Row, State

ATTEMPTS = 3


def claim(rows: LeasedQuerySet[Row], pk: int, *, give_up: Callable[[Row], object]) -> Row | None:
    """The row, with a lease and the next attempt; None if it is done, in other hands, or started too often: then
    give_up() ends it."""
    if take(rows, pk):
        return rows.get(pk=pk)
    if row := lost(rows, pk):
        give_up(row)
    return None


def take(rows: LeasedQuerySet[Row], pk: int) -> bool:
    """Whether the row is now this worker's, with a lease and the next attempt."""
    now = timezone.now()
    free = rows.claimable(now).filter(pk=pk, attempt__lt=ATTEMPTS)
    return bool(
        free.update(
            state=State.RUNNING, attempt=F("attempt") + 1, lease_until=now + settings.ANALYSIS_LEASE, started_at=now
        )
    )


def lost(rows: LeasedQuerySet[Row], pk: int) -> Row | None:
    """The row, where it may be taken and was started so often that nobody should any more."""
    return rows.claimable(timezone.now()).filter(pk=pk, attempt__gte=ATTEMPTS).first()


def end(row: Leased, **columns: Any) -> bool:
    """Writes the columns and lets go of the lease; False, and nothing written, if it went to another attempt."""
    mine = type(row)._default_manager.filter(pk=row.pk, attempt=row.attempt, state__in=Leased.IN_WORK)
    return bool(mine.update(lease_until=None, finished_at=timezone.now(), **columns))
