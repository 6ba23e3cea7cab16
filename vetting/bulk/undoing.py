"""Stage 4: an import is taken back, with rows and bytes. What somebody has worked on since stays, and is named."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from vetting import audit, tasks
from vetting.bulk import forgetting, turn
from vetting.keeping.holds import hold_on
from vetting.models import Applicant, Bulk, BulkRow, User
from vetting.models.bulk import BulkRowQuerySet
from vetting.retention import forget_applicant, forget_photo

STAYS = "Stays: "
State = BulkRow.State


class CannotUndo(Exception):  # noqa: N818 - the text is a sentence for the recruiter
    """Nothing was taken back."""


@transaction.atomic
def start_undo(*, bulk: Bulk, by: User) -> None:
    """Also stops an import that is under way: its worker loses the turn before the next row. Raises CannotUndo."""
    now = timezone.now()
    may = Bulk.objects.filter(pk=bulk.pk, undone_at=None, started_at__isnull=False)
    columns = {"state": "done", "undone_by": by, "undone_at": now, "finished_at": now, "lease_until": now}
    if not may.filter(state__in=["running", "done", "failed"]).update(**columns):
        raise CannotUndo("This import was taken back already, or has brought nothing yet.")
    audit.record(team=bulk.opening.team, actor=by, verb="import.undo-started", subject=bulk)
    transaction.on_commit(partial(tasks.ring_for_import, bulk.pk))


def run(bulk: Bulk) -> None:
    """The next people; then the bell rings for those after them. Raises LostTurn."""
    for row in turn.for_a_while(iter(lambda: _left(bulk).first(), None)):
        with turn.writing(bulk):
            take_back(bulk, row)
    if _left(bulk).exists():
        turn.end(bulk)
        tasks.ring_for_import(bulk.pk)
    else:
        _finish(bulk)


def take_back(bulk: Bulk, row: BulkRow) -> None:
    """What the import brought for the person of this row, unless it stays. In the transaction that holds the turn."""
    by = bulk.undone_by or bulk.created_by
    applicant = row.applicant
    rows = _left(bulk).filter(applicant=applicant) if applicant else BulkRow.objects.filter(pk=row.pk)
    pks = list(rows.values_list("pk", flat=True))
    if applicant and (why := why_it_stays(bulk, applicant)):
        BulkRow.objects.filter(pk__in=pks).update(message=STAYS + why)
        return
    if applicant and bulk.rows.filter(applicant=applicant, added_applicant=True).exists():
        forget_applicant(applicant=applicant, by=by)
    elif applicant:
        for one in rows.select_related("photo__applicant__opening__team"):
            if one.photo:
                forget_photo(photo=one.photo, by=by)
    BulkRow.objects.filter(pk__in=pks).update(state=State.UNDONE, message="", **forgetting.FORGOTTEN)


def why_it_stays(bulk: Bulk, applicant: Applicant) -> str:
    """A decision, or a photo, that came after: taking it back would take somebody else's work with it."""
    if hold_on(applicant):
        return "a legal hold is in force."
    if applicant.decisions.filter(decided_at__gte=bulk.started_at).exists():
        return "somebody has decided on this applicant since."
    if applicant.notes.filter(written_at__gte=bulk.started_at, withdrawn_at=None).exists():
        return "somebody has written a note about this applicant since."
    mine = bulk.rows.filter(applicant=applicant).exclude(photo=None).values("photo")
    added = bulk.rows.filter(applicant=applicant, added_applicant=True).exists()
    if added and applicant.photos.exclude(pk__in=mine).exists():
        return "a photo was added to this applicant since."
    return ""


def _left(bulk: Bulk) -> BulkRowQuerySet:
    done = bulk.rows.filter(state=State.DONE).exclude(message__startswith=STAYS)
    return done.select_related("applicant__opening__team")


def _finish(bulk: Bulk) -> None:
    with transaction.atomic():
        turn.end(bulk, state=Bulk.State.UNDONE, lease_until=None)
        counts = bulk.rows.count_by_state()
        audit.record(team=bulk.opening.team, actor=bulk.undone_by, verb="import.undone", subject=bulk, rows=counts)
        transaction.on_commit(partial(forgetting.delete_archive, bulk))
