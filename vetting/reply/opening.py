"""Opening a reply: by the decision that sets a case aside or asks for the original, in the same transaction.

The clock starts when the candidate is told, and a person tells them: by the button that sends the link, or by saying
that they have handed it over.
"""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPException

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vetting import audit
from vetting.candidate.links import LASTS, make_link
from vetting.candidate.telling import CannotTell, sends_mail, whole_address
from vetting.models import Applicant, CandidateLink, Decision, Reply, User
from vetting.models.decision import Choice
from vetting.reply.clock import deadline, moment_words

OPENS = (Choice.SET_ASIDE, Choice.ASK_ORIGINAL)
LATE = dt.timedelta(days=14)  # that a link outlives the deadline, so that a late answer still finds its way


def follow_decision(decision: Decision) -> Reply | None:
    """In the transaction of a decision that counts: ends the reply that was open, and opens one where that is due."""
    applicant = decision.applicant
    Reply.objects.filter(applicant=applicant, closed_at=None).update(closed_at=decision.decided_at)
    if decision.choice not in OPENS:
        return None
    opening = applicant.opening
    reply = Reply.objects.create(applicant=applicant, decision=decision, days=opening.reply_days)
    audit.record(
        team=opening.team,
        actor=decision.reviewer,
        verb="reply.opened",
        subject=applicant,
        reply=reply.pk,
        days=reply.days,
    )
    return reply


def follow_undoing(*, undone: Decision, undoing: Decision) -> None:
    """In the transaction that takes a decision back: its reply ends; one that it had ended while the candidate's answer
    was before the team goes on."""
    if undone.proposed:
        return  # it did not count, so it ended nothing
    applicant = undone.applicant
    Reply.objects.filter(applicant=applicant, closed_at=None).update(closed_at=undoing.decided_at)
    before = Reply.objects.filter(applicant=applicant, closed_at=undone.decided_at, entries__isnull=False)
    Reply.objects.filter(pk__in=before.order_by("-pk").values_list("pk", flat=True)[:1]).update(closed_at=None)


@transaction.atomic
def close_reply(*, reply: Reply, by: User) -> None:
    """By hand, such as after a talk on the telephone; the case stays where it is."""
    if Reply.objects.filter(pk=reply.pk, closed_at=None).update(closed_at=timezone.now()):
        _record(reply, by, "reply.closed")


def ready_link(*, reply: Reply, by: User) -> CandidateLink:
    """The link in force that lasts until the deadline, were the candidate told now; a new one where none does."""
    due = reply.due_at or deadline(timezone.now(), reply.days)
    return link_in_force(reply.applicant, until=due) or make_link(
        applicant=reply.applicant, by=by, lasts=max(LASTS, due - timezone.now() + LATE)
    )


def link_in_force(applicant: Applicant, *, until: dt.datetime) -> CandidateLink | None:
    """Of those that are neither revoked nor over by then, the one that lasts longest."""
    links = CandidateLink.objects.filter(applicant=applicant, revoked_at=None, expires_at__gte=until)
    return links.select_related("applicant").order_by(F("expires_at").desc(), "-pk").first()


def tell_by_mail(*, reply: Reply, by: User) -> None:
    """Sends the link with the deadline. The clock is started first and stopped again where the mail does not go out, so
    that two who press at once send one letter. Raises CannotTell."""
    applicant = reply.applicant
    if not applicant.email:
        raise CannotTell(f"There is no e-mail address of {applicant}. Hand the link over instead.")
    if not sends_mail():
        raise CannotTell("This site sends no mail. Copy the link, send it another way, and say here that you have.")
    link = ready_link(reply=reply, by=by)
    due = _start_clock(reply)
    try:
        letter(reply, link, by, due).send()
    except (SMTPException, OSError) as error:
        Reply.objects.filter(pk=reply.pk, due_at=due).update(told_at=None, due_at=None)
        raise CannotTell(
            "The mail server did not take the letter, so the candidate has not been told and the clock still stands. "
            "Try again, or hand the link over yourself."
        ) from error
    _note_told(reply, link, by, CandidateLink.Told.MAILED)


@transaction.atomic
def told_in_person(*, reply: Reply, by: User) -> None:
    """Somebody has handed the link over in another way. Raises CannotTell."""
    link = ready_link(reply=reply, by=by)
    _start_clock(reply)
    _note_told(reply, link, by, CandidateLink.Told.HANDED)


def _start_clock(reply: Reply) -> dt.datetime:
    """When the answer is due. Raises CannotTell where the clock runs already, or the reply has ended."""
    now = timezone.now()
    due = deadline(now, reply.days)
    if not Reply.objects.filter(pk=reply.pk, closed_at=None, told_at=None).update(told_at=now, due_at=due):
        current = Reply.objects.get(pk=reply.pk)
        ended = "This was decided again in the meantime; nothing was sent."
        raise CannotTell(ended if current.closed_at else "The candidate has been told already; the clock runs.")
    return due


@transaction.atomic
def _note_told(reply: Reply, link: CandidateLink, by: User, how: CandidateLink.Told) -> None:
    CandidateLink.objects.filter(pk=link.pk).update(told_at=timezone.now(), told_how=how)
    _record(reply, by, "reply.told", how=how.value, told_link=link.pk)


def _record(reply: Reply, by: User, verb: str, **data: str | int) -> None:
    applicant = reply.applicant
    audit.record(team=applicant.opening.team, actor=by, verb=verb, subject=applicant, reply=reply.pk, **data)


WHAT = {
    Choice.SET_ASIDE: "we have looked at it, and for now we have put it to one side. Before that is final, we would "
    "like to hear from you",
    Choice.ASK_ORIGINAL: "we would like to see the file as it came from the camera or phone",
}


def letter(reply: Reply, link: CandidateLink, by: User, due: dt.datetime) -> EmailMessage:
    """Plain and kind; no finding stands in it, since a mail is read by others too."""
    applicant = reply.applicant
    opening = applicant.opening
    what = WHAT.get(Choice(reply.decision.choice), WHAT[Choice.SET_ASIDE])
    body = f"""Dear {applicant.name},

thank you for your application for “{opening.title}” and for your photo: {what}.

This page is yours alone. It says what was seen in the photo, and there you can send the original file, tell us how \
the photo came about, and ask for a second person to look:

{whole_address(link)}

You have time until {moment_words(due)}. You need no account, and everything works on a phone. What you send goes to \
people, who look again; nothing is decided by a program.

Please do not pass the link on: whoever has it can read and answer in your name.

Kind regards,
{by}
{opening.team}
"""
    subject = f"Your photo for “{opening.title}”: we would like to hear from you"
    answer_to = [by.email] if by.email else None
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[applicant.email], reply_to=answer_to)
