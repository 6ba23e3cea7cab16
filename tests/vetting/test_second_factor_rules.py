"""Where a second factor is required, lost or looked at: by everybody, by an admin, by the operator."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from tests.conftest import SignIn, text, words
from tests.vetting.app_codes import PASSWORD, SECURITY, alice_with_app, sets_up, signs_in
from vetting.models import Event, Membership, Role, Team, User
from vetting.web.sign_in.urls import urlpatterns


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.SECOND_FACTOR = True
    cache.clear()


@pytest.fixture
def with_app(alice: User) -> tuple[str, list[str]]:
    return alice_with_app()


# --- required


@pytest.fixture
def _required(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.mark.usefixtures("_required")
def test_where_it_is_required_nothing_else_opens_until_it_is_set_up(alice: User) -> None:
    client = Client()
    signs_in(client)
    for address in ("/openings/", "/queue/", "/settings/", "/settings/password/", "/admin/", reverse("api-docs")):
        assert client.get(address).headers["Location"] == SECURITY, address
    assert "asks everybody" in text(client, SECURITY)
    sets_up(client)
    assert client.get("/openings/").status_code == 200
    assert client.post("/sign-out/").status_code == 302


# --- lost


def test_an_admin_resets_it_and_the_person_is_told(
    with_app: tuple[str, list[str]], alice: User, ada: User, signed_in: SignIn
) -> None:
    membership = alice.memberships.get()
    sent = {"do": "reset-second-factor", "membership": membership.pk}
    page = text(signed_in(ada), "/settings/")
    assert "the second factor of Alice Moreau" in page
    done = signed_in(ada).post("/settings/", sent, follow=True)
    assert "is told so" in done.content.decode()
    event = Event.objects.get(verb="member.second-factor-reset")
    assert (event.actor, event.subject) == (ada, f"user:{alice.pk}")
    client = Client()
    assert signs_in(client) == "/openings/"
    assert "Ada Okafor has reset your second factor" in text(client, "/openings/")
    again = Client()
    signs_in(again)
    assert "has reset" not in text(again, "/openings/")
    assert "has no second factor" in signed_in(ada).post("/settings/", sent, follow=True).content.decode()


def test_who_is_no_admin_resets_nothing(
    with_app: tuple[str, list[str]], alice: User, bob: User, charlie: User, signed_in: SignIn
) -> None:
    sent = {"do": "reset-second-factor", "membership": alice.memberships.get().pk}
    assert signed_in(bob).post("/settings/", sent).status_code == 403
    assert signed_in(charlie).post("/settings/", sent).status_code == 404
    assert Authenticator.objects.filter(type="totp").exists()


def test_taking_somebody_into_a_team_of_ones_own_gives_no_power_over_the_account(
    with_app: tuple[str, list[str]], alice: User, charlie: User, signed_in: SignIn
) -> None:
    own = Team.objects.create(name="Trap")
    Membership.objects.create(team=own, user=charlie, role=Role.ADMIN)
    trapped = Membership.objects.create(team=own, user=alice, role=Role.REVIEWER)
    sent = {"do": "reset-second-factor", "membership": trapped.pk}
    assert "do not run" in words(signed_in(charlie).post("/settings/", sent, follow=True).content.decode())
    assert Authenticator.objects.filter(type="totp").exists()


def test_the_operator_resets_it_at_a_prompt(with_app: tuple[str, list[str]], alice: User) -> None:
    call_command("reset_second_factor", "Alice")
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", "alice")
    with pytest.raises(CommandError, match="Nobody"):
        call_command("reset_second_factor", "nobody")


def test_what_a_browser_sends_instead_of_a_passkey_is_refused_in_words(alice: User, signed_in: SignIn) -> None:
    for nonsense in ("", "{}", "[]", "not json", '{"id": "x", "response": {"userHandle": "eA"}}'):
        answered = Client().post("/sign-in/passkey/", {"credential": nonsense})
        assert answered.headers["Location"] == "/sign-in/", nonsense
    assert Client().get("/sign-in/passkey/", headers={"Accept": "application/json"}).json()["request_options"]


def test_every_page_that_opens_is_in_this_sites_look(with_app: tuple[str, list[str]]) -> None:
    """Walks the addresses signed out, between password and code, signed in, and confirmed."""
    client = Client()
    seen: set[str] = set()

    def walk() -> None:
        for pattern in urlpatterns:
            address = reverse(str(pattern.name), args=[1] if "<int" in str(pattern.pattern) else [])
            for answered in (
                client.get(address),
                client.post(address) if "off" not in address else client.get(address),
            ):
                assert answered.status_code in (200, 302, 404, 405), address
                if answered.status_code == 200 and "html" in answered.headers["Content-Type"]:
                    page = answered.content.decode()
                    assert 'css/tokens.css"' in page, address
                    assert "allauth" not in page, address
                    assert "Menu:" not in page, address
                    seen.add(address)

    walk()
    signs_in(client)
    walk()
    cache.clear()
    client.post("/sign-in/code/", {"code": with_app[1][5]})
    walk()
    cache.clear()
    client.post("/settings/security/confirm/", {"password": PASSWORD})
    walk()
    expected = {"", "code/", "confirm/", "confirm/code/", "app/off/", "codes/", "codes/new/", "passkeys/new/"}
    assert seen >= {"/sign-in/", "/sign-in/code/"} | {SECURITY + name for name in expected - {"code/"}}


@pytest.mark.parametrize("members", [1, 30])
def test_settings_asks_for_all_members_factors_at_once(
    members: int,
    team: Team,
    ada: User,
    settings: Settings,
    signed_in: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(members):
        person = User.objects.create_user(f"person{number}")
        Membership.objects.create(team=team, user=person, role=Role.REVIEWER)
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    client = signed_in(ada)
    settings.SECOND_FACTOR = False
    client.get("/settings/")
    with CaptureQueriesContext(connection) as before:
        client.get("/settings/")
    settings.SECOND_FACTOR = True
    with django_assert_num_queries(len(before) + 1):
        assert client.get("/settings/").status_code == 200


@pytest.mark.parametrize("keys", [1, 12])
def test_the_security_page_asks_as_often_for_many_passkeys(
    keys: int, alice: User, signed_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(keys):
        Authenticator.objects.create(user=alice, type="webauthn", data={"name": f"Key {number}"})
    client = signed_in(alice)
    client.get(SECURITY)
    with django_assert_num_queries(5):
        assert f"Key {keys - 1}" in client.get(SECURITY).content.decode()
