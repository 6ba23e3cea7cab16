"""A bundle: several applicants' reports in one ZIP file, verifiable, named safely, and of nobody else."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from tests.conftest import AddPhoto, SignIn, examine_now, text, words
from tests.vetting.test_queries import fill
from vetting import audit, intake, report
from vetting.models import Applicant, Event, Issued, Opening, User
from vetting.report.bundle import folder_of
from vetting.report.verification import Outcome, verify


def people(opening: Opening, by: User, *names: str) -> list[Applicant]:
    return [intake.add_applicant(opening=opening, name=name, by=by) for name in names]


def bundled(opening: Opening, chosen: list[Applicant], by: User) -> zipfile.ZipFile:
    pieces = report.stream_bundle(
        opening, [one.pk for one in chosen], by=by, verify_at="https://candid.example/verify/"
    )
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.testzip() is None
    return archive


def asked(client: Client, opening: Opening, data: dict[str, Any], query: str = "") -> Any:
    return client.post(reverse("bundle", args=[opening.pk]) + query, data)


def test_it_holds_a_folder_an_applicant_a_table_and_a_signed_list(
    opening: Opening, alice: User, bob: User, add_photo: AddPhoto
) -> None:
    one, two = people(opening, alice, "Ann Able", "Ben Bold")
    examine_now(add_photo(to=one))
    archive = bundled(opening, [one, two], bob)
    assert archive.namelist() == [
        "read me.txt",
        f"Ann Able ({one.pk})/report.pdf", f"Ann Able ({one.pk})/report.json",
        f"Ben Bold ({two.pk})/report.pdf", f"Ben Bold ({two.pk})/report.json",
        "overview.csv", "manifest.json",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(archive.read("overview.csv").decode("utf-8-sig"))))
    assert {row["name"] for row in rows} == {"Ann Able", "Ben Bold"}
    assert "https://candid.example/verify/" in archive.read("read me.txt").decode()


def test_every_file_of_it_verifies_and_stands_in_the_manifest_with_its_hash(
    opening: Opening, alice: User, bob: User
) -> None:
    archive = bundled(opening, people(opening, alice, "Ann Able", "Ben Bold"), bob)
    manifest = json.loads(archive.read("manifest.json"))
    listed = {file["path"]: file for file in manifest["files"]}
    assert set(listed) | {"manifest.json"} == set(archive.namelist())
    for path, file in listed.items():
        content = archive.read(path)
        assert (file["sha256"], file["size"]) == (hashlib.sha256(content).hexdigest(), len(content))
        if path != "read me.txt":
            assert verify(content).outcome is Outcome.UNCHANGED, path
    found = verify(archive.read("manifest.json"))
    assert (found.outcome, found.kind) == (Outcome.UNCHANGED, "the list of files of a bundle")
    Issued.objects.all().delete()
    assert verify(archive.read("manifest.json")).kind == "the list of files of a bundle"
    changed = archive.read("manifest.json").replace(listed["overview.csv"]["sha256"].encode(), b"0" * 64)
    assert verify(changed).outcome is Outcome.CHANGED


def test_pdf_and_json_of_an_applicant_are_made_from_the_same_signed_data(
    opening: Opening, alice: User, bob: User
) -> None:
    (one,) = people(opening, alice, "Ann Able")
    bundled(opening, [one], bob)
    of_one = Issued.objects.filter(applicant=one)
    assert sorted(of_one.values_list("format", flat=True)) == ["json", "pdf"]
    assert len(set(of_one.values_list("digest", flat=True))) == 1
    of_opening = Issued.objects.filter(opening=opening)
    assert sorted(of_opening.values_list("format", flat=True)) == ["csv", "manifest"]
    event = Event.objects.get(verb="bundle.exported")
    assert (event.subject, event.data["applicants"]) == (f"opening:{opening.pk}", 1)
    assert audit.first_broken(opening.team) is None


NAMES = {
    "Ann/Bob": "Ann_Bob", "..": "Applicant", 'a<b>c:"d|e?f*g\\h': "a_b_c__d_e_f_g_h",
    "CON": "_CON", "com1.txt": "_com1.txt", "Li 李小龙": "Li 李小龙", "dot. ": "dot", "tab\tand\nline": "tab and line",
    "Zoe\u0308": "Zo\u00eb", "\u202eevil": "evil", "x" * 150: "x" * 60, " ": "Applicant",
}  # fmt: skip


@pytest.mark.parametrize(("name", "folder"), NAMES.items())
def test_a_folders_name_is_one_that_windows_takes(name: str, folder: str) -> None:
    assert folder_of(Applicant(pk=7, name=name)) == f"{folder} (7)"


def test_namesakes_have_folders_of_their_own(opening: Opening, alice: User, bob: User) -> None:
    archive = bundled(opening, people(opening, alice, "Ann Able", "ann able", "Ann Able"), bob)
    folders = {path.split("/")[0].casefold() for path in archive.namelist() if "/" in path}
    assert len(folders) == 3


def test_whoever_is_deleted_while_it_is_made_is_left_out_and_said(opening: Opening, alice: User, bob: User) -> None:
    one, two = people(opening, alice, "Ann Able", "Ben Bold")
    pieces = report.stream_bundle(opening, [one.pk, two.pk], by=bob)
    begun = [next(pieces), next(pieces), next(pieces)]
    Applicant.objects.filter(pk=two.pk).delete()
    archive = zipfile.ZipFile(io.BytesIO(b"".join([*begun, *pieces])))
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["left_out"] == [two.pk]
    assert not any("Ben" in path for path in archive.namelist())


def test_it_is_sent_while_it_is_being_written(opening: Opening, alice: User, bob: User) -> None:
    pieces = report.stream_bundle(opening, [one.pk for one in people(opening, alice, "Ann", "Ben", "Cem")], by=bob)
    assert next(pieces).startswith(b"PK")
    assert not Issued.objects.exists()
    next(pieces)
    assert Issued.objects.count() == 2  # one applicant is written, the others are not
    assert sum(1 for _ in pieces) > 5


# --- the page


def test_the_ticked_applicants_come_as_a_download(opening: Opening, alice: User, site: Client) -> None:
    one, _, three = people(opening, alice, "Ann Able", "Ben Bold", "Cem Calm")
    response = asked(site, opening, {"applicant": [one.pk, three.pk]})
    assert isinstance(response, StreamingHttpResponse)
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Disposition"] == 'attachment; filename="candid-lead-autumn-film.zip"'
    names = zipfile.ZipFile(io.BytesIO(response.getvalue())).namelist()
    assert any("Ann Able" in name for name in names)
    assert not any("Ben Bold" in name for name in names)
    assert "manifest" in {row.format for row in Issued.objects.all()}
    assert "MANIFEST" in text(site, reverse("opening-reports", args=[opening.pk]))


def test_all_that_the_filter_finds_come_without_ticking(opening: Opening, alice: User, site: Client) -> None:
    people(opening, alice, "Ann Able", "Ben Bold")
    response = asked(site, opening, {"all": "1"}, "?q=ben")
    names = zipfile.ZipFile(io.BytesIO(response.getvalue())).namelist()
    assert [name.split(" (")[0] for name in names if name.endswith(".pdf")] == ["Ben Bold"]


def test_without_a_tick_a_sentence_says_what_to_do_and_the_filter_is_kept(
    opening: Opening, alice: User, site: Client
) -> None:
    people(opening, alice, "Ann Able")
    response = asked(site, opening, {}, "?q=ann")
    assert response.headers["Location"] == reverse("opening-reports", args=[opening.pk]) + "?q=ann"
    assert "Nobody is ticked." in text(site, response.headers["Location"])


def test_applicants_of_another_opening_or_team_cannot_be_ticked(
    opening: Opening, alice: User, charlie: User, site: Client
) -> None:
    elsewhere = Opening.objects.create(team=charlie.memberships.get().team, title="Desk", created_by=charlie)
    (stranger,) = people(elsewhere, charlie, "Sam Secret")
    other = Opening.objects.create(team=opening.team, title="Other", created_by=alice)
    (neighbour,) = people(other, alice, "Nora Next")
    response = asked(site, opening, {"applicant": [stranger.pk, neighbour.pk, "x", "9" * 30]})
    assert response.status_code == 302
    assert not Issued.objects.exists()


def test_more_than_a_bundle_holds_is_refused_before_anything_is_written(
    opening: Opening, alice: User, site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST_APPLICANTS", 3)
    people(opening, alice, *(f"Person {number}" for number in range(5)))
    page = text(site, reverse("opening-reports", args=[opening.pk]))
    assert "More than 3 are listed" in words(page)
    response = asked(site, opening, {"all": "1"})
    assert response.status_code == 302
    assert "at most 3 applicants" in text(site, response.headers["Location"])


def test_strangers_and_blind_reviewers_get_none(
    opening: Opening, alice: User, charlie: User, signed_in: SignIn, site: Client, add_photo: AddPhoto
) -> None:
    assert asked(signed_in(charlie), opening, {"all": "1"}).status_code == 404
    assert asked(Client(), opening, {"all": "1"}).status_code == 302
    add_photo()
    Opening.objects.filter(pk=opening.pk).update(blind_first=True)
    page = text(site, reverse("opening-reports", args=[opening.pk]))
    assert "Waits for your first look" in page
    response = asked(site, opening, {"all": "1"})
    assert "looked at blind first" in text(site, response.headers["Location"])
    assert not Issued.objects.exists()


@pytest.mark.parametrize("rows", [1, 200])
def test_the_page_takes_as_many_queries_for_200_rows_as_for_one(
    rows: int, opening: Opening, alice: User, site: Client, django_assert_num_queries: Any
) -> None:
    fill(opening, alice, rows)
    address = reverse("opening-reports", args=[opening.pk])
    with django_assert_num_queries(8):  # session, user, mentions; opening, count, rows, what was issued
        assert site.get(address).status_code == 200
