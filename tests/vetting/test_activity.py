"""The activity page: every verb in words, links to what still exists, and no verdict before the first look."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import AddPhoto, SignIn, picture, text, words
from vetting import audit, intake, review
from vetting.bulk.receiving import begin_folder
from vetting.members import change_role
from vetting.models import Applicant, Event, Opening, Photo, Role, Team, User
from vetting.models.decision import Choice
from vetting.models.first_look import Sees
from vetting.notes import write_note
from vetting.retention import forget_applicant
from vetting.review.blind import look_first
from vetting.web.activity import PAGE
from vetting.web.verbs import KINDS, WORDS

pytestmark = pytest.mark.django_db

SITE = Path(__file__).resolve().parents[2] / "vetting"
VERB = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*")
FAMILIES = {verb.partition(".")[0] for verb in WORDS}
NO_VERBS = {"decision.recorded", "photo.examined"}  # what webhooks are told, under names of their own


# --- words


def verbs_in_the_code() -> set[str]:
    """Every string that is handed over as `verb=`, and every one that has the shape of a verb of a known family."""
    found: set[str] = set()
    for path in SITE.rglob("*.py"):
        if "web" in path.relative_to(SITE).parts or "migrations" in path.parts or "webhooks" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "verb":
                found |= {text for part in ast.walk(node.value) for text in _text_of(part)}
            found |= {text for text in _text_of(node) if VERB.fullmatch(text) and text.partition(".")[0] in FAMILIES}
    return found - NO_VERBS


def _text_of(node: ast.AST) -> list[str]:
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_every_verb_that_is_recorded_anywhere_has_words() -> None:
    recorded = {verb for verb in verbs_in_the_code() if not verb.endswith((".py", ".typ"))}
    assert len(recorded) > 30
    missing = {verb for verb in recorded if verb not in WORDS}
    assert not missing, f"say in vetting/web/verbs.py what {sorted(missing)} is called"


def test_every_kind_of_event_has_a_name_and_no_verb_stands_in_two() -> None:
    every = [verb for _, verbs in KINDS.values() for verb in verbs]
    assert len(every) == len(set(every))
    assert all(name and name[0].isupper() for name, _ in KINDS.values())


# --- the page


def test_events_stand_there_newest_first_with_links_to_what_exists(
    site: Client, photo: Photo, alice: User, bob: User
) -> None:
    write_note(applicant=photo.applicant, author=bob, text="a text that stays on the case")
    page = text(site, "/activity/")
    told = words(page)
    assert told.index("Note written") < told.index("Applicant added")
    assert "Applicant added · Photo received; hash taken · Examination requested Eileen Collins" in told  # on one line
    assert f'href="{photo.applicant.get_absolute_url()}#notes"' in page
    assert "a text that stays" not in page


def test_what_was_forgotten_is_told_without_name_verdict_or_link(site: Client, photo: Photo, alice: User) -> None:
    case = photo.applicant
    review.decide_case(applicant=case, reviewer=alice, choice=Choice.SET_ASIDE, reason="Not the person.")
    audit.record(team=case.opening.team, actor=None, verb="analysis.finished", subject=photo.analyses.get(),
                 verdict="generated")  # fmt: skip
    assert "Examination finished: Generated" in words(text(site, "/activity/"))
    address = case.get_absolute_url()
    forget_applicant(applicant=case, by=alice)
    page = text(site, "/activity/")
    assert "Applicant forgotten" in page
    for gone in ("Eileen", address, "Generated", ": Set aside"):
        assert gone not in page


def test_a_stranger_sees_nothing_of_it(photo: Photo, charlie: User, signed_in: SignIn) -> None:
    page = text(signed_in(charlie), "/activity/")
    assert "Nothing yet" in page
    assert "Eileen" not in page
    case = photo.applicant
    assert "Eileen" not in text(signed_in(charlie), f"/activity/?opening={case.opening_id}")


def test_it_is_narrowed_by_person_kind_and_opening(
    site: Client, team: Team, photo: Photo, alice: User, bob: User, opening: Opening
) -> None:
    other = Opening.objects.create(team=team, title="Extras", created_by=alice)
    elsewhere = intake.add_applicant(opening=other, name="Mae Jemison", by=alice)
    write_note(applicant=photo.applicant, author=bob, text="Fine.")
    change_role(membership=bob.memberships.get(), by=alice, role=Role.ADMIN)
    audit.record(team=team, actor=None, verb="analysis.failed", subject=photo.analyses.get())

    def titles(query: str) -> list[str]:
        return re.findall(r'<strong data-kind="([^"]+)"', text(site, f"/activity/?{query}"))

    assert titles(f"who={bob.pk}") == ["note.written"]
    assert titles("who=candid") == ["analysis.failed"]
    assert titles("kind=team") == ["member.role-changed"]
    assert titles(f"opening={other.pk}") == ["applicant.added"]
    assert set(titles(f"opening={opening.pk}")) == {
        "applicant.added", "photo.received", "analysis.requested", "analysis.failed", "note.written"
    }  # fmt: skip
    assert str(elsewhere) not in text(site, f"/activity/?opening={opening.pk}")
    for nonsense in ("who=x", "kind=x", "opening=x", "before=x", "who=" + "9" * 40):
        assert len(titles(nonsense)) == 7


def test_an_import_leads_to_its_opening_which_everybody_may_see(
    opening: Opening, alice: User, bob: User, signed_in: SignIn
) -> None:
    begin_folder(opening=opening, name="Headshots", by=alice)
    page = text(signed_in(bob), "/activity/")
    assert "Photos received for an import" in page
    assert f'href="{opening.get_absolute_url()}"' in page


def test_older_events_are_on_the_next_page_and_none_is_lost(site: Client, team: Team, alice: User) -> None:
    for n in range(PAGE + 10):
        audit.record(team=team, actor=alice, verb="member.added", subject=alice, number=n)
    first = text(site, "/activity/?kind=team")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = text(site, older[1].replace("&amp;", "&"))
    assert (first.count("<strong data-kind"), second.count("<strong data-kind")) == (PAGE, 10)
    assert 'rel="next"' not in second


# --- blind first


def test_before_the_first_look_the_feed_tells_no_verdict_and_no_decision(
    photo: Photo, team: Team, alice: User, bob: User, signed_in: SignIn
) -> None:
    Opening.objects.update(blind_first=True, second_review=Opening.SecondReview.ALWAYS)
    case = photo.applicant
    photo.analyses.update(state="done", verdict="generated", finished_at=timezone.now())
    audit.record(team=team, actor=None, verb="analysis.finished", subject=photo.analyses.get(), verdict="generated")
    audit.record(team=team, actor=None, verb="repeat.found", subject=case)
    look_first(applicant=case, reviewer=alice, sees=Sees.GENERATED, note="Odd hands.")
    review.decide_case(applicant=case, reviewer=alice, choice=Choice.SET_ASIDE, reason="Says so.")
    client = signed_in(bob)
    feed = words(text(client, "/activity/"))
    for told in ("Generated", "Same picture", "Set aside", "Odd hands", "Says so", "Made by AI"):
        assert told not in feed
    assert "First decision" in feed
    look_first(applicant=case, reviewer=bob, sees=Sees.NOTHING)
    feed = words(text(client, "/activity/"))
    for told in ("Examination finished: Generated", "Same picture found elsewhere", "First decision: Set aside"):
        assert told in feed


# --- queries


@pytest.mark.parametrize("rows", [1, 20])
def test_the_page_takes_as_many_queries_for_many_events_as_for_few(
    rows: int, opening: Opening, alice: User, bob: User, add_photo: AddPhoto, signed_in: SignIn,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    for n in range(rows):
        person = intake.add_applicant(opening=opening, name=f"Person {n}", by=alice)
        add_photo(picture(n), to=person)
        write_note(applicant=person, author=alice, text="@bob")
    review.decide_case(applicant=Applicant.objects.earliest("pk"), reviewer=bob, choice=Choice.ACCEPT, reason="Fine.")
    begin_folder(opening=opening, name="Headshots", by=alice)
    client = signed_in(alice)
    # session, user, mentions; teams, events; photos, notes, analyses; imports; applicants, decisions; to choose from:
    # people, openings
    with django_assert_num_queries(13):
        page = text(client, "/activity/")
    assert page.count("<strong data-kind") == min(Event.objects.count(), PAGE)
