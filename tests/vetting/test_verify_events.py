"""`manage.py verify_events`: what an auditor runs, and what it answers."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import SignIn, text
from vetting import audit
from vetting.models import Event, Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(team: Team, alice: User) -> list[Event]:
    return [audit.record(team=team, actor=alice, verb=f"test.{n}", subject=alice, n=n) for n in range(4)]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("verify_events", *arguments)
    return capsys.readouterr().out


def test_each_team_is_told_with_its_events_and_its_last_digest(
    chain: list[Event], team: Team, charlie: User, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = said(capsys)
    assert f"team {team.pk}, {team}: 4 events, none emptied: holds" in printed
    assert f"last: 4:{chain[3].digest}" in printed
    assert "Harbour Staffing: 0 events" in printed


def test_what_was_emptied_is_counted(
    chain: list[Event], alice: User, team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    audit.redact(team=team, subjects=[audit.name_of(alice)])
    assert "5 events, 4 emptied after an erasure: holds" in said(capsys, "--team", str(team.pk))


def test_a_broken_chain_ends_with_1_and_its_number(
    chain: list[Event], team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    Event.objects.filter(number=3).update(verb="test.x")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_events")
    assert ended.value.code == 1
    assert "BROKEN at event 3" in capsys.readouterr().out


def test_a_digest_that_was_noted_down_is_found_again(
    chain: list[Event], team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    anchor = f"2:{chain[1].digest}"
    assert "event 2 is as it was noted down" in said(capsys, "--team", str(team.pk), "--expect", anchor)


def test_a_chain_that_was_cut_off_or_written_anew_is_told_by_a_noted_digest(
    chain: list[Event], team: Team, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the note it would hold: nothing in it says that there was more."""
    anchor = f"4:{chain[3].digest}"
    chain[3].delete()
    with pytest.raises(SystemExit):
        call_command("verify_events", "--team", str(team.pk), "--expect", anchor)
    assert "event 4 is gone" in capsys.readouterr().out
    audit.record(team=team, actor=alice, verb="test.other", subject=alice)
    assert audit.first_broken(team) is None
    with pytest.raises(SystemExit):
        call_command("verify_events", "--team", str(team.pk), "--expect", anchor)
    assert "ANOTHER ONE" in capsys.readouterr().out


def test_an_erasure_does_not_change_a_noted_digest(
    chain: list[Event], alice: User, team: Team, capsys: pytest.CaptureFixture[str]
) -> None:
    anchor = f"4:{chain[3].digest}"
    audit.redact(team=team, subjects=[audit.name_of(alice)])
    assert "as it was noted down" in said(capsys, "--team", str(team.pk), "--expect", anchor)


@pytest.mark.parametrize(
    "arguments", [("--expect", f"1:{'0' * 64}"), ("--team", "1", "--expect", "1:abc"), ("--team", "9")]
)
def test_what_cannot_be_meant_is_said(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("verify_events", *arguments)


def test_the_admins_page_shows_what_to_note_down(chain: list[Event], team: Team, ada: User, signed_in: SignIn) -> None:
    assert f"4:{chain[3].digest}" in text(signed_in(ada), "/settings/keeping/")
