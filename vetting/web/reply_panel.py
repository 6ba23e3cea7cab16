"""The right of reply on the applicant's page: open or ended, told or not, what came, and what was compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils import timezone

from vetting.candidate.telling import sends_mail, whole_address
from vetting.models import Applicant, Comparison, Photo, Reply, ReplyEntry
from vetting.models.applicant import Review
from vetting.reply.answering import SecondReview, second_review_of
from vetting.reply.clock import Clock, Runs, clock_of, deadline, is_late
from vetting.reply.opening import link_in_force

SECOND = {
    SecondReview.SOMEBODY_ELSE: "The candidate asked for a second reviewer: the next decision is somebody else’s.",
    SecondReview.TWO_HAVE: "The candidate asked for a second reviewer. Two people had decided already, so the case is "
    "before the whole team.",
    SecondReview.NOBODY_ELSE: "The candidate asked for a second reviewer, but nobody else of the team may decide here. "
    "An admin can let somebody; until then the case waits for whoever may.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """compared: the comparisons of an original with the photos before it."""

    kind: str
    title: str
    at: dt.datetime
    late: bool
    text: str
    photo: Photo | None
    compared: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """One reply, as the team sees it. address: of a link that lasts until the deadline; empty where there is none."""

    reply: Reply
    clock: Clock
    entries: tuple[Entry, ...]
    second: str = ""
    address: str = ""

    @property
    def open(self) -> bool:
        return self.reply.closed_at is None

    @property
    def told(self) -> bool:
        return self.clock.runs is not Runs.NOT_YET

    @property
    def more_may_come(self) -> bool:
        """Answered, but neither complete nor over: a reviewer may want to wait."""
        return bool(self.entries) and self.reply.answered_at is None and self.clock.runs is Runs.ON


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPanel:
    """comparisons: those that nobody's answer led to. pairs: photos to choose from."""

    blind: bool
    current: ReplyView | None = None
    earlier: tuple[ReplyView, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    photos: tuple[Photo, ...] = ()
    mails: bool = False
    answered_unseen: bool = False

    @property
    def compares(self) -> bool:
        return len(self.photos) > 1

    @property
    def empty(self) -> bool:
        return not (self.current or self.earlier or self.comparisons or self.compares)


def reply_panel(applicant: Applicant, photos: Sequence[Photo], *, blind: bool) -> ReplyPanel:
    """Of an applicant from for_page(). Two queries without a reply, whatever there is of photos and comparisons.

    blind: what was decided, answered and compared would tell a reader who has not looked yet what others found.
    """
    entries = Prefetch("entries", ReplyEntry.objects.select_related("photo"))
    rows = Reply.objects.filter(applicant=applicant).select_related("decision__reviewer").prefetch_related(entries)
    replies = list(rows.order_by("-pk"))
    compared = list(
        Comparison.objects.filter(photo__applicant=applicant).select_related("photo", "original").order_by("pk")
    )
    if blind:
        return ReplyPanel(blind=True, answered_unseen=any(len(reply.entries.all()) for reply in replies[:1]))
    known = {photo.pk: photo for photo in photos}
    sent = {entry.photo_id for reply in replies for entry in reply.entries.all() if entry.photo_id}
    views = [_view(reply, applicant, compared, known) for reply in replies]
    return ReplyPanel(
        blind=False,
        current=next((view for view in views if view.open), None),
        earlier=tuple(view for view in views if not view.open),
        comparisons=tuple(row for row in compared if row.original_id not in sent),
        photos=tuple(photos),
        mails=bool(applicant.email) and sends_mail(),
    )


def _view(reply: Reply, applicant: Applicant, compared: Sequence[Comparison], known: Mapping[int, Photo]) -> ReplyView:
    reply.applicant = applicant
    clock = clock_of(reply)
    waits = clock.runs is Runs.NOT_YET
    link = link_in_force(applicant, until=deadline(timezone.now(), reply.days)) if waits else None
    asked = reply.second_asked_at is not None and reply.closed_at is None
    return ReplyView(
        reply=reply,
        clock=clock,
        entries=tuple(_entry(entry, reply, compared, known) for entry in reply.entries.all()),
        second=_second(reply, applicant) if asked else "",
        address=whole_address(link) if link else "",
    )


def _second(reply: Reply, applicant: Applicant) -> str:
    if applicant.review == Review.SECOND and applicant.proposed_by_id != reply.decision.reviewer_id:
        return "The candidate asked for a second reviewer. A first decision is made; somebody else confirms it."
    return SECOND[second_review_of(reply)]


def _entry(entry: ReplyEntry, reply: Reply, compared: Sequence[Comparison], known: Mapping[int, Photo]) -> Entry:
    return Entry(
        kind=entry.kind,
        title=str(entry.get_kind_display()),
        at=entry.at,
        late=is_late(entry.at, reply),
        text=entry.text,
        photo=known.get(entry.photo_id or 0),  # with its analyses fetched
        compared=tuple(row for row in compared if entry.photo_id and row.original_id == entry.photo_id),
    )
