"""Notes between team mates: who is told, what a reader sees of them and when, and that no report tells."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tests.conftest import AddPhoto, SignIn, text, words
from tests.vetting.callers import caller
from vetting import intake, report
from vetting.models import Applicant, Event, Membership, Mention, Note, Opening, Photo, Team, User
from vetting.models.first_look import Sees
from vetting.notes import MOST, CannotNote, mark_seen, names_in, unseen_mentions, withdraw_note, write_note
from vetting.retention import forget_applicant
from vetting.review.blind import look_first
from vetting.web.board import pieces_of

pytestmark = pytest.mark.django_db


# --- names


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("@bob please", ["Bob Lindqvist"]),
        ("Ask @Bob Lindqvist.", ["Bob Lindqvist"]),
        ("Ask @BOB LINDQVIST, or @bob", ["Bob Lindqvist"]),
        ("(@bob)", ["Bob Lindqvist"]),
        ("bob@bob.example", []),
        ("@bobby", []),
        ("@charlie", []),  # of another team
        ("@ bob", []),
        ("@alice", []),  # who wrote it
    ],
)
def test_a_name_with_an_at_tells_that_member(said: str, who: list[str], applicant: Applicant, bob: User, alice: User,
                                             charlie: User) -> None:  # fmt: skip
    written = write_note(applicant=applicant, author=alice, text=said)
    assert [str(user) for user in written.told] == who
    assert [str(mention.user) for mention in written.note.mentions.all()] == who


def test_a_name_that_nobody_has_is_text_and_is_said(applicant: Applicant, alice: User, bob: User) -> None:
    written = write_note(applicant=applicant, author=alice, text="@bob and @carol.jones. And @carol.jones again")
    assert written.unknown == ("@carol.jones",)
    assert written.note.text == "@bob and @carol.jones. And @carol.jones again"


def test_the_longest_name_is_meant_and_namesakes_are_all_told(team: Team, alice: User, bob: User) -> None:
    bo = User.objects.create_user("bo")
    twin = User.objects.create_user("bob2", first_name="Bob", last_name="Lindqvist")
    (named,) = names_in("@bob", [bo, bob])
    assert named.users == (bob,)
    (both,) = names_in("@Bob Lindqvist", [bob, twin])
    assert set(both.users) == {bob, twin}


def test_who_cannot_sign_in_any_more_is_not_told(applicant: Applicant, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert write_note(applicant=applicant, author=alice, text="@bob").told == ()


# --- writing and taking back


@pytest.mark.parametrize("said", ["", "  \r\n ", "\0"])
def test_an_empty_note_is_none(said: str, applicant: Applicant, alice: User) -> None:
    with pytest.raises(CannotNote, match="Write something first"):
        write_note(applicant=applicant, author=alice, text=said)


def test_what_is_too_long_comes_back_in_the_form_with_a_sentence(site: Client, applicant: Applicant) -> None:
    long = "x" * (MOST + 1)
    page = site.post(f"{applicant.get_absolute_url()}notes/", {"text": long}).content.decode()
    assert "Please use 2,000 characters at most." in page
    assert f"{long}</textarea>" in page
    assert not Note.objects.exists()


def test_a_note_is_never_changed(applicant: Applicant, alice: User) -> None:
    note = write_note(applicant=applicant, author=alice, text="Fine.").note
    with pytest.raises(TypeError):
        note.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(text="")


def test_taking_back_empties_it_and_takes_the_mentions_along(
    applicant: Applicant, alice: User, bob: User, site: Client
) -> None:
    note = write_note(applicant=applicant, author=alice, text="@bob look at the ears").note
    assert site.post(f"/notes/{note.pk}/withdraw/").status_code == 302
    assert not Mention.objects.exists()
    page = text(site, applicant.get_absolute_url())
    assert "look at the ears" not in page
    assert "Taken back" in page
    assert [event.verb for event in Event.objects.filter(subject=f"note:{note.pk}")] == [
        "note.written",
        "note.withdrawn",
    ]


def test_after_a_quarter_of_an_hour_it_stays(applicant: Applicant, alice: User, bob: User) -> None:
    note = write_note(applicant=applicant, author=alice, text="Fine.").note
    with pytest.raises(CannotNote, match="15 minutes"):
        withdraw_note(note=note, by=bob)
    Note.objects.update(written_at=timezone.now() - dt.timedelta(minutes=16))
    with pytest.raises(CannotNote, match="15 minutes"):
        withdraw_note(note=note, by=alice)


# --- what the page shows


def test_the_page_says_who_is_told_and_shows_plain_text(site: Client, applicant: Applicant, bob: User) -> None:
    said = "@bob see https://example.org/a?b=1. <script>x</script> javascript:alert(1) @carol"
    page = site.post(f"{applicant.get_absolute_url()}notes/", {"text": said}, follow=True).content.decode()
    assert "Bob Lindqvist will see it under Mentions." in words(page)
    assert "Nobody in the team is called @carol" in words(page)
    assert '<a href="https://example.org/a?b=1" rel="noopener noreferrer nofollow">' in page
    assert "<script>x" not in page
    assert 'href="javascript' not in page
    assert "<b>@bob</b>" in page


def test_pieces_put_together_are_the_text(alice: User, bob: User) -> None:
    said = "See (https://a.example/@bob), @bob!\n@alice http://b.example/x_(y) end"
    pieces = list(pieces_of(said, [bob]))
    assert "".join(piece.text for piece in pieces) == said
    assert [piece.text for piece in pieces if piece.name] == ["@bob"]
    assert next(piece.address for piece in pieces if piece.address) == "https://a.example/@bob"


def test_a_mention_is_counted_until_the_applicants_page_is_opened(
    applicant: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    write_note(applicant=applicant, author=alice, text="@bob ears?")
    client = signed_in(bob)
    assert "Mentions, 1 not seen" in words(text(client, "/queue/"))
    page = words(text(client, "/mentions/"))
    assert "New" in page
    assert "@bob ears?" in page
    assert unseen_mentions(bob) == 1  # reading the list is not opening the case
    assert "Mentions you" in words(text(client, applicant.get_absolute_url()))
    assert unseen_mentions(bob) == 0
    assert "not seen" not in words(text(client, "/queue/"))


def test_a_part_of_the_page_that_is_polled_marks_nothing_as_seen(
    applicant: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    write_note(applicant=applicant, author=alice, text="@bob")
    for part in ("progress", "slide", "case"):
        text(signed_in(bob), applicant.get_absolute_url(), **{"HX-Request": "true", "HX-Target": part})
    assert unseen_mentions(bob) == 1


def test_unseen_come_first(applicant: Applicant, alice: User, bob: User, opening: Opening) -> None:
    other = intake.add_applicant(opening=opening, name="Mae Jemison", by=alice)
    write_note(applicant=applicant, author=alice, text="@bob first")
    write_note(applicant=other, author=alice, text="@bob second")
    mark_seen(applicant=other, reader=bob)
    assert [row.note.applicant for row in Mention.objects.of(bob).for_list()] == [applicant, other]


def test_who_left_the_team_is_told_nothing_more(
    applicant: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    write_note(applicant=applicant, author=alice, text="@bob")
    Membership.objects.filter(user=bob).delete()
    assert unseen_mentions(bob) == 0
    assert "Nobody has mentioned you" in text(signed_in(bob), "/mentions/")


# --- blind first


def test_a_note_of_somebody_else_is_hidden_until_the_first_look(
    photo: Photo, alice: User, bob: User, signed_in: SignIn
) -> None:
    Opening.objects.update(blind_first=True)
    case = photo.applicant
    write_note(applicant=case, author=alice, text="@bob the earring has no partner")
    write_note(applicant=case, author=bob, text="My own words")
    client = signed_in(bob)
    page = words(text(client, case.get_absolute_url()))
    assert "earring" not in page
    assert "My own words" in page
    assert "1 note of others is shown after your first look." in page
    assert "earring" not in text(client, "/mentions/")
    assert unseen_mentions(bob) == 1
    look_first(applicant=case, reviewer=bob, sees=Sees.NOTHING)
    assert "earring" in text(client, "/mentions/")
    assert "earring" in text(client, case.get_absolute_url())
    assert unseen_mentions(bob) == 0


# --- where notes are not


def test_no_report_and_no_answer_of_the_api_tells_of_notes(
    photo: Photo, team: Team, alice: User, bob: User, ada: User
) -> None:
    case = photo.applicant
    note = write_note(applicant=case, author=alice, text="@bob a secret between us").note
    withdraw_note(note=write_note(applicant=case, author=alice, text="slip").note, by=alice)
    told = json.loads(report.applicant_json(case, by=alice))
    assert "secret" not in json.dumps(told)
    assert "note.w" not in json.dumps(told)
    answer = caller(team, ada).get(f"/applicants/{case.pk}")
    assert answer.status_code == 200
    assert note.text not in answer.content.decode()


def test_forgetting_an_applicant_deletes_the_notes(applicant: Applicant, alice: User, bob: User) -> None:
    write_note(applicant=applicant, author=alice, text="@bob")
    forget_applicant(applicant=applicant, by=alice)
    assert not Note.objects.exists()
    assert not Mention.objects.exists()


# --- queries


@pytest.mark.parametrize("notes", [1, 60])
def test_the_pages_take_as_many_queries_for_60_notes_as_for_one(
    notes: int, opening: Opening, alice: User, bob: User, signed_in: SignIn, django_assert_num_queries: Any,
    add_photo: AddPhoto,
) -> None:  # fmt: skip
    people = Applicant.objects.bulk_create(
        Applicant(opening=opening, name=f"Person {n}", created_by=alice) for n in range(notes)
    )
    for person in people:
        write_note(applicant=people[0], author=alice, text="@bob")
        write_note(applicant=person, author=alice, text="@bob")
    client = signed_in(bob)
    with django_assert_num_queries(6):  # session, user, mentions; count, rows, blind
        text(client, "/mentions/")
    mark_seen(applicant=people[0], reader=bob)
    # session, user, mentions; applicant, photos, decisions; role; events; notes, their mentions, members
    with django_assert_num_queries(19):
        text(client, people[0].get_absolute_url())
