"""Across applicants: the same picture under another name is found, said on both pages, and never beyond the team."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageEnhance, ImageOps

from detector.picture_hashes import hash_bytes
from detector.repeats import VERSION, Part, bits_of
from tests import pictures
from tests.conftest import AddPhoto, SignIn, astronaut, examine_now, picture, text, words
from vetting import across, picture_index, report
from vetting import analysis as stage
from vetting.intake import add_applicant
from vetting.models import Analysis, Applicant, Event, Opening, Photo, PictureHash, Repeat, Team, User
from vetting.retention import forget_applicant

pytestmark = pytest.mark.django_db
AddApplicant = Callable[..., Applicant]


def again(change: Callable[[Image.Image], Image.Image] = lambda p: p, quality: int = 75) -> bytes:
    """The astronaut's portrait, changed and saved again."""
    return pictures.encoded(change(pictures.astronaut()), "JPEG", quality=quality)


def cropped(portrait: Image.Image) -> Image.Image:
    return portrait.crop((40, 10, 440, 410))


@pytest.fixture
def office(team: Team, alice: User) -> Opening:
    return Opening.objects.create(team=team, title="Office manager", created_by=alice)


@pytest.fixture
def jane(office: Opening, alice: User) -> Applicant:
    return add_applicant(opening=office, name="Jane Doe", by=alice, email="jane@example.org")


def hashed(applicant: Applicant, by: User, value: str, **facts: Any) -> Photo:
    """A photo with a hash of the whole picture, as if it had been examined."""
    photo = Photo.objects.create(
        applicant=applicant, sha256=facts.pop("sha256", value), file_name="a.jpg", size=1, format="JPEG",
        width=300, height=400, uploaded_by=by,
    )  # fmt: skip
    PictureHash.objects.create(photo=photo, part="whole", value=value, quality=90, version=VERSION, **facts)
    return photo


@cache
def hashes_in(data: bytes) -> dict[str, dict[str, Any]]:
    return {part: dict(one.to_json()) for part, one in hash_bytes(data).items()}


def compare_now(photo: Photo) -> None:
    """What the end of an examination does, without the detectors, whose findings are of no interest here."""
    hashes = hashes_in(photo.read_original())
    verdict: dict[str, Any] = {"code": "inconclusive", "reasons": []}
    photo.analyses.update(
        state="done",
        verdict="inconclusive",
        finished_at=timezone.now(),
        result={"verdict": verdict, "picture_hashes": hashes},
    )
    across.look_across(photo=photo, hashes=hashes)


def hash_of(value: str, quality: int = 90) -> dict[str, dict[str, Any]]:
    return {"whole": {"value": value, "quality": quality, "version": VERSION}}


def flipped(value: str, bits: int) -> str:
    """The hash with so many of its bits turned over."""
    return f"{int(value, 16) ^ (2**bits - 1):064x}"


SOME = np.random.default_rng(7).bytes(32).hex()


# --- found


@pytest.mark.parametrize(
    ("copy", "kinds", "said"),
    [
        (again(), {"same-picture"}, "The same picture, saved again, also stands for"),
        (again(lambda p: ImageEnhance.Brightness(p).enhance(0.8)), {"same-picture"}, "saved again, also stands for"),
        (again(ImageOps.mirror), {"mirrored"}, "The same picture, mirrored, also stands for"),
        (again(cropped), {"cropped"}, "The same picture, cropped otherwise, also stands for"),
        (astronaut(), {"same-file"}, "The very same file also stands for"),
    ],
)
def test_a_copy_under_another_name_is_found_and_said_on_both_pages(
    copy: bytes, kinds: set[str], said: str, add_photo: AddPhoto, jane: Applicant, applicant: Applicant, site: Client
) -> None:
    earlier, later = add_photo(astronaut()), add_photo(copy, to=jane)
    compare_now(earlier)
    compare_now(later)
    pair = Repeat.objects.get()
    assert (pair.photo, pair.of) == (later, earlier)
    assert pair.kind in kinds
    first, second = (words(text(site, one.get_absolute_url())) for one in (applicant, jane))
    assert f"{said} Jane Doe in “Office manager”, received" in first
    assert f"{said} Eileen Collins in “Lead, autumn film”, received" in second
    assert "Twins in a group photo" in first
    assert "nothing here changes it" in first


def test_a_face_of_an_opening_that_blurs_faces_is_not_shown_sharp_elsewhere(
    add_photo: AddPhoto, jane: Applicant, office: Opening, applicant: Applicant, site: Client
) -> None:
    here, there = add_photo(astronaut()), add_photo(again(), to=jane)
    examine_now(here)
    examine_now(there)
    sharp, blurred = (reverse("photo-preview", args=[there.pk, size]) for size in ("small", "blurred"))
    assert sharp in text(site, applicant.get_absolute_url())
    Opening.objects.filter(pk=office.pk).update(blur_faces=True)
    page = text(site, applicant.get_absolute_url())
    assert blurred in page
    assert sharp not in page


def test_whoever_is_examined_first_the_pair_is_one_and_so_is_its_event(
    add_photo: AddPhoto, jane: Applicant, team: Team
) -> None:
    earlier, later = add_photo(astronaut()), add_photo(again(), to=jane)
    examine_now(later)
    assert not Repeat.objects.exists()
    examine_now(earlier)
    pair = Repeat.objects.get()
    assert (pair.photo, pair.of) == (later, earlier)
    event = Event.objects.get(verb="repeat.found")
    assert (event.team, event.subject, event.data["of"]) == (team, f"photo:{later.pk}", f"photo:{earlier.pk}")


def test_examining_again_adds_no_row_and_no_event(add_photo: AddPhoto, jane: Applicant, site: Client) -> None:
    photos = [add_photo(astronaut()), add_photo(again(), to=jane)]
    for photo in photos:
        examine_now(photo)
    before = (PictureHash.objects.count(), Repeat.objects.count(), Event.objects.filter(verb="repeat.found").count())
    for photo in photos:
        site.post(reverse("photo-examine", args=[photo.pk]))
        examine_now(photo)
    assert before == (
        PictureHash.objects.count(),
        Repeat.objects.count(),
        Event.objects.filter(verb="repeat.found").count(),
    )


def test_an_applicants_own_photos_are_no_repeats_of_each_other(add_photo: AddPhoto) -> None:
    compare_now(add_photo(astronaut()))
    compare_now(add_photo(again()))
    assert PictureHash.objects.count() >= 4
    assert not Repeat.objects.exists()


def test_the_same_background_behind_another_person_is_a_weaker_finding(
    applicant: Applicant, jane: Applicant, alice: User, site: Client
) -> None:
    earlier, later = (
        hashed(one, alice, np.random.default_rng(at).bytes(32).hex()) for at, one in enumerate((applicant, jane))
    )
    PictureHash.objects.create(photo=earlier, part="background", value=SOME, quality=80, version=VERSION)
    wall = {"background": {"value": flipped(SOME, 12), "quality": 80, "version": VERSION}}
    across.look_across(photo=later, hashes=hash_of(later.hashes.get().value) | wall)
    assert (Repeat.objects.get().kind, Repeat.objects.get().distance) == ("same-background", 12)
    Analysis.objects.create(
        photo=later, state="done", verdict="inconclusive", finished_at=later.uploaded_at, result={"verdict": {}}
    )
    page = text(site, jane.get_absolute_url())
    assert "The same background stands behind Eileen Collins" in words(page)
    assert "weak" in words(page.partition('data-kind="same-background"')[2][:1500])
    assert "Same picture elsewhere" not in text(site, jane.opening.get_absolute_url())


@pytest.mark.parametrize(("bits", "quality", "found"), [(31, 90, 1), (32, 90, 0), (0, 49, 0)])
def test_the_limits_are_kept_to_the_bit(
    bits: int, quality: int, found: int, applicant: Applicant, jane: Applicant, alice: User
) -> None:
    hashed(applicant, alice, SOME)
    photo = hashed(jane, alice, flipped(SOME, bits), sha256="0" * 64)
    across.look_across(photo=photo, hashes=hash_of(flipped(SOME, bits), quality))
    assert Repeat.objects.count() == found


def test_hashes_of_another_version_are_not_compared(applicant: Applicant, jane: Applicant, alice: User) -> None:
    old = hashed(applicant, alice, SOME)
    old.hashes.update(version=VERSION + 1)
    across.look_across(photo=hashed(jane, alice, SOME, sha256="0" * 64), hashes=hash_of(SOME))
    assert not Repeat.objects.exists()


def test_a_silhouette_under_many_names_is_entered_a_bounded_number_of_times(
    opening: Opening, jane: Applicant, alice: User, site: Client
) -> None:
    for n in range(across.MOST + 15):
        one = Applicant.objects.create(opening=opening, name=f"Nobody {n}", created_by=alice)
        hashed(one, alice, SOME, sha256=f"{n:064x}")
    assert len(across.look_across(photo=hashed(jane, alice, SOME), hashes=hash_of(SOME))) == across.MOST


# --- the same applicant again


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"name": "E. Collins", "email": "EILEEN@example.org"}, "with the same e-mail address"),
        ({"name": "eileen  collins"}, "with the same name"),
    ],
)
def test_one_person_who_applied_twice_is_worded_so(
    facts: dict[str, str], said: str, add_photo: AddPhoto, office: Opening, alice: User, site: Client
) -> None:
    second = add_applicant(opening=office, by=alice, **facts)
    compare_now(add_photo(astronaut()))
    compare_now(add_photo(again(), to=second))
    page = words(text(site, second.get_absolute_url()))
    assert "The same applicant again? The same picture, saved again, also stands for Eileen Collins" in page
    assert said in page
    assert "that is no fault" in page


# --- who may know


def test_another_teams_photos_are_never_found_nor_shown(
    add_photo: AddPhoto, applicant: Applicant, charlie: User, signed_in: SignIn, site: Client
) -> None:
    theirs = Opening.objects.create(team=charlie.memberships.get().team, title="Crew", created_by=charlie)
    stranger = add_applicant(opening=theirs, name="Someone Else", by=charlie)
    compare_now(add_photo(astronaut()))
    for copy in (astronaut(), again()):
        compare_now(add_photo(copy, to=stranger))
    assert not Repeat.objects.exists()
    for client, own in ((site, applicant), (signed_in(charlie), stranger)):
        page = words(text(client, own.get_absolute_url()))
        assert "also stands for" not in page
        assert "No other applicant of your team sent this picture" in page


def test_even_a_pair_across_teams_in_the_table_would_not_be_shown(
    examined: Analysis, charlie: User, site: Client, bob: User
) -> None:
    theirs = Opening.objects.create(team=charlie.memberships.get().team, title="Crew", created_by=charlie)
    stranger = add_applicant(opening=theirs, name="Someone Else", by=charlie)
    Repeat.objects.create(photo=hashed(stranger, charlie, SOME), of=examined.photo, kind="same-picture", distance=1)
    assert "Someone Else" not in text(site, examined.photo.applicant.get_absolute_url())
    assert b"Someone Else" not in report.applicant_json(examined.photo.applicant, by=bob)


# --- lists, reports, verdicts


def test_lists_carry_a_small_mark_on_both_and_the_verdict_stands(
    add_photo: AddPhoto, jane: Applicant, applicant: Applicant, site: Client
) -> None:
    compare_now(add_photo(astronaut()))
    before = Applicant.objects.get(pk=applicant.pk).verdict
    compare_now(add_photo(again(), to=jane))
    for address in (applicant.opening.get_absolute_url(), jane.opening.get_absolute_url(), reverse("queue")):
        assert "Same picture elsewhere" in text(site, address)
    assert Applicant.objects.get(pk=applicant.pk).verdict == before


def test_an_opening_that_is_looked_at_blind_shows_no_mark(
    add_photo: AddPhoto, jane: Applicant, applicant: Applicant, site: Client
) -> None:
    compare_now(add_photo(astronaut()))
    compare_now(add_photo(again(), to=jane))
    Opening.objects.filter(pk=applicant.opening_id).update(blind_first=True)
    assert "Same picture elsewhere" not in text(site, applicant.opening.get_absolute_url())


def test_reports_say_it_in_all_three_forms(
    add_photo: AddPhoto, jane: Applicant, applicant: Applicant, bob: User
) -> None:
    compare_now(add_photo(astronaut()))
    compare_now(add_photo(again(), to=jane))
    said = json.loads(report.applicant_json(jane, by=bob))
    (one,) = (said.get("report") if isinstance(said.get("report"), dict) else said)["photos"][0]["elsewhere"]
    assert one["kind"] == "same-picture"
    number = f"applicant no. {applicant.pk} in “Lead, autumn film”"
    assert one["sentence"].startswith(f"The same picture, saved again, also stands for {number}")
    rows = list(csv.DictReader(io.StringIO(report.applicant_csv(jane, by=bob).decode("utf-8-sig"))))
    (row,) = [row for row in rows if row["group"] == "elsewhere"]
    assert row["code"] == "elsewhere.same-picture"
    assert number in row["summary"]
    assert b"Eileen Collins" not in report.applicant_json(jane, by=bob)  # who asks for their file learns no other name
    assert report.applicant_pdf(jane, by=bob).startswith(b"%PDF")


# --- forgetting, failing, catching up


def test_forgetting_an_applicant_takes_hashes_and_pairs_along(
    add_photo: AddPhoto, jane: Applicant, applicant: Applicant, alice: User, site: Client
) -> None:
    compare_now(add_photo(astronaut()))
    later = add_photo(again(), to=jane)
    compare_now(later)
    forget_applicant(applicant=applicant, by=alice)
    assert not Repeat.objects.exists()
    assert set(PictureHash.objects.values_list("photo", flat=True)) == {later.pk}
    assert "also stands for" not in text(site, jane.get_absolute_url())
    compare_now(later)  # the index in this process still knows the forgotten one, and the rows do not
    assert not Repeat.objects.exists()


def test_a_photo_that_was_forgotten_meanwhile_leaves_no_hash(photo: Photo, alice: User) -> None:
    held = Photo.objects.select_related("applicant__opening__team").get(pk=photo.pk)
    forget_applicant(applicant=photo.applicant, by=alice)
    assert across.look_across(photo=held, hashes=hash_of(SOME)) == []
    assert not PictureHash.objects.exists()


def test_what_goes_wrong_here_costs_the_analysis_nothing(photo: Photo, caplog: pytest.LogCaptureFixture) -> None:
    across.look_across_safely(photo=photo, hashes={"whole": {"value": "no hex", "quality": 90, "version": VERSION}})
    assert "was not compared" in caplog.text
    assert not PictureHash.objects.exists()
    assert examine_now(photo).state == "done"
    assert PictureHash.objects.filter(photo=photo).exists()


def test_photos_of_an_earlier_release_are_hashed_by_the_command_and_only_once(
    add_photo: AddPhoto, jane: Applicant, capsys: pytest.CaptureFixture[str]
) -> None:
    from_result, from_bytes, waiting = add_photo(astronaut()), add_photo(again(), to=jane), add_photo(picture(9))
    for photo in (from_result, from_bytes):
        compare_now(photo)
    Repeat.objects.all().delete()
    PictureHash.objects.all().delete()
    older = from_bytes.analyses.get()
    del older.result["picture_hashes"]
    older.save(update_fields=["result"])
    call_command("hash_photos", "--batch", "1")
    assert "2 photos hashed, 1 pairs found, 0 could not be hashed." in capsys.readouterr().out
    assert Repeat.objects.get().photo == from_bytes
    assert not waiting.hashes.exists()  # its worker hashes it
    call_command("hash_photos")
    assert "0 photos hashed" in capsys.readouterr().out


def test_a_photo_whose_bytes_are_gone_is_named_and_the_others_go_on(
    add_photo: AddPhoto, jane: Applicant, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, there = add_photo(astronaut()), add_photo(picture(3), to=jane)
    for photo in (gone, there):
        compare_now(photo)
    PictureHash.objects.all().delete()
    Analysis.objects.update(result={})
    storages["originals"].delete(gone.original_key)
    call_command("hash_photos")
    said = capsys.readouterr()
    assert "1 photos hashed, 0 pairs found, 1 could not be hashed." in said.out
    assert f"not hashed: photo {gone.pk}" in said.err


def test_a_photo_that_was_never_compared_says_so(examined: Analysis, site: Client) -> None:
    PictureHash.objects.all().delete()
    assert "has not been compared with the team’s other photos yet" in text(
        site, examined.photo.applicant.get_absolute_url()
    )


# --- how much it costs


@pytest.mark.parametrize("others", [3, 300])
def test_a_search_takes_as_many_queries_among_300_photos_as_among_3(
    others: int, opening: Opening, jane: Applicant, alice: User, django_assert_num_queries: Any
) -> None:
    fill(opening, alice, others)
    photo = hashed(jane, alice, SOME)
    across.look_across(photo=photo, hashes=hash_of(SOME))
    # savepoint, team, photo, hashes; index, hashes, same file, known pairs; savepoint
    with django_assert_num_queries(9):
        assert across.look_across(photo=photo, hashes=hash_of(SOME)) == []


@pytest.mark.parametrize("copies", [1, 15])
def test_the_page_takes_as_many_queries_with_15_repeats_as_with_one(
    copies: int, examined: Analysis, office: Opening, alice: User, site: Client, django_assert_num_queries: Any
) -> None:
    for n in range(copies):
        one = Applicant.objects.create(opening=office, name=f"Copy {n}", created_by=alice)
        other = hashed(one, alice, SOME, sha256=f"{n:064x}")
        Repeat.objects.create(photo=other, of=examined.photo, kind="same-picture", distance=n)
    site.get(examined.photo.applicant.get_absolute_url())
    with django_assert_num_queries(25):
        page = text(site, examined.photo.applicant.get_absolute_url())
    assert page.count("The same picture, saved again, also stands for") == copies


def fill(opening: Opening, by: User, count: int) -> None:
    """`count` photos of as many applicants, each with a hash that is far from all others."""
    people = Applicant.objects.bulk_create(
        Applicant(opening=opening, name=f"Applicant {n}", created_by=by) for n in range(count)
    )
    facts: dict[str, Any] = {"file_name": "a.jpg", "size": 1, "format": "JPEG", "width": 3, "height": 4}
    photos = Photo.objects.bulk_create(
        Photo(applicant=one, sha256=f"{n:064x}", uploaded_by=by, **facts) for n, one in enumerate(people)
    )
    rng = np.random.default_rng(11)
    PictureHash.objects.bulk_create(
        PictureHash(photo=photo, part="whole", value=rng.bytes(32).hex(), quality=90, version=VERSION)
        for photo in photos
    )


def test_the_index_reads_on_from_where_it_was_and_finds_what_came_since(
    opening: Opening, team: Team, jane: Applicant, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_index, "AT_ONCE", 7)  # several rounds
    fill(opening, alice, 20)
    index = picture_index.index_of(team)
    assert len(index.ids[Part.WHOLE]) == 20
    late = hashed(jane, alice, SOME)
    assert picture_index.index_of(team) is index
    index.refresh()
    assert index.near(Part.WHOLE, bits_of([SOME]), within=0, not_of=0) == {late.pk: 0}
    assert index.near(Part.WHOLE, bits_of([SOME]), within=0, not_of=jane.pk) == {}


def test_an_analysis_that_lost_its_lease_looks_for_nothing(photo: Photo) -> None:
    taken = stage.claim(photo.analyses.get().pk)
    assert taken is not None
    Analysis.objects.filter(pk=taken.pk).update(attempt=2)
    examination = stage.examine_photo(taken.photo)
    assert stage.finish(taken, examination) is False
    assert not PictureHash.objects.exists()
