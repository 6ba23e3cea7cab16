"""Stage 1: what is stored, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.core.files.storage import storages
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.conftest import AddPhoto, picture, upload
from vetting import intake
from vetting.models import Analysis, Applicant, Event, Photo, User

pytestmark = pytest.mark.django_db


def test_the_bytes_are_kept_untouched_under_their_hash(add_photo: AddPhoto) -> None:
    data = picture(quality=77)
    photo = add_photo(data, name=r"C:\Users\me\Head shot.JPG")
    assert photo.read_original() == data
    assert photo.sha256 == hashlib.sha256(data).hexdigest()
    assert (photo.size, photo.format, photo.width, photo.height) == (len(data), "JPEG", 320, 400)
    assert photo.file_name == "Head shot.JPG"


def test_a_photo_is_queued_and_the_bell_rings_once_after_the_commit(
    applicant: Applicant,
    alice: User,
    rung: Callable[[], list[int]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        arrival = intake.accept_photo(applicant=applicant, upload=upload(picture()), by=alice)
        assert rung() == []
    assert rung() == [arrival.photo.analyses.get().pk]
    assert arrival.photo.analyses.get().state == "queued"


def test_the_first_photo_becomes_the_cover_and_stays_it(applicant: Applicant, add_photo: AddPhoto) -> None:
    first = add_photo(picture(1))
    add_photo(picture(2))
    applicant.refresh_from_db()
    assert applicant.cover == first


def test_the_same_bytes_again_are_recognised_and_not_stored_twice(applicant: Applicant, alice: User) -> None:
    data = picture()
    first = intake.accept_photo(applicant=applicant, upload=upload(data, "a.jpg"), by=alice)
    again = intake.accept_photo(applicant=applicant, upload=upload(data, "b.jpg"), by=alice)
    assert (first.known, again.known) == (False, True)
    assert again.photo == first.photo
    assert Analysis.objects.count() == 1
    assert Event.objects.filter(verb="photo.received").count() == 1


def test_the_same_bytes_for_another_applicant_are_a_photo_of_their_own(
    applicant: Applicant, alice: User, add_photo: AddPhoto
) -> None:
    other = intake.add_applicant(opening=applicant.opening, name="Someone Else", by=alice)
    assert add_photo(picture()) != add_photo(picture(), to=other)
    assert Analysis.objects.count() == 2


REFUSED = {
    "empty": (b"", "empty"),
    "a PDF named .jpg": (b"%PDF-1.4 and so on", "PDF"),
    "a TIFF": (picture(kind="TIFF"), "TIFF"),
    "a GIF": (picture(kind="GIF"), "GIF"),
    "cut off before the pixels": (picture()[:180], "cut off"),
}


@pytest.mark.parametrize(("data", "word"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_a_sentence_and_changes_nothing(data: bytes, word: str, applicant: Applicant, alice: User) -> None:
    events = Event.objects.count()
    with pytest.raises(intake.Refused, match=word) as refusal:
        intake.accept_photo(applicant=applicant, upload=upload(data), by=alice)
    assert str(refusal.value).endswith(".")
    assert not Photo.objects.exists()
    assert Event.objects.count() == events
    assert storages["originals"].listdir("")[0] == []


def test_limits_are_settings(applicant: Applicant, alice: User, settings: Settings) -> None:
    settings.MAX_PHOTO_BYTES = 1024 * 1024
    with pytest.raises(intake.Refused, match="at most 1 MB"):
        intake.accept_photo(applicant=applicant, upload=upload(picture() + bytes(1024 * 1024)), by=alice)
    settings.MAX_PHOTO_PIXELS = 100_000
    with pytest.raises(intake.Refused, match="megapixels"):
        intake.accept_photo(applicant=applicant, upload=upload(picture()), by=alice)


def test_a_picture_that_opens_halfway_is_accepted_as_evidence(add_photo: AddPhoto) -> None:
    whole = picture(size=(800, 800), quality=95)
    assert add_photo(whole[: len(whole) // 2]).format == "JPEG"


def test_an_original_left_half_written_by_a_crash_is_written_again(add_photo: AddPhoto) -> None:
    data = picture()
    digest = hashlib.sha256(data).hexdigest()
    torn = storages["originals"].path(f"{digest[:2]}/{digest[2:4]}/{digest}")
    storages["originals"].save(f"{digest[:2]}/{digest[2:4]}/{digest}", upload(data[:100]))
    photo = add_photo(data)
    assert photo.read_original() == data
    assert storages["originals"].path(photo.original_key) == torn


def test_a_queue_that_does_not_answer_is_logged_and_left_to_the_sweep() -> None:
    """In a process of its own, as the broker is chosen when the app starts."""
    ring = "import django; django.setup(); from vetting import tasks; tasks.ring(1); print('the upload stands')"
    process = subprocess.run(
        [sys.executable, "-c", ring],
        env=os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0", "DJANGO_SETTINGS_MODULE": "vetting.settings"},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "the upload stands" in process.stdout
    assert "the sweep will ring for analysis 1" in process.stderr


def test_asking_again_while_one_is_in_work_starts_no_second(photo: Photo, alice: User) -> None:
    current = photo.analyses.get()
    assert intake.request_analysis(photo=photo, by=alice) == current
    assert intake.request_again(analysis=current, by=alice) == current
    assert photo.analyses.count() == 1
