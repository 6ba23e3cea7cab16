"""The pages of an import: sending, the plan row by row, the word, progress, taking back; and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.conftest import SignIn, picture, text, upload, words
from tests.vetting.archives import zip_upload
from vetting.bulk.receiving import receive_archive
from vetting.bulk.tasks import carry_on
from vetting.models import Analysis, Applicant, Bulk, BulkRow, Opening, Photo, User
from vetting.web.listing import PAGE

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(opening: Opening, alice: User) -> Bulk:
    files = {"eileen-collins.jpg": picture(1), "ada okafor.jpg": picture(2), "IMG_1.jpg": picture(3)}
    bulk = receive_archive(opening=opening, archive=zip_upload(files, "cast.zip"), by=alice)
    carry_on(bulk.pk)
    return Bulk.objects.get(pk=bulk.pk)


def new(opening: Opening) -> str:
    return reverse("bulk-new", args=[opening.pk])


def carry_on_to_the_end(bulk: Bulk) -> None:
    for _ in range(20):
        carry_on(bulk.pk)


# --- sending


def test_the_opening_leads_to_it_and_back_to_one_that_is_under_way(
    site: Client, opening: Opening, planned: Bulk
) -> None:
    page = text(site, opening.get_absolute_url())
    assert f'href="{new(opening)}"' in page
    assert "Import of “cast.zip”: waiting for your word." in words(page)
    assert planned.get_absolute_url() in page


def test_the_form_works_without_javascript(site: Client, opening: Opening) -> None:
    page = text(site, new(opening))
    assert 'enctype="multipart/form-data"' in page
    assert all(f'name="{name}"' in page for name in ("archive", "photos", "table"))
    answer = site.post(new(opening), {"archive": zip_upload({"ada okafor.jpg": picture()})})
    bulk = Bulk.objects.get()
    assert answer.headers["Location"] == bulk.get_absolute_url()
    assert bulk.started_at
    answer = site.post(new(opening), {"photos": [upload(picture(1), "mia.jpg"), upload(b"x", "../tom.jpg")]})
    assert answer.status_code == 302
    carry_on(Bulk.objects.latest("pk").pk)
    assert "Mia" in text(site, answer.headers["Location"])


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [({}, "No file came along"), ({"archive": upload(b"Rar!", "a.rar")}, "no ZIP archive")],
)
def test_what_cannot_be_taken_is_said_on_the_form(
    site: Client, opening: Opening, sent: dict[str, Any], sentence: str
) -> None:
    page = site.post(new(opening), sent).content.decode()
    assert sentence in page
    assert "data-problem" in page
    assert not Bulk.objects.exists()


def test_an_archive_larger_than_the_limit_is_refused_and_not_kept(
    site: Client, opening: Opening, settings: Settings, tmp_path: Any
) -> None:
    settings.MAX_BULK_BYTES = 1000
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    page = site.post(new(opening), {"archive": zip_upload({"a.jpg": picture()})}).content.decode()
    assert "are taken at once. Please split it." in words(page)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_large_archive_goes_straight_to_the_disk_of_the_uploads(
    site: Client, opening: Opening, settings: Settings, tmp_path: Any
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    site.post(new(opening), {"archive": zip_upload({"ada.jpg": picture()})})
    assert (tmp_path / "incoming").is_dir()
    assert not list((tmp_path / "incoming").iterdir())
    assert (tmp_path / "uploads" / Bulk.objects.get().key).is_file()


def test_a_folder_comes_in_batches_and_is_read_when_it_is_whole(site: Client, opening: Opening) -> None:
    first = {
        "photos": [upload(picture(1), "1.jpg")],
        "paths": ["Cast/Ada Okafor/1.jpg"],
        "more": "yes",
        "folder": "Cast",
    }
    site.post(new(opening), first)
    bulk = Bulk.objects.get()
    assert (str(bulk), bulk.collecting) == ("Cast", True)
    more = {"photos": [upload(picture(2), "2.jpg"), upload(b"x", "x.jpg")], "paths": ["Cast/mia.jpg", "../x.jpg"]}
    answer = site.post(reverse("bulk-files", args=[bulk.pk]), more).content.decode()
    assert answer.count("data-refused") == 1
    page = words(text(site, bulk.get_absolute_url()))
    assert "2 files received; the sending was not finished." in page
    assert site.post(reverse("bulk-read", args=[bulk.pk])).status_code == 302
    carry_on(bulk.pk)
    page = words(text(site, bulk.get_absolute_url()))
    assert "2 rows will be imported." in page
    assert "Ada Okafor" in page


def test_the_template_is_a_table_that_a_spreadsheet_opens(site: Client, opening: Opening) -> None:
    response = site.get(reverse("bulk-template", args=[opening.pk]))
    assert response.headers["Content-Disposition"] == 'attachment; filename="candid-import-lead-autumn-film.csv"'
    assert response.content.decode("utf-8-sig").splitlines()[0] == "name,email,reference,file"


def test_a_form_without_its_token_is_refused(opening: Opening, alice: User) -> None:
    """The view that takes large bodies is exempt only until its handler stands."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(new(opening), {"archive": zip_upload({"a.jpg": picture()})}).status_code == 403
    assert not Bulk.objects.exists()


# --- looking, giving the word, watching


def test_the_plan_says_row_by_row_what_will_happen(site: Client, planned: Bulk) -> None:
    page = words(text(site, planned.get_absolute_url()))
    assert "2 rows will be imported. 1 cannot." in page
    assert "No name can be told from this file name" in page
    assert "Import 2 rows" in page
    only = words(text(site, planned.get_absolute_url() + "?show=refused"))
    assert "IMG_1.jpg" in only
    assert "eileen-collins.jpg" not in only


def test_from_plan_to_done_by_buttons_alone(site: Client, planned: Bulk) -> None:
    site.post(reverse("bulk-start", args=[planned.pk]))
    assert 'hx-trigger="every 2s"' in text(site, planned.get_absolute_url())
    carry_on_to_the_end(planned)
    page = words(text(site, planned.get_absolute_url()))
    assert "2 rows imported, 2 new applicants." in page
    assert "0 of 2 examined; photos that are uploaded one by one come first." in page
    assert "To the applicants" in page
    assert "already" in words(site.post(reverse("bulk-start", args=[planned.pk]), follow=True).content.decode())


def test_progress_is_polled_alone_and_the_rows_ask_for_themselves_once(site: Client, planned: Bulk) -> None:
    site.post(reverse("bulk-start", args=[planned.pk]))
    headers = {"HX-Request": "true", "HX-Target": "bulk"}
    address = planned.get_absolute_url()
    part = site.get(address + "?was=running", headers=headers)
    assert "0 of 2 rows done." in words(part.content.decode())
    assert "<html" not in part.content.decode()
    assert "import-rows" not in part.content.decode()
    assert "HX-Trigger" not in part.headers
    carry_on_to_the_end(planned)
    assert "planned" in site.get(address + "?was=running", headers=headers).headers["HX-Trigger"]
    Analysis.objects.update(state="failed", error="x")
    assert "every 2s" not in text(site, address, **headers)


def test_undoing_is_asked_first_and_names_who_stays(site: Client, planned: Bulk, bob: User) -> None:
    from tests.vetting.test_bulk_importing import decide

    site.post(reverse("bulk-start", args=[planned.pk]))
    carry_on_to_the_end(planned)
    decide(Applicant.objects.get(name="Ada Okafor"), bob)
    address = reverse("bulk-undo", args=[planned.pk])
    question = words(text(site, address))
    assert "2 applicants, with names" in question
    assert "So far these stay, because of a decision: Ada Okafor." in question
    assert Photo.objects.count() == 2
    site.post(address)
    assert "Being taken back" in text(site, planned.get_absolute_url())
    carry_on_to_the_end(planned)
    page = words(text(site, planned.get_absolute_url()))
    assert "1 row taken back" in page
    assert "1 stays: somebody has worked on it since." in page
    assert "Stays: somebody has decided on this applicant since." in page


def test_a_plan_is_thrown_away(site: Client, planned: Bulk) -> None:
    page = site.post(reverse("bulk-discard", args=[planned.pk]), follow=True).content.decode()
    assert "is thrown away. Nothing of it was added." in page
    assert not Bulk.objects.exists()


def test_an_archive_that_could_not_be_read_says_why_and_what_to_do(site: Client, opening: Opening) -> None:
    page = site.post(new(opening), {"archive": upload(b"PK and nothing", "a.zip")}, follow=True).content.decode()
    bulk = Bulk.objects.get()
    assert "Waiting to be read." in page
    carry_on(bulk.pk)
    page = text(site, bulk.get_absolute_url())
    assert "nothing was added" in page
    assert "The archive is damaged" in page
    assert "Send it again" in page


def test_a_name_with_markup_is_only_a_name(site: Client, opening: Opening, alice: User) -> None:
    bulk = receive_archive(opening=opening, archive=zip_upload({"<img src=x onerror=1> b.jpg": picture()}), by=alice)
    carry_on(bulk.pk)
    assert "<img src=x" not in text(site, bulk.get_absolute_url())


@pytest.mark.parametrize("rows", [1, 400])
def test_a_page_of_the_plan_takes_as_many_queries_for_400_rows_as_for_one(
    rows: int, site: Client, opening: Opening, alice: User, django_assert_num_queries: Any
) -> None:
    bulk = Bulk.objects.create(opening=opening, created_by=alice, file_name="a.zip", state="planned", key="x/")
    BulkRow.objects.bulk_create(BulkRow(bulk=bulk, number=n + 1, name="Ada", entry="a.jpg") for n in range(rows))
    # session, user, mentions; import, role; counts, unnamed, new people; count, rows
    with django_assert_num_queries(10):
        page = text(site, bulk.get_absolute_url())
    assert page.count("<tr data-row") == min(rows, PAGE)


# --- who


def addresses(bulk: Bulk) -> list[str]:
    opening = [reverse(name, args=[bulk.opening_id]) for name in ("bulk-new", "bulk-template")]
    return opening + [reverse(name, args=[bulk.pk]) for name in ("bulk", "bulk-undo")]


def actions(bulk: Bulk) -> list[str]:
    names = ("bulk-files", "bulk-read", "bulk-start", "bulk-undo", "bulk-discard")
    return [reverse("bulk-new", args=[bulk.opening_id]), *(reverse(name, args=[bulk.pk]) for name in names)]


@pytest.mark.parametrize(("who", "status"), [("charlie", 404), ("bob", 403)])
def test_strangers_find_nothing_and_reviewers_are_told_who_adds(
    who: str, status: int, planned: Bulk, request: pytest.FixtureRequest, signed_in: SignIn
) -> None:
    client = signed_in(request.getfixturevalue(who))
    for address in addresses(planned):
        assert client.get(address).status_code == status, address
    for address in actions(planned):
        assert client.post(address, {"photos": upload(picture())}).status_code == status, address
    assert Bulk.objects.get().state == "planned"


def test_a_recruiter_and_an_admin_see_it(planned: Bulk, site: Client, ada: User, signed_in: SignIn) -> None:
    for client in (site, signed_in(ada)):
        for address in addresses(planned):
            assert client.get(address).status_code == 200, address


def test_without_signing_in_there_is_only_the_sign_in(planned: Bulk, client: Client) -> None:
    for address in [*addresses(planned), *actions(planned)]:
        assert client.post(address).headers["Location"].startswith("/sign-in/"), address
