"""The picture from the meeting: consent, bytes, the worker's lease, answers that are never changed, erasing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from tests import pictures
from tests.conftest import AddPhoto, astronaut, picture, upload
from tests.vetting.booths import RESULT, agree, compared, take, webp
from vetting import tasks
from vetting.booth import comparing
from vetting.booth.answering import CannotAnswer, answer_booth, answer_words
from vetting.booth.entering import compare_again, enter_booth_picture
from vetting.booth.erasing import CannotErase, erase_picture
from vetting.candidate.consents import record_consent
from vetting.intake import Refused, add_applicant
from vetting.models import Applicant, BoothAnswer, BoothCheck, Consent, Event, LegalHold, Opening, Photo, Team, User
from vetting.models.leased import State
from vetting.retention import forget_applicant

pytestmark = pytest.mark.django_db
Says, Differs = BoothAnswer.Says, BoothAnswer.Differs


def files(tmp_path: Path, storage: str) -> list[str]:
    """What stands under booth/ there."""
    return sorted(path.name for path in (tmp_path / storage / "booth").rglob("*") if path.is_file())


# --- coming in


def test_a_picture_comes_in_with_consent_and_rings(
    photo: Photo, alice: User, rung: Callable[[], list[int]], tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    rung()
    with django_capture_on_commit_callbacks(execute=True):
        check = take(photo, alice)
    assert (check.state, check.how, check.taken_by, check.consent.witness) == (State.QUEUED, "camera", alice, alice)
    assert (check.width, check.height, check.format) == (320, 400, "JPEG")
    assert rung() == [check.pk]
    assert files(tmp_path, "originals") == [check.sha256]
    event = Event.objects.get(verb="booth.taken")
    assert event.actor == alice
    assert check.sha256 not in str(event.data)


@pytest.mark.parametrize("case", ["none", "withdrawn", "another's", "of another kind", "of an earlier wording"])
def test_without_consent_nothing_is_taken(
    case: str, photo: Photo, opening: Opening, alice: User, tmp_path: Path
) -> None:
    applicant = photo.applicant
    consent = agree(applicant, alice)
    if case == "withdrawn":
        record_consent(applicant=applicant, kind=Consent.Kind.BOOTH, given=False, witness=alice)
    if case == "another's":
        consent = agree(add_applicant(opening=opening, name="Mae Jemison", by=alice), alice)
    if case == "of another kind":
        consent = agree(applicant, alice, Consent.Kind.PHOTOS)
    if case == "of an earlier wording":
        Team.objects.update(likeness=True)
        applicant.opening.team.refresh_from_db()
    if case == "none":
        consent = Consent(applicant=applicant, kind=Consent.Kind.BOOTH, given=True)
    with pytest.raises(Refused, match="has not agreed"):
        take(photo, alice, consent=consent)
    assert not BoothCheck.objects.exists()
    assert files(tmp_path, "originals") == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7 and so on", "PDF"),
        (b"", "empty"),
        (b"no picture at all" * 40, "."),
        (picture(1, kind="TIFF"), "TIFF"),
        (b"\x00" * 3000, "at most"),
    ],
)
def test_a_bad_file_gets_a_sentence_and_leaves_nothing(
    data: bytes, sentence: str, photo: Photo, alice: User, settings: Settings, tmp_path: Path
) -> None:
    if sentence == "at most":
        settings.MAX_PHOTO_BYTES = 1000
    consent = agree(photo.applicant, alice)
    with pytest.raises(Refused, match=sentence):
        enter_booth_picture(
            applicant=photo.applicant,
            photo=photo,
            data=upload(data),
            how=BoothCheck.How.UPLOAD,
            by=alice,
            consent=consent,
        )
    assert not BoothCheck.objects.exists()
    assert files(tmp_path, "originals") == []


def test_it_is_compared_with_a_photo_of_the_same_person_only(
    photo: Photo, opening: Opening, add_photo: AddPhoto, alice: User
) -> None:
    other = add_photo(picture(3), to=add_applicant(opening=opening, name="Mae Jemison", by=alice))
    with pytest.raises(Refused, match="not a photo of this applicant"):
        enter_booth_picture(
            applicant=photo.applicant,
            photo=other,
            data=upload(picture(7)),
            how=BoothCheck.How.CAMERA,
            by=alice,
            consent=agree(photo.applicant, alice),
        )


def test_a_storage_that_is_full_leaves_no_row_behind(
    photo: Photo, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    with pytest.raises(Refused, match="could not store"):
        take(photo, alice)
    assert not BoothCheck.objects.exists()


# --- the worker


@pytest.fixture(scope="module")
def portraits() -> tuple[bytes, bytes]:
    """A real face, and the same one cropped and darker."""
    head = pictures.astronaut().crop((72, 0, 384, 416)).resize((480, 640))
    return astronaut(), pictures.encoded(head.point(lambda value: int(value * 0.85)), quality=90)


def test_two_portraits_are_compared_and_nothing_but_named_numbers_is_stored(
    portraits: tuple[bytes, bytes], add_photo: AddPhoto, alice: User, tmp_path: Path
) -> None:
    photo = add_photo(portraits[0])
    check = take(photo, alice, portraits[1])
    comparing.run(check.pk)
    check.refresh_from_db()
    assert (check.state, check.error, check.has_pictures) == (State.DONE, "", True)
    assert files(tmp_path, "previews") == ["live.webp", "photo.webp"]
    assert check.result["differences"]
    for one in check.result["differences"]:
        assert set(one) == {"code", "part", "summary", "value", "uncertainty", "unit", "beyond"}
        assert one["uncertainty"] > 0
    assert "likeness" not in check.result
    assert_no_vector(check.result)
    assert Event.objects.filter(verb="booth.compared").count() == 1


def assert_no_vector(value: Any, name: str = "result") -> None:
    """No list of numbers stands anywhere, and each number has a name of its own."""
    if isinstance(value, dict):
        numbers = [key for key, inner in value.items() if isinstance(inner, int | float) and inner not in (True, False)]
        assert set(numbers) <= {"value", "uncertainty"}, name
        for key, inner in value.items():
            assert isinstance(key, str)
            assert_no_vector(inner, f"{name}.{key}")
    elif isinstance(value, list):
        assert len(value) <= 40, name
        assert all(isinstance(inner, dict) for inner in value), f"{name} is a list of bare values"
        for inner in value:
            assert_no_vector(inner, name)
    elif isinstance(value, str):
        assert len(value) < 400, name


def test_a_picture_without_a_face_is_shown_for_the_eye_with_a_sentence(
    photo: Photo, alice: User, tmp_path: Path
) -> None:
    check = take(photo, alice)
    comparing.run(check.pk)
    check.refresh_from_db()
    assert (check.state, check.result) == (State.FAILED, {})
    assert "by eye" in check.error
    assert check.has_pictures
    assert files(tmp_path, "previews") == ["live.webp", "photo.webp"]


def test_consent_that_was_taken_back_while_it_waited_stops_it(photo: Photo, alice: User, tmp_path: Path) -> None:
    check = take(photo, alice)
    record_consent(applicant=photo.applicant, kind=Consent.Kind.BOOTH, given=False, witness=alice)
    comparing.run(check.pk)
    check.refresh_from_db()
    assert check.state == State.FAILED
    assert "taken back" in check.error
    assert files(tmp_path, "previews") == []


def test_bytes_that_were_changed_are_not_compared(photo: Photo, alice: User) -> None:
    check = take(photo, alice)
    storages["originals"].delete(check.original_key)
    comparing.run(check.pk)
    assert "could not be read" in BoothCheck.objects.get().error
    storages["originals"].save(check.original_key, ContentFile(picture(8)))
    assert compare_again(check=check, by=alice)
    comparing.run(check.pk)
    assert "no longer matches the hash" in BoothCheck.objects.get().error


def test_one_worker_at_a_time_and_only_the_one_with_the_lease_writes(photo: Photo, alice: User, tmp_path: Path) -> None:
    check = take(photo, alice)
    first = comparing.claim(check.pk)
    assert first
    assert comparing.claim(check.pk) is None
    BoothCheck.objects.update(lease_until=timezone.now())
    second = comparing.claim(check.pk)
    assert second
    done = comparing.Compared(result=RESULT, pictures={"photo": webp(), "live": webp()})
    assert not comparing.finish(first, done)
    assert files(tmp_path, "previews") == []
    assert comparing.finish(second, done)
    assert not comparing.fail(first, "Late.")
    check.refresh_from_db()
    assert (check.state, check.attempt, check.result) == (State.DONE, 2, RESULT)


def test_after_three_lost_attempts_it_is_given_up_with_a_sentence_and_the_sweep_rings_before(
    photo: Photo, alice: User, rung: Callable[[], list[int]]
) -> None:
    check = take(photo, alice)
    long_ago = timezone.now() - dt.timedelta(minutes=10)
    for _ in range(3):
        assert comparing.claim(check.pk)
        BoothCheck.objects.update(lease_until=long_ago, rung_at=long_ago)
    rung()
    tasks.sweep()
    assert rung().count(check.pk) >= 1
    comparing.run(check.pk)
    check.refresh_from_db()
    assert check.state == State.FAILED
    assert "started 3 times" in check.error


@pytest.mark.parametrize("switched_on", [True, False])
@pytest.mark.parametrize("released", [True, False])
def test_a_likeness_is_made_only_where_team_and_person_both_want_it(
    switched_on: bool, released: bool, photo: Photo, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detector import likeness

    asked: list[int] = []

    def available() -> bool:
        asked.append(1)
        return False

    monkeypatch.setattr(likeness, "available", available)
    Team.objects.update(likeness=switched_on)
    photo.applicant.opening.team.refresh_from_db()
    if released:
        agree(photo.applicant, alice, Consent.Kind.LIKENESS)
    check = comparing.claim(take(photo, alice).pk)
    assert check
    assert comparing._likeness(check, b"", b"") is None
    assert bool(asked) == (switched_on and released)


# --- answering


def test_an_answer_is_never_changed_and_the_newest_counts(photo: Photo, alice: User, bob: User) -> None:
    check = compared(photo, alice)
    first = answer_booth(check=check, by=alice, says=Says.MATCHES)
    answer_booth(check=check, by=bob, says=Says.DIFFERS, differs=[Differs.WEIGHT, Differs.HAIR], note=" Shorter hair. ")
    kept = [(one.says, one.differs, one.note, one.by) for one in check.answers.all()]
    assert kept == [("matches", [], "", alice), ("differs", ["hair", "weight"], "Shorter hair.", bob)]
    first.says = Says.CANNOT_SAY
    with pytest.raises(TypeError, match="never changed"):
        first.save()
    event = Event.objects.filter(verb="booth.answered").last()
    assert event
    assert event.data["differs"] == ["hair", "weight"]
    assert "Shorter" not in str(event.data)


def test_ticks_that_do_not_fit_are_said_in_a_sentence(photo: Photo, alice: User) -> None:
    check = compared(photo, alice)
    with pytest.raises(CannotAnswer, match="Tick what differs"):
        answer_booth(check=check, by=alice, says=Says.DIFFERS)
    with pytest.raises(CannotAnswer, match="You ticked something that differs"):
        answer_booth(check=check, by=alice, says=Says.MATCHES, differs=[Differs.AGE])
    with pytest.raises(CannotAnswer, match="2,000"):
        answer_booth(check=check, by=alice, says=Says.MATCHES, note="x" * 2001)
    assert not BoothAnswer.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        BoothAnswer.objects.create(check_of=check, says=Says.DIFFERS, by=alice)


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ([], "Same person, matches"),
        (["hair"], "Same person, differs in hair"),
        (["hair", "age"], "Same person, differs in hair and age"),
        (["hair", "age", "weight"], "Same person, differs in hair, age and weight"),
    ],
)
def test_an_answer_reads_as_a_sentence(differs: list[str], words: str) -> None:
    assert answer_words("differs" if differs else "matches", differs) == words


# --- erasing


def test_a_deleted_picture_leaves_no_file_and_no_measurement_but_the_answer(
    photo: Photo, alice: User, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    check = compared(photo, alice)
    answer_booth(check=check, by=alice, says=Says.MATCHES)
    with django_capture_on_commit_callbacks(execute=True):
        erase_picture(check=check, by=alice)
    assert files(tmp_path, "originals") == files(tmp_path, "previews") == []
    check.refresh_from_db()
    assert set(check.result) == {"erased_at"}
    assert not check.has_pictures
    assert check.answers.count() == 1
    assert not compare_again(check=check, by=alice)
    erase_picture(check=check, by=alice)
    assert Event.objects.filter(verb="booth.picture-deleted").count() == 1


def test_a_picture_that_is_deleted_while_a_worker_has_it_does_not_come_back(
    photo: Photo, alice: User, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    claimed = comparing.claim(take(photo, alice).pk)
    assert claimed
    with django_capture_on_commit_callbacks(execute=True):
        erase_picture(check=claimed, by=alice)
    done = comparing.Compared(result=RESULT, pictures={"photo": webp(), "live": webp()})
    assert not comparing.finish(claimed, done)
    assert files(tmp_path, "previews") == []


def test_nothing_is_deleted_under_a_legal_hold(photo: Photo, alice: User, ada: User) -> None:
    check = compared(photo, alice)
    LegalHold.objects.create(applicant=photo.applicant, reason="A complaint.", placed_by=ada)
    with pytest.raises(CannotErase, match="legal hold"):
        erase_picture(check=check, by=alice)
    check.refresh_from_db()
    assert check.has_pictures


def test_with_the_applicant_all_of_it_goes(
    photo: Photo, alice: User, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    compared(photo, alice)
    with django_capture_on_commit_callbacks(execute=True):
        forget_applicant(applicant=Applicant.objects.get(), by=alice)
    assert files(tmp_path, "originals") == files(tmp_path, "previews") == []
