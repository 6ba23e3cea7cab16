"""Saved views keep a list's own filters under a name; and a photo is found by its SHA-256."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import AddPhoto, SignIn, picture, text, words
from vetting import intake
from vetting.models import Event, Membership, Opening, Photo, Role, SavedView, Team, User
from vetting.openings import create_opening
from vetting.saved_views import MOST, CannotSave, save_view
from vetting.web.hashes import hash_in

pytestmark = pytest.mark.django_db


def save(client: Client, **asked: Any) -> Any:
    return client.post("/views/", {"name": "Grave ones", **asked})


# --- saving


def test_the_filters_of_the_queue_are_saved_and_lead_back_to_it(site: Client, team: Team) -> None:
    page = text(site, "/queue/?verdict=generated&whose=free")
    assert "Save these filters" in page
    answer = save(site, query="verdict=generated&whose=free", team=team.pk)
    assert answer.headers["Location"] == "/queue/?verdict=generated&whose=free"
    page = text(site, answer.headers["Location"])
    assert "Save these filters" not in page
    assert 'href="/queue/?verdict=generated&amp;whose=free" aria-current="true"' in page


def test_an_openings_filters_stand_on_that_openings_page_alone(
    site: Client, opening: Opening, team: Team, alice: User, applicant: Any
) -> None:
    save(site, query="q=Eileen&sort=name", opening=opening.pk)
    other = create_opening(by=alice, team=team, title="Extras", photo_reason="", retouching="strict",
                           retention_days=9, deciders="any", second_review="never", blind_first=False,
                           blur_faces=False)  # fmt: skip
    intake.add_applicant(opening=other, name="Mae", by=alice)
    assert "Grave ones" in text(site, opening.get_absolute_url())
    assert "Grave ones" not in text(site, other.get_absolute_url())
    assert "Grave ones" not in text(site, "/queue/")


@pytest.mark.parametrize(
    "query",
    [
        "verdict=generated&next=https://evil.example/&page=3&from=queue",
        "verdict=generated&opening=https://evil.example",
        "https://evil.example/?x=1&verdict=generated",
        "//evil.example?&verdict=generated",
        "verdict=generated&verdict=generated&whose=nobody",
    ],
)
def test_only_the_lists_own_parameters_are_kept_and_never_an_address(query: str, site: Client, team: Team) -> None:
    save(site, query=query, team=team.pk)
    address = urlsplit(SavedView.objects.get().get_absolute_url())
    assert (address.scheme, address.netloc, address.path) == ("", "", "/queue/")
    assert parse_qs(address.query) == {"verdict": ["generated"]}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"name": " "}, "Give the view a name."),
        ({"name": "x" * 61}, "Use 60 characters at most."),
        ({"query": ""}, "Choose a filter first"),
        ({"query": "whose=nobody"}, "Choose a filter first"),
        ({"name": "Taken"}, "You have a view called “Taken” here already."),
    ],
)
def test_what_cannot_be_saved_is_said_and_the_filters_stay(
    asked: dict[str, str], sentence: str, site: Client, team: Team, alice: User
) -> None:
    save_view(team=team, by=alice, opening=None, name="Taken", query="whose=mine", shared=False)
    answer = site.post("/views/", {"name": "Free", "query": "whose=free", "team": team.pk, **asked}, follow=True)
    assert sentence in words(answer.content.decode())
    assert SavedView.objects.count() == 1
    if asked.get("query", "whose=free") == "whose=free":
        assert answer.redirect_chain[-1][0] == "/queue/?whose=free"


def test_the_longest_search_in_any_script_is_kept_whole(site: Client, opening: Opening) -> None:
    words_of_it = "\U0001f600" * 200
    answer = site.post("/views/", {"name": "Faces", "query": f"q={words_of_it}&sort=name", "opening": opening.pk})
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"q": [words_of_it], "sort": ["name"]}
    SavedView.objects.get().full_clean()


def test_there_is_an_end_to_views(team: Team, alice: User) -> None:
    facts: dict[str, Any] = {"team": team, "by": alice, "opening": None, "query": "whose=free", "shared": False}
    for n in range(MOST):
        save_view(name=f"No. {n}", **facts)
    with pytest.raises(CannotSave, match="Delete one first"):
        save_view(name="One more", **facts)


def test_another_teams_opening_or_team_is_not_found(charlie: User, opening: Opening, team: Team,
                                                    signed_in: SignIn) -> None:  # fmt: skip
    client = signed_in(charlie)
    assert save(client, query="q=a", opening=opening.pk).status_code == 404
    assert save(client, query="whose=free", team=team.pk).status_code == 404
    assert save(client, query="whose=free").status_code == 404


# --- sharing


def test_ones_own_is_for_oneself_and_what_is_shared_for_the_team(
    site: Client, team: Team, bob: User, charlie: User, signed_in: SignIn
) -> None:
    save(site, query="whose=free", team=team.pk)
    save(site, query="whose=second", team=team.pk, name="Second looks", shared="on")
    theirs = text(signed_in(bob), "/queue/")
    assert "Second looks" in theirs
    assert "Shared by Alice Moreau" in theirs
    assert "Grave ones" not in theirs
    assert "Second looks" not in text(signed_in(charlie), "/queue/")
    assert [event.verb for event in Event.objects.filter(subject__startswith="savedview")] == ["view.shared"]


def test_a_private_view_is_not_found_by_a_team_mate_nor_by_an_admin(
    team: Team, alice: User, ada: User, bob: User, signed_in: SignIn
) -> None:
    view = save_view(team=team, by=alice, opening=None, name="Mine", query="whose=free", shared=False)
    for other in (ada, bob):
        assert signed_in(other).post(f"/views/{view.pk}/", {"do": "delete"}).status_code == 404


def test_a_view_is_renamed_shared_and_deleted(site: Client, team: Team, alice: User) -> None:
    view = save_view(team=team, by=alice, opening=None, name="Free", query="whose=free", shared=False)
    save_view(team=team, by=alice, opening=None, name="Taken", query="whose=mine", shared=False)
    page = site.post(f"/views/{view.pk}/", {"name": "Taken"}).content.decode()
    assert "There is a view called “Taken” here already." in page
    site.post(f"/views/{view.pk}/", {"name": "Nobody’s", "shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.shared) == ("Nobody’s", True)
    site.post(f"/views/{view.pk}/", {"do": "delete"})
    assert [kept.name for kept in SavedView.objects.all()] == ["Taken"]
    verbs = [event.verb for event in Event.objects.filter(subject=f"savedview:{view.pk}")]
    assert verbs == ["view.shared", "view.deleted"]


def test_who_leaves_the_team_sees_its_views_no_more(team: Team, alice: User, site: Client) -> None:
    save_view(team=team, by=alice, opening=None, name="Free ones", query="whose=free", shared=True)
    Membership.objects.filter(user=alice).delete()
    assert "Free ones" not in text(site, "/views/")


def test_in_several_teams_one_says_in_which(site: Client, alice: User) -> None:
    second = Team.objects.create(name="Second agency")
    Membership.objects.create(team=second, user=alice, role=Role.REVIEWER)
    assert '<select id="view-team" name="team">' in text(site, "/queue/?whose=free")
    save(site, query="whose=free", team=second.pk)
    assert SavedView.objects.get().team == second


@pytest.mark.parametrize("views", [1, 40])
def test_the_page_takes_as_many_queries_for_40_views_as_for_one(
    views: int, team: Team, alice: User, opening: Opening, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    for n in range(views):
        save_view(team=team, by=alice, opening=None, name=f"No. {n}", query="whose=free", shared=True)
    client = signed_in(alice)
    with django_assert_num_queries(5):  # session, user, mentions; views, where one is admin
        text(client, "/views/")


# --- by hash


@pytest.mark.parametrize(
    ("query", "digits"),
    [
        ("deadbeef", "deadbeef"),
        ("DEAD BEEF 0123", "deadbeef0123"),
        ("sha256:deadbeef", "deadbeef"),
        ("a" * 64, "a" * 64),
        ("a" * 65, ""),
        ("deadbee", ""),
        ("deadbeeg", ""),
        ("Eileen Collins", ""),
        ("%%%%%%%%", ""),
    ],
)
def test_eight_hex_digits_or_more_are_a_hash(query: str, digits: str) -> None:
    assert hash_in(query) == digits


def test_a_photo_is_found_by_the_whole_hash_or_its_beginning(site: Client, photo: Photo, add_photo: AddPhoto) -> None:
    add_photo(picture(3), name="other.jpg")
    grouped = " ".join(photo.sha256[at : at + 4] for at in range(0, 64, 4))
    for query, said in ((photo.sha256, "is"), (grouped, "is"), (photo.sha256[:8].upper(), "begins with")):
        page = words(site.get("/openings/", {"q": query}).content.decode())
        assert f"1 applicant with a photo whose SHA-256 {said}" in page
        assert "Eileen Collins" in page
    page = words(site.get("/openings/", {"q": "0" * 64}).content.decode())
    assert "No photo in your teams has a SHA-256 that is" in page


def test_another_teams_photo_is_not_found_by_its_hash(photo: Photo, charlie: User, signed_in: SignIn) -> None:
    page = words(signed_in(charlie).get("/openings/", {"q": photo.sha256}).content.decode())
    assert "No photo in your teams" in page
    assert "Eileen" not in page


def test_a_search_by_hash_tells_nothing_before_the_first_look(photo: Photo, bob: User, signed_in: SignIn) -> None:
    Opening.objects.update(blind_first=True)
    photo.analyses.update(state="done", verdict="generated", finished_at=timezone.now())
    photo.applicant.__class__.objects.update(verdict="generated", verdict_rank=2)
    page = words(signed_in(bob).get("/openings/", {"q": photo.sha256}).content.decode())
    assert "Look first" in page
    assert "Generated" not in page
