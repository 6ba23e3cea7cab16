"""Passkeys and the authenticator app in Chromium, with the browser's own virtual authenticator."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from tests.services import Site, chromium, site
from tests.system.stage import PASSWORD, TEAM

pytestmark = pytest.mark.system
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site"), CANDID_SECOND_FACTOR="1") as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        running.web()
        yield running


@contextmanager
def browser(running: Site, *, scripts: bool = True) -> Iterator[Page]:
    """A page at http://localhost, which browsers let have passkeys; nothing may be stopped by the site's own policy."""
    stopped: list[str] = []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = launched.new_context(base_url=f"http://localhost:{running.port}", java_script_enabled=scripts)
        page = context.new_page()
        page.on("console", lambda said: stopped.append(said.text) if "Content Security Policy" in said.text else None)
        yield page
        launched.close()
    assert not stopped


def device(page: Page) -> tuple[CDPSession, str]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session, str(made["authenticatorId"])


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page: Page) -> None:
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_a_passkey_is_added_asked_for_and_signs_in_without_a_password(running: Site) -> None:
    with browser(running) as page:
        session, authenticator = device(page)
        sign_in(page, "alice")
        page.goto("/settings/security/")
        page.get_by_role("link", name="Add a passkey").click()
        confirm(page)
        page.get_by_label("Name").fill("Work laptop")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download as text").click()
        assert re.fullmatch(r"(\d{8}\n){10}", download.value.path().read_text())
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_role("row", name="Work laptop")).to_be_visible()

        page.get_by_role("button", name="Sign out").click()
        sign_in(page, "alice")
        expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
        page.get_by_role("button", name="Use your passkey").click()
        page.wait_for_url("**/openings/")

        page.get_by_role("button", name="Sign out").click()
        page.goto("/sign-in/?next=/queue/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/queue/")

        page.get_by_role("button", name="Sign out").click()
        session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
        page.goto("/sign-in/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("The browser did not finish this")).to_be_visible()


def test_without_scripts_the_app_works_and_passkeys_say_what_they_need(running: Site) -> None:
    with browser(running, scripts=False) as page:
        sign_in(page, "ada")
        page.goto("/settings/security/passkeys/new/")
        confirm(page)
        expect(page.get_by_text("A passkey needs JavaScript")).to_be_visible()
        page.goto("/settings/security/app/")
        expect(page.get_by_alt_text("QR code for the app")).to_be_visible()
        assert page.locator(".qr").evaluate("image => image.naturalWidth") > 0
        secret = page.locator("code.key").inner_text()
        page.get_by_label("Code").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
        page.get_by_role("button", name="Switch it on").click()
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        assert page.locator(".codes li").count() == 10
