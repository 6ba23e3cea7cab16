"""Stage 4: a person decides, with a reason. Nothing is ever rejected or moved by the machine."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.models import Analysis, Applicant, Decision, User
from vetting.models.applicant import Review
from vetting.models.decision import Choice

LEADS_TO = {
    Choice.ACCEPT: Review.ACCEPTED,
    Choice.ASK_ORIGINAL: Review.ORIGINAL_ASKED,
    Choice.ASK_TO_MEET: Review.TO_MEET,
    Choice.SET_ASIDE: Review.SET_ASIDE,
    Choice.REOPEN: Review.WAITING,
}


class CannotDecide(Exception):  # noqa: N818 - the text is a sentence for the reviewer
    """The decision was not taken; the text says why."""


@transaction.atomic
def decide_case(*, applicant: Applicant, reviewer: User, choice: Choice, reason: str) -> Decision:
    """Appends a decision against the verdict as it stands now. Raises CannotDecide without a reason."""
    reason = reason.strip()
    if not reason:
        raise CannotDecide("Please write a sentence that says why. It goes into the report.")
    current = Applicant.objects.select_for_update().get(pk=applicant.pk)
    if choice is Choice.REOPEN and current.review == Review.WAITING:
        raise CannotDecide("This applicant is open already.")
    decision = Decision.objects.create(
        applicant=current,
        analysis=_decisive_analysis(current),
        verdict=current.verdict,
        choice=choice,
        reason=reason,
        reviewer=reviewer,
    )
    Applicant.objects.filter(pk=current.pk).update(review=LEADS_TO[choice], reviewed_at=timezone.now())
    audit.record(
        team=current.opening.team,
        actor=reviewer,
        verb="decision.made",
        subject=current,
        choice=choice.value,
        verdict=current.verdict,
        decision=decision.pk,
    )
    return decision


def _decisive_analysis(applicant: Applicant) -> Analysis | None:
    """The finished analysis behind the verdict that the reviewer saw."""
    return (
        Analysis.objects.filter(photo__applicant=applicant, state="done", verdict=applicant.verdict)
        .order_by("-pk")
        .first()
    )
