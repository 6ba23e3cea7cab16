"""The receipt: for whoever was told its code, without an account, and without anything that says who it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.conftest import AddPhoto, SignIn, words
from vetting import retention
from vetting.candidate.links import make_link
from vetting.keeping.holds import place_hold
from vetting.keeping.requests import ask_for_erasure, take_back_erasure
from vetting.models import Applicant, Leftover, Tombstone, User
from vetting.web.views.keeping import UNKNOWN_A_MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def stone(
    add_photo: AddPhoto, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Tombstone:
    photo = add_photo()
    with django_capture_on_commit_callbacks(execute=True):
        return retention.forget_applicant(applicant=photo.applicant, by=bob)


def page(code: str, status: int = 200) -> str:
    response = Client().get(reverse("receipt", args=[code]))
    assert response.status_code == status
    return response.content.decode()


def test_a_stranger_with_the_code_reads_what_was_deleted(stone: Tombstone) -> None:
    said = words(page(stone.code))
    for sentence in (
        "Northlight Casting has deleted",
        "Photos 1",
        "All files are gone.",
        "What stays, and why",
        "Backups",
    ):
        assert sentence in said


def test_it_names_nobody(stone: Tombstone) -> None:
    document = Client().get(reverse("receipt-json", args=[stone.code])).content.decode()
    for told in (page(stone.code), document, json.dumps(stone.receipt)):
        for word in ("Eileen", "Collins", "example.org", "headshot", "Bob", "Lindqvist", "Lead, autumn film"):
            assert word not in told


def test_it_is_signed_and_verified_like_a_report(stone: Tombstone) -> None:
    saved = Client().get(reverse("receipt-json", args=[stone.code])).content
    verify = reverse("verify")
    said = words(Client().post(verify, {"report": SimpleUploadedFile("receipt.json", saved)}).content.decode())
    assert "Unchanged content, and from this installation" in said
    assert "It is a receipt of an erasure" in said
    changed = saved.replace(b'"photos": 1', b'"photos": 2')
    assert changed != saved
    said = words(Client().post(verify, {"report": SimpleUploadedFile("receipt.json", changed)}).content.decode())
    assert "Changed after it was signed" in said


def test_without_a_key_it_is_unsigned_and_says_so(add_photo: AddPhoto, bob: User, settings: Settings) -> None:
    settings.PRODUCTION = True
    stone = retention.forget_applicant(applicant=add_photo().applicant, by=bob)
    settings.PRODUCTION = False
    assert (stone.signature, stone.key_id) == ("", "")
    assert "It is not signed" in words(page(stone.code))


def test_a_file_that_is_still_there_is_told(stone: Tombstone) -> None:
    Leftover.objects.create(storage="originals", key="a/b", since=timezone.now(), until=timezone.now(), tombstone=stone)
    said = words(page(stone.code))
    assert "1 file is still being deleted" in said
    assert "All files are gone" not in said


def test_before_it_is_carried_out_the_page_says_so(applicant: Applicant, alice: User, ada: User) -> None:
    link = make_link(applicant=applicant, by=alice)
    asked = ask_for_erasure(link=link)
    assert "Not yet carried out" in page(asked.code)
    assert Client().get(reverse("receipt-json", args=[asked.code])).status_code == 404
    place_hold(applicant=applicant, by=ada, reason="A claim by Eileen Collins.")
    held = page(asked.code)
    assert "a legal hold is in force" in held
    assert "claim" not in held
    take_back_erasure(link=link)
    assert "Taken back" in page(asked.code)


def test_the_address_that_was_noted_down_opens_the_receipt(applicant: Applicant, alice: User) -> None:
    asked = ask_for_erasure(link=make_link(applicant=applicant, by=alice))
    stone = retention.forget_applicant(applicant=applicant, by=alice)
    assert stone.code == asked.code
    assert "has deleted everything" in words(page(asked.code))


def test_another_code_opens_nothing_and_is_not_tried_for_ever(stone: Tombstone) -> None:
    assert "No receipt here" in page("nobody-was-told-this", 404)
    for _ in range(UNKNOWN_A_MINUTE):
        Client().get(reverse("receipt", args=["x"]))
    page("x", 429)


def test_the_team_finds_it_among_what_was_deleted(stone: Tombstone, ada: User, signed_in: SignIn) -> None:
    said = signed_in(ada).get(reverse("keeping")).content.decode()
    assert reverse("receipt", args=[stone.code]) in said


def test_whoever_deletes_is_told_the_address_to_pass_on(applicant: Applicant, alice: User, signed_in: SignIn) -> None:
    client: Any = signed_in(alice)
    response = client.post(reverse("applicant-forget", args=[applicant.pk]), {"asked": "1"}, follow=True)
    stone = Tombstone.objects.get()
    assert (stone.cause, stone.by) == (Tombstone.Cause.REQUEST, alice)
    assert f"/receipts/{stone.code}/" in response.content.decode()
