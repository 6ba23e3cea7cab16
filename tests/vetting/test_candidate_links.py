"""The candidate's link: what it opens, what it gives away where it opens nothing, and the team's side of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import AddPhoto, SignIn, picture, text, words
from vetting import intake
from vetting.candidate.links import address_of, find_link, key_of, make_link, revoke_link
from vetting.models import Applicant, CandidateLink, Event, Photo, User
from vetting.retention import forget_applicant
from vetting.web.candidate_pages import BAD_LINKS_A_MINUTE
from vetting.web.with_candidate import MOST_LINKS

pytestmark = pytest.mark.django_db
LETTERS = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def verbs() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))


# --- what opens nothing


def shut(client: Client, address: str) -> tuple[int, bytes]:
    """Status and body of an address that opens nothing."""
    response = client.get(address)
    return response.status_code, response.content


@pytest.fixture
def nothing(candidate: Client) -> tuple[int, bytes]:
    """What somebody gets who guesses."""
    answer = shut(candidate, reverse("candidate", args=["1.guessed.guessed"]))
    assert answer[0] == 404
    assert b"This link opens nothing" in answer[1]
    return answer


def test_a_guessed_link_gives_nothing_away(candidate: Client, link: CandidateLink, nothing: tuple[int, bytes]) -> None:
    for key in ("x", str(link.pk), f"{link.pk}.{link.nonce}", "٣.x", "9" * 30, f"{link.pk}..", "%00", "é"):
        assert shut(candidate, reverse("candidate", args=[key])) == nothing, key


def test_a_tampered_link_gives_nothing_away(candidate: Client, link: CandidateLink, nothing: tuple[int, bytes]) -> None:
    key = key_of(link)
    for at in (0, len(key) // 2, len(key) - 2):
        changed = key[:at] + ("A" if key[at] != "A" else "B") + key[at + 1 :]
        assert shut(candidate, reverse("candidate", args=[changed])) == nothing
    assert shut(candidate, reverse("candidate", args=[key[:-1]])) == nothing
    assert shut(candidate, reverse("candidate", args=[key + "A"])) == nothing


def test_an_expired_link_gives_nothing_away(candidate: Client, link: CandidateLink, nothing: tuple[int, bytes]) -> None:
    CandidateLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    assert shut(candidate, address_of(link)) == nothing


def test_a_revoked_link_gives_nothing_away_on_any_page(
    candidate: Client, link: CandidateLink, alice: User, photo: Photo, nothing: tuple[int, bytes]
) -> None:
    assert candidate.get(address_of(link)).status_code == 200
    revoke_link(link=link, by=alice)
    for name, more in PAGES:
        assert shut(candidate, reverse(name, args=[key_of(link), *more(photo)])) == nothing, name


def test_the_link_of_somebody_who_was_erased_gives_nothing_away(
    candidate: Client, link: CandidateLink, applicant: Applicant, alice: User, nothing: tuple[int, bytes]
) -> None:
    address = address_of(link)
    forget_applicant(applicant=applicant, by=alice)
    assert shut(candidate, address) == nothing


def test_a_link_taken_to_another_applicants_photo_gives_nothing_away(
    candidate: Client, link: CandidateLink, applicant: Applicant, add_photo: AddPhoto, alice: User,
    nothing: tuple[int, bytes],
) -> None:  # fmt: skip
    other = intake.add_applicant(opening=applicant.opening, name="Mae Jemison", by=alice)
    theirs = add_photo(picture(4), to=other)
    Photo.objects.filter(pk=theirs.pk).update(has_preview=True)
    for pk in (theirs.pk, theirs.pk + 1000):
        assert shut(candidate, reverse("candidate-photo", args=[key_of(link), pk])) == nothing
        posted = candidate.post(reverse("candidate-photo-says", args=[key_of(link), pk]), {"says": "as-taken"})
        assert (posted.status_code, posted.content) == nothing
    assert not theirs.disclosures.exists()


def test_the_nonce_of_one_link_does_not_open_another(link: CandidateLink, applicant: Applicant, alice: User) -> None:
    other = make_link(applicant=applicant, by=alice)
    CandidateLink.objects.filter(pk=other.pk).update(nonce=link.nonce + "x")
    assert find_link(key_of(other)) is None
    assert find_link(key_of(link)) == link


def test_what_is_posted_to_a_dead_link_changes_nothing(
    candidate: Client, link: CandidateLink, alice: User, nothing: tuple[int, bytes]
) -> None:
    revoke_link(link=link, by=alice)
    answer = candidate.post(
        reverse("candidate-notice", args=[key_of(link)]), {"kind": "photos", "given": "yes", "notice": "1"}
    )
    assert (answer.status_code, answer.content) == nothing
    assert not link.applicant.consents.exists()


def test_an_address_that_tries_many_links_is_told_by_the_status_alone(
    candidate: Client, nothing: tuple[int, bytes]
) -> None:
    for _ in range(BAD_LINKS_A_MINUTE):
        last = shut(candidate, reverse("candidate", args=["x"]))
    assert last == (429, nothing[1])


def test_pages_behind_a_link_are_neither_stored_nor_passed_on(candidate: Client, link: CandidateLink) -> None:
    for address in (address_of(link), reverse("candidate", args=["x"])):
        response = candidate.get(address)
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert "no-store" in response.headers["Cache-Control"]


PAGES: list[tuple[str, Any]] = [
    ("candidate", lambda photo: ()),
    ("candidate-notice", lambda photo: ()),
    ("candidate-photos", lambda photo: ()),
    ("candidate-photo", lambda photo: (photo.pk,)),
]


# --- the first opening


def test_the_first_opening_is_recorded_once(candidate: Client, link: CandidateLink) -> None:
    candidate.get(address_of(link))
    link.refresh_from_db()
    first = link.opened_at
    assert first is not None
    candidate.get(address_of(link))
    link.refresh_from_db()
    assert link.opened_at == first
    assert verbs().count("link.opened") == 1
    event = Event.objects.get(verb="link.opened")
    assert (event.actor, event.data) == (None, {"link": link.pk})


def test_a_member_who_looks_is_told_so_and_is_not_taken_for_the_candidate(site: Client, link: CandidateLink) -> None:
    assert "You are signed in as Alice Moreau" in words(text(site, address_of(link)))
    link.refresh_from_db()
    assert link.opened_at is None


def test_the_events_about_a_link_name_nobody(
    candidate: Client, site: Client, link: CandidateLink, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = LETTERS
    candidate.get(address_of(link))
    site.post(reverse("link-send", args=[link.pk]))
    site.post(reverse("link-revoke", args=[link.pk]))
    told = str(list(Event.objects.filter(verb__startswith="link.").values_list("data", flat=True)))
    assert "link.told" in verbs()
    for secret in ("Eileen", "example.org", link.nonce):
        assert secret not in told


# --- the team's side


def test_a_recruiter_makes_a_link_and_can_copy_and_scan_it(site: Client, applicant: Applicant) -> None:
    response = site.post(reverse("link-make", args=[applicant.pk]), {"days": "7"})
    assert response.headers["Location"].endswith("#candidate")
    link = applicant.links.get()
    assert dt.timedelta(days=6, hours=23) < link.expires_at - timezone.now() <= dt.timedelta(days=7)
    page = text(site, applicant.get_absolute_url())
    assert address_of(link) in page
    assert "data-copy" in page
    assert 'class="qr"' in page


def test_how_long_a_link_lasts_is_one_of_three(site: Client, applicant: Applicant) -> None:
    for days in ("", "3650", "x"):
        site.post(reverse("link-make", args=[applicant.pk]), {"days": days})
    assert not applicant.links.exists()
    assert "nothing was made yet" in words(text(site, applicant.get_absolute_url()))


def test_a_reviewer_reads_how_it_stands_but_is_not_given_the_link(
    applicant: Applicant, link: CandidateLink, bob: User, signed_in: SignIn
) -> None:
    page = text(signed_in(bob), applicant.get_absolute_url())
    assert "Made, not handed over yet" in words(page)
    assert link.nonce not in page
    assert 'class="qr"' not in page


def test_a_person_sends_the_link_by_mail(site: Client, link: CandidateLink, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.SITE_URL = LETTERS, "https://candid.example"
    site.post(reverse("link-send", args=[link.pk]))
    (letter,) = mail.outbox
    assert letter.to == ["eileen@example.org"]
    assert letter.reply_to == ["alice@example.org"]
    assert f"https://candid.example{address_of(link)}" in letter.body
    assert "Hello Eileen Collins," in letter.body
    link.refresh_from_db()
    assert link.told_at is not None
    assert link.told_how == "mailed"
    assert "Sent by e-mail" in words(text(site, link.applicant.get_absolute_url()))


def test_a_line_break_in_a_title_does_not_reach_the_letters_head(
    site: Client, link: CandidateLink, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = LETTERS
    opening = link.applicant.opening
    opening.title = "Lead\nBcc: everybody@example.org"
    opening.save(update_fields=["title"])
    site.post(reverse("link-send", args=[link.pk]))
    assert mail.outbox[0].subject == "Northlight Casting: your photo for “Lead Bcc: everybody@example.org”"


def test_without_an_address_the_page_says_so_and_nothing_is_sent(
    site: Client, link: CandidateLink, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = LETTERS
    Applicant.objects.filter(pk=link.applicant_id).update(email="")
    assert "There is no e-mail address" in words(text(site, link.applicant.get_absolute_url()))
    response = site.post(reverse("link-send", args=[link.pk]), follow=True)
    assert "There is no e-mail address of Eileen Collins" in words(response.content.decode())
    assert not mail.outbox
    link.refresh_from_db()
    assert link.told_at is None


def test_a_mail_server_that_is_down_leaves_the_link_untold(
    site: Client, link: CandidateLink, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1  # nobody listens there
    response = site.post(reverse("link-send", args=[link.pk]), follow=True)
    assert "did not take the letter" in words(response.content.decode())
    link.refresh_from_db()
    assert link.told_at is None


def test_a_site_that_sends_no_mail_says_so(site: Client, link: CandidateLink, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "This site sends no mail" in words(text(site, link.applicant.get_absolute_url()))
    response = site.post(reverse("link-send", args=[link.pk]), follow=True)
    assert "This site sends no mail" in words(response.content.decode())


def test_a_person_says_that_they_handed_it_over(site: Client, link: CandidateLink) -> None:
    site.post(reverse("link-hand-over", args=[link.pk]))
    link.refresh_from_db()
    assert link.told_how == "handed"
    assert "Handed over by a person" in words(text(site, link.applicant.get_absolute_url()))


def test_an_ended_link_is_neither_sent_nor_handed_over(
    site: Client, link: CandidateLink, alice: User, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = LETTERS
    revoke_link(link=link, by=alice)
    for name in ("link-send", "link-hand-over"):
        page = words(site.post(reverse(name, args=[link.pk]), follow=True).content.decode())
        assert "This link no longer opens" in page
    assert not mail.outbox
    assert "link.told" not in verbs()


def test_revoking_asks_first_and_is_said_afterwards(site: Client, link: CandidateLink) -> None:
    page = words(text(site, reverse("link-revoke", args=[link.pk])))
    assert "cannot be brought back" in page
    site.post(reverse("link-revoke", args=[link.pk]))
    page = words(text(site, link.applicant.get_absolute_url()))
    assert "1 link that no longer opens" in page
    assert "Revoked" in page
    assert find_link(key_of(link)) is None


def test_the_applicants_page_takes_as_many_queries_for_40_links_as_for_one(
    applicant: Applicant, alice: User, site: Client
) -> None:
    counted = []
    for links in (1, 39):
        for _ in range(links):
            make_link(applicant=applicant, by=alice)
        text(site, applicant.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            page = text(site, applicant.get_absolute_url())
        counted.append(len(queries))
    assert page.count('class="link-card"') == MOST_LINKS
    assert "And 20 older" in words(page)
    assert counted[0] == counted[1]
