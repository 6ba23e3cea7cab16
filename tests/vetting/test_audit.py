"""The event chain holds, and shows every kind of tampering."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
from django.utils import timezone

from vetting import audit
from vetting.models import Event, Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(team: Team, alice: User) -> list[Event]:
    return [audit.record(team=team, actor=alice, verb=f"test.{n}", subject=team, n=n) for n in range(5)]


def test_an_untouched_chain_holds(five: list[Event], team: Team) -> None:
    assert audit.first_broken(team) is None
    assert [e.number for e in five] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("change", [{"verb": "test.x"}, {"data": {"n": 9}}, {"actor": None}, {"subject": "team:0"}])
def test_a_changed_event_is_found(change: dict[str, object], five: list[Event], team: Team) -> None:
    Event.objects.filter(team=team, number=3).update(**change)
    assert audit.first_broken(team) == 3


def test_a_missing_event_is_found(five: list[Event], team: Team) -> None:
    five[1].delete()
    assert audit.first_broken(team) == 2


def test_a_changed_event_with_a_fitting_digest_breaks_the_next(five: list[Event], team: Team) -> None:
    forged = Event.objects.get(team=team, number=2)
    forged.verb = "test.forged"
    Event.objects.filter(pk=forged.pk).update(verb=forged.verb, digest=audit.digest(forged))
    assert audit.first_broken(team) == 3


def test_each_team_has_a_chain_of_its_own(five: list[Event], charlie: User) -> None:
    other = charlie.memberships.get().team
    assert audit.record(team=other, actor=charlie, verb="test.a", subject=other).number == 1
    assert audit.first_broken(other) is None


def test_an_event_is_never_changed(five: list[Event]) -> None:
    with pytest.raises(TypeError):
        five[0].save()


# --- seals, and events that were emptied


def as_before(team: Team, alice: User, count: int = 4) -> list[Event]:
    """A chain as the release before wrote it: version 1, the data under the digest itself."""
    events: list[Event] = []
    for number in range(1, count + 1):
        event = Event(
            team=team,
            number=number,
            at=timezone.now(),
            actor=alice,
            verb="photo.received",
            subject=f"photo:{number}",
            data={"sha256": f"{number:064x}"},
            previous=events[-1].digest if events else audit.GENESIS,
        )
        event.digest = audit.digest(event)
        event.save()
        events.append(event)
    return events


STORED = [
    {
        "number": 1,
        "at": "2026-11-24T09:00:00+00:00",
        "verb": "applicant.added",
        "subject": "applicant:12",
        "data": {},
        "previous": audit.GENESIS,
    },
    {
        "number": 2,
        "at": "2026-11-24T09:00:01+00:00",
        "verb": "photo.received",
        "subject": "photo:7",
        "data": {"sha256": "5f" * 32},
        "previous": "",
    },
]


def test_a_chain_of_the_release_before_holds_by_the_rule_of_its_time(team: Team) -> None:
    """The rule is written out here once more: SHA-256 over sorted JSON of eight names, the data among them."""
    previous = audit.GENESIS
    for said in STORED:
        told = {**said, "team": team.pk, "actor": None, "previous": previous}
        line = json.dumps(told, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(line.encode()).hexdigest()
        columns = {**said, "at": dt.datetime.fromisoformat(str(said["at"])), "previous": told["previous"]}
        Event.objects.create(team=team, actor=None, digest=previous, **columns)
    assert audit.first_broken(team) is None
    audit.record(team=team, actor=None, verb="test.a", subject=team)
    assert audit.first_broken(team) is None
    Event.objects.filter(number=2).update(data={"sha256": "00" * 32})
    assert audit.first_broken(team) == 2


@pytest.mark.parametrize("change", [{"salt": "00" * 16}, {"sealed": "00" * 32}, {"version": 1}])
def test_a_changed_seal_is_found(change: dict[str, object], five: list[Event], team: Team) -> None:
    Event.objects.filter(team=team, number=3).update(**change)
    assert audit.first_broken(team) == 3


def test_two_events_with_the_same_data_have_different_seals(team: Team) -> None:
    """Else a guessed hash could be tried against what is left of an emptied event."""
    first, second = (audit.record(team=team, actor=None, verb="test.a", subject=team, n=1) for _ in range(2))
    assert first.sealed != second.sealed


def test_an_emptied_event_keeps_its_place_and_the_chain_holds(five: list[Event], team: Team, alice: User) -> None:
    audit.record(team=team, actor=alice, verb="test.b", subject=alice, secret="of a person")
    assert audit.redact(team=team, subjects=[audit.name_of(alice)]) == 1
    emptied = Event.objects.get(verb="test.b")
    assert (emptied.data, emptied.salt, emptied.actor) == ({}, "", alice)
    assert emptied.redacted_at is not None
    assert audit.first_broken(team) is None
    assert Event.objects.get(verb=audit.REDACTED).data["numbers"] == [emptied.number]
    assert audit.redact(team=team, subjects=[audit.name_of(alice)]) == 0, "it is done once"


def test_events_of_the_first_version_are_emptied_too(team: Team, alice: User) -> None:
    as_before(team, alice)
    assert audit.redact(team=team, subjects=["photo:2", "photo:3"]) == 2
    assert audit.first_broken(team) is None
    assert audit.walk(team).redacted == 2


@pytest.mark.parametrize("change", [{"verb": "test.x"}, {"actor": None}, {"data": {"n": 1}}, {"subject": "photo:9"}])
@pytest.mark.parametrize("version", [1, 2])
def test_what_is_left_of_an_emptied_event_cannot_be_changed_unseen(
    change: dict[str, object], version: int, team: Team, alice: User
) -> None:
    if version == 1:
        as_before(team, alice)
    else:
        for number in range(1, 5):
            audit.record(team=team, actor=alice, verb="test.a", subject=team if number != 2 else alice, n=number)
    audit.redact(team=team, subjects=["photo:2", audit.name_of(alice)])
    assert audit.first_broken(team) is None
    Event.objects.filter(team=team, number=2).update(**change)
    assert audit.first_broken(team) == 2


@pytest.mark.parametrize("version", [1, 2])
def test_an_event_that_nobody_said_was_emptied_is_broken(version: int, team: Team, alice: User) -> None:
    """By somebody with the database in their hands, to hide what it said."""
    if version == 1:
        as_before(team, alice)
    else:
        for number in range(1, 5):
            audit.record(team=team, actor=alice, verb="test.a", subject=team, n=number)
    Event.objects.filter(team=team, number=2).update(data={}, salt="", redacted_at=timezone.now())
    assert audit.first_broken(team) == 2
