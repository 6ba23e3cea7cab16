"""The limit on sign-in counts strangers by their own address, also behind a proxy."""

from __future__ import annotations

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from vetting.models import User


def tried(address: str, word: str = "wrong") -> int:
    sent = {"username": "alice", "password": word}
    return Client(headers={"X-Forwarded-For": address}).post(reverse("sign-in"), sent).status_code


@pytest.fixture
def _behind_a_proxy(settings: Settings) -> None:
    settings.PROXY_COUNT = 1


@pytest.mark.usefixtures("_behind_a_proxy")
def test_who_guesses_is_locked_out_and_nobody_else_behind_the_same_proxy(alice: User) -> None:
    codes = [tried("203.0.113.9") for _ in range(configured.AXES_FAILURE_LIMIT + 1)]
    assert codes[0] == 200
    assert codes[-1] == 429
    assert tried("203.0.113.9", "correct horse battery") == 429
    assert tried("198.51.100.7", "correct horse battery") == 302


@pytest.mark.usefixtures("_behind_a_proxy")
def test_an_address_that_a_guesser_claims_beside_his_own_does_not_help(alice: User) -> None:
    codes = [tried(f"192.0.2.{number}, 203.0.113.9") for number in range(configured.AXES_FAILURE_LIMIT + 1)]
    assert codes[-1] == 429


def test_without_a_proxy_the_header_counts_for_nothing(alice: User) -> None:
    codes = [tried(f"192.0.2.{number}") for number in range(configured.AXES_FAILURE_LIMIT + 1)]
    assert codes[-1] == 429
