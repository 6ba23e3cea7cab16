"""A reply is opened by a decision that counts, ended by a later one; its clock starts when the candidate is told."""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.vetting.replies import decide, link_for, reply_to, state
from vetting import review
from vetting.candidate.links import revoke_link
from vetting.candidate.telling import CannotTell, whole_address
from vetting.models import Applicant, CandidateLink, Event, Opening, Reply, User
from vetting.models.decision import Choice
from vetting.reply.answering import explain, open_reply
from vetting.reply.clock import Runs, clock_of, deadline, left_words
from vetting.reply.opening import close_reply, tell_by_mail, told_in_person

pytestmark = pytest.mark.django_db
SOON = dt.timedelta(minutes=1)


# --- opened by a decision


@pytest.mark.parametrize(
    ("choice", "opens"),
    [(Choice.SET_ASIDE, True), (Choice.ASK_ORIGINAL, True), (Choice.ACCEPT, False), (Choice.ASK_TO_MEET, False)],
)
def test_setting_aside_and_asking_for_the_original_open_a_reply(
    choice: Choice, opens: bool, applicant: Applicant, bob: User
) -> None:
    Opening.objects.update(reply_days=5)
    decision = decide(applicant, bob, choice)
    reply = open_reply(applicant)
    assert (reply is not None) is opens
    if reply:
        assert (reply.decision, reply.days, reply.told_at, reply.due_at) == (decision, 5, None, None)
        assert Event.objects.get(verb="reply.opened").data == {"reply": reply.pk, "days": 5}


def test_a_proposal_opens_nothing_until_a_second_reviewer_confirms_it(
    applicant: Applicant, alice: User, bob: User
) -> None:
    Opening.objects.update(second_review=Opening.SecondReview.SET_ASIDE)
    decide(applicant, bob)
    assert open_reply(applicant) is None
    second = decide(applicant, alice)
    assert reply_to(applicant).decision == second


def test_a_later_decision_ends_the_open_reply_and_may_open_another(applicant: Applicant, bob: User) -> None:
    decide(applicant, bob, Choice.ASK_ORIGINAL)
    first = reply_to(applicant)
    decide(applicant, bob, Choice.SET_ASIDE)
    second = reply_to(applicant)
    assert second != first
    decide(applicant, bob, Choice.REOPEN)
    assert open_reply(applicant) is None
    assert Reply.objects.filter(closed_at=None).count() == 0


def test_undoing_ends_the_reply_that_the_decision_opened(applicant: Applicant, bob: User) -> None:
    decision = decide(applicant, bob)
    review.undo_decision(decision=decision, by=bob)
    assert open_reply(applicant) is None
    assert state(applicant) == "waiting"


def test_undoing_what_ended_an_answered_reply_lets_it_go_on(applicant: Applicant, alice: User, bob: User) -> None:
    decide(applicant, bob)
    first = reply_to(applicant)
    explain(reply=first, link=link_for(applicant, alice), text="A studio smoothed it.")
    again = decide(applicant, alice, Choice.SET_ASIDE)
    assert reply_to(applicant) != first
    review.undo_decision(decision=again, by=alice)
    assert reply_to(applicant) == first


def test_undoing_a_proposal_ends_no_reply(applicant: Applicant, alice: User, bob: User) -> None:
    decide(applicant, bob)
    reply = reply_to(applicant)
    explain(reply=reply, link=link_for(applicant, alice), text="A studio smoothed it.")
    Opening.objects.update(second_review=Opening.SecondReview.ALWAYS)
    proposal = decide(applicant, alice, Choice.ACCEPT)
    assert reply_to(applicant) == reply
    review.undo_decision(decision=proposal, by=alice)
    assert reply_to(applicant) == reply


def test_one_reply_of_an_applicant_is_open_at_a_time(applicant: Applicant, bob: User) -> None:
    decision = decide(applicant, bob)
    other = decide(applicant, bob, Choice.ACCEPT)
    Reply.objects.create(applicant=applicant, decision=other, days=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reply.objects.filter(decision=decision).update(closed_at=None)


def test_it_can_be_closed_by_hand(applicant: Applicant, alice: User, bob: User) -> None:
    decide(applicant, bob)
    reply = reply_to(applicant)
    close_reply(reply=reply, by=alice)
    close_reply(reply=reply, by=alice)
    assert open_reply(applicant) is None
    assert state(applicant) == "set-aside"
    assert Event.objects.get(verb="reply.closed").actor == alice


# --- telling


def test_the_clock_starts_with_the_letter_and_the_letter_names_the_deadline(
    applicant: Applicant, alice: User, bob: User
) -> None:
    decide(applicant, bob)
    reply = reply_to(applicant)
    assert clock_of(reply).runs is Runs.NOT_YET
    tell_by_mail(reply=reply, by=alice)
    reply.refresh_from_db()
    assert reply.told_at is not None
    assert reply.due_at == deadline(reply.told_at, 14)
    (letter,) = mail.outbox
    link = CandidateLink.objects.get()
    assert letter.to == ["eileen@example.org"]
    assert whole_address(link) in letter.body
    assert clock_of(reply).until in letter.body
    assert link.told_how == "mailed"
    assert link.expires_at > reply.due_at
    event = Event.objects.get(verb="reply.told")
    assert event.data == {"reply": reply.pk, "how": "mailed", "told_link": link.pk}
    with pytest.raises(CannotTell, match="told already"):
        tell_by_mail(reply=reply, by=alice)
    assert len(mail.outbox) == 1


def test_the_letter_says_nothing_of_what_was_found_and_nothing_of_the_reason(
    applicant: Applicant, alice: User, bob: User
) -> None:
    decide(applicant, bob, reason="It looks like a bad fake to me.")
    tell_by_mail(reply=reply_to(applicant), by=alice)
    (letter,) = mail.outbox
    for word in ("bad fake", "smooth", "generated", "%", "set aside"):
        assert word not in letter.body
    assert "Dear Eileen Collins" in letter.body


def test_a_link_in_force_is_used_again_and_one_that_ends_too_early_is_not(
    applicant: Applicant, alice: User, bob: User
) -> None:
    known = link_for(applicant, alice)
    decide(applicant, bob)
    tell_by_mail(reply=reply_to(applicant), by=alice)
    assert CandidateLink.objects.get() == known
    Opening.objects.update(reply_days=60)
    decide(Applicant.objects.get(), bob, Choice.ASK_ORIGINAL)
    reply = reply_to(applicant)
    tell_by_mail(reply=reply, by=alice)
    reply.refresh_from_db()
    newer = CandidateLink.objects.exclude(pk=known.pk).get()
    assert reply.due_at is not None
    assert newer.expires_at > reply.due_at


def test_a_revoked_link_is_not_used_again(applicant: Applicant, alice: User, bob: User) -> None:
    known = link_for(applicant, alice)
    revoke_link(link=known, by=alice)
    decide(applicant, bob)
    told_in_person(reply=reply_to(applicant), by=alice)
    assert CandidateLink.objects.filter(revoked_at=None).get().told_how == "handed"


def test_a_letter_that_does_not_go_out_leaves_the_clock_standing(
    applicant: Applicant, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(letter: EmailMessage, fail_silently: bool = False) -> int:
        raise SMTPException("no")

    monkeypatch.setattr(EmailMessage, "send", refuses)
    decide(applicant, bob)
    reply = reply_to(applicant)
    with pytest.raises(CannotTell, match="the clock still stands"):
        tell_by_mail(reply=reply, by=alice)
    reply.refresh_from_db()
    assert (reply.told_at, reply.due_at) == (None, None)
    assert not Event.objects.filter(verb="reply.told").exists()


def test_without_an_address_a_person_hands_the_link_over(applicant: Applicant, alice: User, bob: User) -> None:
    Applicant.objects.update(email="")
    decide(applicant, bob)
    reply = reply_to(applicant)
    reply.applicant.refresh_from_db()
    with pytest.raises(CannotTell, match="no e-mail address"):
        tell_by_mail(reply=reply, by=alice)
    told_in_person(reply=reply, by=alice)
    reply.refresh_from_db()
    assert clock_of(reply).runs is Runs.ON
    assert not mail.outbox


def test_nobody_is_told_of_what_was_decided_again(applicant: Applicant, alice: User, bob: User) -> None:
    decide(applicant, bob)
    reply = reply_to(applicant)
    decide(applicant, bob, Choice.ACCEPT)
    with pytest.raises(CannotTell, match="decided again"):
        tell_by_mail(reply=reply, by=alice)
    assert not mail.outbox


# --- the clock in words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (dt.timedelta(days=5, hours=3), "5 days"),
        (dt.timedelta(days=1, hours=23), "47 hours"),
        (dt.timedelta(minutes=90), "90 minutes"),
        (dt.timedelta(seconds=20), "1 minute"),
    ],
)
def test_time_left_is_rounded_down(left: dt.timedelta, words: str) -> None:
    assert left_words(left) == words


def test_a_deadline_is_the_next_full_hour() -> None:
    told = dt.datetime(2026, 11, 20, 17, 20, 5, tzinfo=dt.UTC)
    due = deadline(told, 14)
    assert due == dt.datetime(2026, 12, 4, 18, 0, tzinfo=dt.UTC)
    reply = Reply(days=14, told_at=told, due_at=due)
    with timezone.override(dt.UTC):
        assert clock_of(reply, told).words == "14 days left, until Friday 4 December, 18:00 UTC"
        assert clock_of(reply, due + SOON).words == "The time ended on Friday 4 December, 18:00 UTC."
