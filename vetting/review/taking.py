"""Taking a case, giving it back, passing it on: two people never hold the same one.

A hold is two columns and ends by itself. It is taken by one UPDATE whose condition is that nobody else's lasts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from vetting import audit
from vetting.models import Applicant, Decision, Membership, Role, User
from vetting.models.applicant import UNDECIDED, ApplicantQuerySet, Review
from vetting.models.decision import Choice
from vetting.review.deciders import WORDS, may_decide

HOLD = dt.timedelta(minutes=30)  # longer than any look at a photo takes, shorter than a lunch that blocks colleagues
HOLD_FOR_A_COLLEAGUE = dt.timedelta(days=1)  # who did not ask for the case finds it within a working day


class CannotTake(Exception):  # noqa: N818 - the text is a sentence for the reviewer
    """The case stays where it is; the text says with whom, or why."""


@transaction.atomic
def take_case(*, applicant: Applicant, by: User) -> None:
    """Takes the case, or makes one's own hold last longer. Raises CannotTake, naming who holds it."""
    demand_a_decider(applicant, by)
    now = timezone.now()
    rows = Applicant.objects.filter(pk=applicant.pk)
    if rows.filter(taken_by=by, taken_until__gt=now).update(taken_until=now + HOLD):
        return
    if not free_for(rows.filter(review__in=UNDECIDED), by).update(taken_by=by, taken_until=now + HOLD):
        raise CannotTake(why_not(rows.select_related("taken_by").get()))
    _record(applicant, by, "case.taken")


@transaction.atomic
def release_case(*, applicant: Applicant, by: User) -> None:
    """Gives the case back; an admin gives back anybody's. Raises CannotTake where it is not theirs to give."""
    current = Applicant.objects.select_for_update().get(pk=applicant.pk)
    holder = current.holder
    if holder is None:
        return
    if holder != by and not _runs_the_team(applicant, by):
        raise CannotTake(f"{held_words(current)} Only {holder} or an admin gives it back before then.")
    Applicant.objects.filter(pk=current.pk).update(taken_by=None, taken_until=None)
    _record(applicant, by, "case.released", **({"of": holder.pk} if holder != by else {}))


@transaction.atomic
def pass_on(*, applicant: Applicant, by: User, to: User) -> None:
    """Into the hands of another member who may decide the case. Raises CannotTake."""
    demand_a_decider(applicant, by)
    demand_a_decider(applicant, to)
    if to == by:
        raise CannotTake("Choose a colleague to pass the case on to; you are that person yourself.")
    rows = Applicant.objects.filter(pk=applicant.pk)
    until = timezone.now() + HOLD_FOR_A_COLLEAGUE
    if not free_for(rows.filter(review__in=UNDECIDED), by).update(taken_by=to, taken_until=until):
        raise CannotTake(why_not(rows.select_related("taken_by").get()))
    _record(applicant, by, "case.passed-on", to=to.pk)


def free_for(rows: ApplicantQuerySet, by: User) -> ApplicantQuerySet:
    """Those that nobody else holds."""
    over = Q(taken_by=None) | Q(taken_until=None) | Q(taken_until__lte=timezone.now())
    return rows.filter(over | Q(taken_by=by))


def demand_a_decider(applicant: Applicant, user: User) -> None:
    """Raises CannotTake for who may not decide here, and for who proposed what waits for a second reviewer."""
    if not may_decide(applicant.opening, user):
        raise CannotTake(WORDS)
    if Applicant.objects.filter(pk=applicant.pk, review=Review.SECOND, proposed_by=user).exists():
        raise CannotTake(f"{user} made the first decision here; the second is somebody else’s.")


def proposal_of(applicant: Applicant) -> Decision | None:
    """The decision that waits for a second reviewer, of a case in that state."""
    return waiting_for_second(list(Decision.objects.filter(applicant=applicant).select_related("reviewer")))


def waiting_for_second(made: Sequence[Decision]) -> Decision | None:
    """Out of all decisions on a case that waits for a second reviewer, oldest first: the last that was not undone.

    It is a proposal; or it counts, and the candidate asked for a second reviewer."""
    undone = 0
    for decision in reversed(made):
        if decision.choice == Choice.REOPEN:
            undone += 1
        elif undone:
            undone -= 1
        else:
            return decision
    return None


def held_words(applicant: Applicant) -> str:
    """Who has the case, and until when."""
    return f"{applicant.taken_by} has this case until {clock(applicant.taken_until)}."


def clock(moment: dt.datetime | None) -> str:
    """14:20; with the day where that is not today."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return date_format(local, "H:i" if local.date() == timezone.localdate() else "j M, H:i")


def why_not(applicant: Applicant) -> str:
    if applicant.holder is not None:
        return held_words(applicant)
    return f"This case is decided already: {applicant.get_review_display().lower()}. Reopen it first."


def _runs_the_team(applicant: Applicant, user: User) -> bool:
    return Membership.objects.filter(team=applicant.opening.team_id, user=user, role=Role.ADMIN).exists()


def _record(applicant: Applicant, by: User, verb: str, **data: int) -> None:
    audit.record(team=applicant.opening.team, actor=by, verb=verb, subject=applicant, **data)
