"""The public privacy page says what is in force: a changed setting changes it, and no secret stands in it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.conftest import text, words
from vetting.candidate.links import address_of, make_link
from vetting.models import Applicant, Opening, Team, User, Webhook
from vetting.web import privacy

pytestmark = pytest.mark.django_db


def page() -> str:
    return words(text(Client(), "/privacy/"))


def test_it_needs_no_account_sets_no_cookie_and_is_linked_from_every_public_page(
    applicant: Applicant, alice: User
) -> None:
    client = Client()
    assert "What is never done" in words(text(client, "/privacy/"))
    assert not client.cookies
    for address in ("/sign-in/", "/verify/", address_of(make_link(applicant=applicant, by=alice))):
        assert 'href="/privacy/"' in text(client, address)


@pytest.mark.parametrize(
    ("changed", "before", "after"),
    [
        ({"REQUIRE_SECOND_FACTOR": True}, "without a second factor", "Members need a second factor"),
        ({"SECOND_FACTOR": True}, "without a second factor", "it is not demanded"),
        ({"FETCH_TRUST": True}, "are brought by hand", "are fetched from the network"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}, "No mail goes out", "by a mail server"),
        ({"MAX_PHOTO_BYTES": 7 * 1024**2}, "Photos up to 30 MB", "Photos up to 7 MB"),
        ({"RETENTION_ENFORCED": False}, "this site deletes them by itself", "does not happen by itself"),
        ({"BULK_KEPT": dt.timedelta(days=2)}, "deleted after 7 days", "deleted after 2 days"),
        ({"SESSION_COOKIE_NAME": "guest"}, "“sessionid”", "“guest”"),
        ({"AXES_FAILURE_LIMIT": 3}, "After 8 wrong passwords", "After 3 wrong passwords"),
        ({"OIDC_ISSUER": "https://login.example.org", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"},
         "wrong passwords", "organisation’s own sign-in"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else None,
)  # fmt: skip
def test_a_changed_setting_changes_the_page(
    changed: dict[str, Any], before: str, after: str, settings: Settings, opening: Opening
) -> None:
    assert before in page()
    assert after not in page()
    for name, value in changed.items():
        setattr(settings, name, value)
    assert after in page()


def test_where_things_are_stored_is_said_in_kinds_without_names(settings: Settings) -> None:
    assert "files on this site’s own disk" in page()
    storages = {name: dict(each) for name, each in settings.STORAGES.items()}
    storages["originals"] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "very-private"}}
    settings.STORAGES = storages
    assert "an object store that speaks S3" in page()
    assert "very-private" not in page()
    assert privacy.DATABASES["sqlite3"] in page() or privacy.DATABASES["postgresql"] in page()


def test_the_retention_is_a_range_over_openings_and_names_none(opening: Opening, alice: User) -> None:
    assert "180 days from the day they were added" in page()
    Opening.objects.create(team=opening.team, title="Extras", retention_days=30, reply_days=7, created_by=alice)
    said = page()
    assert "30 to 180 days from the day they were added" in said
    assert "7 to 14 days to answer" in said
    for name in ("Extras", opening.title, opening.team.name, "alice"):
        assert name not in said


def test_without_an_opening_no_retention_is_said_to_be_in_force() -> None:
    assert "no retention is in force" in page()


def test_what_a_team_switches_on_is_said(team: Team, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    said = page()
    assert "No team here asks candidates for their sex" in said
    assert "No team has its own systems told" in said
    Team.objects.update(asks_groups=True, likeness=True)
    Webhook.objects.create(team=team, url="https://ats.example.org/h", secret="s", events=[], created_by=ada)
    monkeypatch.setattr(privacy, "likeness_installed", lambda: True)
    said = page()
    assert "At least one team asks candidates to name" in said
    assert "At least one team has its own systems told" in said
    assert "Switched on for at least one team" in said
    assert "ats.example.org" not in said
    monkeypatch.setattr(privacy, "likeness_installed", lambda: False)
    assert "Not installed on this site" in page()


def test_no_secret_host_or_path_stands_in_it(settings: Settings) -> None:
    said = text(Client(), "/privacy/")
    hidden = [settings.SECRET_KEY, str(settings.VAR_DIR), str(settings.BASE_DIR), settings.DEFAULT_FROM_EMAIL]
    for secret in (*hidden, str(settings.DATABASES["default"]["NAME"])):
        assert secret not in said


def test_candidates_get_no_cookie_but_those_that_are_named(applicant: Applicant, alice: User) -> None:
    client, link = Client(), make_link(applicant=applicant, by=alice)
    client.get(address_of(link))
    client.get(reverse("candidate-notice", args=[address_of(link).split("/")[2]]))
    assert set(client.cookies) <= {"csrftoken", "messages"}
    assert all(name in page() for name in ("csrftoken", "messages"))


@pytest.mark.parametrize("rows", [1, 100])
def test_it_takes_as_many_queries_for_many_openings_as_for_one(
    rows: int, opening: Opening, alice: User, django_assert_num_queries: Any
) -> None:
    Opening.objects.bulk_create(Opening(team=opening.team, title=f"No. {n}", created_by=alice) for n in range(rows))
    with django_assert_num_queries(4):  # openings, likeness, groups, webhooks
        assert Client().get("/privacy/").status_code == 200


def test_it_says_its_version_and_needs_nothing_that_the_policy_forbids() -> None:
    said = text(Client(), "/privacy/")
    assert f"Candid {privacy.version()}" in said
    assert privacy.version()
    assert "style=" not in said
    assert "onclick" not in said
