"""The lists: openings, one opening's applicants, the queue, the search."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import SignIn, examine_now, text, words
from vetting.models import Applicant, Event, Opening, Photo, User


def test_an_empty_site_says_the_next_step(site: Client) -> None:
    page = text(site, "/openings/")
    assert "No openings yet" in page
    assert reverse("opening-new") in page


def test_a_new_opening_leads_to_its_first_applicant_and_photo(site: Client) -> None:
    sent = {"title": " Host, trade fair ", "photo_reason": "", "retouching": "lenient", "retention_days": "30"}
    team = re.search(r'name="team" value="(\d+)"', text(site, "/openings/new/"))
    assert team
    page = site.post("/openings/new/", sent | {"team": team[1]}, follow=True).content.decode()
    opening = Opening.objects.get()
    assert (opening.title, opening.retention_days) == ("Host, trade fair", 30)
    assert "No applicants yet" in page
    page = site.post(reverse("applicant-new", args=[opening.pk]), {"name": "Eileen"}, follow=True).content.decode()
    assert "No photo yet" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": "  "}, "Give the opening a title."),
        ({"retention_days": "0"}, "Keep photos for one day at least"),
        ({"retention_days": "soon"}, "Write a number of days, such as 180."),
    ],
)
def test_a_form_says_what_is_wrong_and_saves_nothing(site: Client, wrong: dict[str, str], sentence: str) -> None:
    team = re.search(r'name="team" value="(\d+)"', text(site, "/openings/new/"))
    assert team
    sent = {"title": "Host", "retouching": "strict", "retention_days": "180", "team": team[1]} | wrong
    page = site.post("/openings/new/", sent).content.decode()
    assert sentence in page
    assert 'aria-invalid="true"' in page
    assert not Opening.objects.exists()


def test_changing_an_opening_is_on_record(opening: Opening, ada: User, signed_in: SignIn) -> None:
    sent = {"title": opening.title, "retouching": "lenient", "retention_days": "90", "closed": "on"}
    signed_in(ada).post(reverse("opening-edit", args=[opening.pk]), sent)
    opening.refresh_from_db()
    assert (opening.retouching, opening.retention_days, opening.closed_at is not None) == ("lenient", 90, True)
    event = Event.objects.latest("pk")
    assert (event.verb, event.actor) == ("opening.changed", ada)
    assert set(event.data["changed"]) == {"photo_reason", "retouching", "retention_days", "closed_at"}


def names(html: str) -> list[str]:
    return re.findall(r'id="row-\d+"[^>]*>([^<]+)<', html)


@pytest.fixture
def cast(opening: Opening, alice: User) -> Opening:
    """Three applicants with different verdicts and states."""
    for name, verdict, rank, review in [
        ("Berta", "nothing-found", 6, "waiting"),
        ("Anna", "declared-generated", 1, "set-aside"),
        ("Carla", "inconclusive", 4, "waiting"),
    ]:
        Applicant.objects.create(
            opening=opening, name=name, verdict=verdict, verdict_rank=rank, review=review, created_by=alice
        )
    return opening


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Anna", "Carla", "Berta"]),
        ("?sort=name", ["Anna", "Berta", "Carla"]),
        ("?sort=-name", ["Carla", "Berta", "Anna"]),
        ("?sort=oldest", ["Berta", "Anna", "Carla"]),
        ("?verdict=inconclusive", ["Carla"]),
        ("?review=waiting&sort=name", ["Berta", "Carla"]),
        ("?q=ann", ["Anna"]),
        ("?q=%25", []),
        ("?sort=;drop&verdict=odd&review=odd&page=99", ["Anna", "Carla", "Berta"]),
    ],
)
def test_order_filter_and_search_stand_in_the_address(
    cast: Opening, site: Client, query: str, expected: list[str]
) -> None:
    assert names(text(site, cast.get_absolute_url() + query)) == expected


def test_a_filter_that_matches_nobody_offers_to_show_all(cast: Opening, site: Client) -> None:
    assert "Nobody matches" in text(site, cast.get_absolute_url() + "?verdict=generated")


def test_fifty_stand_on_a_page(opening: Opening, alice: User, site: Client) -> None:
    Applicant.objects.bulk_create(
        Applicant(opening=opening, name=f"Person {n:02}", created_by=alice) for n in range(51)
    )
    first = text(site, opening.get_absolute_url() + "?sort=name")
    assert len(names(first)) == 50
    assert "sort=name&amp;page=2" in first
    assert names(text(site, opening.get_absolute_url() + "?sort=name&page=2")) == ["Person 50"]


def test_the_table_is_polled_only_while_something_is_in_work(photo: Photo, opening: Opening, site: Client) -> None:
    during = text(site, opening.get_absolute_url())
    assert 'hx-trigger="every 2s"' in during
    assert "Being examined" in during
    examine_now(photo)
    part = text(site, opening.get_absolute_url(), **{"HX-Request": "true", "HX-Target": "applicants"})
    assert "hx-trigger" not in part
    assert "<html" not in part


def test_the_queue_holds_the_undecided_gravest_first(cast: Opening, site: Client) -> None:
    assert names(text(site, "/queue/")) == ["Carla", "Berta"]


def test_a_search_finds_people_of_all_openings(cast: Opening, site: Client) -> None:
    page = words(text(site, "/openings/?q=anna"))
    assert "Anna" in page
    assert "Berta" not in page
