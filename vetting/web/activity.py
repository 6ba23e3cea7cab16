"""What happened in the reader's teams: events in words, newest first, with links to what still exists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from vetting.models import (
    Analysis,
    Applicant,
    Bulk,
    Certification,
    Decision,
    Event,
    Note,
    Opening,
    Photo,
    SavedView,
    Team,
    User,
)
from vetting.models.applicant import VERDICTS
from vetting.web.verbs import KINDS, TELLING, WORDS, who

PAGE = 50
CANDID = "candid"  # what nobody did: examinations that ended, imports that were carried out
TOGETHER = dt.timedelta(minutes=1)  # what one person does to one thing at a stretch stands on one line
LONGEST_KEY = 18  # digits that any database takes as a key


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the reader wants to see; what is not understood is left out. before: the key to go on from."""

    kind: str = ""
    who: str = ""
    opening: int | None = None
    before: int | None = None

    @classmethod
    def of(cls, asked: QueryDict) -> Asked:
        kind, who = asked.get("kind", ""), asked.get("who", "")
        return cls(
            kind=kind if kind in KINDS else "",
            who=who if who == CANDID or _number(who) else "",
            opening=_number(asked.get("opening", "")),
            before=_number(asked.get("before", "")),
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.kind or self.who or self.opening)

    def older_than(self, key: int) -> str:
        """The parameters that go on from there."""
        asked = {"kind": self.kind, "who": self.who, "opening": str(self.opening or ""), "before": str(key)}
        return urlencode({name: value for name, value in asked.items() if value})


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= LONGEST_KEY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One line. titles: verb and words, several where events by one person about one thing followed each other.

    address: empty where what it is about is no longer there.
    """

    at: dt.datetime
    titles: tuple[tuple[str, str], ...]
    who: str
    about: str = ""
    address: str = ""
    where: str = ""

    @property
    def day(self) -> dt.date:
        return timezone.localdate(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """older: the parameters of the next page, empty on the last."""

    rows: tuple[Happened, ...]
    older: str


def feed(reader: User, asked: Asked) -> Feed:
    """One page. The number of queries does not depend on how many events there are."""
    found = list(_events(reader, asked)[: PAGE + 1])
    events = found[:PAGE]
    told = _told(events, reader)
    rows = tuple(_joined(row for event in events if (row := _row(event, told))))
    return Feed(rows=rows, older=asked.older_than(events[-1].pk) if len(found) > PAGE else "")


def _joined(rows: Iterable[Happened]) -> Iterator[Happened]:
    """Adding somebody with a photo is three events and one line; within it, in the order in which they happened."""
    last: Happened | None = None
    for row in rows:
        if last and _belong_together(last, row):
            last = replace(last, titles=row.titles + last.titles)
            continue
        if last:
            yield last
        last = row
    if last:
        yield last


def _belong_together(later: Happened, row: Happened) -> bool:
    same = (later.who, later.address) == (row.who, row.address) and row.address
    return bool(same) and later.at - row.at < TOGETHER and not {*row.titles} & {*later.titles}


def _events(reader: User, asked: Asked) -> QuerySet[Event]:
    teams = list(Team.objects.filter(memberships__user=reader).values_list("pk", flat=True))
    events = Event.objects.filter(team__in=teams).select_related("actor").order_by("-pk")
    if asked.kind:
        events = events.filter(verb__in=list(KINDS[asked.kind][1]))
    if asked.who:
        events = events.filter(actor=None) if asked.who == CANDID else events.filter(actor=int(asked.who))
    if asked.opening:
        events = events.filter(_within(asked.opening))
    return events.filter(pk__lt=asked.before) if asked.before else events


def _within(opening: int) -> Q:
    """Events about the opening, or about anything that stands under it now."""
    people = Applicant.objects.filter(opening=opening)
    rows: dict[str, QuerySet[Any]] = {
        "applicant": people,
        "photo": Photo.objects.filter(applicant__opening=opening),
        "analysis": Analysis.objects.filter(photo__applicant__opening=opening),
        "note": Note.objects.filter(applicant__opening=opening),
        "bulk": Bulk.objects.filter(opening=opening),
    }
    about = Q(subject=f"opening:{opening}")
    for kind, found in rows.items():
        subject = Concat(Value(f"{kind}:"), Cast("pk", CharField()), output_field=CharField())
        about |= Q(subject__in=found.order_by().annotate(event_subject=subject).values("event_subject"))
    return about


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the page's events are about, as far as it still exists and the reader may see it."""

    applicants: Mapping[int, Applicant]
    applicant_of: Mapping[str, int]
    others: Mapping[str, Model]
    decisions: Mapping[int, Decision]


def _told(events: list[Event], reader: User) -> _Told:
    keys: dict[str, set[int]] = {}
    for event in events:
        kind, _, key = event.subject.partition(":")
        keys.setdefault(kind, set()).add(int(key))
    applicant_of = {f"applicant:{key}": key for key in keys.get("applicant", ())}
    applicant_of |= _owners("photo", Photo.objects.filter(pk__in=keys.get("photo", ())), "applicant")
    applicant_of |= _owners("note", Note.objects.filter(pk__in=keys.get("note", ())), "applicant")
    applicant_of |= _owners("analysis", Analysis.objects.filter(pk__in=keys.get("analysis", ())), "photo__applicant")
    seen = Applicant.objects.visible_to(reader).select_related("opening").blind_to(reader)
    others: dict[str, Model] = {}
    for kind, rows in (
        ("opening", Opening.objects.visible_to(reader)),
        ("bulk", Bulk.objects.visible_to(reader).select_related("opening")),
        ("certification", Certification.objects.visible_to(reader)),
        ("savedview", SavedView.objects.visible_to(reader)),
        ("user", User.objects.all()),
    ):
        others |= {f"{kind}:{row.pk}": row for row in rows.filter(pk__in=keys.get(kind, ()))}
    return _Told(
        applicants={row.pk: row for row in seen.filter(pk__in=set(applicant_of.values()))},
        applicant_of=applicant_of,
        others=others,
        decisions=Decision.objects.in_bulk(_decisions(events)),
    )


def _owners(kind: str, rows: QuerySet[Any], owner: str) -> dict[str, int]:
    return {f"{kind}:{key}": of for key, of in rows.order_by().values_list("pk", owner)}


def _decisions(events: Collection[Event]) -> list[int]:
    return [event.data.get("decision", 0) for event in events if event.verb.startswith("decision.")]


def _row(event: Event, told: _Told) -> Happened | None:
    """None for what would tell a reader who has not looked yet."""
    applicant = told.applicants.get(told.applicant_of.get(event.subject, 0))
    blind = bool(getattr(applicant, "blind", False))
    if event.verb in TELLING and blind:
        return None
    title = WORDS.get(event.verb, event.verb) + ("" if blind or applicant is None else _more(event, told))
    about, address, where = _about(event, applicant, told)
    return Happened(
        at=event.at,
        titles=((event.verb, title),),
        who=who(event),
        about=about,
        address=address,
        where=where,
    )


def _about(event: Event, applicant: Applicant | None, told: _Told) -> tuple[str, str, str]:
    """What it is about, its address, and the opening that it stands in."""
    if applicant is not None:
        anchor = "#notes" if event.verb.startswith("note.") else ""
        return applicant.name, applicant.get_absolute_url() + anchor, applicant.opening.title
    other = told.others.get(event.subject)
    if isinstance(other, Bulk):  # its own page is for those who add; the opening's is for all
        return str(other.opening), other.opening.get_absolute_url(), ""
    if isinstance(other, (Opening, SavedView)):
        return str(other), other.get_absolute_url(), ""
    if isinstance(other, Certification):
        return str(other), reverse("certification", args=[other.pk]), ""
    return (str(other), "", "") if other is not None else ("", "", "")


def _more(event: Event, told: _Told) -> str:
    """What came out, of an applicant who is still there and whose findings the reader may see."""
    if event.verb == "analysis.finished":
        return f": {dict(VERDICTS).get(event.data.get('verdict', ''), '')}".removesuffix(": ")
    decision = told.decisions.get(event.data.get("decision", 0))
    if decision is None or event.verb == "decision.undone":
        return ""
    return f": {decision.get_choice_display()}"
