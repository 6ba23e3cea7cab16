"""Stage 3: the plan is carried out, row by row. Each row is a transaction of its own, and none is done twice."""

from __future__ import annotations

import logging
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vetting import audit, tasks
from vetting.bulk import forgetting, turn
from vetting.bulk.archive import Source, open_source
from vetting.bulk.planning import UNNAMED, may_be_one
from vetting.bulk.table import CannotRead
from vetting.intake import Refused, add_applicant, enter_photo, keep_photo
from vetting.keeping import leftovers
from vetting.models import Applicant, Bulk, BulkRow, Opening, Photo, User

SLICE = 100  # rows in one go at most
BROKE = "It stopped with an error of the program's own at this row. Nothing of the row was added."
GONE = "What was sent is no longer in the store, so the rest cannot be imported. What was imported is safe."
State = BulkRow.State
log = logging.getLogger(__name__)


class CannotStart(Exception):  # noqa: N818 - the text is a sentence for the recruiter
    """Nothing was begun."""


@transaction.atomic
def start_import(*, bulk: Bulk, by: User, with_unnamed: bool = False) -> None:
    """Gives the word; or goes on after a failure. with_unnamed: photos that no line of the table names come in, too.

    Raises CannotStart.
    """
    now = timezone.now()
    may = Bulk.objects.filter(pk=bulk.pk).exclude(key="")
    begun = may.filter(state="planned").update(state="running", started_at=now, lease_until=now)
    resumed = may.filter(state="failed", started_at__isnull=False).update(state="running", lease_until=now, error="")
    if not begun and not resumed:
        raise CannotStart("This import was started already, or cannot be started any more.")
    if with_unnamed:
        bulk.rows.filter(state=State.REFUSED, message=UNNAMED).update(state=State.READY, message="")
    ready = bulk.rows.filter(state=State.READY).count()
    if not ready:
        raise CannotStart("There is no row that could be imported.")
    audit.record(team=bulk.opening.team, actor=by, verb="import.started", subject=bulk, rows=ready)
    transaction.on_commit(partial(tasks.ring_for_import, bulk.pk))


def run(bulk: Bulk) -> None:
    """The next rows; then the bell rings for those after them. Raises LostTurn."""
    try:
        with open_source(bulk) as source:
            for row in turn.for_a_while(bulk.rows.filter(state=State.READY)[:SLICE]):
                carry_out(bulk, row, source)
    except (CannotRead, FileNotFoundError):
        log.exception("the archive of import %s cannot be opened", bulk.pk)
        turn.end(bulk, state=Bulk.State.FAILED, error=GONE, lease_until=None)
        return
    if bulk.rows.filter(state=State.READY).exists():
        turn.end(bulk)
        tasks.ring_for_import(bulk.pk)
    else:
        _finish(bulk)


def carry_out(bulk: Bulk, row: BulkRow, source: Source) -> None:
    """One row: photo and applicant, or a sentence. Raises LostTurn."""
    try:
        kept = _keep(row, source, bulk.created_by) if row.entry else None
        with turn.writing(bulk):
            _enter(bulk, row, kept)
        if kept and not leftovers.settle(("originals", kept.original_key)):  # see intake.make_sure()
            _keep(row, source, bulk.created_by)
    except turn.LostTurn:
        raise
    except Refused as reason:
        _fail_row(bulk, row, str(reason))
    except Exception:
        log.exception("row %s of import %s broke", row.number, bulk.pk)
        _fail_row(bulk, row, BROKE)


def _keep(row: BulkRow, source: Source, by: User) -> Photo:
    """The bytes, checked and stored before any row knows of them. Raises Refused."""
    data = source.read(row.entry, settings.MAX_PHOTO_BYTES)
    if len(data) > settings.MAX_PHOTO_BYTES:
        raise Refused(f"The file has more than {settings.MAX_PHOTO_BYTES // 1024**2} MB.")
    return keep_photo(data=data, name=row.entry, by=by)


def _enter(bulk: Bulk, row: BulkRow, kept: Photo | None) -> None:
    """In the transaction that holds the turn. The opening's lock keeps two imports from adding one person twice."""
    Opening.objects.select_for_update().get(pk=bulk.opening_id)
    applicant = _applicant(bulk, row)
    added = applicant is None
    if applicant is None:
        applicant = add_applicant(
            opening=bulk.opening, name=row.name, email=row.email, reference=row.reference, by=bulk.created_by
        )
    state, photo = State.DONE if added or kept else State.KNOWN, None
    if kept:
        arrival = enter_photo(photo=kept, applicant=applicant, by=bulk.created_by, at_once=False)
        photo = arrival.photo
        if arrival.known and not added:
            state = State.KNOWN
    BulkRow.objects.filter(pk=row.pk).update(state=state, applicant=applicant, added_applicant=added, photo=photo)


def _applicant(bulk: Bulk, row: BulkRow) -> Applicant | None:
    """Whom the plan found; whom an earlier row added; or who came in since, with this reference or address."""
    people = Applicant.objects.filter(opening=bulk.opening).select_related("opening__team")
    if row.applicant_id:
        return people.get(pk=row.applicant_id)
    words = {"name": row.name, "email": row.email, "reference": row.reference}
    earlier = bulk.rows.filter(applicant__opening=bulk.opening, **words).values_list("applicant", flat=True).first()
    if earlier:
        return people.get(pk=earlier)
    if row.reference and (same := people.filter(reference__iexact=row.reference).first()):
        return same
    same_address = people.filter(email__iexact=row.email) if row.email else ()
    return next((one for one in same_address if may_be_one(one.reference, row.reference)), None)


def _fail_row(bulk: Bulk, row: BulkRow, sentence: str) -> None:
    with turn.writing(bulk):
        BulkRow.objects.filter(pk=row.pk).update(state=State.FAILED, message=sentence)


def _finish(bulk: Bulk) -> None:
    with transaction.atomic():
        turn.end(bulk, state=Bulk.State.DONE, finished_at=timezone.now(), lease_until=None)
        counts = bulk.rows.count_by_state()
        audit.record(team=bulk.opening.team, actor=None, verb="import.finished", subject=bulk, rows=counts)
        transaction.on_commit(partial(forgetting.delete_archive, bulk))
