"""The event chain holds, and shows every kind of tampering."""

from __future__ import annotations

import pytest

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
