"""The plan carried out: each row once, whoever is killed when; taken back without taking somebody's work with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import AddPhoto, examine_now, picture, upload
from tests.vetting.archives import zip_upload, zipped
from vetting import analysis as analysis_stage
from vetting import audit, intake, tasks
from vetting.bulk import importing, turn
from vetting.bulk.importing import CannotStart, start_import
from vetting.bulk.progress import progress_of
from vetting.bulk.receiving import CannotDiscard, discard, receive_archive
from vetting.bulk.tasks import carry_on
from vetting.bulk.undoing import CannotUndo, start_undo
from vetting.models import Analysis, Applicant, Bulk, BulkRow, Event, Opening, Photo, User
from vetting.models.decision import Choice
from vetting.notes import write_note
from vetting.retention import forget_applicant
from vetting.review import decide_case

pytestmark = pytest.mark.django_db
AGES_AGO = timezone.now() - dt.timedelta(days=1)
Plan = Callable[..., Bulk]


@pytest.fixture
def plan(opening: Opening, alice: User) -> Plan:
    """plan(files, table=""): an archive that was read and waits for a word."""

    def take(files: dict[str, bytes], table: str = "") -> Bulk:
        beside = SimpleUploadedFile("who.csv", table.encode()) if table else None
        bulk = receive_archive(opening=opening, archive=zip_upload(files), table=beside, by=alice)
        carry_on(bulk.pk)
        return Bulk.objects.get(pk=bulk.pk)

    return take


def three() -> dict[str, bytes]:
    return {"eileen-collins_1.jpg": picture(1), "eileen-collins_2.jpg": picture(2), "ada okafor.jpg": picture(3)}


def carry_out(bulk: Bulk, by: User, **options: Any) -> Bulk:
    """The word, and all slices."""
    start_import(bulk=bulk, by=by, **options)
    return to_the_end(bulk)


def to_the_end(bulk: Bulk) -> Bulk:
    for _ in range(100):
        carry_on(bulk.pk)
        bulk = Bulk.objects.get(pk=bulk.pk)
        if not Bulk.objects.under_way().filter(pk=bulk.pk).exists():
            return bulk
    raise AssertionError(bulk.state)


def decide(applicant: Applicant, by: User) -> None:
    decide_case(applicant=applicant, reviewer=by, choice=Choice.ACCEPT, reason="The photo is fine.")


def stored(tmp_path: Path, where: str) -> list[Path]:
    return [path for path in (tmp_path / where).rglob("*") if path.is_file()]


# --- carrying out


def test_every_row_becomes_an_applicant_or_a_photo_of_one(plan: Plan, alice: User) -> None:
    bulk = carry_out(plan(three()), alice)
    assert bulk.state == "done"
    people = {person.name: person.photos.count() for person in Applicant.objects.all()}
    assert people == {"Eileen Collins": 2, "Ada Okafor": 1}
    assert [row.state for row in bulk.rows.all()] == ["done"] * 3
    assert bulk.rows.filter(added_applicant=True).count() == 2
    assert Analysis.objects.filter(state="queued").count() == 3


def test_table_words_come_with_it_and_somebody_without_a_photo_is_added(plan: Plan, alice: User) -> None:
    table = "name,email,reference,file\nEileen Collins,e@example.org,A1,1.jpg\nAda Okafor,a@example.org,,\n"
    carry_out(plan({"1.jpg": picture(1)}, table), alice)
    eileen, ada = Applicant.objects.order_by("pk")
    assert (eileen.email, eileen.reference, eileen.photos.count()) == ("e@example.org", "A1", 1)
    assert (ada.email, ada.photos.count()) == ("a@example.org", 0)


def test_photos_that_no_line_names_come_in_only_on_a_word(plan: Plan, alice: User) -> None:
    files, table = {"1.jpg": picture(1), "mia.jpg": picture(2)}, "name,file\nEileen,1.jpg\n"
    carry_out(plan(files, table), alice)
    assert set(Applicant.objects.values_list("name", flat=True)) == {"Eileen"}
    carry_out(plan(files, table), alice, with_unnamed=True)
    assert "Mia" in set(Applicant.objects.values_list("name", flat=True))


def test_the_word_is_given_once_and_not_for_nothing(plan: Plan, alice: User) -> None:
    bulk = plan(three())
    start_import(bulk=bulk, by=alice)
    with pytest.raises(CannotStart):
        start_import(bulk=bulk, by=alice)
    with pytest.raises(CannotStart, match="no row"):
        start_import(bulk=plan({"IMG_1.jpg": picture(9)}), by=alice)


def test_the_same_archive_again_adds_nothing(plan: Plan, alice: User) -> None:
    table = "name,reference,file\nEileen Collins,A1,1.jpg\nAda Okafor,A2,2.jpg\n"
    files = {"1.jpg": picture(1), "2.jpg": picture(2)}
    first, second = plan(files, table), plan(files, table)
    carry_out(first, alice)
    assert [row.state for row in carry_out(second, alice).rows.all()] == ["known", "known"]
    third = plan(files, table)
    assert [row.state for row in third.rows.all()] == ["known", "known"]
    assert (Applicant.objects.count(), Photo.objects.count()) == (2, 2)


def test_somebody_added_between_plan_and_import_is_met(plan: Plan, opening: Opening, alice: User) -> None:
    bulk = plan({"1.jpg": picture(1)}, "name,email,file\nEileen,e@example.org,1.jpg\n")
    there = intake.add_applicant(opening=opening, name="Eileen Collins", email="E@example.org", by=alice)
    carry_out(bulk, alice)
    assert bulk.rows.get().applicant == there
    assert not bulk.rows.get().added_applicant


def test_somebody_forgotten_between_plan_and_import_does_not_stop_it(
    plan: Plan, applicant: Applicant, alice: User
) -> None:
    table = "name,email,file\nEileen,eileen@example.org,1.jpg\nMia,,2.jpg\n"
    bulk = plan({"1.jpg": picture(1), "2.jpg": picture(2)}, table)
    forget_applicant(applicant=applicant, by=alice)
    row = bulk.rows.get(number=1)
    assert (row.name, row.state, row.message) == ("", "refused", "Forgotten.")
    assert carry_out(bulk, alice).state == "done"
    assert [person.name for person in Applicant.objects.all()] == ["Mia"]


def test_a_row_that_breaks_says_so_and_costs_no_other(plan: Plan, alice: User, settings: Settings) -> None:
    bulk = plan(three())
    settings.MAX_PHOTO_BYTES = len(picture(3)) - 1  # as if the limit had been lowered in between
    carry_out(bulk, alice)
    ended = {row.state for row in bulk.rows.all()}
    assert "failed" in ended
    assert all("MB" in row.message for row in bulk.rows.filter(state="failed"))
    assert Photo.objects.count() == bulk.rows.filter(state="done").count()


def test_an_error_of_the_programs_own_in_a_row_is_said_and_the_others_go_on(
    plan: Plan, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = plan(three())
    enter = intake.enter_photo

    def sometimes(**options: Any) -> intake.Arrival:
        if options["applicant"].name == "Ada Okafor":
            raise RuntimeError("a bug")
        return enter(**options)

    monkeypatch.setattr(importing, "enter_photo", sometimes)
    assert carry_out(bulk, alice).state == "done"
    assert bulk.rows.get(state="failed").message == importing.BROKE
    assert [person.name for person in Applicant.objects.all()] == ["Eileen Collins"]


# --- again and again


def test_it_goes_on_in_slices_and_rings_for_the_next(
    plan: Plan, alice: User, monkeypatch: pytest.MonkeyPatch, rung: Callable[[], list[int]]
) -> None:
    monkeypatch.setattr(importing, "SLICE", 2)
    bulk = plan(three())
    start_import(bulk=bulk, by=alice)
    rung()
    carry_on(bulk.pk)
    assert bulk.rows.filter(state="done").count() == 2
    assert rung() == [bulk.pk]
    carry_on(bulk.pk)
    assert Bulk.objects.get(pk=bulk.pk).state == "done"


def test_a_worker_killed_in_the_middle_of_a_row_leaves_nothing_half_done(
    plan: Plan, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after kill -9: the transaction of the row never ends, and the lease runs out."""
    bulk = plan(three())
    start_import(bulk=bulk, by=alice)

    class Killed(BaseException):
        pass

    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(importing, "enter_photo", kill)  # the applicant is added by then
        with pytest.raises(Killed):
            carry_on(bulk.pk)
    assert not Applicant.objects.exists()
    carry_on(bulk.pk)
    assert not Applicant.objects.exists(), "the lease of the killed worker still holds"
    Bulk.objects.filter(pk=bulk.pk).update(lease_until=AGES_AGO)
    to_the_end(bulk)
    assert (Applicant.objects.count(), Photo.objects.count()) == (2, 3)


def test_two_workers_never_have_the_same_import_and_a_lost_one_writes_nothing(plan: Plan, alice: User) -> None:
    bulk = plan(three())
    start_import(bulk=bulk, by=alice)
    slow = turn.take(bulk.pk)
    assert slow
    assert turn.take(bulk.pk) is None
    Bulk.objects.filter(pk=bulk.pk).update(lease_until=AGES_AGO)
    quick = turn.take(bulk.pk)
    assert quick
    with pytest.raises(turn.LostTurn):
        importing.run(slow)
    assert not Applicant.objects.exists()
    importing.run(quick)
    assert Applicant.objects.count() == 2


def test_the_sweep_rings_again_for_a_lost_import_and_for_a_lost_bell(
    plan: Plan, alice: User, rung: Callable[[], list[int]]
) -> None:
    bulk = plan(three())
    start_import(bulk=bulk, by=alice)
    rung()
    tasks.sweep()
    assert bulk.pk not in rung(), "its bell rang a moment ago"
    Bulk.objects.filter(pk=bulk.pk).update(lease_until=AGES_AGO)
    tasks.sweep()
    assert rung() == [bulk.pk]
    tasks.sweep()
    assert rung() == [], "and the sweep remembers that it has rung"


def test_an_archive_that_is_gone_stops_it_and_it_goes_on_when_it_is_back(plan: Plan, alice: User) -> None:
    bulk = plan(three())
    storage = storages["default"]
    with storage.open(bulk.key) as file:
        data = file.read()
    storage.delete(bulk.key)
    stopped = carry_out(bulk, alice)
    assert (stopped.state, "no longer in the store" in stopped.error) == ("failed", True)
    storage.save(bulk.key, SimpleUploadedFile("x", data))
    assert carry_out(stopped, alice).state == "done"
    assert Photo.objects.count() == 3


# --- the queue of examinations


def test_few_imported_photos_stand_in_the_queue_and_single_uploads_come_between(
    plan: Plan,
    alice: User,
    add_photo: AddPhoto,
    rung: Callable[[], list[int]],
    settings: Settings,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.BULK_AT_ONCE = 2
    with django_capture_on_commit_callbacks(execute=True):
        bulk = plan({f"person{chr(97 + n)}.jpg": picture(n) for n in range(5)})
        start_import(bulk=bulk, by=alice)
    rung()
    with django_capture_on_commit_callbacks(execute=True):
        to_the_end(bulk)
    imported = list(Analysis.objects.order_by("pk").values_list("pk", flat=True))
    assert rung() == imported[:2]
    with django_capture_on_commit_callbacks(execute=True):
        single = add_photo(picture(77)).analyses.get()
    assert rung() == [single.pk], "a single upload does not wait behind the five"
    Analysis.objects.filter(pk__in=[*imported[:2], single.pk]).update(rung_at=timezone.now())
    tasks.analyse(imported[0])
    assert rung() == [], "two are on their way still"
    tasks.analyse(single.pk)
    assert rung() == [imported[2]]


def test_the_sweep_does_not_ring_for_all_that_wait_their_turn(
    plan: Plan, alice: User, rung: Callable[[], list[int]], settings: Settings
) -> None:
    settings.BULK_AT_ONCE = 1
    carry_out(plan(three()), alice)
    rung()
    Analysis.objects.update(requested_at=AGES_AGO)
    tasks.sweep()
    assert len(rung()) == 1


# --- progress


def test_progress_counts_rows_rate_and_what_is_examined(
    plan: Plan, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE", 2)
    bulk = plan(three())
    start_import(bulk=bulk, by=alice)
    Bulk.objects.filter(pk=bulk.pk).update(started_at=timezone.now() - dt.timedelta(minutes=2))
    carry_on(bulk.pk)
    progress = progress_of(Bulk.objects.get(pk=bulk.pk))
    assert (progress.ended, progress.to_import, progress.rate, progress.minutes_left) == (2, 3, 2, 1)
    assert (progress.examined, progress.examining) == (0, 2)
    analysis_stage.run(Analysis.objects.order_by("pk")[0].pk)
    assert progress_of(Bulk.objects.get(pk=bulk.pk)).examined == 1


# --- taking back


def test_undo_takes_back_people_photos_bytes_and_names(
    plan: Plan, alice: User, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        bulk = carry_out(plan(three()), alice)
        examine_now(Photo.objects.all()[0])
    assert stored(tmp_path, "originals")
    assert stored(tmp_path, "uploads") == [], "the archive went when the import had ended"
    with django_capture_on_commit_callbacks(execute=True):
        start_undo(bulk=bulk, by=alice)
        undone = to_the_end(bulk)
    assert undone.state == "undone"
    assert not Applicant.objects.exists()
    assert stored(tmp_path, "originals") == []
    assert stored(tmp_path, "previews") == []
    assert [(row.state, row.name, row.entry) for row in bulk.rows.all()] == [("undone", "", "")] * 3


def test_what_was_here_before_stays_and_only_the_photo_goes(
    plan: Plan, applicant: Applicant, add_photo: AddPhoto, alice: User
) -> None:
    hers = add_photo(picture(50))
    examine_now(hers)
    bulk = carry_out(plan({"1.jpg": picture(1)}, "name,email,file\nEileen,eileen@example.org,1.jpg\n"), alice)
    assert applicant.photos.count() == 2
    start_undo(bulk=bulk, by=alice)
    to_the_end(bulk)
    applicant.refresh_from_db()
    assert list(applicant.photos.all()) == [hers]
    assert applicant.cover == hers
    assert applicant.verdict


def test_people_who_were_decided_on_or_got_a_photo_since_stay_and_are_named(plan: Plan, alice: User, bob: User) -> None:
    bulk = carry_out(plan(three() | {"mia.jpg": picture(4), "noa.jpg": picture(5)}), alice)
    people = {person.name: person for person in Applicant.objects.all()}
    decide(people["Eileen Collins"], bob)
    intake.accept_photo(applicant=people["Mia"], upload=upload(picture(60)), by=alice)
    write_note(applicant=people["Noa"], author=bob, text="Called twice.")
    start_undo(bulk=bulk, by=alice)
    to_the_end(bulk)
    assert set(Applicant.objects.values_list("name", flat=True)) == {"Eileen Collins", "Mia", "Noa"}
    stays = {row.name: row.message for row in bulk.rows.filter(state="done")}
    assert stays == {
        "Eileen Collins": "Stays: somebody has decided on this applicant since.",
        "Mia": "Stays: a photo was added to this applicant since.",
        "Noa": "Stays: somebody has written a note about this applicant since.",
    }


def test_undo_stops_an_import_that_is_under_way(plan: Plan, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "SLICE", 1)
    bulk = plan(three())
    start_import(bulk=bulk, by=alice)
    carry_on(bulk.pk)
    busy = turn.take(bulk.pk)
    assert busy
    start_undo(bulk=bulk, by=alice)
    with pytest.raises(turn.LostTurn):
        importing.run(busy)
    undone = to_the_end(bulk)
    assert undone.state == "undone"
    assert not Applicant.objects.exists()
    assert bulk.rows.get(state="ready").name == "Ada Okafor"  # the other photo of who was taken back is forgotten, too
    with pytest.raises(CannotUndo):
        start_undo(bulk=undone, by=alice)


# --- what is thrown away, and when


def test_a_plan_is_thrown_away_with_its_bytes_and_an_import_is_not(
    plan: Plan, alice: User, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    done = carry_out(plan(three()), alice)
    with pytest.raises(CannotDiscard):
        discard(bulk=done, by=alice)
    with django_capture_on_commit_callbacks(execute=True):
        discard(bulk=plan(three()), by=alice)
    assert list(Bulk.objects.all()) == [done]


def test_the_sweep_deletes_what_nobody_gave_the_word_for(plan: Plan, alice: User, tmp_path: Path) -> None:
    old, young = plan(three()), plan(three())
    Bulk.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(days=8))
    tasks.sweep()
    assert list(Bulk.objects.all()) == [young]
    assert len(stored(tmp_path, "uploads")) == 1
    assert Event.objects.filter(verb="import.forgotten", actor=None).count() == 1


def test_names_of_lines_that_became_nobody_are_forgotten_after_a_month(plan: Plan, alice: User) -> None:
    bulk = carry_out(plan({"1.jpg": picture(1), "mia.jpg": b"no"}, "name,file\nEileen,1.jpg\n"), alice)
    Bulk.objects.filter(pk=bulk.pk).update(finished_at=timezone.now() - dt.timedelta(days=31))
    tasks.sweep()
    assert [row.name for row in bulk.rows.all()] == ["Eileen", ""]


def test_forgetting_an_applicant_takes_the_words_of_the_plan_with_it(plan: Plan, alice: User) -> None:
    bulk = carry_out(plan({"1.jpg": picture(1)}, "name,email,file\nEileen,e@example.org,1.jpg\n"), alice)
    forget_applicant(applicant=Applicant.objects.get(), by=alice)
    row = BulkRow.objects.get(bulk=bulk)
    assert (row.name, row.email, row.entry, row.message) == ("", "", "", "Forgotten.")


def test_every_step_is_an_event_and_the_chain_holds(plan: Plan, alice: User) -> None:
    bulk = carry_out(plan(three()), alice)
    start_undo(bulk=bulk, by=alice)
    to_the_end(bulk)
    verbs = Event.objects.filter(subject=f"bulk:{bulk.pk}").order_by("number").values_list("verb", flat=True)
    assert [verb.removeprefix("import.") for verb in verbs] == [
        "received", "planned", "started", "finished", "undo-started", "undone",
    ]  # fmt: skip
    assert audit.first_broken(bulk.opening.team) is None


def test_an_archive_can_be_opened_again_for_every_slice(
    plan: Plan, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "SLICE", 3)
    files = {f"person{chr(97 + n)}.jpg": picture(n) for n in range(10)}
    assert len(zipped(files)) > 0
    assert carry_out(plan(files), alice).rows.filter(state="done").count() == 10
