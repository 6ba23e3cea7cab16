"""Stage 4: deciding, with a reason, and never twice the same row."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from vetting import review
from vetting.models import Analysis, Applicant, Decision, Event, User
from vetting.models.decision import Choice

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("choice", "leads_to"),
    [
        (Choice.ACCEPT, "accepted"),
        (Choice.ASK_ORIGINAL, "original-asked"),
        (Choice.ASK_TO_MEET, "to-meet"),
        (Choice.SET_ASIDE, "set-aside"),
    ],
)
def test_each_decision_moves_the_review_and_keeps_the_verdict_it_was_made_against(
    choice: Choice, leads_to: str, examined: Analysis, bob: User
) -> None:
    applicant = Applicant.objects.get()
    decision = review.decide_case(applicant=applicant, reviewer=bob, choice=choice, reason=" Looks like her. ")
    applicant.refresh_from_db()
    assert applicant.review == leads_to
    assert decision.reason == "Looks like her."
    assert decision.verdict == examined.verdict
    assert decision.analysis == examined
    assert Event.objects.get(verb="decision.made").data["choice"] == choice


def test_the_verdict_is_not_moved_by_a_decision_nor_the_review_by_a_verdict(examined: Analysis, bob: User) -> None:
    applicant = Applicant.objects.get()
    before = applicant.verdict
    review.decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason="Met her.")
    applicant.refresh_from_db()
    assert applicant.verdict == before
    from vetting.analysis import refresh_headline

    refresh_headline(applicant)
    applicant.refresh_from_db()
    assert applicant.review == "accepted"


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_reason_is_required(reason: str, applicant: Applicant, bob: User) -> None:
    with pytest.raises(review.CannotDecide, match="why"):
        review.decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason=reason)
    assert not Decision.objects.exists()


def test_a_changed_mind_is_a_new_row_and_reopening_is_one_too(applicant: Applicant, bob: User) -> None:
    for choice, reason in [
        (Choice.SET_ASIDE, "Not her."),
        (Choice.REOPEN, "I mixed them up."),
        (Choice.ACCEPT, "Her."),
    ]:
        review.decide_case(applicant=applicant, reviewer=bob, choice=choice, reason=reason)
    applicant.refresh_from_db()
    assert applicant.review == "accepted"
    assert [d.choice for d in applicant.decisions.all()] == ["set-aside", "reopen", "accept"]


def test_what_is_open_cannot_be_reopened(applicant: Applicant, bob: User) -> None:
    with pytest.raises(review.CannotDecide, match="open already"):
        review.decide_case(applicant=applicant, reviewer=bob, choice=Choice.REOPEN, reason="Why not.")


def test_a_decision_is_never_changed(applicant: Applicant, bob: User) -> None:
    decision = review.decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason="Fine.")
    decision.reason = "Better."
    with pytest.raises(TypeError):
        decision.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(applicant=applicant, choice=Choice.ACCEPT, reason="", reviewer=bob)
