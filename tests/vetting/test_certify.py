"""A team's own photos: what is counted, what it supports, what is forgotten, and who sees it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from detector.bounds import clopper_pearson_upper
from tests.conftest import SignIn, astronaut, picture, text, upload, words
from vetting import audit, tasks
from vetting.certify import examining
from vetting.certify.entering import (
    Became,
    Entry,
    create_certification,
    delete_certification,
    enter_photo,
    remove_photo,
)
from vetting.certify.standing import in_force, in_force_words, installed_versions, standing_of
from vetting.intake import Refused
from vetting.models import Analysis, Applicant, Certification, CertificationPhoto, Event, Photo, Team, User
from vetting.report.evidence import collect_applicant

pytestmark = pytest.mark.django_db
AGES_AGO = timezone.now() - dt.timedelta(days=1)


@pytest.fixture
def studio(team: Team, alice: User) -> Certification:
    return create_certification(team=team, name="Studio Berlin 2025", by=alice)


Enter = Callable[..., Entry]


@pytest.fixture
def enter(studio: Certification, alice: User) -> Enter:
    """enter(data=None, name=...): a photo that came in, queued."""

    def take(data: bytes | None = None, name: str = "studio.jpg") -> Entry:
        return enter_photo(certification=studio, upload=upload(data or picture(), name), by=alice)

    return take


def fill(certification: Certification, count: int, verdict: str = "nothing-found", **columns: Any) -> None:
    """`count` photos as the examination leaves them, with the installed versions unless said otherwise."""
    begin = CertificationPhoto.objects.count()
    facts: dict[str, Any] = {"state": "done", "judged": True, "versions": installed_versions()}
    facts |= {"finished_at": timezone.now(), "score": 0.3, "summary": "A sentence."} | columns
    CertificationPhoto.objects.bulk_create(
        CertificationPhoto(
            certification=certification, sha256=f"{n:064x}", file_name=f"{n}.jpg", verdict=verdict, **facts
        )
        for n in range(begin, begin + count)
    )


def stored_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "originals").rglob("*") if path.is_file()]


# --- coming in


def test_a_photo_is_queued_and_belongs_to_no_applicant(enter: Enter) -> None:
    entry = enter()
    assert (entry.became, entry.photo.state) == (Became.NEW, "queued")
    assert not Photo.objects.exists()
    assert not Analysis.objects.exists()
    assert not Applicant.objects.exists()


def test_the_same_bytes_count_once_whatever_they_are_called(enter: Enter, studio: Certification) -> None:
    enter(picture(1), "a.jpg")
    again = enter(picture(1), "b.jpg")
    assert again.became is Became.KNOWN
    assert again.photo.file_name == "a.jpg"
    assert studio.photos.count() == 1


def test_a_file_that_is_no_photo_gets_a_sentence_and_is_not_counted(
    enter: Enter, studio: Certification, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="PDF"):
        enter(b"%PDF-1.4 and so on")
    assert not studio.photos.exists()
    assert stored_files(tmp_path) == []


def test_limits_are_those_of_intake_and_one_more(enter: Enter, settings: Settings) -> None:
    settings.MAX_CERTIFICATION_PHOTOS = 1
    enter(picture(1))
    with pytest.raises(Refused, match="has 1 photos, which is the most"):
        enter(picture(2))
    assert enter(picture(1)).became is Became.KNOWN
    settings.MAX_PHOTO_BYTES = 1000
    with pytest.raises(Refused, match="at most"):
        enter(picture(3))


def test_a_storage_that_is_full_leaves_no_row_behind(
    enter: Enter, studio: Certification, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(type(storages["originals"]), "save", full)
    with pytest.raises(Refused, match="could not store"):
        enter()
    assert not studio.photos.exists()


def test_two_checks_of_a_team_do_not_share_a_name(studio: Certification, alice: User, charlie: User) -> None:
    from vetting.certify.entering import NameTaken

    with pytest.raises(NameTaken, match="already"):
        create_certification(team=studio.team, name=studio.name, by=alice)
    create_certification(team=charlie.memberships.get().team, name=studio.name, by=charlie)


# --- the bell


def test_few_stand_in_the_queue_and_each_that_ends_rings_for_the_next(
    enter: Enter,
    studio: Certification,
    rung: Callable[[], list[int]],
    settings: Settings,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.CERTIFY_AT_ONCE = 2
    with django_capture_on_commit_callbacks(execute=True):
        keys = [enter(picture(seed)).photo.pk for seed in range(4)]
    assert rung() == keys[:2]
    tasks.certify(keys[0])
    assert rung() == [keys[2]]
    assert studio.photos.get(pk=keys[0]).state == "done"


def test_the_sweep_rings_again_for_what_was_forgotten_and_deletes_what_was_left(
    enter: Enter, studio: Certification, rung: Callable[[], list[int]], tmp_path: Path
) -> None:
    lost, done, queued = (enter(picture(seed)).photo for seed in range(3))
    taken = examining.claim(lost.pk)
    assert taken
    CertificationPhoto.objects.filter(pk=lost.pk).update(lease_until=AGES_AGO)
    examining.run(done.pk)  # the commit that would delete its bytes never comes in this test
    rung()
    tasks.sweep()
    assert sorted(rung()) == [lost.pk, queued.pk]
    assert studio.photos.get(pk=done.pk).stored_as == ""
    assert len(stored_files(tmp_path)) == 2


# --- being examined


def test_after_the_examination_the_bytes_are_gone_and_hash_and_result_are_kept(
    enter: Enter, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    photo = enter(astronaut()).photo
    assert len(stored_files(tmp_path)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        examining.run(photo.pk)
    kept = CertificationPhoto.objects.get(pk=photo.pk)
    assert (kept.state, kept.stored_as, kept.attempt) == ("done", "", 1)
    assert kept.verdict
    assert kept.summary
    assert kept.versions == installed_versions()
    assert kept.sha256 == photo.sha256
    assert stored_files(tmp_path) == []


def test_three_real_examinations_end_as_a_count(enter: Enter, studio: Certification) -> None:
    """A face that can be judged, a picture without one, and the checks' own words for both."""
    for data in (astronaut(), astronaut(quality=80), picture(4)):
        examining.run(enter(data).photo.pk)
    standing = standing_of(studio)
    assert standing.photos == standing.ended == 3
    assert standing.judged + standing.unjudged == 3
    assert standing.alarms <= standing.judged
    assert standing.code == "short"
    assert standing.bound == clopper_pearson_upper(standing.alarms, standing.judged)


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        ({"status": "clear", "details": {"bound": {"share": 0.004}}}, True),
        ({"status": "found", "details": {"bound": {"share": 0.004}}}, True),
        ({"status": "clear", "details": {"bound": {"share": 0.04}}}, False),
        ({"status": "not-applicable", "details": {"bound": {"share": 0.004}}}, False),
        ({"status": "found", "details": {}}, False),
    ],
)
def test_a_photo_counts_only_where_an_alarm_was_possible(outcome: dict[str, Any], counts: bool) -> None:
    """Else photos that no check may accuse would lower the bound for nothing."""
    assert examining.judged({"outcomes": [{"status": "clear", "details": {}}, outcome]}) is counts


def test_only_one_worker_gets_a_photo_and_a_lost_one_writes_nothing(enter: Enter) -> None:
    pk = enter().photo.pk
    slow = examining.claim(pk)
    assert slow
    assert examining.claim(pk) is None
    CertificationPhoto.objects.filter(pk=pk).update(lease_until=AGES_AGO)
    quick = examining.claim(pk)
    assert quick
    assert examining.fail(slow, "Too late.") is False
    assert examining.fail(quick, "It broke.") is True
    assert CertificationPhoto.objects.get(pk=pk).error == "It broke."


def test_after_three_lost_attempts_it_failed_with_a_sentence(enter: Enter) -> None:
    pk = enter().photo.pk
    for _ in range(3):
        assert examining.claim(pk)
        CertificationPhoto.objects.filter(pk=pk).update(lease_until=AGES_AGO)
    assert examining.claim(pk) is None
    given_up = CertificationPhoto.objects.get(pk=pk)
    assert given_up.state == "failed"
    assert "3 times" in given_up.error


def test_bytes_that_are_gone_are_said_and_the_file_can_be_sent_again(enter: Enter) -> None:
    photo = enter(picture(7)).photo
    storages["originals"].delete(photo.stored_as)
    examining.run(photo.pk)
    failed = CertificationPhoto.objects.get(pk=photo.pk)
    assert (failed.state, "could not be read" in failed.error) == ("failed", True)
    again = enter(picture(7))
    assert again.became is Became.AGAIN
    examining.run(photo.pk)
    assert CertificationPhoto.objects.get(pk=photo.pk).state == "done"


def test_late_deletion_spares_bytes_that_came_in_again(enter: Enter) -> None:
    photo = enter(picture(7)).photo
    taken = examining.claim(photo.pk)
    assert taken
    examining.fail(taken, "It broke.")
    enter(picture(7))
    examining.forget_bytes(taken)
    again = CertificationPhoto.objects.get(pk=photo.pk)
    assert storages["originals"].exists(again.stored_as)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "done", "verdict": ""}, {"state": "running"}, {"state": "failed", "error": ""}, {"score": 1.5}],
)
def test_the_database_refuses_a_row_that_lies(enter: Enter, wrong: dict[str, Any]) -> None:
    photo = enter().photo
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificationPhoto.objects.filter(pk=photo.pk).update(**wrong)


# --- what it supports


def test_an_empty_check_supports_nothing(studio: Certification) -> None:
    standing = standing_of(studio)
    assert (standing.code, standing.judged, standing.best, standing.bound) == ("empty", 0, None, 1.0)


def test_58_photos_cannot_certify_and_59_can(studio: Certification) -> None:
    fill(studio, 58)
    standing = standing_of(studio)
    assert (standing.code, standing.best) == ("short", None)
    assert [level.more for level in standing.levels] == [1, 41, 241, 540]
    fill(studio, 1)
    standing = standing_of(studio)
    assert standing.code == "certified"
    assert standing.best
    assert standing.best.words == "1 in 20"
    assert standing.bound_percent == "4.96 %"


def test_a_false_alarm_asks_for_more_photos(studio: Certification) -> None:
    fill(studio, 298)
    fill(studio, 1, "generated")
    standing = standing_of(studio)
    assert (standing.alarms, standing.judged) == (1, 299)
    assert standing.best
    assert standing.best.words == "3 in 100"
    assert [level.more for level in standing.levels] == [0, 0, 473 - 299, 947 - 299]


def test_what_the_file_declares_what_nobody_judged_and_what_failed_do_not_count(studio: Certification) -> None:
    fill(studio, 60, "retouched")
    fill(studio, 5, "declared-generated")
    fill(studio, 4, "verified-capture")
    fill(studio, 3, "inconclusive", judged=False)
    fill(studio, 2, "", state="failed", error="It broke.")
    standing = standing_of(studio)
    assert (standing.judged, standing.declared, standing.unjudged, standing.failed) == (60, 5, 3, 2)
    assert standing.alarms == 0
    assert standing.photos == standing.ended == 74


def test_nothing_is_certified_while_a_photo_waits(enter: Enter, studio: Certification) -> None:
    fill(studio, 300)
    enter()
    standing = standing_of(studio)
    assert (standing.code, standing.in_work, standing.in_force) == ("working", 1, False)


def test_the_best_that_holds_today_is_in_force(team: Team, studio: Certification, alice: User) -> None:
    assert in_force(team) is None
    assert in_force_words(team) == ""
    fill(studio, 100)
    better = create_certification(team=team, name="Many", by=alice)
    fill(better, 300)
    assert in_force(team) == better
    assert "at most 1 in 100 is called generated in error" in in_force_words(team)
    fill(better, 1, versions={"policy": 1, "detectors": {}})
    assert in_force(team) == studio


def test_results_of_earlier_versions_are_said_and_not_in_force(team: Team, studio: Certification) -> None:
    fill(studio, 300, versions={"policy": 1, "detectors": {"skin": 1}})
    standing = standing_of(studio)
    assert (standing.code, standing.current, standing.judged) == ("outdated", False, 300)
    assert in_force(team) is None


def test_results_of_two_versions_are_never_added_up(studio: Certification) -> None:
    fill(studio, 200, versions={"policy": 1, "detectors": {"skin": 1}})
    fill(studio, 100)
    standing = standing_of(studio)
    assert (standing.current, standing.judged, standing.outdated, standing.code) == (True, 100, 200, "outdated")


def test_a_photo_of_earlier_versions_is_examined_again_when_it_is_sent_again(enter: Enter) -> None:
    photo = enter(picture(2)).photo
    examining.run(photo.pk)
    assert enter(picture(2)).became is Became.KNOWN
    CertificationPhoto.objects.filter(pk=photo.pk).update(versions={"policy": 1, "detectors": {}})
    assert enter(picture(2)).became is Became.AGAIN
    waiting = CertificationPhoto.objects.get(pk=photo.pk)
    assert (waiting.state, waiting.verdict, waiting.attempt) == ("queued", "", 0)


# --- going out, and the record


def test_taking_a_photo_out_is_remembered_with_its_alarm(studio: Certification, alice: User) -> None:
    fill(studio, 1)
    fill(studio, 1, "generated")
    for photo in studio.photos.all():
        remove_photo(photo=photo, by=alice)
    studio.refresh_from_db()
    assert (studio.removed, studio.removed_alarms, studio.photos.count()) == (2, 1, 0)
    events = Event.objects.filter(verb="certification.photo-removed")
    assert [event.data["verdict"] for event in events] == ["nothing-found", "generated"]


def test_deleting_takes_rows_and_bytes_and_leaves_the_record(
    enter: Enter, studio: Certification, alice: User, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    enter(picture(1))
    fill(studio, 3)
    with django_capture_on_commit_callbacks(execute=True):
        delete_certification(certification=studio, by=alice)
    assert not Certification.objects.exists()
    assert not CertificationPhoto.objects.exists()
    assert stored_files(tmp_path) == []
    assert Event.objects.get(verb="certification.deleted").data == {"photos": 4}
    assert audit.first_broken(studio.team) is None


def test_every_step_is_an_event(enter: Enter, studio: Certification, alice: User) -> None:
    photo = enter(picture(1)).photo
    examining.run(photo.pk)
    events = list(Event.objects.filter(subject=f"certification:{studio.pk}").order_by("number"))
    assert [event.verb.split(".")[1] for event in events] == ["created", "photo-received", "photo-examined"]
    assert events[-1].data["photo"] == photo.pk
    assert events[-1].actor is None


# --- the pages


def test_the_list_says_what_to_do_when_it_is_empty(site: Client) -> None:
    page = words(text(site, "/certify/"))
    assert "No photos checked yet" in page
    assert "299 support" in page


def test_a_check_is_begun_with_a_name_and_the_confirmation(site: Client, team: Team) -> None:
    refused = site.post("/certify/new/", {"team": team.pk, "name": " "})
    assert "Give the photos a name." in refused.content.decode()
    assert "Only photos that you know to be from a camera" in refused.content.decode()
    assert not Certification.objects.exists()
    answer = site.post("/certify/new/", {"team": team.pk, "name": "Studio", "camera": "on"})
    assert answer.headers["Location"] == Certification.objects.get().get_absolute_url()
    twice = site.post("/certify/new/", {"team": team.pk, "name": "Studio", "camera": "on"})
    assert "a check of this name already" in twice.content.decode()


def test_each_file_has_an_answer_and_the_form_works_without_javascript(site: Client, studio: Certification) -> None:
    page = text(site, studio.get_absolute_url())
    address = reverse("certification-upload", args=[studio.pk])
    assert f'action="{address}" enctype="multipart/form-data"' in page
    assert 'name="photos" multiple' in page
    files = [upload(picture(1), "one.jpg"), upload(b"%PDF-1.4", "cv.pdf"), upload(picture(1), "twin.jpg")]
    answer = site.post(address, {"photos": files}).content.decode()
    assert [answer.count(f'data-became="{became}"') for became in ("new", "refused", "known")] == [1, 1, 1]
    assert "<html" in answer
    part = site.post(address, {"photos": upload(picture(2))}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "No file came along" in site.post(address).content.decode()


def test_the_result_is_polled_while_photos_wait_and_then_no_more(
    site: Client, enter: Enter, studio: Certification
) -> None:
    enter()
    headers = {"HX-Request": "true", "HX-Target": "result"}
    part = text(site, studio.get_absolute_url(), **headers)
    assert 'hx-trigger="every 2s"' in part
    assert "0 of 1 examined." in words(part)
    assert "<html" not in part
    examining.run(studio.photos.get().pk)
    assert "hx-trigger" not in text(site, studio.get_absolute_url(), **headers)


def test_a_certified_check_says_the_bound_and_what_it_does_not_say(site: Client, studio: Certification) -> None:
    fill(studio, 299)
    page = words(text(site, studio.get_absolute_url()))
    assert "at most 1 in 100 is called generated in error, with 95 % confidence" in page
    assert "0 of 299 photos" in page
    assert "1.00 %" in page
    assert "299 more photos without a false alarm would support “at most 1 in 200”" in page
    assert "What this cannot say" in page
    assert "Certified: at most 1 in 100" in words(text(site, "/certify/"))


def test_a_check_that_falls_short_says_how_many_more(site: Client, studio: Certification) -> None:
    fill(studio, 10)
    assert "Cannot certify: needs 49 more photos without a false alarm" in words(text(site, studio.get_absolute_url()))


def test_alarms_are_listed_with_file_hash_and_reason(site: Client, studio: Certification) -> None:
    fill(studio, 60)
    fill(studio, 1, "generated", summary="Several traces speak for it.")
    fill(studio, 1, "declared-generated", summary="The file itself says so.")
    page = text(site, studio.get_absolute_url())
    alarms = page.split('id="alarms"')[1].split("</section>")[0]
    assert "60.jpg" in alarms
    assert f"{60:064x}" in alarms
    assert "Several traces speak for it." in alarms
    assert "61.jpg" not in alarms
    assert "The file itself says that it was generated" in page
    assert "60.jpg" in text(site, studio.get_absolute_url() + "?show=alarms").split("All photos")[1]
    assert "No such photo" in text(site, studio.get_absolute_url() + "?show=failed")


def test_earlier_versions_are_named_beside_the_installed_ones(site: Client, studio: Certification) -> None:
    fill(studio, 300, versions={"policy": 1, "detectors": {"skin": 1, "gone": 4}})
    page = words(text(site, studio.get_absolute_url()))
    assert "send the same photos once more" in page
    assert "They were deleted after they had been examined." in page
    assert "gone version 4 now gone" in page
    assert f"Policy 1 now {installed_versions()['policy']}" in page


def test_photos_that_were_taken_out_are_mentioned(site: Client, studio: Certification) -> None:
    fill(studio, 60)
    fill(studio, 1, "generated")
    photo = studio.photos.get(verdict="generated")
    answer = site.post(reverse("certification-photo-remove", args=[studio.pk, photo.pk]), follow=True)
    assert "1 photo was taken out after being examined, 1 of them with a false alarm" in words(answer.content.decode())


def test_the_exports_hold_every_hash_and_no_formula(site: Client, studio: Certification, alice: User) -> None:
    fill(studio, 2)
    fill(studio, 1, "generated", summary="=cmd")
    response = site.get(reverse("certification-csv", args=[studio.pk]))
    assert "studio-berlin-2025.csv" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["sha256"] for row in rows] == [f"{n:064x}" for n in range(3)]
    assert [row["false alarm"] for row in rows] == ["no", "no", "yes"]
    assert rows[2]["summary"] == "'=cmd"
    told = json.loads(site.get(reverse("certification-json", args=[studio.pk])).content)
    assert (told["judged"], told["false_alarms"], len(told["photos"])) == (3, 1, 3)
    assert told["bound"] == clopper_pearson_upper(1, 3)
    assert Event.objects.filter(verb="certification.exported").count() == 2


def test_a_name_with_markup_is_only_a_name(site: Client, enter: Enter, studio: Certification) -> None:
    examining.run(enter(picture(), "<img src=x onerror=alert(1)>.jpg").photo.pk)
    assert "<img src=x" not in text(site, studio.get_absolute_url())


# --- who


def addresses(certification: Certification) -> list[str]:
    names = ("certification", "certification-csv", "certification-json", "certification-delete")
    return [reverse(name, args=[certification.pk]) for name in names]


def test_a_stranger_sees_404_and_changes_nothing(studio: Certification, charlie: User, signed_in: SignIn) -> None:
    fill(studio, 1)
    client = signed_in(charlie)
    for address in addresses(studio):
        assert client.get(address).status_code == 404, address
    photo = studio.photos.get()
    for name, args in (
        ("certification-upload", [studio.pk]),
        ("certification-delete", [studio.pk]),
        ("certification-photo-remove", [studio.pk, photo.pk]),
    ):
        assert client.post(reverse(name, args=args)).status_code == 404, name
    assert studio.name not in text(client, "/certify/")
    assert studio.photos.count() == 1


def test_a_photo_is_removed_from_its_own_check_alone(studio: Certification, charlie: User, signed_in: SignIn) -> None:
    fill(studio, 1)
    other = create_certification(team=charlie.memberships.get().team, name="Mine", by=charlie)
    address = reverse("certification-photo-remove", args=[other.pk, studio.photos.get().pk])
    assert signed_in(charlie).post(address).status_code == 404
    assert studio.photos.count() == 1


def test_a_reviewer_reads_and_exports_and_does_not_add(studio: Certification, bob: User, signed_in: SignIn) -> None:
    fill(studio, 60)
    client = signed_in(bob)
    assert "data-certify" not in text(client, studio.get_absolute_url())
    assert client.get(reverse("certification-csv", args=[studio.pk])).status_code == 200
    assert client.get("/certify/new/").status_code == 403
    assert client.post(reverse("certification-upload", args=[studio.pk])).status_code == 403
    assert client.post(reverse("certification-delete", args=[studio.pk])).status_code == 403
    assert client.post("/certify/new/", {"name": "Mine", "camera": "on"}).status_code == 403


def test_in_another_teams_name_nothing_is_begun(site: Client, charlie: User) -> None:
    theirs = charlie.memberships.get().team
    answer = site.post("/certify/new/", {"team": theirs.pk, "name": "Mine", "camera": "on"})
    assert answer.status_code == 200
    assert not Certification.objects.exists()


@pytest.mark.parametrize("rows", [1, 200])
@pytest.mark.parametrize(("address", "queries"), [("/certify/", 6), ("/certify/{pk}/", 9)])
def test_a_page_takes_as_many_queries_for_200_rows_as_for_one(
    address: str,
    queries: int,
    rows: int,
    studio: Certification,
    alice: User,
    signed_in: SignIn,
    django_assert_num_queries: Any,
) -> None:
    """Session, user, mentions; list: checks, counts, may add; one: check, counts, role, noted, count, rows."""
    fill(studio, rows)
    fill(studio, rows, "generated")
    Certification.objects.bulk_create(Certification(team=studio.team, name=f"No. {n}") for n in range(rows))
    client = signed_in(alice)
    with django_assert_num_queries(queries):
        response = client.get(address.format(pk=studio.pk))
    assert response.status_code == 200


def test_reports_say_what_is_certified_and_nothing_where_nothing_is(
    studio: Certification, applicant: Applicant, bob: User
) -> None:
    assert not any("Certified" in limit for limit in collect_applicant(applicant, by=bob).limits)
    fill(studio, 299)
    sentence = collect_applicant(applicant, by=bob).limits[-1]
    assert sentence.startswith("Certified on the team’s own photos (“Studio Berlin 2025”, ")
    assert "0 of 299 were; policy" in sentence
    Certification.objects.update(removed=1, removed_alarms=1)
    assert "0 of 299 were; 1 more was called so and taken out" in collect_applicant(applicant, by=bob).limits[-1]
    assert f"policy {installed_versions()['policy']}" in sentence


def test_the_table_of_all_photos_follows_the_end_of_the_examination(
    site: Client, enter: Enter, studio: Certification
) -> None:
    headers = {"HX-Request": "true", "HX-Target": "result"}
    enter()
    assert "HX-Trigger" not in site.get(studio.get_absolute_url(), headers=headers).headers
    examining.run(studio.photos.get().pk)
    assert "examined" in site.get(studio.get_absolute_url(), headers=headers).headers["HX-Trigger"]
    table = text(site, studio.get_absolute_url(), **{"HX-Request": "true", "HX-Target": "all"})
    assert 'hx-trigger="examined from:body"' in table
    assert "<html" not in table


# --- the command


def test_the_command_examines_a_folder_and_says_what_it_supports(
    team: Team, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "Our models"
    (folder / "inner").mkdir(parents=True)
    (folder / "one.jpg").write_bytes(picture(1))
    (folder / "inner" / "two.png").write_bytes(picture(2, kind="PNG"))
    (folder / "inner" / "same.jpg").write_bytes(picture(1))
    (folder / "notes.txt").write_text("no photo")
    (folder / ".DS_Store").write_bytes(b"no photo")
    call_command("certify", str(folder), team="northlight casting", from_camera=True)
    said = capsys.readouterr()
    made = Certification.objects.get()
    assert (made.name, made.created_by, made.photos.count()) == ("Our models", None, 2)
    assert set(made.photos.values_list("state", flat=True)) == {"done"}
    assert "not taken: notes.txt" in said.err
    assert ".DS_Store" not in said.err
    assert "Cannot certify." in said.out
    call_command("certify", str(folder), team=team.name, from_camera=True)  # again: goes on with the same
    assert Certification.objects.get().photos.count() == 2


def test_the_command_demands_the_confirmation_a_team_and_a_folder(team: Team, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--from-camera"):
        call_command("certify", str(tmp_path), team=team.name)
    with pytest.raises(CommandError, match="Northlight Casting"):
        call_command("certify", str(tmp_path), team="Nobody", from_camera=True)
    with pytest.raises(CommandError, match="no folder"):
        call_command("certify", str(tmp_path / "none"), team=team.name, from_camera=True)


def test_the_command_can_leave_the_work_to_the_workers(
    team: Team, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.jpg").write_bytes(picture(1))
    call_command("certify", str(tmp_path / "in"), team=team.name, name="Later", from_camera=True, queue=True)
    assert Certification.objects.get(name="Later").photos.get().state == "queued"
    assert "when every photo has been examined" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["certifications", "certification-new"])
def test_without_signing_in_there_is_only_the_sign_in(name: str, client: Client) -> None:
    assert client.get(reverse(name)).headers["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("address", ["/certify/", "/certify/new/", "/certify/{pk}/", "/certify/{pk}/delete/"])
def test_no_page_needs_more_than_the_policy_allows(address: str, site: Client, studio: Certification) -> None:
    fill(studio, 2, "generated")
    page = text(site, address.format(pk=studio.pk))
    assert not re.search(r"<[^>]+\sstyle=|<style|<[^>]+\son\w+=|<script(?![^>]+src=)", page)
    drawn = set(re.findall(r'symbol id="(shape-[\w-]+)"', page))
    assert set(re.findall(r'href="#(shape-[\w-]+)"', page)) <= drawn
