"""The event chain: each event carries the digest of the one before it, so that a change to the past shows.

An event's data stands under a seal: the digest covers the seal alone, and the seal is a hash over the data and a salt.
When a person is erased, data and salt of the events about them go, and the chain still holds. An event of the first
version has its data under the digest itself; once emptied, it is known by the later event that says so, and by a hash
over what is left of it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from vetting.models import Event, Team, User

GENESIS = "0" * 64
VERSION = 2
SALT_BYTES = 16
REDACTED = "events.redacted"
SUBJECTS_AT_ONCE = 500  # of one condition; an applicant with a hundred photos has some hundred things


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What a walk over a team's events found. broken: the number of the first that does not fit; None where all do.

    head: number and digest of the last event, by which an auditor can tell later that none was cut off.
    """

    events: int
    redacted: int
    broken: int | None
    head: tuple[int, str]


@transaction.atomic
def record(*, team: Team, actor: User | None, verb: str, subject: models.Model, **data: Any) -> Event:
    """Appends one event to the team's chain. The lock on the team's row keeps the numbers without a gap."""
    Team.objects.select_for_update().get(pk=team.pk)
    last = Event.objects.filter(team=team).order_by("-number").first()
    salt = secrets.token_hex(SALT_BYTES)
    event = Event(
        team=team,
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        actor=actor,
        verb=verb,
        subject=name_of(subject),
        data=data,
        version=VERSION,
        salt=salt,
        sealed=seal(salt, data),
        previous=last.digest if last else GENESIS,
    )
    event.digest = digest(event)
    event.save()
    return event


def name_of(subject: models.Model) -> str:
    """As it stands in the column `subject`."""
    return f"{subject._meta.model_name}:{subject.pk}"


def seal(salt: str, data: Mapping[str, Any]) -> str:
    return _sha256(salt + _canonical(data))


def digest(event: Event) -> str:
    """SHA-256 in hex over the canonical JSON of what the row says, the digest before it included.

    Of the first version this covers the data itself, from the second on its seal.
    """
    said = {
        "team": event.team_id,
        "number": event.number,
        "at": event.at.isoformat(),
        "actor": event.actor_id,
        "verb": event.verb,
        "subject": event.subject,
        "previous": event.previous,
    }
    said |= {"data": event.data} if event.version == 1 else {"version": event.version, "sealed": event.sealed}
    return _sha256(_canonical(said))


def fits(event: Event) -> bool:
    """Whether the row says what its digest was taken over. Of an emptied row of the first version nobody can tell."""
    if event.version == 1:
        return event.digest == digest(event)
    if event.digest != digest(event):
        return False
    if event.redacted_at is not None:
        return event.data == {} and event.salt == ""
    return event.sealed == seal(event.salt, event.data)


@transaction.atomic
def redact(*, team: Team, subjects: Iterable[str]) -> int:
    """Empties the events about these subjects (as name_of() says them); how many there were.

    Who, when, about which number and what kind of thing stays; what was said beside that goes, for good.
    """
    Team.objects.select_for_update().get(pk=team.pk)
    names = sorted(set(subjects))
    numbers: list[int] = []
    left: dict[str, str] = {}
    for start in range(0, len(names), SUBJECTS_AT_ONCE):
        for event in _with_data(team, names[start : start + SUBJECTS_AT_ONCE]):
            numbers.append(event.number)
            if event.version == 1:
                left[str(event.number)] = _left_of(event)
    if not numbers:
        return 0
    numbers.sort()
    rows = Event.objects.filter(team=team, number__in=numbers)
    rows.update(data={}, salt="", redacted_at=timezone.now())
    record(team=team, actor=None, verb=REDACTED, subject=team, numbers=numbers, left=left)
    return len(numbers)


def _with_data(team: Team, names: list[str]) -> QuerySet[Event]:
    return Event.objects.filter(team=team, subject__in=names, redacted_at=None).exclude(data={})


def first_broken(team: Team) -> int | None:
    """The number of the first event that does not fit its chain; None where the whole chain holds."""
    return walk(team).broken


def walk(team: Team) -> Chain:
    """Over the whole chain, in memory of its redactions alone."""
    told = _told_redactions(team)
    previous, count, redacted = GENESIS, 0, 0
    broken: int | None = None
    for event in Event.objects.filter(team=team).order_by("number").iterator():
        count += 1
        redacted += event.redacted_at is not None
        if broken is None and (event.number != count or event.previous != previous or not _holds(event, told)):
            broken = count
        previous = event.digest
    return Chain(events=count, redacted=redacted, broken=broken, head=head_of(team))


def head_of(team: Team) -> tuple[int, str]:
    """Number and digest of the last event: to be noted down elsewhere, and compared later."""
    last = Event.objects.filter(team=team).order_by("-number").values_list("number", "digest").first()
    return last or (0, GENESIS)


def digest_at(team: Team, number: int) -> str | None:
    """The digest of one event as it stands now."""
    return Event.objects.filter(team=team, number=number).values_list("digest", flat=True).first()


def _holds(event: Event, told: Mapping[int, tuple[int, str]]) -> bool:
    """By itself: an emptied one only where a later event of the chain says that it was emptied."""
    if event.redacted_at is None:
        return fits(event)
    by, left = told.get(event.number, (0, ""))
    if by <= event.number:
        return False
    if event.version == 1:
        return event.data == {} and event.salt == "" and left == _left_of(event)
    return fits(event)


def _told_redactions(team: Team) -> dict[int, tuple[int, str]]:
    """Number of an emptied event -> number of the event that says so, and for the first version what was left."""
    told: dict[int, tuple[int, str]] = {}
    for event in Event.objects.filter(team=team, verb=REDACTED).order_by("number").iterator():
        left = event.data.get("left") or {}
        for number in event.data.get("numbers") or ():
            told[number] = (event.number, str(left.get(str(number), "")))
    return told


def _left_of(event: Event) -> str:
    """A hash over everything but the data, so that the rest of an emptied event cannot be changed unseen either."""
    left = [event.number, event.at.isoformat(), event.actor_id, event.verb, event.subject, event.previous, event.digest]
    return _sha256(_canonical(left))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
