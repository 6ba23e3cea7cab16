"""What the candidate sends is kept, late or not, and puts the case before people again; the program decides nothing."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils import timezone

from tests.conftest import AddPhoto, picture, upload
from tests.vetting.replies import decide, link_for, reply_to, state
from vetting import review
from vetting.intake import Refused
from vetting.models import (
    Analysis,
    Applicant,
    Comparison,
    Decision,
    Event,
    Membership,
    Opening,
    Photo,
    Reply,
    ReplyEntry,
    User,
)
from vetting.models.decision import Choice
from vetting.reply.answering import (
    LONGEST,
    MOST_ENTRIES,
    CannotAnswer,
    SecondReview,
    ask_for_second,
    explain,
    say_that_is_all,
    second_review_of,
    send_original,
)
from vetting.reply.opening import told_in_person
from vetting.review.rates import agreement_of
from vetting.review.taking import CannotTake, proposal_of, take_case

pytestmark = pytest.mark.django_db
WHY = "The studio has smoothed the skin; I can send the file."


@pytest.fixture
def aside(photo: Photo, applicant: Applicant, bob: User) -> Applicant:
    """Set aside by bob; its reply is open."""
    decide(applicant, bob)
    return Applicant.objects.select_related("opening__team").get(pk=applicant.pk)


@pytest.mark.parametrize("choice", [Choice.SET_ASIDE, Choice.ASK_ORIGINAL])
def test_an_explanation_puts_the_case_before_the_reviewers_again(
    choice: Choice, applicant: Applicant, alice: User, bob: User
) -> None:
    decide(applicant, bob, choice)
    link = link_for(applicant, alice)
    entry = explain(reply=reply_to(applicant), link=link, text=f"  {WHY} ")
    assert (entry.text, entry.link) == (WHY, link)
    assert state(applicant) == "waiting"
    event = Event.objects.get(verb="reply.received")
    assert event.actor is None
    assert event.data == {
        "reply": entry.reply_id, "entry": entry.pk, "kind": "explanation", "late": False, "link": link.pk,
    }  # fmt: skip
    assert WHY not in json.dumps(list(Event.objects.values_list("data", flat=True)))


def test_an_original_is_stored_examined_and_compared(aside: Applicant, alice: User, add_photo: AddPhoto) -> None:
    second = add_photo(picture(4), name="second.jpg")
    data = picture(7, kind="PNG")
    entry = send_original(reply=reply_to(aside), link=link_for(aside, alice), upload=upload(data, "DSC_1.png"))
    photo = entry.photo
    assert photo is not None
    assert photo.read_original() == data
    assert (photo.uploaded_by, photo.giver) == (None, "the candidate")
    assert photo.analyses.get().state == "queued"
    assert state(aside) == "waiting"
    pairs = Comparison.objects.values_list("photo", "original")
    assert list(pairs) == [(aside.cover_id, photo.pk), (second.pk, photo.pk)]
    third = send_original(reply=reply_to(aside), link=link_for(aside, alice), upload=upload(picture(8), "DSC_2.jpg"))
    assert third.photo
    assert [row.photo_id for row in Comparison.objects.filter(original=third.photo)] == [aside.cover_id, second.pk]


def test_a_file_that_is_here_already_is_noted_once_and_not_compared_with_itself(
    aside: Applicant, alice: User, photo: Photo
) -> None:
    reply, link = reply_to(aside), link_for(aside, alice)
    entry = send_original(reply=reply, link=link, upload=upload(photo.read_original(), "again.jpg"))
    assert entry.photo == photo
    assert not Comparison.objects.exists()
    with pytest.raises(CannotAnswer, match="here already"):
        send_original(reply=reply, link=link, upload=upload(photo.read_original(), "again.jpg"))
    assert Photo.objects.count() == 1


def test_a_file_that_is_no_picture_changes_nothing_and_is_refused_in_words(aside: Applicant, alice: User) -> None:
    with pytest.raises(Refused):
        send_original(reply=reply_to(aside), link=link_for(aside, alice), upload=upload(b"%PDF-1.7 x", "cv.jpg"))
    assert state(aside) == "set-aside"
    assert not ReplyEntry.objects.exists()


def test_a_file_is_taken_from_those_who_agreed_to_the_notice(aside: Applicant, alice: User) -> None:
    link = link_for(aside, alice, agreed=False)
    with pytest.raises(Refused, match="agree to it first"):
        send_original(reply=reply_to(aside), link=link, upload=upload(picture(7)))
    explain(reply=reply_to(aside), link=link, text=WHY)
    assert state(aside) == "waiting"


def test_a_late_answer_is_taken_and_marked(aside: Applicant, alice: User) -> None:
    reply = reply_to(aside)
    told_in_person(reply=reply, by=alice)
    past = timezone.now() - dt.timedelta(days=20)
    Reply.objects.update(told_at=past, due_at=past + dt.timedelta(days=14))
    entry = explain(reply=reply, link=link_for(aside, alice), text=WHY)
    assert Event.objects.get(verb="reply.received").data["late"] is True
    assert entry.pk
    assert state(aside) == "waiting"


def test_that_is_all_needs_something_and_more_is_still_taken(aside: Applicant, alice: User) -> None:
    reply, link = reply_to(aside), link_for(aside, alice)
    with pytest.raises(CannotAnswer, match="Nothing has been sent yet"):
        say_that_is_all(reply=reply, link=link)
    explain(reply=reply, link=link, text=WHY)
    say_that_is_all(reply=reply, link=link)
    say_that_is_all(reply=reply, link=link)
    reply.refresh_from_db()
    assert reply.answered_at
    assert Event.objects.filter(verb="reply.completed").count() == 1
    explain(reply=reply, link=link, text="One more thing.")
    assert reply.entries.count() == 2


def test_what_does_not_fit_is_said_in_words(aside: Applicant, alice: User) -> None:
    reply, link = reply_to(aside), link_for(aside, alice)
    with pytest.raises(CannotAnswer, match="no text yet"):
        explain(reply=reply, link=link, text="  ")
    with pytest.raises(CannotAnswer, match="5,000 fit"):
        explain(reply=reply, link=link, text="x" * (LONGEST + 1))
    ReplyEntry.objects.bulk_create(ReplyEntry(reply=reply, kind="explanation", text="x") for _ in range(MOST_ENTRIES))
    with pytest.raises(CannotAnswer, match="as many as fit"):
        explain(reply=reply, link=link, text=WHY)


def test_what_was_decided_again_takes_no_answer_and_says_so(aside: Applicant, alice: User, bob: User) -> None:
    reply, link = reply_to(aside), link_for(aside, alice)
    decide(aside, bob, Choice.ACCEPT)
    for send in (
        lambda: explain(reply=reply, link=link, text=WHY),
        lambda: send_original(reply=reply, link=link, upload=upload(picture(7))),
        lambda: ask_for_second(reply=reply, link=link),
        lambda: say_that_is_all(reply=reply, link=link),
    ):
        with pytest.raises(CannotAnswer, match="decided again"):
            send()
    assert state(aside) == "accepted"
    assert Photo.objects.count() == 1


# --- a second reviewer


def test_the_next_decision_is_somebody_elses(aside: Applicant, alice: User, bob: User) -> None:
    reply = reply_to(aside)
    ask_for_second(reply=reply, link=link_for(aside, alice))
    assert state(aside) == "second"
    waiting = Applicant.objects.get(pk=aside.pk)
    assert waiting.proposed_by == bob
    assert proposal_of(waiting) == reply.decision
    assert not Applicant.objects.undecided_for(bob).filter(pk=aside.pk).exists()
    assert Applicant.objects.undecided_for(alice).filter(pk=aside.pk).exists()
    with pytest.raises(review.CannotDecide, match="asked for a second reviewer"):
        decide(aside, bob, Choice.ACCEPT)
    with pytest.raises(review.CannotDecide, match="asked for a second reviewer"):
        review.undo_decision(decision=reply.decision, by=bob)
    with pytest.raises(CannotTake, match="somebody else’s"):
        take_case(applicant=aside, by=bob)
    second = decide(aside, alice, Choice.ACCEPT)
    assert (second.seconds, state(aside)) == (reply.decision, "accepted")
    with pytest.raises(CannotAnswer, match="decided again"):
        ask_for_second(reply=reply, link=link_for(aside, alice))


def test_a_second_decision_can_be_undone_and_waits_for_somebody_else_again(
    aside: Applicant, alice: User, bob: User
) -> None:
    reply = reply_to(aside)
    ask_for_second(reply=reply, link=link_for(aside, alice))
    second = decide(aside, alice, Choice.SET_ASIDE)
    assert reply_to(aside).decision == second
    review.undo_decision(decision=second, by=alice)
    assert state(aside) == "second"
    assert reply_to(aside) == reply
    waiting = Applicant.objects.get(pk=aside.pk)
    assert proposal_of(waiting) == reply.decision
    Applicant.objects.update(taken_by=None, taken_until=None)  # undoing has put it into alice's hands
    with pytest.raises(review.CannotDecide, match="asked for a second reviewer"):
        decide(waiting, bob, Choice.ACCEPT)
    assert decide(waiting, alice, Choice.ACCEPT).seconds == reply.decision


def test_who_decided_first_loses_the_hold_on_the_case(aside: Applicant, alice: User, bob: User) -> None:
    reply, link = reply_to(aside), link_for(aside, alice)
    explain(reply=reply, link=link, text=WHY)
    take_case(applicant=aside, by=bob)
    ask_for_second(reply=reply, link=link)
    held = Applicant.objects.get(pk=aside.pk)
    assert (held.holder, held.review) == (None, "second")
    with pytest.raises(CannotAnswer, match="already"):
        ask_for_second(reply=reply, link=link)


def test_after_undoing_in_between_the_first_decision_is_still_the_one_that_waits(
    aside: Applicant, alice: User, bob: User
) -> None:
    reply, link = reply_to(aside), link_for(aside, alice)
    explain(reply=reply, link=link, text=WHY)
    review.undo_decision(decision=decide(aside, alice, Choice.ACCEPT), by=alice)
    ask_for_second(reply=reply_to(aside), link=link)
    assert proposal_of(aside) == reply.decision
    with pytest.raises(review.CannotDecide):
        decide(aside, bob, Choice.ACCEPT)


def test_where_nobody_else_may_decide_the_case_waits_and_that_is_said(aside: Applicant, alice: User, bob: User) -> None:
    Opening.objects.update(deciders=Opening.Deciders.REVIEWERS)
    reply = reply_to(aside)
    ask_for_second(reply=reply, link=link_for(aside, alice))
    assert state(aside) == "waiting"
    assert second_review_of(reply_to(aside)) is SecondReview.NOBODY_ELSE
    decide(aside, bob, Choice.ACCEPT)
    assert state(aside) == "accepted"


def test_a_member_who_has_left_is_nobody_else(aside: Applicant, alice: User) -> None:
    Membership.objects.filter(user=alice).delete()
    assert second_review_of(reply_to(aside)) is SecondReview.NOBODY_ELSE


def test_where_two_have_decided_the_case_goes_back_to_the_team(
    photo: Photo, applicant: Applicant, alice: User, bob: User
) -> None:
    Opening.objects.update(second_review=Opening.SecondReview.ALWAYS)
    decide(applicant, bob)
    decide(applicant, alice)
    ask_for_second(reply=reply_to(applicant), link=link_for(applicant, alice))
    assert second_review_of(reply_to(applicant)) is SecondReview.TWO_HAVE
    assert state(applicant) == "waiting"


def test_a_proposal_that_waits_goes_on_waiting_for_its_own_second(aside: Applicant, alice: User, bob: User) -> None:
    reply, link = reply_to(aside), link_for(aside, alice)
    explain(reply=reply, link=link, text=WHY)
    Opening.objects.update(second_review=Opening.SecondReview.ALWAYS)
    proposal = decide(aside, alice, Choice.ACCEPT)
    ask_for_second(reply=reply, link=link)
    waiting = Applicant.objects.get(pk=aside.pk)
    assert (waiting.review, waiting.proposed_by, proposal_of(waiting)) == ("second", alice, proposal)


# --- what must still hold


def test_a_decision_that_is_before_the_team_again_does_not_stand_in_the_rates(
    aside: Applicant, opening: Opening, alice: User
) -> None:
    def standing() -> int:
        return sum(n for each in agreement_of([opening])[opening.pk].decided.values() for n in each.values())

    assert standing() == 1
    ask_for_second(reply=reply_to(aside), link=link_for(aside, alice))
    assert standing() == 0
    decide(aside, alice, Choice.ACCEPT)
    counted = agreement_of([opening])[opening.pk]
    assert (standing(), counted.overturned, counted.confirmed) == (1, 1, 0)
    assert Decision.objects.count() == 2


def test_an_answered_case_stands_at_its_own_place_in_the_queue(
    aside: Applicant, opening: Opening, alice: User, bob: User
) -> None:
    later = Applicant.objects.create(opening=opening, name="Later", created_by=alice)
    assert list(Applicant.objects.for_queue(bob, [opening])) == [later]
    explain(reply=reply_to(aside), link=link_for(aside, alice), text=WHY)
    assert list(Applicant.objects.for_queue(bob, [opening])) == [aside, later]


def test_an_answer_starts_no_examination_of_its_own(aside: Applicant, alice: User) -> None:
    before = Analysis.objects.count()
    explain(reply=reply_to(aside), link=link_for(aside, alice), text=WHY)
    assert Analysis.objects.count() == before
