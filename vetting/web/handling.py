"""What a person can do with the case on the page: take it, look first, decide, go on to the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from vetting.models import Applicant, Decision, Membership, Opening, User
from vetting.models.applicant import UNDECIDED, Review
from vetting.models.decision import Choice
from vetting.models.first_look import Sees
from vetting.review.deciders import deciders_of
from vetting.review.order import after, before, place_of
from vetting.review.taking import held_words, waiting_for_second
from vetting.web.access import Rights
from vetting.web.answers import htmx
from vetting.web.phrases import PHRASES
from vetting.web.trip import Trip

UNDO_IS_PROMINENT = dt.timedelta(seconds=60)
SHAPES = {
    Choice.ACCEPT: "accepted",
    Choice.ASK_ORIGINAL: "original-asked",
    Choice.ASK_TO_MEET: "to-meet",
    Choice.SET_ASIDE: "set-aside",
    Choice.REOPEN: "retry",
}
DECIDING = tuple(PHRASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One button, and the key that chooses it."""

    number: int
    value: str
    label: str
    shape: str
    phrases: tuple[str, ...] = ()


LOOKS = tuple(
    Option(number=n, value=sees.value, label=str(sees.label), shape="") for n, sees in enumerate(Sees, start=1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """decides: whether the reader may, by the opening's policy. proposal: what waits for a second reviewer.

    just: the reader's own decision of a moment ago, on whichever case, which can be undone.
    """

    trip: Trip
    applicant: Applicant
    reader: User
    blind: bool
    decides: bool
    proposal: Decision | None = None
    colleagues: tuple[Membership, ...] = ()
    just: Decision | None = None
    previous: Applicant | None = None
    following: Applicant | None = None

    @property
    def undecided(self) -> bool:
        return self.applicant.review in UNDECIDED

    @property
    def mine(self) -> bool:
        return self.applicant.holder == self.reader

    @property
    def held(self) -> bool:
        """By somebody else."""
        return self.applicant.holder is not None and not self.mine

    @property
    def held_words(self) -> str:
        return held_words(self.applicant) if self.applicant.holder else ""

    @property
    def own_proposal(self) -> bool:
        return self.proposal is not None and self.proposal.reviewer_id == self.reader.pk

    @property
    def takes(self) -> bool:
        return self.undecided and self.decides and not (self.held or self.own_proposal)

    @property
    def options(self) -> tuple[Option, ...]:
        if not self.undecided:
            return (self._option(1, Choice.REOPEN),)
        return tuple(self._option(number, choice) for number, choice in enumerate(DECIDING, start=1))

    @property
    def looks(self) -> tuple[Option, ...]:
        return LOOKS

    def _option(self, number: int, choice: Choice) -> Option:
        label = str(choice.label)
        if self.proposal and self.proposal.choice == choice:
            label = f"Confirm: {label[:1].lower()}{label[1:]}"
        phrases = PHRASES.get(choice, ())
        return Option(number=number, value=choice, label=label, shape=SHAPES[choice], phrases=phrases)


def handling_of(request: HttpRequest, applicant: Applicant, reader: User, rights: Rights, blind: bool) -> Handling:
    """Of an applicant from `for_page`. More than the rows at hand is read only on the way through the queue."""
    trip = Trip.of(request.GET, reader)
    just = just_decided(request, reader)
    mine = applicant.holder == reader
    decides = rights.decides_in(applicant.opening)
    previous, following = (None, None) if htmx(request) else neighbours(trip, applicant, with_following=bool(just))
    return Handling(
        trip=trip,
        applicant=applicant,
        reader=reader,
        blind=blind,
        decides=decides,
        proposal=_proposal(applicant),
        colleagues=tuple(deciders_of(applicant.opening).exclude(user=reader)) if mine and decides else (),
        just=just,
        previous=previous,
        following=following,
    )


def neighbours(
    trip: Trip, applicant: Applicant, *, with_following: bool = False
) -> tuple[Applicant | None, Applicant | None]:
    """The cases before and after this one in the queue, for who came out of it; else only what follows, if asked."""
    if not (trip.under_way or with_following):
        return None, None
    openings = openings_of(trip.reader)
    place, queue = place_of(applicant), trip.queue(openings)
    return before(queue, place) if trip.under_way else None, after(queue, place, trip.reader)


def openings_of(reader: User) -> list[Opening]:
    """Those that the reader sees, each with `reader_role`."""
    visible = Opening.objects.visible_to(reader).annotate(reader_role=F("team__memberships__role"))
    return list(visible.order_by("closed_at", "title", "pk"))


def just_decided(request: HttpRequest, reader: User) -> Decision | None:
    """The decision that ?decided= names: the reader's own, of the last minute, with nothing decided after it."""
    asked = request.GET.get("decided", "")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    recent = Decision.objects.filter(reviewer=reader, decided_at__gt=timezone.now() - UNDO_IS_PROMINENT)
    made = recent.exclude(choice=Choice.REOPEN).select_related("applicant").filter(pk=int(asked)).first()
    if made is None or Decision.objects.filter(applicant=made.applicant_id, pk__gt=made.pk).exists():
        return None
    return made


def _proposal(applicant: Applicant) -> Decision | None:
    if applicant.review != Review.SECOND:
        return None
    return waiting_for_second(list(applicant.decisions.all()))
