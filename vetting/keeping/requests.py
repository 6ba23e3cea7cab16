"""What a candidate asks for: what is stored (access), and that it goes (erasure). An erasure waits a few days in which
they can take it back, and is then carried out by itself; a legal hold delays it, and both sides are told."""

from __future__ import annotations

import calendar
import datetime as dt
import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from vetting import audit
from vetting.keeping.erasing import Cause, forget_applicant
from vetting.keeping.holds import UnderHold
from vetting.keeping.receipts import new_code
from vetting.models import Applicant, CandidateLink, DataRequest, LegalHold, Team, Tombstone, User

REGRET = dt.timedelta(days=3)  # between asking and deleting: for a slip of the thumb, or a changed mind
Kind = DataRequest.Kind
log = logging.getLogger(__name__)


class CannotAsk(Exception):  # noqa: N818 - the text is a sentence for the candidate
    """Nothing was changed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the public page says of a receipt's code: carried out, or when it will be, or taken back."""

    tombstone: Tombstone | None = None
    asked: DataRequest | None = None
    held: bool = False


def month_after(moment: dt.datetime) -> dt.datetime:
    """The same day of the next month, or its last (GDPR 12(3))."""
    year, month = (moment.year, moment.month + 1) if moment.month < 12 else (moment.year + 1, 1)
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def open_erasure(applicant: Applicant) -> DataRequest | None:
    return _open().filter(applicant=applicant).first()


def _open() -> QuerySet[DataRequest]:
    return DataRequest.objects.filter(kind=Kind.ERASURE, answered_at=None, withdrawn_at=None)


@transaction.atomic
def ask_for_erasure(*, link: CandidateLink) -> DataRequest:
    """The candidate's word; said twice it is one request, with the first one's day."""
    applicant = (
        Applicant.objects.select_for_update(of=("self",)).select_related("opening__team").get(pk=link.applicant_id)
    )
    if there := open_erasure(applicant):
        return there
    now = timezone.now()
    asked = DataRequest.objects.create(
        applicant=applicant,
        kind=Kind.ERASURE,
        link=link,
        runs_at=now + REGRET,
        due_at=month_after(now),
        code=new_code(),
    )
    told = {"request": asked.pk, "kind": asked.kind, "link": link.pk}
    audit.record(team=applicant.opening.team, actor=None, verb="data.requested", subject=applicant, **told)
    return asked


@transaction.atomic
def take_back_erasure(*, link: CandidateLink) -> None:
    """Nothing is deleted then. Raises CannotAsk."""
    asked = _open().select_for_update(of=("self",)).filter(applicant=link.applicant_id).first()
    if asked is None:
        raise CannotAsk("There is no request that could be taken back.")
    DataRequest.objects.filter(pk=asked.pk).update(withdrawn_at=timezone.now())
    applicant = link.applicant
    told = {"request": asked.pk, "link": link.pk}
    audit.record(team=applicant.opening.team, actor=None, verb="data.withdrawn", subject=applicant, **told)


@transaction.atomic
def answer_access(*, applicant: Applicant, link: CandidateLink | None = None, by: User | None = None) -> DataRequest:
    """That everything was handed out: to the candidate (link), or to a member who passes it on (by)."""
    now = timezone.now()
    asked = DataRequest.objects.create(
        applicant=applicant,
        kind=Kind.ACCESS,
        link=link,
        entered_by=by,
        due_at=month_after(now),
        answered_at=now,
    )
    told = {"request": asked.pk, "kind": asked.kind} | ({"link": link.pk} if link else {})
    audit.record(team=applicant.opening.team, actor=by, verb="data.answered", subject=applicant, **told)
    return asked


def carry_out_due(most: int) -> int:
    """Erasures whose day has come and that no hold delays; how many."""
    held = LegalHold.objects.filter(applicant=OuterRef("applicant"), lifted_at=None)
    rows = _open().filter(~Exists(held), runs_at__lte=timezone.now()).select_related("applicant__opening__team")
    count = 0
    for asked in rows[:most]:
        try:
            _carry_out(asked)
        except (UnderHold, Applicant.DoesNotExist, DataRequest.DoesNotExist):  # something came in between
            continue
        except Exception:
            log.exception("request %s could not be carried out; the next run tries again", asked.pk)
            continue
        count += 1
    return count


@transaction.atomic
def _carry_out(asked: DataRequest) -> None:
    """Under a lock on the request: taken back at this very moment, it is not carried out."""
    _open().select_for_update(of=("self",)).get(pk=asked.pk)
    forget_applicant(applicant=asked.applicant, by=None, cause=Cause.REQUEST)


def open_requests(team: Team) -> QuerySet[DataRequest]:
    """Of one team, the most urgent first, with `held`."""
    held = LegalHold.objects.filter(applicant=OuterRef("applicant"), lifted_at=None)
    rows = _open().filter(applicant__opening__team=team).annotate(held=Exists(held))
    return rows.select_related("applicant__opening").order_by("due_at", "pk")


def standing_of(code: str) -> Standing | None:
    """None for a code that nobody was told."""
    if stone := Tombstone.objects.filter(code=code).select_related("team").first():
        return Standing(tombstone=stone)
    asked = DataRequest.objects.filter(code=code, kind=Kind.ERASURE).first() if code else None
    if asked is None:
        return None
    held = LegalHold.objects.filter(applicant=asked.applicant_id, lifted_at=None).exists()
    return Standing(asked=asked, held=held)
