"""What the candidate sends: an explanation, a file, the wish for a second reviewer, and that this is all.

Everything is taken until the reply is closed, late answers too, which are marked. An answer puts the case before people
again; the program decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from vetting import audit
from vetting.candidate.receiving import receive_photo
from vetting.models import Applicant, CandidateLink, Membership, Photo, Reply, ReplyEntry
from vetting.models.applicant import Review
from vetting.reply.clock import is_late
from vetting.reply.comparing import request_comparison
from vetting.review.deciders import deciders_of

LONGEST = 5000  # characters of one explanation: about two printed pages
MOST_ENTRIES = 30  # that one reply takes; nobody needs more, and nobody reads more
MOST_COMPARED = 5  # photos that one original is compared with by itself; the team can start any other pair
PUT_AWAY = [Review.SET_ASIDE, Review.ORIGINAL_ASKED]
GONE = (
    "This was decided again while you were writing, so that nothing is asked of you any more. Your text is still here; "
    "please write to the team if you would like to add it."
)


class CannotAnswer(Exception):  # noqa: N818 - the text is a sentence for the candidate
    """Nothing was taken, and nothing is lost."""


class SecondReview(StrEnum):
    """What becomes of the wish for a second reviewer."""

    SOMEBODY_ELSE = "somebody-else"
    TWO_HAVE = "two-have"
    NOBODY_ELSE = "nobody-else"


def open_reply(applicant: Applicant) -> Reply | None:
    rows = Reply.objects.filter(applicant=applicant, closed_at=None)
    return rows.select_related("decision__reviewer", "applicant__opening__team").first()


def explain(*, reply: Reply, link: CandidateLink, text: str) -> ReplyEntry:
    """Raises CannotAnswer."""
    text = text.strip()
    if not text:
        raise CannotAnswer("There is no text yet. Write a sentence or two and send it again.")
    if len(text) > LONGEST:
        raise CannotAnswer(f"The text has {len(text):,} characters; {LONGEST:,} fit. Please shorten it a little.")
    return _enter(reply, link, ReplyEntry.Kind.EXPLANATION, text=text)


def send_original(*, reply: Reply, link: CandidateLink, upload: File[bytes]) -> ReplyEntry:
    """Stores the file untouched, has it examined as any photo is, and compared with the photos that came before.

    A file that is here already is noted as an answer, and not stored twice. Raises Refused and CannotAnswer.
    """
    if not Reply.objects.filter(pk=reply.pk, closed_at=None).exists():
        raise CannotAnswer(GONE)
    photo = receive_photo(link=link, upload=upload).photo
    return _enter(reply, link, ReplyEntry.Kind.ORIGINAL, photo=photo)


def ask_for_second(*, reply: Reply, link: CandidateLink) -> ReplyEntry:
    """Raises CannotAnswer where it was asked for before."""
    return _enter(reply, link, ReplyEntry.Kind.SECOND)


@transaction.atomic
def say_that_is_all(*, reply: Reply, link: CandidateLink) -> None:
    """The candidate is done; more is still taken, should they think of something. Raises CannotAnswer."""
    current = _locked(reply)
    if not current.entries.exists():
        raise CannotAnswer("Nothing has been sent yet. Write a few words first, or send a file.")
    if current.answered_at is None:
        Reply.objects.filter(pk=current.pk).update(answered_at=timezone.now())
        _record(current, link, "reply.completed")


@transaction.atomic
def _enter(
    reply: Reply, link: CandidateLink, kind: ReplyEntry.Kind, *, text: str = "", photo: Photo | None = None
) -> ReplyEntry:
    """One entry, with the event, and the case before people again. Locks are taken as deciding takes them."""
    current = _locked(reply)
    _demand_room(current, kind, photo)
    entry = ReplyEntry.objects.create(reply=current, kind=kind, text=text, photo=photo, link=link)
    _record(current, link, "reply.received", entry=entry.pk, kind=kind.value, late=is_late(entry.at, current))
    if photo is not None:
        for other in photos_to_compare(current.applicant, photo):
            request_comparison(photo=other, original=photo, by=None, link=link)
    if kind is ReplyEntry.Kind.SECOND:
        Reply.objects.filter(pk=current.pk).update(second_asked_at=entry.at)
        _put_before_somebody_else(current)
    _put_before_people(current)
    return entry


def _locked(reply: Reply) -> Reply:
    """As it is now, the applicant's row locked first. Raises CannotAnswer where it has ended."""
    applicant = Applicant.objects.select_for_update(of=("self",)).select_related("opening__team")
    person = applicant.get(pk=reply.applicant_id)
    current = Reply.objects.select_for_update(of=("self",)).select_related("decision__reviewer").get(pk=reply.pk)
    if current.closed_at is not None:
        raise CannotAnswer(GONE)
    current.applicant = person
    return current


def _demand_room(reply: Reply, kind: ReplyEntry.Kind, photo: Photo | None) -> None:
    if kind is ReplyEntry.Kind.SECOND and reply.second_asked_at is not None:
        raise CannotAnswer("You have asked for a second reviewer already; it is noted.")
    if reply.entries.count() >= MOST_ENTRIES and kind is not ReplyEntry.Kind.SECOND:
        raise CannotAnswer(
            f"There are {MOST_ENTRIES} answers already, which is as many as fit here. Please write to the team."
        )
    if photo is not None and reply.entries.filter(photo=photo).exists():
        raise CannotAnswer("This very file is here already, so it was not added again. Nothing is lost.")


def _put_before_people(reply: Reply) -> None:
    Applicant.objects.filter(pk=reply.applicant_id, review__in=PUT_AWAY).update(review=Review.WAITING)


def _put_before_somebody_else(reply: Reply) -> None:
    """The case waits for a second reviewer, who is not the first; a hold of the first's ends."""
    if second_review_of(reply) is not SecondReview.SOMEBODY_ELSE:
        return
    first = reply.decision.reviewer
    waiting = Applicant.objects.filter(pk=reply.applicant_id, review__in=[*PUT_AWAY, Review.WAITING])
    if waiting.update(review=Review.SECOND, proposed_by=first):
        Applicant.objects.filter(pk=reply.applicant_id, taken_by=first).update(taken_by=None, taken_until=None)


def second_review_of(reply: Reply) -> SecondReview:
    """What the wish leads to: two have decided already, somebody else decides, or there is nobody else who may."""
    if reply.decision.seconds_id is not None:
        return SecondReview.TWO_HAVE
    return SecondReview.SOMEBODY_ELSE if others_who_decide(reply).exists() else SecondReview.NOBODY_ELSE


def others_who_decide(reply: Reply) -> QuerySet[Membership]:
    return deciders_of(reply.applicant.opening).filter(user__is_active=True).exclude(user=reply.decision.reviewer_id)


def photos_to_compare(applicant: Applicant, original: Photo) -> Iterator[Photo]:
    """The cover first, then what did not come as an original itself, oldest first."""
    sent = ReplyEntry.objects.filter(reply__applicant=applicant, photo__isnull=False).values("photo")
    others = list(applicant.photos.exclude(pk__in=sent).exclude(pk=original.pk).order_by("pk"))
    others.sort(key=lambda photo: (photo.pk != applicant.cover_id, photo.pk))
    yield from others[:MOST_COMPARED]


def _record(reply: Reply, link: CandidateLink, verb: str, **data: int | str | bool) -> None:
    team = reply.applicant.opening.team
    audit.record(team=team, actor=None, verb=verb, subject=reply.applicant, reply=reply.pk, link=link.pk, **data)
