"""What the candidate sees of the right of reply: what was decided, what was seen, by when, and what they sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from vetting.models import Applicant, CandidateLink, Comparison, Photo, Reply, ReplyEntry
from vetting.models.applicant import UNDECIDED
from vetting.models.decision import Choice
from vetting.models.leased import State
from vetting.reply.answering import SecondReview, second_review_of
from vetting.reply.clock import Clock, clock_of, is_late
from vetting.web.finding_words import Said, compared_in_plain_words, in_plain_words

DECIDED = {
    Choice.SET_ASIDE: (
        "Your photo was put to one side",
        "A person of {team} has looked at your photo for “{opening}” and has put your application to one side for now. "
        "You can answer here, and then people look again.",
    ),
    Choice.ASK_ORIGINAL: (
        "May we have the original file?",
        "A person of {team} has looked at your photo for “{opening}” and asks for the file as it came from the camera "
        "or phone.",
    ),
}
SECOND = {
    SecondReview.SOMEBODY_ELSE: (
        "Somebody else than the person who decided looks at everything and decides anew.",
        "You asked for a second reviewer: somebody else than the person who decided looks at everything now.",
    ),
    SecondReview.TWO_HAVE: (
        "Two people have already decided on this, one after the other. You can ask all the same: it is noted, and your "
        "answer goes back to the team.",
        "You asked for a second reviewer. Two people had already decided, one after the other; it is noted, and your "
        "answer is with the team.",
    ),
    SecondReview.NOBODY_ELSE: (
        "At the moment nobody else in this team may decide. You can ask all the same: it is noted, and the team is "
        "told.",
        "You asked for a second reviewer. Nobody else in this team may decide at the moment: it is noted, the team has "
        "been told, and the same person may look again.",
    ),
}
WAYS = (  # those of the letter that asks for a file (letter.py), for a form in place of an e-mail
    "On an iPhone: open the photo in Photos, tap Share, then “Save to Files”, and choose it here from Files.",
    "On an Android phone: choose the photo from the camera’s own folder (DCIM/Camera in the Files app).",
    "From Lightroom: export it as a JPEG, with “Content Credentials” chosen in the export settings.",
    "From Photoshop: switch on “Content Credentials” (in the Window menu), then use File > Export > Export As and "
    "attach them. The file that was opened in Photoshop helps even more.",
    "If somebody else took it: please ask them for the JPEG as it came from the camera.",
    "A screenshot, or a copy from a chat or a website, has lost what people look for.",
)
KINDS = {
    ReplyEntry.Kind.EXPLANATION: "Your explanation",
    ReplyEntry.Kind.ORIGINAL: "A file",
    ReplyEntry.Kind.SECOND: "You asked for a second reviewer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One thing that the candidate sent. compared: what its comparison with the first photo says; waits: it is still
    being looked at."""

    title: str
    at: dt.datetime
    late: bool
    text: str = ""
    photo: Photo | None = None
    compared: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPage:
    """Of the reply that is open."""

    reply: Reply
    title: str
    decided: str
    clock: Clock
    photo: Photo | None
    said: tuple[Said, ...]
    sent: tuple[Sent, ...]
    with_the_team: bool
    second: str
    second_asked: str

    @property
    def waits(self) -> bool:
        return any(one.waits for one in self.sent)

    @property
    def ways(self) -> tuple[str, ...]:
        return WAYS


def reply_page(link: CandidateLink, reply: Reply) -> ReplyPage:
    """The number of queries does not depend on how much was sent."""
    applicant = link.applicant
    opening = applicant.opening
    title, words = DECIDED.get(Choice(reply.decision.choice), DECIDED[Choice.SET_ASIDE])
    before, after = SECOND[second_review_of(reply)]
    analysis = reply.decision.analysis
    sent = sent_in(applicant, [reply])
    return ReplyPage(
        reply=reply,
        title=title,
        decided=words.format(team=opening.team, opening=opening),
        clock=clock_of(reply),
        photo=analysis.photo if analysis else applicant.cover,
        said=in_plain_words(analysis.findings.all()) if analysis else (),
        sent=sent,
        with_the_team=bool(sent) and applicant.review in UNDECIDED,
        second="" if reply.second_asked_at else before,
        second_asked=after if reply.second_asked_at else "",
    )


def sent_before(applicant: Applicant) -> tuple[Sent, ...]:
    """In replies that have ended: kept, and shown where nothing is asked any more."""
    return sent_in(applicant, list(Reply.objects.filter(applicant=applicant).exclude(closed_at=None)))


def sent_in(applicant: Applicant, replies: list[Reply]) -> tuple[Sent, ...]:
    """Oldest first."""
    entries = list(ReplyEntry.objects.filter(reply__in=replies).select_related("photo").order_by("pk"))
    originals = [entry.photo_id for entry in entries if entry.photo_id]
    rows = Comparison.objects.filter(original__in=originals, photo=applicant.cover_id)
    compared = {row.original_id: row for row in rows}
    of = {reply.pk: reply for reply in replies}
    return tuple(_sent(entry, of[entry.reply_id], compared.get(entry.photo_id or 0)) for entry in entries)


def _sent(entry: ReplyEntry, reply: Reply, compared: Comparison | None) -> Sent:
    return Sent(
        title=KINDS[ReplyEntry.Kind(entry.kind)],
        at=entry.at,
        late=is_late(entry.at, reply),
        text=entry.text,
        photo=entry.photo,
        compared=_compared(compared),
        waits=compared is not None and compared.in_work,
    )


def _compared(row: Comparison | None) -> str:
    if row is None:
        return ""
    if row.in_work:
        return "It is being compared with the first photo; you need not wait here."
    if row.state == State.FAILED:
        return "The program could not compare it with the first photo; a person does."
    result: dict[str, Any] = row.result
    return compared_in_plain_words(result)
