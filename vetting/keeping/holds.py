"""Legal hold: an admin says why somebody's data has to stay, and until it is lifted nothing of it is deleted."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from vetting import audit
from vetting.models import Applicant, LegalHold, User

MOST = 2000  # characters
IN_FORCE = "A legal hold is in force, so nothing of this applicant is deleted until an admin lifts it."


class CannotHold(Exception):  # noqa: N818 - the text is a sentence for the admin
    """Nothing was changed; the text says why."""


class UnderHold(Exception):  # noqa: N818 - the text is a sentence for whoever wanted to delete
    """Nothing was deleted: a legal hold is in force."""


def hold_on(applicant: Applicant) -> LegalHold | None:
    """The one in force."""
    return LegalHold.objects.filter(applicant=applicant, lifted_at=None).select_related("placed_by").first()


def demand_no_hold(applicant: Applicant) -> None:
    """Raises UnderHold."""
    if LegalHold.objects.filter(applicant=applicant, lifted_at=None).exists():
        raise UnderHold(IN_FORCE)


@transaction.atomic
def place_hold(*, applicant: Applicant, by: User, reason: str) -> LegalHold:
    """From now on retention, erasure and forgetting wait. Raises CannotHold."""
    reason = reason.replace("\0", "").strip()
    if not reason:
        raise CannotHold("Please write why the data has to stay; it is what an auditor will ask for.")
    if len(reason) > MOST:
        raise CannotHold(f"Please use {MOST:,} characters at most.")
    Applicant.objects.select_for_update().get(pk=applicant.pk)
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(applicant=applicant, reason=reason, placed_by=by)
    except IntegrityError as error:
        raise CannotHold("There is a legal hold already; its reason stands below.") from error
    audit.record(team=applicant.opening.team, actor=by, verb="hold.placed", subject=applicant, hold=hold.pk)
    return hold


@transaction.atomic
def lift_hold(*, applicant: Applicant, by: User) -> None:
    """What waited for it goes on: a retention that has passed, a candidate's request. Raises CannotHold."""
    held = LegalHold.objects.select_for_update().filter(applicant=applicant, lifted_at=None).first()
    if held is None:
        raise CannotHold("There is no legal hold any more.")
    LegalHold.objects.filter(pk=held.pk).update(lifted_at=timezone.now(), lifted_by=by)
    audit.record(team=applicant.opening.team, actor=by, verb="hold.lifted", subject=applicant, hold=held.pk)
