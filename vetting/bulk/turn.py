"""One worker at a time at an import. The lease itself is the fence: whoever lost it writes nothing more."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vetting.models import Bulk

SECONDS = 3.0  # of one go: what was uploaded one by one waits no longer behind an import
Row = TypeVar("Row")


class LostTurn(Exception):  # noqa: N818 - the end of this worker's part, and no error
    """Another worker has the import, or it was stopped; nothing more may be written."""


def take(bulk_id: int) -> Bulk | None:
    """The import, with a lease; None where nothing is to be done or another worker has it."""
    now = timezone.now()
    until = now + settings.BULK_LEASE
    if not Bulk.objects.under_way().free(now).filter(pk=bulk_id).update(lease_until=until):
        return None
    return Bulk.objects.select_related("opening__team", "created_by", "undone_by").get(pk=bulk_id)


def for_a_while(rows: Iterable[Row]) -> Iterator[Row]:
    """As many of the rows as one go is long enough for; one at least."""
    until = time.monotonic() + SECONDS
    for row in rows:
        yield row
        if time.monotonic() > until:
            return


@contextmanager
def writing(bulk: Bulk) -> Iterator[None]:
    """A transaction that renews the lease first; where it fails, the lease before still holds. Raises LostTurn."""
    before = bulk.lease_until
    try:
        with transaction.atomic():
            renew(bulk)
            yield
    except BaseException:
        bulk.lease_until = before
        raise


def renew(bulk: Bulk) -> None:
    """Goes on for another lease. Raises LostTurn."""
    _write(bulk, lease_until=timezone.now() + settings.BULK_LEASE)


def end(bulk: Bulk, **columns: Any) -> None:
    """Lets go, and writes the columns. The time it was let go at stays: the sweep sees a bell that was lost.

    Raises LostTurn.
    """
    _write(bulk, **({"lease_until": timezone.now()} | columns))


def _write(bulk: Bulk, **columns: Any) -> None:
    mine = Bulk.objects.under_way().filter(pk=bulk.pk, state=bulk.state, lease_until=bulk.lease_until)
    if not mine.update(**columns):
        raise LostTurn
    for name, value in columns.items():
        setattr(bulk, name, value)
