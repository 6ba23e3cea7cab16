"""Stage 6: forgetting leaves no byte behind that nobody else has; retention counts down, warns, and keeps its word."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.conftest import AddPhoto, SignIn, examine_now, picture, text, words
from vetting import audit, checks, intake, retention, tasks
from vetting.keeping import retention as countdown
from vetting.keeping.holds import lift_hold, place_hold
from vetting.models import Analysis, Applicant, Event, Opening, Photo, RetentionStart, Team, Tombstone, User
from vetting.openings import change_opening

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


# --- the countdown


DAY = dt.timedelta(days=1)


def came(applicant: Applicant, days_ago: float) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(created_at=timezone.now() - days_ago * DAY)


def test_whose_days_have_passed_is_deleted_by_itself_decided_or_not(
    add_photo: AddPhoto,
    opening: Opening,
    alice: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    photo, fresh = add_photo(), intake.add_applicant(opening=opening, name="Fresh", by=alice)
    came(photo.applicant, 180.1)
    came(fresh, 179.9)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.forget()
    assert list(Applicant.objects.all()) == [fresh]
    assert not any(stored(photo))
    stone = Tombstone.objects.get()
    assert (stone.cause, stone.by) == (Tombstone.Cause.RETENTION, None)
    assert Event.objects.get(verb="applicant.forgotten").actor is None


def test_each_opening_counts_its_own_days(opening: Opening, team: Team, alice: User) -> None:
    short = Opening.objects.create(team=team, title="Extras", retention_days=30, created_by=alice)
    kept, gone = (intake.add_applicant(opening=one, name="A", by=alice) for one in (opening, short))
    for one in (kept, gone):
        came(one, 31)
    tasks.forget()
    assert list(Applicant.objects.all()) == [kept]


def test_a_hold_keeps_and_lifted_lets_go(applicant: Applicant, ada: User) -> None:
    came(applicant, 200)
    place_hold(applicant=applicant, by=ada, reason="A claim is announced.")
    tasks.forget()
    assert Applicant.objects.exists()
    lift_hold(applicant=applicant, by=ada)
    tasks.forget()
    assert not Applicant.objects.exists()


def test_a_large_number_goes_in_runs(opening: Opening, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(countdown, "AT_ONCE", 2)
    for number in range(3):
        came(intake.add_applicant(opening=opening, name=f"A{number}", by=alice), 200)
    tasks.forget()
    assert Applicant.objects.count() == 1
    tasks.forget()
    assert not Applicant.objects.exists()


def test_switched_off_nobody_goes_and_the_check_says_so(applicant: Applicant, settings: Settings) -> None:
    settings.RETENTION_ENFORCED = False
    came(applicant, 200)
    tasks.forget()
    assert Applicant.objects.exists()
    assert [found.id for found in checks.retention_is_enforced()] == ["vetting.W040"]


# --- nobody goes unannounced


def test_after_an_upgrade_nobody_goes_for_two_weeks_and_the_check_says_who_will(applicant: Applicant) -> None:
    RetentionStart.objects.update(begins_at=timezone.now() + 14 * DAY)
    came(applicant, 400)
    tasks.forget()
    assert Applicant.objects.exists()
    (told,) = checks.retention_was_announced(databases=["default"])
    assert told.msg.startswith("1 applicant(s)")
    RetentionStart.objects.update(begins_at=timezone.now())
    tasks.forget()
    assert not Applicant.objects.exists()


def test_an_installation_that_lost_the_row_waits_anew(applicant: Applicant) -> None:
    RetentionStart.objects.all().delete()
    came(applicant, 400)
    tasks.forget()
    assert Applicant.objects.exists()
    assert RetentionStart.objects.get().begins_at > timezone.now() + 13 * DAY


def test_fewer_days_do_not_delete_at_once(applicant: Applicant, opening: Opening, ada: User) -> None:
    """18 for 180: there are days to notice it, and to change it back."""
    came(applicant, 100)
    change_opening(opening=opening, by=ada, closed=False, retention_days=18)
    tasks.forget()
    assert Applicant.objects.exists()
    Opening.objects.update(retention_not_before=timezone.now())
    tasks.forget()
    assert not Applicant.objects.exists()


def test_the_opening_says_how_many_go_within_two_weeks(
    applicant: Applicant, opening: Opening, alice: User, ada: User, site: Client
) -> None:
    assert "deleted within two weeks" not in text(site, opening.get_absolute_url())
    came(applicant, 170)
    held = intake.add_applicant(opening=opening, name="Held", by=alice)
    came(held, 170)
    place_hold(applicant=held, by=ada, reason="A claim is announced.")
    said = words(text(site, opening.get_absolute_url()))
    assert "1 applicant of this opening is deleted within two weeks" in said
    assert "1 more is kept by a legal hold" in said


def test_the_applicants_page_counts_down_and_warns_before(applicant: Applicant, site: Client) -> None:
    said = words(text(site, applicant.get_absolute_url()))
    assert "in 180 days" in said
    assert "Deleted in" not in said
    came(applicant, 175)
    assert "Deleted in 5 days" in words(text(site, applicant.get_absolute_url()))


def test_the_command_lists_by_number_and_deletes_only_when_told(
    applicant: Applicant, ada: User, capsys: pytest.CaptureFixture[str]
) -> None:
    came(applicant, 200)
    call_command("retention", "--dry-run")
    printed = capsys.readouterr().out
    assert f"applicant {applicant.pk}" in printed
    assert "Collins" not in printed
    assert Applicant.objects.exists()
    call_command("retention")
    assert "Deleted now: 1." in capsys.readouterr().out
    assert not Applicant.objects.exists()


def test_hashes_of_photos_that_an_earlier_release_deleted_go_from_the_record(team: Team, photo: Photo) -> None:
    RetentionStart.objects.update(past_emptied_at=None)
    Event.objects.all().delete()
    for number, key in enumerate((photo.pk, photo.pk + 1000), start=1):
        last = Event.objects.order_by("-number").first()
        event = Event(team=team, number=number, at=timezone.now(), verb="photo.received", subject=f"photo:{key}")
        event.data, event.previous = {"sha256": f"{key:064x}"}, last.digest if last else audit.GENESIS
        event.digest = audit.digest(event)
        event.save()
    tasks.forget()
    assert Event.objects.get(subject=f"photo:{photo.pk}").data != {}
    assert Event.objects.get(subject=f"photo:{photo.pk + 1000}").data == {}
    assert audit.first_broken(team) is None


# --- the hold


def test_only_an_admin_places_a_hold_and_everybody_sees_it(
    applicant: Applicant, alice: User, ada: User, signed_in: SignIn
) -> None:
    address = reverse("hold", args=[applicant.pk])
    assert signed_in(alice).post(address, {"reason": "A claim."}).status_code == 403
    admin = signed_in(ada)
    refused = admin.post(address, {"reason": "  "})
    assert "Please write why" in refused.content.decode()
    assert admin.post(address, {"reason": "A claim is announced."}).status_code == 302
    said = words(text(signed_in(alice), applicant.get_absolute_url()))
    assert "A claim is announced." in said
    assert "Forget…" not in said
    again = admin.post(address, {"reason": "Another."})
    assert "There is a legal hold already" in again.content.decode()
    assert "Another." in again.content.decode()
    assert [e.verb for e in Event.objects.filter(verb__startswith="hold.")] == ["hold.placed"]


def test_forgetting_under_a_hold_is_refused_with_a_sentence(applicant: Applicant, ada: User, site: Client) -> None:
    place_hold(applicant=applicant, by=ada, reason="A claim is announced.")
    address = reverse("applicant-forget", args=[applicant.pk])
    assert "A legal hold is in force" in words(text(site, address))
    response = site.post(address, follow=True)
    assert "A legal hold is in force" in words(response.content.decode())
    assert Applicant.objects.exists()
