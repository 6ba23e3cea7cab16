"""A person with an authenticator app: signs in, sets it up, reads its codes."""

from __future__ import annotations

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

PASSWORD = "correct horse battery"
SECURITY = "/settings/security/"


def code(secret: str) -> str:
    """What the app shows; waits where the half minute is about to end."""
    if time.time() % 30 > 28:
        time.sleep(2.1)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def signs_in(client: Client, name: str = "alice", password: str = PASSWORD, way: str = "") -> str:
    """Where the password leads to."""
    answered = client.post(f"/sign-in/?next={way}" if way else "/sign-in/", {"username": name, "password": password})
    return str(answered.headers.get("Location", answered.status_code))


def sets_up(client: Client) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes."""
    page = client.get("/settings/security/app/")
    if page.status_code == 302:
        page = client.post(
            page.headers["Location"], {"password": PASSWORD, "next": "/settings/security/app/"}, follow=True
        )
    found = re.search(r'class="key">(\w+)<', page.content.decode())
    assert found, page.content
    answered = client.post("/settings/security/app/", {"code": code(found[1])}, follow=True)
    codes = re.findall(r"<li><code>(\d{8})</code>", answered.content.decode())
    return found[1], codes


def forget_used_codes() -> None:
    """As if the half minute were over."""
    cache.clear()


def alice_with_app() -> tuple[str, list[str]]:
    """Her app's secret and her recovery codes; no code of this half minute counts as used."""
    client = Client()
    assert signs_in(client) == "/openings/"
    made = sets_up(client)
    forget_used_codes()
    return made
