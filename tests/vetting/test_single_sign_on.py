"""Single sign-on against a provider of the test's own, through every redirect; and what it says when it goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from tests.conftest import SignIn, text, words
from tests.login_server import OTHER_KEY, Login, login_server
from vetting.checks import single_sign_on_is_whole
from vetting.models import Event, User
from vetting.web.sign_in.offered import provider_id

THERE, SECURITY = "/sign-in/with/", "/settings/security/"


@pytest.fixture(scope="module")
def provider() -> Iterator[Login]:
    with login_server() as login:
        yield login


@pytest.fixture(autouse=True)
def _on(settings: Settings, provider: Login) -> None:
    cache.clear()
    issuer = provider.issuer
    provider.__init__()  # type: ignore[misc]
    provider.issuer = settings.OIDC_ISSUER = issuer
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, settings.OIDC_NAME = "candid", "hush", "Northlight"


def goes(client: Client, provider: Login, way: str = "") -> Any:
    """To the provider, through it, and back."""
    sent = client.get(THERE + (f"?next={way}" if way else ""))
    assert sent.status_code == 302, sent.content
    return client.get(provider.sign_in(sent.headers["Location"]))


def told(answered: Any, status: int = 403) -> str:
    assert answered.status_code == status
    return words(answered.content.decode())


def is_in(client: Client) -> bool:
    return client.get("/openings/").status_code == 200


# --- coming in


def test_the_sign_in_page_has_a_button_and_keeps_where_one_was_going() -> None:
    page = text(Client(), "/sign-in/?next=/queue/")
    assert 'href="/sign-in/with/?next=/queue/"' in page
    assert "Sign in with Northlight" in page
    assert 'name="password"' in page


def test_who_has_the_verified_address_comes_in_and_is_linked(alice: User, provider: Login) -> None:
    provider.person["email"] = "Alice@Example.org"
    client = Client()
    assert goes(client, provider, "/queue/").headers["Location"] == "/queue/"
    assert is_in(client)
    account = SocialAccount.objects.get()
    assert (account.user, account.uid, account.extra_data) == (alice, "a-1", {})
    assert not SocialToken.objects.exists()
    assert Event.objects.get(verb="member.single-sign-on-linked").actor == alice


def test_who_is_linked_comes_in_under_another_address_too(alice: User, provider: Login) -> None:
    goes(Client(), provider)
    provider.person |= {"email": "married@example.org", "email_verified": False}
    client = Client()
    goes(client, provider)
    assert is_in(client)
    assert SocialAccount.objects.count() == 1


def test_next_leads_only_to_pages_of_this_site(alice: User, provider: Login) -> None:
    assert goes(Client(), provider, "https://evil.example/").headers["Location"] == "/openings/"
    assert goes(Client(), provider, "//evil.example/").headers["Location"] == "/openings/"


def test_an_address_only_in_the_userinfo_is_enough_where_it_is_about_the_same_person(
    alice: User, provider: Login
) -> None:
    provider.userinfo = {"sub": "a-1", "email": "alice@example.org", "email_verified": "true"}
    client = Client()
    goes(client, provider)
    assert is_in(client)
    provider.userinfo["sub"] = "b-2"
    assert "does not belong" in told(goes(Client(), provider))


def test_a_second_factor_is_asked_for_here_too(alice: User, provider: Login, settings: Settings) -> None:
    settings.SECOND_FACTOR = True
    client = Client()
    Authenticator.objects.create(user=alice, type="totp", data={"secret": "x"})
    assert goes(client, provider).headers["Location"] == "/sign-in/code/"
    assert not is_in(client)


# --- being refused


def test_nobody_registers_this_way(alice: User, provider: Login) -> None:
    provider.person["email"] = "stranger@example.org"
    client = Client()
    assert "Ask an admin of your team to add you" in told(goes(client, provider))
    assert not is_in(client)
    assert User.objects.count() == 1


@pytest.mark.parametrize("said", [False, None, "false", 1, "yes"])
def test_an_address_that_is_not_verified_is_not_taken(alice: User, provider: Login, said: Any) -> None:
    provider.person["email_verified"] = said
    assert "did not confirm" in told(goes(Client(), provider))
    assert not SocialAccount.objects.exists()


def test_a_provider_that_never_says_verified_can_be_trusted_by_the_operator(
    alice: User, provider: Login, settings: Settings
) -> None:
    del provider.person["email_verified"]
    assert "did not confirm" in told(goes(Client(), provider))
    settings.OIDC_TRUSTS_EMAIL = True
    client = Client()
    goes(client, provider)
    assert is_in(client)


def test_an_address_of_two_accounts_or_of_another_sign_in_is_refused(alice: User, bob: User, provider: Login) -> None:
    goes(Client(), provider)
    provider.person["sub"] = "somebody-new"  # the address was given to somebody else
    assert "another sign-in" in told(goes(Client(), provider))
    User.objects.filter(pk=bob.pk).update(email="ALICE@example.org")
    assert "Several accounts" in told(goes(Client(), provider))


def test_a_switched_off_account_stays_out(alice: User, provider: Login) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client = Client()
    assert goes(client, provider).headers["Location"] == "/sign-in/"
    assert "switched off" in text(client, "/sign-in/")
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"nonce": "another"}, {"nonce": ""}, {"aud": "somebody-else"}, {"iss": "https://evil.example"}, {"exp": 1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_token_for_another_sign_in_site_or_time_is_refused(
    alice: User, provider: Login, wrong: dict[str, Any]
) -> None:
    provider.wrong = wrong
    client = Client()
    assert "does not belong to a sign-in that was begun here" in told(goes(client, provider))
    assert not is_in(client)


def test_a_token_that_is_not_signed_by_the_provider_is_refused(alice: User, provider: Login) -> None:
    provider.key = OTHER_KEY
    assert "does not belong" in told(goes(Client(), provider))
    provider.algorithm = "none"
    assert "does not belong" in told(goes(Client(), provider))


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(alice: User, provider: Login) -> None:
    answer = provider.sign_in(Client().get(THERE).headers["Location"])
    other = Client()
    assert "does not belong" in told(other.get(answer))
    assert "does not belong" in told(other.get(f"{THERE}back/"))
    assert not is_in(other)


def test_an_answer_counts_once(alice: User, provider: Login) -> None:
    client = Client()
    answer = provider.sign_in(client.get(THERE).headers["Location"])
    client.get(answer)
    client.post("/sign-out/")
    assert "does not belong" in told(client.get(answer))


def test_going_back_at_the_provider_is_no_error(provider: Login, db: None) -> None:
    client = Client()
    state = parse_qs(urlsplit(client.get(THERE).headers["Location"]).query)["state"][0]
    assert "went back" in told(client.get(f"{THERE}back/?error=access_denied&state={state}"))


def test_a_provider_that_is_down_or_broken_is_said_in_words(
    alice: User, provider: Login, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    for answer in ((500, "oops"), (200, "not json"), (200, "[]"), (200, '{"access_token": "t"}')):
        provider.answers_tokens = answer
        assert goes(Client(), provider).status_code in (403, 502), answer
    provider.says = "https://evil.example"
    assert "does not belong" in told(Client().get(THERE))
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "does not answer at the moment" in told(Client().get(THERE), 502)
    assert "hush" not in caplog.text


def test_another_site_does_not_begin_it(provider: Login, db: None) -> None:
    sent = Client().get(THERE, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.headers["Location"] == "/sign-in/"


# --- linking


def confirmed(alice: User) -> Client:
    """alice, who has just shown once more that it is she."""
    client = Client()
    client.post("/sign-in/", {"username": "alice", "password": "correct horse battery"})
    client.post(f"{SECURITY}confirm/", {"password": "correct horse battery", "next": SECURITY})
    return client


def test_one_links_an_account_with_another_address_and_unlinks_it(alice: User, provider: Login) -> None:
    provider.person |= {"email": "a.moreau@home.example", "email_verified": False}
    client = confirmed(alice)
    page = client.post(f"{SECURITY}link/").content.decode()
    way = page.split('class="button primary" href="')[1].split('"')[0]
    assert client.get(provider.sign_in(client.get(way).headers["Location"])).headers["Location"] == SECURITY
    assert SocialAccount.objects.get().user == alice
    assert "Linked" in text(client, SECURITY)
    assert "no longer linked" in client.post(f"{SECURITY}unlink/", follow=True).content.decode()
    assert not SocialAccount.objects.exists()
    verbs = list(Event.objects.filter(verb__startswith="member.single").values_list("verb", flat=True))
    assert verbs == ["member.single-sign-on-linked", "member.single-sign-on-unlinked"]


def test_linking_needs_our_own_form_and_a_fresh_confirmation(alice: User, provider: Login, signed_in: SignIn) -> None:
    client = confirmed(alice)
    assert client.get(f"{SECURITY}link/").status_code == 405
    assert client.get(f"{THERE}?ticket=guess").headers["Location"] == "/openings/"
    stale = signed_in(alice)
    confirm = stale.post(f"{SECURITY}link/").headers["Location"]
    assert confirm.startswith(f"{SECURITY}confirm/")
    sent = {"password": "correct horse battery", "next": f"{SECURITY}link/"}
    assert "Continue" in stale.post(confirm, sent).content.decode()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(f"{SECURITY}link/").status_code == 403


def test_what_somebody_else_is_linked_with_stays_theirs(alice: User, bob: User, provider: Login) -> None:
    bobs = SocialAccount.objects.create(user=bob, provider=provider_id(), uid="a-1")
    client = confirmed(alice)
    way = client.post(f"{SECURITY}link/").content.decode().split('class="button primary" href="')[1].split('"')[0]
    client.get(provider.sign_in(client.get(way).headers["Location"]))
    assert list(SocialAccount.objects.all()) == [bobs]
    assert "belongs to another account" in text(client, SECURITY)


# --- only this way


def test_where_it_is_the_only_way_a_password_lets_only_operators_in(
    alice: User, bob: User, provider: Login, settings: Settings
) -> None:
    settings.OIDC_ONLY = settings.SECOND_FACTOR = True
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    page = text(Client(), "/sign-in/")
    assert 'name="password"' not in page
    assert 'name="password"' in text(Client(), "/sign-in/?with=password")
    client = Client()
    right = {"username": "alice", "password": "correct horse battery"}
    refused = client.post("/sign-in/", right)
    assert not is_in(client)
    wrong = client.post("/sign-in/", right | {"password": "wrong"})
    assert _said(refused) == _said(wrong)  # a guesser does not learn that the password fits
    assert client.post("/sign-in/", right | {"username": "bob"}).status_code == 302
    assert is_in(client)
    assert Client().get("/sign-in/passkey/").status_code == 404
    assert client.post(f"{SECURITY}unlink/").status_code == 302


def _said(answered: Any) -> str:
    return words(answered.content.decode())


# --- configuration


def test_half_a_configuration_is_named_and_switches_nothing_on(settings: Settings, db: None) -> None:
    assert single_sign_on_is_whole() == []
    settings.OIDC_CLIENT_SECRET = ""
    (problem,) = single_sign_on_is_whole()
    assert "CANDID_OIDC_CLIENT_SECRET" in problem.msg
    assert Client().get(THERE).status_code == 404
    assert "Northlight" not in text(Client(), "/sign-in/")
    settings.OIDC_ISSUER = settings.OIDC_CLIENT_ID = ""
    assert single_sign_on_is_whole() == []
    settings.OIDC_ONLY = True
    assert "is off" in single_sign_on_is_whole()[0].msg
    assert 'name="password"' in text(Client(), "/sign-in/")


def test_an_issuer_for_everybody_or_without_https_is_named(settings: Settings) -> None:
    settings.PRODUCTION = True
    settings.OIDC_ISSUER = "http://login.microsoftonline.com/common/v2.0"
    assert [problem.id for problem in single_sign_on_is_whole()] == ["vetting.E031", "vetting.E032"]
