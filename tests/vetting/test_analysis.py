"""Stage 3: taking, finishing, losing and giving up work; the row tells the truth throughout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils import timezone

from detector import examine
from tests.conftest import AddPhoto, astronaut, examine_now, picture
from vetting import analysis as stage
from vetting import tasks
from vetting.models import Analysis, Event, Finding, Photo

pytestmark = pytest.mark.django_db
AGES_AGO = timezone.now() - dt.timedelta(days=1)


def expire_lease(analysis: Analysis) -> None:
    Analysis.objects.filter(pk=analysis.pk).update(lease_until=AGES_AGO)


def test_a_queued_photo_is_examined_and_the_headline_is_written(add_photo: AddPhoto) -> None:
    analysis = examine_now(add_photo(astronaut()))
    assert analysis.state == "done"
    assert analysis.result["schema"] == 1
    assert analysis.versions["detectors"]["skin"] >= 1
    assert [f.number for f in analysis.findings.all()] == list(range(1, analysis.findings.count() + 1))
    applicant = analysis.photo.applicant
    applicant.refresh_from_db()
    assert applicant.verdict == analysis.verdict != ""
    assert applicant.verdict_reason
    assert analysis.photo.has_preview or Photo.objects.get(pk=analysis.photo_id).has_preview


def test_a_figure_is_frozen_with_its_finding_and_a_result_without_one_is_taken(photo: Photo) -> None:
    figure = {"panels": [], "seen": [[1, 1], [2, 2]], "expected": []}
    observation = dict.fromkeys(("code", "bearing", "strength", "summary", "caveat"), "x") | {"region": None}
    outcomes = [
        {"detector": "skin", "version": 1, "observations": [observation | {"figure": figure}, observation]},
    ]
    findings = stage._findings(photo.analyses.get(), {"outcomes": outcomes})
    assert [finding.figure for finding in findings] == [figure, None]


def test_previews_are_small_and_carry_no_metadata(add_photo: AddPhoto) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F] = "Camera of Eileen"
    photo = add_photo(picture(size=(2400, 1800), exif=exif.tobytes()))
    examine_now(photo)
    for size, longest in (("large", 1600), ("small", 240)):
        with storages["previews"].open(photo.preview_key(Photo.Preview(size))) as stored:
            data = stored.read()
        assert b"Eileen" not in data
        with Image.open(storages["previews"].path(photo.preview_key(Photo.Preview(size)))) as preview:
            assert max(preview.size) == longest
            assert preview.format == "WEBP"


def test_only_one_worker_gets_the_work(photo: Photo) -> None:
    pk = photo.analyses.get().pk
    first, second = stage.claim(pk), stage.claim(pk)
    assert first is not None
    assert first.attempt == 1
    assert second is None


def test_a_worker_that_lost_its_lease_writes_nothing(photo: Photo) -> None:
    pk = photo.analyses.get().pk
    slow = stage.claim(pk)
    assert slow is not None
    expire_lease(slow)
    quick = stage.claim(pk)
    assert quick is not None
    assert quick.attempt == 2
    found = examine(photo.read_original())
    assert stage.finish(quick, found) is True
    findings = Finding.objects.count()
    assert stage.finish(slow, found) is False
    assert stage.fail(slow, "Too late.") is False
    assert Finding.objects.count() == findings
    assert Event.objects.filter(verb="analysis.finished").count() == 1
    assert Analysis.objects.get(pk=pk).state == "done"


def test_a_finished_analysis_cannot_be_taken_again(examined: Analysis) -> None:
    assert stage.claim(examined.pk) is None
    tasks.analyse(examined.pk)
    examined.refresh_from_db()
    assert examined.attempt == 1


def test_after_three_lost_attempts_it_failed_with_a_sentence(photo: Photo) -> None:
    pk = photo.analyses.get().pk
    for attempt in (1, 2, 3):
        taken = stage.claim(pk)
        assert taken is not None
        assert taken.attempt == attempt
        expire_lease(taken)
    assert stage.claim(pk) is None
    given_up = Analysis.objects.get(pk=pk)
    assert given_up.state == "failed"
    assert "3 times" in given_up.error
    photo.applicant.refresh_from_db()
    assert photo.applicant.verdict == "unexamined"
    assert photo.applicant.verdict_reason == given_up.error


def test_bytes_that_are_gone_or_changed_are_said_and_not_examined(photo: Photo, add_photo: AddPhoto) -> None:
    storages["originals"].delete(photo.original_key)
    gone = examine_now(photo)
    assert (gone.state, "could not be read" in gone.error) == ("failed", True)
    other = add_photo(picture(5))
    storages["originals"].delete(other.original_key)
    storages["originals"].save(other.original_key, ContentFile(picture(6)))
    changed = examine_now(other)
    assert (changed.state, "no longer matches" in changed.error) == ("failed", True)


def test_the_sweep_rings_for_what_was_forgotten_and_for_nothing_else(
    add_photo: AddPhoto, rung: Callable[[], list[int]]
) -> None:
    fresh, old, lost, done = (add_photo(picture(seed)).analyses.get() for seed in range(4))
    Analysis.objects.filter(pk=old.pk).update(rung_at=AGES_AGO)
    taken = stage.claim(lost.pk)
    assert taken is not None
    expire_lease(taken)
    stage.run(done.pk)
    rung()
    tasks.sweep()
    assert sorted(rung()) == sorted([old.pk, lost.pk])
    tasks.sweep()
    assert rung() == [lost.pk]  # the queued one was rung a moment ago; the lost one stays claimable
    assert Analysis.objects.get(pk=fresh.pk).state == "queued"


def test_the_gravest_photo_leads_the_applicant(add_photo: AddPhoto) -> None:
    first, second = add_photo(picture(1)), add_photo(picture(2))
    examine_now(first)
    examine_now(second)
    Analysis.objects.filter(photo=first).update(verdict="nothing-found")
    Analysis.objects.filter(photo=second).update(verdict="declared-generated", summary="It says so.")
    stage.refresh_headline(first.applicant)
    first.applicant.refresh_from_db()
    assert first.applicant.verdict == "declared-generated"
    assert first.applicant.verdict_rank == 1


def test_a_new_result_replaces_an_old_one_and_a_later_failure_does_not(add_photo: AddPhoto) -> None:
    photo = add_photo(picture())
    examined = examine_now(photo)
    Analysis.objects.create(photo=photo, state="failed", error="Broke.", finished_at=timezone.now(), requested_by=None)
    stage.refresh_headline(photo.applicant)
    photo.applicant.refresh_from_db()
    assert photo.applicant.verdict == examined.verdict


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "done", "verdict": ""},
        {"state": "running", "lease_until": None},
        {"state": "failed", "error": ""},
        {"score": 1.5},
    ],
)
def test_the_database_refuses_a_row_that_lies(examined: Analysis, wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Analysis.objects.filter(pk=examined.pk).update(**wrong)


def test_the_database_refuses_two_analyses_of_one_photo_at_a_time(photo: Photo) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Analysis.objects.create(photo=photo)
