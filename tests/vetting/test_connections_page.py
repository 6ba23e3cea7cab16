"""The page of API tokens and webhooks: an admin makes, reads, sends again, revokes."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from tests.conftest import SignIn, text, words
from vetting.models import ApiToken, Delivery, Event, Team, User, Webhook
from vetting.tokens import Scope, make_token, recognise
from vetting.webhooks.announcing import Occasion
from vetting.webhooks.keeping import make_webhook, send_test

URL = "https://ats.example.org/hooks/candid"


@pytest.fixture
def admin(ada: User, signed_in: SignIn) -> Client:
    return signed_in(ada)


@pytest.fixture
def webhook(team: Team, ada: User) -> Webhook:
    return make_webhook(team=team, by=ada, url=URL, events=[Occasion.VERDICT_READY])


def test_an_admin_finds_the_page_from_the_settings_and_a_recruiter_does_not(
    admin: Client, alice: User, signed_in: SignIn
) -> None:
    assert 'href="/settings/connections/"' in text(admin, "/settings/")
    assert 'href="/settings/connections/"' not in text(signed_in(alice), "/settings/")


def test_an_empty_page_says_what_tokens_and_webhooks_are_for(admin: Client) -> None:
    page = words(text(admin, "/settings/connections/"))
    assert "None yet. A token is what a program shows in place of a password" in page
    assert "None yet. A webhook tells your own system" in page


def test_a_token_is_shown_once(admin: Client, team: Team) -> None:
    sent = {"name": "Applicant tracking", "scopes": ["read:openings", "write:photos"]}
    page = admin.post(f"/settings/connections/{team.pk}/tokens/new/", sent).content.decode()
    shown = re.search(r'class="secret">(candid_[^<]+)<', page)
    assert shown
    token = ApiToken.objects.get()
    assert token.scopes == ["read:openings", "write:photos"]
    later = text(admin, "/settings/connections/")
    assert "Applicant tracking" in later
    assert token.prefix in later
    assert shown[1] not in later
    assert "never" in later
    assert recognise(html.unescape(shown[1])) == token
    assert "just now" in text(admin, "/settings/connections/")


def test_a_token_without_name_or_scope_is_not_made_and_nothing_is_lost(admin: Client, team: Team) -> None:
    address = f"/settings/connections/{team.pk}/tokens/new/"
    page = admin.post(address, {"name": "", "scopes": ["read:openings"]}).content.decode()
    assert "Give the token a name." in page
    assert re.search(r'value="read:openings"[^>]*checked', page)
    page = admin.post(address, {"name": "Import"}).content.decode()
    assert "Choose at least one thing that it may do." in page
    assert 'value="Import"' in page
    assert "decide:anybody" in admin.post(address, {"name": "X", "scopes": ["decide:anybody"]}).content.decode()
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked(admin: Client, team: Team, ada: User) -> None:
    new = make_token(team=team, by=ada, name="Import", scopes=[Scope.READ_OPENINGS])
    page = admin.post(f"/settings/tokens/{new.token.pk}/revoke/", follow=True).content.decode()
    assert "“Import” opens nothing any more." in html.unescape(page)
    assert recognise(new.text) is None
    assert new.token.prefix not in text(admin, "/settings/connections/")


def test_a_webhook_is_made_and_its_secret_can_be_read_again(admin: Client, team: Team) -> None:
    sent = {"url": URL, "events": ["verdict.ready", "decision.made"]}
    page = admin.post(f"/settings/connections/{team.pk}/webhooks/new/", sent, follow=True).content.decode()
    made = Webhook.objects.get()
    assert made.events == ["verdict.ready", "decision.made"]
    assert made.secret in page
    assert made.secret not in str(list(Event.objects.values_list("data", flat=True)))
    assert "None yet. Send a test message" in page


@pytest.mark.parametrize("url", ["http://ats.example.org/", "https://127.0.0.1/", "https://10.1.2.3/x", "nonsense"])
def test_an_address_that_is_told_nothing_is_refused_in_words(url: str, admin: Client, team: Team) -> None:
    page = admin.post(f"/settings/connections/{team.pk}/webhooks/new/", {"url": url, "events": ["verdict.ready"]})
    assert "Nothing was saved yet" in page.content.decode()
    assert f'value="{url}"' in page.content.decode()
    assert not Webhook.objects.exists()


def test_a_webhook_is_changed_and_switched_off(admin: Client, webhook: Webhook) -> None:
    address = f"/settings/webhooks/{webhook.pk}/"
    admin.post(address, {"url": URL + "/2", "events": ["decision.made"]})
    webhook.refresh_from_db()
    assert (webhook.url, webhook.events, webhook.active) == (URL + "/2", ["decision.made"], False)
    page = words(text(admin, address))
    assert "It is switched off: nothing is sent." in page
    again = admin.post(f"{address}test/", follow=True).content.decode()
    assert "Switch the webhook on first" in again
    assert not Delivery.objects.exists()


def test_every_message_is_listed_with_what_became_of_it_and_can_be_sent_again(
    admin: Client, webhook: Webhook, ada: User
) -> None:
    admin.post(f"/settings/webhooks/{webhook.pk}/test/")
    told = Delivery.objects.get()
    address = f"/settings/webhooks/{webhook.pk}/"
    assert "hx-get" in text(admin, address)  # it will change by itself
    Delivery.objects.update(state="given-up", tries=8, answer=503, problem="", next_at=None)
    page = text(admin, address)
    assert "Given up" in page
    assert "503" in page
    assert "8 of 8" in page
    assert 'hx-trigger="every 2s"' not in page
    admin.post(f"/settings/deliveries/{told.pk}/replay/")
    told.refresh_from_db()
    assert (told.state, told.tries) == ("waiting", 0)


def test_the_table_alone_is_answered_to_htmx(admin: Client, webhook: Webhook) -> None:
    part = text(admin, f"/settings/webhooks/{webhook.pk}/", **{"HX-Request": "true", "HX-Target": "deliveries"})
    assert part.startswith("<section")
    assert "<html" not in part


def test_a_webhook_is_deleted_with_its_messages(admin: Client, webhook: Webhook, ada: User) -> None:
    send_test(webhook=webhook, by=ada)
    page = words(text(admin, f"/settings/webhooks/{webhook.pk}/delete/"))
    assert "1 message that waits will not be sent" in page
    admin.post(f"/settings/webhooks/{webhook.pk}/delete/")
    assert not Webhook.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("rows", [1, 30])
def test_the_pages_take_as_many_queries_for_30_rows_as_for_one(
    rows: int, admin: Client, team: Team, ada: User, webhook: Webhook, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        make_token(team=team, by=ada, name=f"Token {number}", scopes=[Scope.READ_OPENINGS])
        Webhook.objects.create(team=team, url=f"{URL}/{number}", secret="s", events=[], created_by=ada)
        Delivery.objects.create(webhook=webhook, event="test", body={})
    with django_assert_num_queries(6):  # session, user, mentions; teams, tokens, webhooks
        admin.get("/settings/connections/")
    with django_assert_num_queries(8):  # session, user, mentions; webhook, role; count, messages; on its way
        admin.get(f"/settings/webhooks/{webhook.pk}/")


def test_a_form_without_its_token_makes_nothing(ada: User, team: Team) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    sent = {"name": "Import", "scopes": ["read:openings"]}
    assert client.post(f"/settings/connections/{team.pk}/tokens/new/", sent).status_code == 403
    assert not ApiToken.objects.exists()
