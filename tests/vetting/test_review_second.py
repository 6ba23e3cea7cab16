"""A second reviewer where the opening asks for one, and undoing; nothing is lost by either."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from tests.conftest import SignIn, text, words
from vetting import report, review
from vetting.models import Applicant, Decision, Event, Opening, Photo, User
from vetting.models.decision import Choice
from vetting.review.taking import CannotTake, take_case

pytestmark = pytest.mark.django_db
ALWAYS, SET_ASIDE = Opening.SecondReview.ALWAYS, Opening.SecondReview.SET_ASIDE


def decide(applicant: Applicant, by: User, choice: Choice, reason: str = "Because.") -> Decision:
    return review.decide_case(applicant=applicant, reviewer=by, choice=choice, reason=reason)


def state(applicant: Applicant) -> str:
    return Applicant.objects.get(pk=applicant.pk).review


@pytest.mark.parametrize(
    ("policy", "choice", "leads_to"),
    [
        (ALWAYS, Choice.ACCEPT, "second"),
        (ALWAYS, Choice.SET_ASIDE, "second"),
        (SET_ASIDE, Choice.SET_ASIDE, "second"),
        (SET_ASIDE, Choice.ASK_TO_MEET, "to-meet"),
        (Opening.SecondReview.NEVER, Choice.SET_ASIDE, "set-aside"),
    ],
)
def test_the_opening_says_which_decisions_wait_for_a_second(
    policy: str, choice: Choice, leads_to: str, applicant: Applicant, bob: User
) -> None:
    Opening.objects.update(second_review=policy)
    decision = decide(applicant, bob, choice)
    assert state(applicant) == leads_to
    assert decision.proposed is (leads_to == "second")


@pytest.mark.parametrize(("second", "leads_to"), [(Choice.SET_ASIDE, "set-aside"), (Choice.ACCEPT, "accepted")])
def test_somebody_else_confirms_or_overturns_and_both_stay(
    second: Choice, leads_to: str, applicant: Applicant, alice: User, bob: User
) -> None:
    Opening.objects.update(second_review=ALWAYS)
    first = decide(applicant, bob, Choice.SET_ASIDE)
    with pytest.raises(review.CannotDecide, match="the second is somebody else’s"):
        decide(applicant, bob, second)
    with pytest.raises(CannotTake, match="the second is somebody else’s"):
        take_case(applicant=applicant, by=bob)
    made = decide(applicant, alice, second, "I looked too.")
    assert state(applicant) == leads_to
    assert (made.seconds, made.proposed) == (first, False)
    assert [event.verb for event in Event.objects.filter(verb__startswith="decision.")] == [
        "decision.proposed",
        "decision.seconded",
    ]


def test_a_case_that_waits_for_a_second_is_shown_to_everybody_but_the_first(
    applicant: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    Opening.objects.update(second_review=ALWAYS)
    decide(applicant, bob, Choice.SET_ASIDE)
    assert "Eileen Collins" not in text(signed_in(bob), "/queue/")
    page = text(signed_in(alice), "/queue/?whose=second")
    assert "Eileen Collins" in page
    assert "Waits for a second reviewer" in page


def test_the_page_shows_the_first_decision_and_offers_to_confirm_it(
    photo: Photo, applicant: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    Opening.objects.update(second_review=ALWAYS)
    decide(applicant, bob, Choice.SET_ASIDE, "Not the person.")
    page = words(text(signed_in(alice), applicant.get_absolute_url()))
    assert "Bob Lindqvist decided: set aside" in page
    assert "Confirm: set aside" in page
    mine = words(text(signed_in(bob), applicant.get_absolute_url()))
    assert "It counts once somebody else of your team has confirmed it." in mine
    assert "Undo yours" in mine
    decide(applicant, alice, Choice.ACCEPT, "I know her.")
    history = words(text(signed_in(bob), applicant.get_absolute_url())).split("From capture to decision")[1]
    assert "Set aside, proposed Not the person. Bob Lindqvist" in history
    assert "Accept the photo, overturned I know her. Alice Moreau" in history


def test_the_report_tells_both(photo: Photo, applicant: Applicant, alice: User, bob: User) -> None:
    import json

    Opening.objects.update(second_review=ALWAYS)
    decide(applicant, bob, Choice.SET_ASIDE, "Not the person.")
    decide(applicant, alice, Choice.SET_ASIDE, "I see that too.")
    told = json.loads(report.applicant_json(applicant, by=alice))
    decisions = told["decisions"]
    assert [(made["proposed"], made["confirms"]) for made in decisions] == [(True, False), (False, True)]


def test_a_second_reviewer_does_not_reopen_but_decides(applicant: Applicant, alice: User, bob: User) -> None:
    Opening.objects.update(second_review=ALWAYS)
    decide(applicant, bob, Choice.SET_ASIDE)
    with pytest.raises(review.CannotDecide, match="Confirm the first decision"):
        decide(applicant, alice, Choice.REOPEN)


# --- undo


def test_undoing_is_a_new_row_and_the_case_is_in_ones_hands_again(applicant: Applicant, bob: User) -> None:
    decision = decide(applicant, bob, Choice.SET_ASIDE)
    undone = review.undo_decision(decision=decision, by=bob)
    assert (undone.choice, undone.reason) == ("reopen", "Undone: set aside.")
    assert Decision.objects.count() == 2
    assert state(applicant) == "waiting"
    assert Applicant.objects.get().holder == bob
    assert Event.objects.latest("pk").verb == "decision.undone"


def test_only_ones_own_latest_decision_is_undone(applicant: Applicant, alice: User, bob: User) -> None:
    decision = decide(applicant, bob, Choice.SET_ASIDE)
    with pytest.raises(review.CannotDecide, match="the decision of Bob"):
        review.undo_decision(decision=decision, by=alice)
    undone = review.undo_decision(decision=decision, by=bob)
    for past in (decision, undone):
        with pytest.raises(review.CannotDecide, match="decided after that"):
            review.undo_decision(decision=past, by=bob)


def test_a_proposal_is_undone_until_it_is_seconded(applicant: Applicant, alice: User, bob: User) -> None:
    Opening.objects.update(second_review=ALWAYS)
    first = decide(applicant, bob, Choice.SET_ASIDE)
    review.undo_decision(decision=first, by=bob)
    assert state(applicant) == "waiting"
    again = decide(applicant, bob, Choice.ACCEPT)
    second = decide(applicant, alice, Choice.ACCEPT)
    with pytest.raises(review.CannotDecide, match="decided after that"):
        review.undo_decision(decision=again, by=bob)
    review.undo_decision(decision=second, by=alice)
    assert state(applicant) == "second"  # what the first reviewer decided still waits
    assert Applicant.objects.get().holder == alice


def test_who_withdrew_a_proposal_can_be_the_second_of_another(applicant: Applicant, alice: User, bob: User) -> None:
    Opening.objects.update(second_review=ALWAYS)
    review.undo_decision(decision=decide(applicant, bob, Choice.SET_ASIDE), by=bob)
    review.taking.release_case(applicant=applicant, by=bob)
    decide(applicant, alice, Choice.ACCEPT)
    assert list(Applicant.objects.all().for_queue(bob, Opening.objects.all())) == [applicant]
    decide(applicant, bob, Choice.ACCEPT)
    assert state(applicant) == "accepted"


def test_undo_is_offered_for_a_minute_on_the_page_that_follows(
    photo: Photo, applicant: Applicant, bob: User, alice: User, signed_in: SignIn
) -> None:
    client = signed_in(bob)
    sent = {"choice": "set-aside", "reason": "Not the person."}
    followed = client.post(f"{applicant.get_absolute_url()}decide/", sent, follow=True)
    page = followed.content.decode()
    assert "Noted for Eileen Collins:" in page
    undo = re.search(r'action="(/decisions/\d+/undo/)"', page)
    assert undo
    there = followed.redirect_chain[-1][0]
    assert "/undo/" not in text(signed_in(alice), there)
    assert signed_in(alice).post(undo[1]).status_code == 403
    Decision.objects.update(decided_at=timezone.now() - dt.timedelta(seconds=61))
    assert "/undo/" not in text(client, there)
    page = client.post(undo[1], follow=True).content.decode()
    assert "Undone. Eileen Collins is in your hands again." in page
    assert state(applicant) == "waiting"


@pytest.mark.parametrize("asked", ["x", "0", "9" * 30, "1"])
def test_an_odd_address_offers_nothing_to_undo(asked: str, applicant: Applicant, bob: User, signed_in: SignIn) -> None:
    assert "/undo/" not in text(signed_in(bob), f"{applicant.get_absolute_url()}?decided={asked}")
    assert "/undo/" not in text(signed_in(bob), f"/queue/?decided={asked}")
