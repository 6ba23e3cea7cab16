"""The decision: a person's, with a reason, against the verdict as it stands. A second reviewer's, and undoing, are
decisions of their own; nothing is ever changed or lost."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.models import Applicant, Decision, Opening, User
from vetting.models.applicant import UNDECIDED, Review
from vetting.models.decision import Choice
from vetting.reply import opening as right_of_reply
from vetting.review.blind import decisive_analysis, may_see_findings
from vetting.review.deciders import WORDS, may_decide
from vetting.review.taking import HOLD, held_words, proposal_of
from vetting.webhooks import announcing

LEADS_TO = {
    Choice.ACCEPT: Review.ACCEPTED,
    Choice.ASK_ORIGINAL: Review.ORIGINAL_ASKED,
    Choice.ASK_TO_MEET: Review.TO_MEET,
    Choice.SET_ASIDE: Review.SET_ASIDE,
    Choice.REOPEN: Review.WAITING,
}
NEEDS_A_SECOND = {
    Opening.SecondReview.NEVER: (),
    Opening.SecondReview.SET_ASIDE: (Choice.SET_ASIDE,),
    Opening.SecondReview.ALWAYS: (Choice.ACCEPT, Choice.ASK_ORIGINAL, Choice.ASK_TO_MEET, Choice.SET_ASIDE),
}

OWN_PROPOSAL = "You made the first decision; the second is somebody else’s. You can undo yours until then."
ASKED_FOR_A_SECOND = "The candidate asked for a second reviewer; the next decision is somebody else’s."


class CannotDecide(Exception):  # noqa: N818 - the text is a sentence for the reviewer
    """The decision was not taken; the text says why."""


@transaction.atomic
def decide_case(*, applicant: Applicant, reviewer: User, choice: Choice, reason: str) -> Decision:
    """Appends a decision against the verdict as it stands now, and gives the case back. Raises CannotDecide.

    Where the opening asks for a second reviewer, the first decision is a proposal and the case waits for the second.
    """
    reason = reason.strip()
    if not reason:
        raise CannotDecide("Please write a sentence that says why. It goes into the report.")
    current = Applicant.objects.select_for_update().get(pk=applicant.pk)
    _demand_the_right(current, reviewer)
    seconds = _proposal_to_second(current, reviewer, choice)
    decision = _append(current, reviewer, choice, reason, seconds=seconds, proposed=_needs_a_second(current, choice))
    review = Review.SECOND if decision.proposed else LEADS_TO[choice]
    _move(current, review, taken_by=None, taken_until=None, proposed_by=reviewer if decision.proposed else None)
    verb = "decision.seconded" if seconds else "decision.proposed" if decision.proposed else "decision.made"
    _record(decision, verb, **({"seconds": seconds.pk} if seconds else {}))
    if not decision.proposed:
        right_of_reply.follow_decision(decision)
    announcing.decision_made(decision, review=review)
    return decision


@transaction.atomic
def undo_decision(*, decision: Decision, by: User) -> Decision:
    """Takes one's own latest decision back, as a new row; the case is in one's hands again. Raises CannotDecide."""
    current = Applicant.objects.select_for_update().get(pk=decision.applicant_id)
    if decision.reviewer_id != by.pk:
        raise CannotDecide(f"This is the decision of {decision.reviewer}. You can reopen the case, with a reason.")
    if decision.choice == Choice.REOPEN or current.decisions.order_by("-pk").first() != decision:
        raise CannotDecide("Something was decided after that. You can reopen the case, with a reason.")
    if current.review == Review.SECOND and not decision.proposed:
        raise CannotDecide(ASKED_FOR_A_SECOND)
    reason = f"Undone: {decision.get_choice_display().lower()}."
    undone = _append(current, by, Choice.REOPEN, reason, seconds=decision.seconds, proposed=False)
    review = Review.SECOND if decision.seconds else Review.WAITING
    first = decision.seconds.reviewer if decision.seconds else None
    _move(current, review, taken_by=by, taken_until=timezone.now() + HOLD, proposed_by=first)
    _record(undone, "decision.undone", undoes=decision.pk)
    right_of_reply.follow_undoing(undone=decision, undoing=undone)
    announcing.decision_made(undone, review=review)
    return undone


def _demand_the_right(current: Applicant, reviewer: User) -> None:
    opening = current.opening
    if opening.deciders != Opening.Deciders.ANY and not may_decide(opening, reviewer):
        raise CannotDecide(WORDS)
    if current.holder is not None and current.holder != reviewer:
        raise CannotDecide(f"{held_words(current)} Nothing was decided; your reason is still here.")
    if current.review in UNDECIDED and current.photos.exists() and not may_see_findings(reviewer, current):
        raise CannotDecide("Say first what you see in the photo; then the findings are shown, and you decide.")


def _proposal_to_second(current: Applicant, reviewer: User, choice: Choice) -> Decision | None:
    """The first reviewer's decision where this one is the second's."""
    if current.review != Review.SECOND:
        _demand_what_the_state_allows(current, reviewer, choice)
        return None
    proposal = proposal_of(current)
    if proposal and proposal.reviewer_id == reviewer.pk:
        raise CannotDecide(OWN_PROPOSAL if proposal.proposed else ASKED_FOR_A_SECOND)
    if choice is Choice.REOPEN:
        raise CannotDecide("Confirm the first decision, or choose another one; both stay in the report.")
    return proposal


def _demand_what_the_state_allows(current: Applicant, reviewer: User, choice: Choice) -> None:
    """A changed mind is one's own: two who have the same page open do not decide one after the other unnoticed."""
    if choice is Choice.REOPEN and current.review == Review.WAITING:
        raise CannotDecide("This applicant is open already.")
    if choice is Choice.REOPEN or current.review in UNDECIDED:
        return
    last = current.decisions.select_related("reviewer").order_by("-pk").first()
    if last and last.reviewer != reviewer:
        raise CannotDecide(
            f"{last.reviewer} decided this case in the meantime: {current.get_review_display().lower()}. "
            "Nothing was changed; you can reopen it, with a reason."
        )


def _needs_a_second(current: Applicant, choice: Choice) -> bool:
    policy = Opening.SecondReview(current.opening.second_review)
    return current.review != Review.SECOND and choice in NEEDS_A_SECOND[policy]


def _append(
    current: Applicant, reviewer: User, choice: Choice, reason: str, *, seconds: Decision | None, proposed: bool
) -> Decision:
    return Decision.objects.create(
        applicant=current,
        analysis=decisive_analysis(current),
        verdict=current.verdict,
        choice=choice,
        reason=reason,
        reviewer=reviewer,
        seconds=seconds,
        proposed=proposed,
    )


def _move(current: Applicant, review: Review, **hands: object) -> None:
    """hands: who holds the case, and whose decision waits for a second one."""
    Applicant.objects.filter(pk=current.pk).update(review=review, reviewed_at=timezone.now(), **hands)


def _record(decision: Decision, verb: str, **data: int) -> None:
    audit.record(
        team=decision.applicant.opening.team,
        actor=decision.reviewer,
        verb=verb,
        subject=decision.applicant,
        choice=decision.choice,
        verdict=decision.verdict,
        decision=decision.pk,
        **data,
    )
