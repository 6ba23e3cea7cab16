"""Stage 6: forgetting leaves no byte behind that nobody else has."""

from __future__ import annotations

import pytest
from django.core.files.storage import storages
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.conftest import AddPhoto, examine_now, picture
from vetting import audit, intake, retention
from vetting.models import Analysis, Applicant, Event, Photo, User

pytestmark = pytest.mark.django_db


def stored(photo: Photo) -> list[bool]:
    previews = [storages["previews"].exists(photo.preview_key(size)) for size in Photo.Preview]
    return [storages["originals"].exists(photo.original_key), *previews]


def test_an_applicant_is_forgotten_with_rows_bytes_and_previews(
    add_photo: AddPhoto, alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = add_photo()
    examine_now(photo)
    assert all(stored(photo))
    with django_capture_on_commit_callbacks(execute=True):
        retention.forget_applicant(applicant=photo.applicant, by=alice)
    assert not any(stored(photo))
    assert not Applicant.objects.exists()
    assert not Analysis.objects.exists()
    assert Event.objects.filter(verb="applicant.forgotten").exists()
    assert audit.first_broken(Event.objects.first().team) is None  # type: ignore[union-attr]


def test_bytes_that_another_applicant_also_sent_stay(
    add_photo: AddPhoto,
    applicant: Applicant,
    alice: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    other = intake.add_applicant(opening=applicant.opening, name="Twin", by=alice)
    mine, theirs = add_photo(picture(3)), add_photo(picture(3), to=other)
    with django_capture_on_commit_callbacks(execute=True):
        retention.forget_applicant(applicant=mine.applicant, by=alice)
    assert theirs.read_original() == picture(3)
