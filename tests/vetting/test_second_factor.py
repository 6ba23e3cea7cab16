"""The second factor through its pages, with real codes: setting it up, being asked for it, losing it."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.conftest import SignIn, text, words
from tests.vetting.app_codes import PASSWORD, SECURITY, alice_with_app, code, sets_up, signs_in
from vetting.models import Event, User
from vetting.web.sign_in.urls import urlpatterns


@pytest.fixture(autouse=True)
def _on(settings: Settings) -> None:
    settings.SECOND_FACTOR = True
    cache.clear()


@pytest.fixture
def with_app(alice: User) -> tuple[str, list[str]]:
    return alice_with_app()


# --- off


def test_without_configuration_nothing_of_it_answers(settings: Settings, alice: User, signed_in: SignIn) -> None:
    settings.SECOND_FACTOR = False
    for pattern in urlpatterns:
        if pattern.name == "account_login":
            continue
        address = reverse(str(pattern.name), args=[1] if "<int" in str(pattern.pattern) else [])
        for client in (Client(), signed_in(alice)):
            assert client.get(address).status_code == 404, address
            assert client.post(address).status_code == 404, address
    for gone in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"):
        assert signed_in(alice).get(gone).status_code == 404
    assert "Security" not in text(signed_in(alice), "/settings/")
    assert "passkey" not in text(Client(), "/sign-in/")
    assert "Django" in text(Client(), "/admin/login/")


def test_a_factor_that_was_set_up_is_not_asked_for_once_the_feature_is_off(
    settings: Settings, with_app: tuple[str, list[str]]
) -> None:
    settings.SECOND_FACTOR = False
    assert signs_in(Client()) == "/openings/"


# --- setting it up


def test_the_app_is_set_up_after_the_password_with_a_picture_a_key_and_a_code(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = Client()
    signs_in(client)
    assert client.get("/settings/security/app/").headers["Location"].startswith("/settings/security/confirm/")
    assert client.get("/settings/security/app/qr.svg").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        _, codes = sets_up(client)
    assert len(set(codes)) == 10
    event = Event.objects.get(verb="member.second-factor-on")
    assert (event.actor, event.data) == (alice, {"kind": "app"})
    assert "10 codes not used yet" in words(text(client, SECURITY))
    again = text(client, "/settings/security/codes/")
    assert "shown once" in again
    assert not any(code in again for code in codes)


def test_the_picture_has_an_address_of_its_own_and_is_kept_nowhere(alice: User) -> None:
    client = Client()
    signs_in(client)
    page = client.get("/settings/security/app/")
    page = client.post(page.headers["Location"], {"password": PASSWORD}, follow=True)
    assert "data:" not in page.content.decode()
    drawn = client.get("/settings/security/app/qr.svg")
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    assert "no-store" in drawn.headers["Cache-Control"]


def test_a_wrong_code_or_password_is_said_in_words(alice: User) -> None:
    client = Client()
    signs_in(client)
    confirm = client.get("/settings/security/app/").headers["Location"]
    page = client.post(confirm, {"password": "wrong", "next": "/settings/security/app/"})
    assert "not your password" in page.content.decode()
    page = client.post(confirm, {"password": PASSWORD, "next": "/settings/security/app/"}, follow=True)
    page = client.post("/settings/security/app/", {"code": "000000"})
    assert "does not fit" in page.content.decode()
    assert not Authenticator.objects.exists()


def test_secrets_lie_encrypted_in_the_database(with_app: tuple[str, list[str]], settings: Settings) -> None:
    secret, _ = with_app
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    settings.SECRET_KEY = "another key"
    client = Client()
    signs_in(client)
    assert "does not fit" in client.post("/sign-in/code/", {"code": code(secret)}).content.decode()


# --- being asked


def test_the_password_alone_leads_to_the_code_and_the_code_to_the_page_asked_for(
    with_app: tuple[str, list[str]],
) -> None:
    client = Client()
    assert signs_in(client, way="/queue/") == "/sign-in/code/"
    assert client.get("/openings/").status_code == 302
    assert "no-store" in client.get("/sign-in/code/").headers["Cache-Control"]
    done = client.post("/sign-in/code/", {"code": code(with_app[0])})
    assert done.headers["Location"] == "/queue/"
    assert client.get("/queue/").status_code == 200


def test_next_leads_only_to_pages_of_this_site(with_app: tuple[str, list[str]]) -> None:
    client = Client()
    signs_in(client, way="https://evil.example/")
    assert client.post("/sign-in/code/", {"code": code(with_app[0])}).headers["Location"] == "/openings/"


def test_a_code_counts_once(with_app: tuple[str, list[str]]) -> None:
    first, second = Client(), Client()
    shown = code(with_app[0])
    for client in (first, second):
        signs_in(client)
    assert first.post("/sign-in/code/", {"code": shown}).status_code == 302
    assert "each code counts once" in second.post("/sign-in/code/", {"code": shown}).content.decode()
    assert second.get("/openings/").status_code == 302


def test_the_code_that_proved_the_app_counts_as_used(alice: User) -> None:
    client = Client()
    signs_in(client)
    secret, _ = sets_up(client)
    other = Client()
    signs_in(other)
    assert other.post("/sign-in/code/", {"code": code(secret)}).status_code in (200, 302)
    kept = Authenticator.objects.get(type="totp").wrap()
    assert not kept.validate_code(code(secret))


def test_a_recovery_code_lets_in_once(with_app: tuple[str, list[str]]) -> None:
    _, codes = with_app
    first, second = Client(), Client()
    signs_in(first)
    assert first.post("/sign-in/code/", {"code": codes[3]}).headers["Location"] == "/openings/"
    assert "9 codes not used yet" in words(text(first, SECURITY))
    signs_in(second)
    assert second.post("/sign-in/code/", {"code": codes[3]}).status_code == 200
    assert second.get("/openings/").status_code == 302


def test_guessing_codes_stops_after_five(with_app: tuple[str, list[str]]) -> None:
    client = Client()
    signs_in(client)
    for _ in range(5):
        assert "does not fit" in client.post("/sign-in/code/", {"code": "000000"}).content.decode()
    fresh = Client()
    signs_in(fresh)
    for guesser in (client, fresh):
        page = guesser.post("/sign-in/code/", {"code": code(with_app[0])})
        assert "wait five minutes" in page.content.decode()
    assert fresh.get("/openings/").status_code == 302


def test_without_the_password_there_is_no_page_for_the_code(with_app: tuple[str, list[str]]) -> None:
    assert Client().get("/sign-in/code/").headers["Location"] == "/sign-in/"
    assert Client().post("/sign-in/code/", {"code": code(with_app[0])}).headers["Location"] == "/sign-in/"


def test_the_operators_admin_is_no_way_round(with_app: tuple[str, list[str]], alice: User, signed_in: SignIn) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    client = Client()
    sent = client.post("/admin/login/?next=/admin/", {"username": "alice", "password": PASSWORD})
    assert sent.headers["Location"] == "/sign-in/?next=/admin/"
    assert client.get("/admin/").status_code == 302
    User.objects.filter(pk=alice.pk).update(is_staff=False)
    assert "Only operators" in signed_in(alice).get("/admin/login/").content.decode()


def test_switching_it_off_asks_who_it_is_and_takes_the_codes_too(
    with_app: tuple[str, list[str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = Client()
    signs_in(client)
    client.post("/sign-in/code/", {"code": with_app[1][0]})
    confirm = client.get("/settings/security/app/off/").headers["Location"]
    assert client.post(confirm, {"password": PASSWORD}, follow=True).status_code == 200
    assert client.post("/settings/security/app/off/").headers["Location"] == SECURITY
    assert not Authenticator.objects.exists()
    assert Event.objects.filter(verb="member.second-factor-off").count() == 1
    assert signs_in(Client()) == "/openings/"
