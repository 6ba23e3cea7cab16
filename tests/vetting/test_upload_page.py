"""Uploading: each file has its own answer, and one that is refused changes nothing for the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.conftest import SignIn, examine_now, picture, upload
from vetting.models import Analysis, Applicant, Photo, User

Send = Callable[..., str]


@pytest.fixture
def send(applicant: Applicant, alice: User, signed_in: SignIn) -> Send:
    """send(*files, htmx=False): the answer's text."""
    client = signed_in(alice)

    def post(*files: SimpleUploadedFile, htmx: bool = False) -> str:
        headers = {"HX-Request": "true"} if htmx else {}
        address = reverse("photo-upload", args=[applicant.pk])
        response = client.post(address, {"photos": list(files)}, headers=headers)
        assert response.status_code == 200
        return response.content.decode()

    return post


def test_a_bad_file_changes_nothing_for_the_others(send: Send) -> None:
    page = send(upload(picture(1), "one.jpg"), upload(b"%PDF-1.4", "cv.pdf"), upload(picture(2), "two.jpg"))
    assert list(Photo.objects.values_list("file_name", flat=True)) == ["one.jpg", "two.jpg"]
    assert Analysis.objects.filter(state="queued").count() == 2
    assert page.count("<strong>Received.</strong>") == 2
    assert page.count("<strong>Not taken.</strong>") == 1
    assert "PDF" in page


def test_htmx_gets_the_answer_alone(send: Send) -> None:
    part = send(upload(picture(), "one.jpg"), htmx=True)
    assert 'data-receipt="new"' in part
    assert "<html" not in part


def test_the_same_bytes_are_recognised_and_said(send: Send) -> None:
    send(upload(picture(), "first.jpg"))
    part = send(upload(picture(), "again.jpg"), htmx=True)
    assert "You have this photo already" in part
    assert "as first.jpg" in part
    assert Photo.objects.count() == Analysis.objects.count() == 1


def test_an_upload_rings_for_a_worker(
    send: Send, rung: Callable[[], list[int]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        send(upload(picture()))
    assert rung() == [Analysis.objects.get().pk]


@pytest.mark.parametrize("size", [3_000_000, 200_000], ids=["from a file", "from memory"])
def test_a_file_over_the_limit_gets_a_sentence(send: Send, settings: Settings, size: int) -> None:
    """The larger one comes through the temporary file that stops growing at the limit, and is still named in full."""
    settings.MAX_PHOTO_BYTES = 100_000
    page = send(upload(picture(1), "small.jpg"), upload(b"\xff\xd8" + bytes(size), "large.jpg"))
    assert f"The file has {size / 1024**2:.0f} MB" in page
    assert Photo.objects.get().file_name == "small.jpg"


def test_more_files_than_the_limit_get_a_sentence(
    applicant: Applicant, alice: User, signed_in: SignIn, settings: Settings
) -> None:
    settings.MAX_PHOTOS_AT_ONCE = settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    files = [upload(picture(seed), f"{seed}.jpg") for seed in range(4)]
    response = signed_in(alice).post(reverse("photo-upload", args=[applicant.pk]), {"photos": files})
    assert response.status_code == 400
    assert "more than 3 files at once" in response.content.decode()
    assert not Photo.objects.exists()


def test_no_file_at_all_gets_a_sentence(send: Send) -> None:
    assert "No file came along" in send()


def test_a_name_with_markup_is_only_a_name(send: Send, applicant: Applicant, alice: User, signed_in: SignIn) -> None:
    page = send(upload(picture(), "<img src=x onerror=alert(1)>.jpg"))
    assert "<img src=x" not in page
    examine_now(Photo.objects.get())
    assert "<img src=x" not in signed_in(alice).get(applicant.get_absolute_url()).content.decode()


def test_the_form_works_without_javascript(applicant: Applicant, alice: User, signed_in: SignIn) -> None:
    page = signed_in(alice).get(applicant.get_absolute_url()).content.decode()
    form = page.split("data-upload")[0].rsplit("<form", 1)[1]
    assert f'action="{reverse("photo-upload", args=[applicant.pk])}"' in form
    assert 'enctype="multipart/form-data"' in form
    assert 'type="file" name="photos" multiple' in page


def test_an_upload_needs_its_token(applicant: Applicant, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("photo-upload", args=[applicant.pk])
    assert client.post(address, {"photos": upload(picture())}).status_code == 403
    assert not Photo.objects.exists()
