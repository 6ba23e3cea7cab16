"""A comparison is a row as an analysis is: taken by one worker, fenced by the attempt, ended with a sentence."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import numpy as np
import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests import pictures
from tests.conftest import AddPhoto, astronaut, picture
from tests.vetting.replies import decide, link_for
from vetting import intake, tasks
from vetting.models import Applicant, Comparison, Event, Opening, Photo, User
from vetting.reply import comparing
from vetting.reply.comparing import PICTURES, CannotCompare, read_picture, request_comparison

pytestmark = pytest.mark.django_db


def background_blurred() -> bytes:
    """The astronaut with one side of the background replaced by a flat colour."""
    pixels = np.asarray(pictures.astronaut()).copy()
    pixels[:200, :120] = (90, 120, 160)
    return pictures.encoded(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(0.3)), "JPEG", quality=90)


def three() -> dict[str, NDArray[np.uint8]]:
    return {name: pictures.noise(120, 150, seed) for seed, name in enumerate(PICTURES)}


def kept(row: Comparison) -> list[str]:
    """The pictures of it that stand in the storage."""
    return [name for name in PICTURES if storages["previews"].exists(row.picture_key(name))]


@pytest.fixture
def pair(add_photo: AddPhoto, alice: User) -> Comparison:
    """The first photo, changed, and the original that it was made from; queued."""
    photo, original = add_photo(background_blurred()), add_photo(astronaut(), name="DSC_1.jpg")
    return request_comparison(photo=photo, original=original, by=alice)


def test_the_original_is_found_to_be_the_same_picture_and_three_pictures_are_kept(pair: Comparison) -> None:
    comparing.run(pair.pk)
    pair.refresh_from_db()
    assert (pair.state, pair.error, pair.result["relation"]) == ("done", "", "same-picture")
    assert pair.has_pictures
    assert {Image.open(io.BytesIO(read_picture(pair, name))).format for name in PICTURES} == {"WEBP"}
    assert len({Image.open(io.BytesIO(read_picture(pair, name))).size for name in PICTURES}) == 1
    verbs = list(Event.objects.filter(verb__startswith="comparison.").values_list("verb", flat=True))
    assert verbs == ["comparison.requested", "comparison.finished"]


def test_it_is_done_once_however_often_it_is_asked_for(pair: Comparison, alice: User) -> None:
    assert request_comparison(photo=pair.photo, original=pair.original, by=alice) == pair
    assert Event.objects.filter(verb="comparison.requested").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Comparison.objects.create(photo=pair.photo, original=pair.original)


def test_a_photo_is_not_compared_with_itself_or_with_another_applicants(
    pair: Comparison, opening: Opening, alice: User, add_photo: AddPhoto
) -> None:
    with pytest.raises(CannotCompare, match="the same photo"):
        request_comparison(photo=pair.photo, original=pair.photo, by=alice)
    other = intake.add_applicant(opening=opening, name="Sally Ride", by=alice)
    with pytest.raises(CannotCompare, match="same applicant"):
        request_comparison(photo=pair.photo, original=add_photo(picture(3), to=other), by=alice)


def test_a_worker_that_lost_its_lease_writes_nothing(pair: Comparison) -> None:
    mine = comparing.claim(pair.pk)
    assert mine is not None
    assert comparing.claim(pair.pk) is None
    Comparison.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    theirs = comparing.claim(pair.pk)
    assert theirs is not None
    assert comparing.finish(mine, {"relation": "same-picture"}, three()) is False
    assert comparing.finish(theirs, {"relation": "another-picture"}, {}) is True
    pair.refresh_from_db()
    assert pair.result == {"relation": "another-picture"}
    assert kept(pair) == []


def test_after_three_attempts_it_is_given_up_with_a_sentence_and_can_be_tried_again(
    pair: Comparison, alice: User
) -> None:
    for _ in range(3):
        assert comparing.claim(pair.pk) is not None
        Comparison.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert comparing.claim(pair.pk) is None
    pair.refresh_from_db()
    assert (pair.state, pair.error) == ("failed", comparing.GIVEN_UP)
    again = request_comparison(photo=pair.photo, original=pair.original, by=alice)
    assert (again.pk, again.state, again.attempt, again.error) == (pair.pk, "queued", 0, "")


@pytest.mark.parametrize(("damage", "says"), [("gone", "could not be read"), ("changed", "no longer matches the hash")])
def test_bytes_that_are_gone_or_changed_are_said_in_words(damage: str, says: str, pair: Comparison) -> None:
    originals, key = storages["originals"], pair.original.original_key
    originals.delete(key)
    if damage == "changed":
        originals.save(key, io.BytesIO(picture(5)))
    comparing.run(pair.pk)
    pair.refresh_from_db()
    assert pair.state == "failed"
    assert says in pair.error


def test_a_crash_is_said_in_words_and_logged(
    pair: Comparison, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(storages["previews"].__class__, "save", full)
    comparing.run(pair.pk)
    pair.refresh_from_db()
    assert (pair.state, pair.error) == ("failed", comparing.BROKE)
    assert f"comparison {pair.pk} broke" in caplog.text


def test_what_was_forgotten_meanwhile_leaves_no_picture_behind(pair: Comparison) -> None:
    row = comparing.claim(pair.pk)
    assert row is not None
    Comparison.objects.all().delete()
    assert comparing.finish(row, {"relation": "same-picture"}, three()) is False
    assert kept(pair) == []


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_at_once_and_the_sweep_rings_again(
    rung: Callable[[], list[int]], add_photo: AddPhoto, alice: User
) -> None:
    photo, original = add_photo(picture(1)), add_photo(picture(2), name="DSC_1.jpg")
    rung()
    row = request_comparison(photo=photo, original=original, by=alice)
    assert rung() == [row.pk]
    tasks.sweep()
    assert rung() == []
    Comparison.objects.update(rung_at=timezone.now() - settings.QUEUED_TOO_LONG - dt.timedelta(seconds=1))
    tasks.sweep()
    assert rung() == [row.pk]
    row.refresh_from_db()
    assert timezone.now() - row.rung_at < dt.timedelta(minutes=1)


def test_two_pictures_that_have_nothing_in_common_are_said_to_be_two(add_photo: AddPhoto, alice: User) -> None:
    photo, original = add_photo(astronaut()), add_photo(picture(6, size=(600, 600)), name="other.jpg")
    row = request_comparison(photo=photo, original=original, by=alice)
    comparing.run(row.pk)
    row.refresh_from_db()
    assert row.state == "done"
    assert row.result["relation"] != "same-picture"
    assert not row.has_pictures


def test_no_event_holds_a_hash_or_a_name(pair: Comparison, applicant: Applicant, bob: User, alice: User) -> None:
    decide(applicant, bob)
    link_for(applicant, alice)
    for event in Event.objects.filter(verb__regex="^(comparison|reply)"):
        told = str(event.data)
        assert applicant.name not in told
        for photo in Photo.objects.all():
            assert photo.sha256 not in told
