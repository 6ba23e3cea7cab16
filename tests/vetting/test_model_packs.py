"""Model packs on a site: three commands, a setting, and the name that pages and reports keep."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pypdf import PdfReader
from pytest_django import Settings

from detector.packs import Packs
from tests.conftest import AddPhoto, examine_now, text, words
from tests.onnx_file import blue_means_generated
from tests.packs import GENERATED_BLUE, REAL_BLUE, install, labelled, offered, tinted
from tests.pictures import encoded
from vetting import checks, report
from vetting.models import Analysis, Finding, User
from vetting.report.packs import packs_of, title_of

TITLE = "Blue Detector 2"


def photo_of(blue: float) -> bytes:
    return encoded(tinted(blue, seed=11, side=64), "PNG")


def called(name: str, *given: str) -> str:
    out = io.StringIO()
    call_command(name, *given, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def folder(settings: Settings) -> Path:
    """Where packs stand."""
    return Path(settings.PACKS_DIR)


@pytest.fixture
def found(folder: Path, add_photo: AddPhoto) -> Analysis:
    """An examination in which a pack saw something."""
    install(folder)
    return examine_now(add_photo(photo_of(GENERATED_BLUE)))


def in_pdf(analysis: Analysis, by: User) -> str:
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(analysis.photo.applicant, by=by)))
    return " ".join(" ".join(page.extract_text().split()) for page in pdf.pages)


# --- commands


def test_one_command_adds_a_model_and_says_how_good_it_was(folder: Path, tmp_path: Path) -> None:
    files = offered(tmp_path / "offered")
    manifest = labelled(tmp_path / "labelled")
    printed = called("add_model_pack", str(files.model), str(files.card), "--labelled", str(manifest))
    assert f"“{TITLE}” is in force as pack_blue" in printed
    assert "100 real photos from 4 sources" in printed
    (pack,) = Packs.from_folder(folder).packs
    assert pack.problem == ""


def test_a_model_that_is_not_added_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    files = offered(tmp_path / "offered", licence=None)
    with pytest.raises(CommandError, match="The card lacks “licence”"):
        called("add_model_pack", str(files.model), str(files.card), "--labelled", str(tmp_path / "list.csv"))
    assert list(folder.iterdir()) == []


def test_the_packs_in_force_are_listed(folder: Path) -> None:
    assert called("model_packs") == "No model pack is in force.\n"
    place = install(folder)
    (folder / "empty").mkdir()
    printed = called("model_packs")
    assert f"blue: {TITLE}, MIT, SHA-256 " in printed
    assert "200 real photos from 5 sources" in printed
    assert "empty: could not look. card.json is missing" in printed
    (place / "model.onnx").write_bytes(b"another")
    assert "is not the one of its card" in called("model_packs")


def test_a_removed_pack_is_no_longer_asked(folder: Path, add_photo: AddPhoto) -> None:
    install(folder)
    assert "no longer in force" in called("remove_model_pack", "blue")
    analysis = examine_now(add_photo(photo_of(GENERATED_BLUE)))
    assert not any(name.startswith("pack_") for name in analysis.versions["detectors"])
    assert analysis.versions["packs"] == []
    with pytest.raises(CommandError, match="no model pack called “blue”"):
        called("remove_model_pack", "blue")


# --- examinations


def test_a_finding_of_a_pack_is_stored_among_the_statistics(found: Analysis) -> None:
    finding = Finding.objects.get(analysis=found, detector="pack_blue")
    assert (finding.wing, finding.code) == ("fingerprint", "pack_blue.generated")
    assert TITLE in finding.summary
    assert found.versions["packs"][0]["title"] == TITLE
    assert found.versions["detectors"]["pack_blue"] == 1


def test_a_pack_that_sees_nothing_stores_no_finding(folder: Path, add_photo: AddPhoto) -> None:
    install(folder)
    analysis = examine_now(add_photo(photo_of(REAL_BLUE)))
    assert not Finding.objects.filter(analysis=analysis, detector="pack_blue").exists()
    (outcome,) = [o for o in analysis.result["outcomes"] if o["detector"] == "pack_blue"]
    assert (outcome["status"], outcome["details"]["pack"]["title"]) == ("clear", TITLE)


def test_a_pack_is_taken_up_by_the_next_examination_without_a_restart(folder: Path, add_photo: AddPhoto) -> None:
    before = examine_now(add_photo(photo_of(GENERATED_BLUE), name="first.png"))
    install(folder)
    after = examine_now(add_photo(photo_of(GENERATED_BLUE + 1), name="second.png"))
    assert (before.versions["packs"], [p["name"] for p in after.versions["packs"]]) == ([], ["pack_blue"])


# --- pages and reports


def test_pages_and_reports_name_the_pack_also_after_it_was_removed(
    found: Analysis, folder: Path, site: Client, bob: User
) -> None:
    for state in ("in force", "removed"):
        page = words(text(site, found.photo.applicant.get_absolute_url()))
        assert f"The model “{TITLE}” takes this picture for a generated one." in page
        assert f"{TITLE} ·" in page or page.count(TITLE) >= 2
        assert TITLE in in_pdf(found, bob)
        if state == "in force":
            called("remove_model_pack", "blue")
    assert list(folder.iterdir()) == []


def test_the_pdf_says_whose_model_it_is_under_which_licence(found: Analysis, bob: User) -> None:
    shown = in_pdf(found, bob)
    packed = shown.replace(" ", "")
    assert f"Model pack {TITLE}, version 1, no part of Candid. Licence: MIT." in shown
    assert found.versions["packs"][0]["sha256"] in packed
    assert "Version of packs" not in shown


def test_json_and_csv_have_title_licence_and_hash(found: Analysis, bob: User) -> None:
    applicant = found.photo.applicant
    exported = json.loads(report.applicant_json(applicant, by=bob))
    analysis = exported["photos"][0]["analysis"]
    (pack,) = analysis["packs"]
    assert (pack["title"], pack["licence"], pack["name"]) == (TITLE, "MIT", "pack_blue")
    assert TITLE in {finding["detector_title"] for finding in analysis["findings"]}
    assert TITLE in {check["title"] for checks in analysis["outcomes"].values() for check in checks}
    rows = list(csv.DictReader(io.StringIO(report.applicant_csv(applicant, by=bob).decode("utf-8-sig"))))
    assert all(f"{TITLE}, version 1, licence MIT" in row["model packs"] for row in rows)
    assert all(pack["sha256"] in row["model packs"] for row in rows)


def test_a_pack_that_could_not_look_is_named_too(folder: Path, add_photo: AddPhoto, site: Client, bob: User) -> None:
    place = install(folder)
    (place / "model.onnx").write_bytes(blue_means_generated(steep=1.0))
    analysis = examine_now(add_photo(photo_of(GENERATED_BLUE)))
    page = words(text(site, analysis.photo.applicant.get_absolute_url()))
    assert f"{TITLE} Could not look" in page
    assert "is not the one of its card" in page
    assert f"{TITLE}, version 1. The file of the model" in in_pdf(analysis, bob)


def test_an_examination_without_packs_mentions_none(add_photo: AddPhoto, site: Client, bob: User) -> None:
    analysis = examine_now(add_photo(photo_of(GENERATED_BLUE)))
    assert "Model pack" not in in_pdf(analysis, bob)
    row = next(csv.DictReader(io.StringIO(report.applicant_csv(analysis.photo.applicant, by=bob).decode("utf-8-sig"))))
    assert row["model packs"] == ""


def test_the_page_of_one_examination_lists_its_packs(found: Analysis, site: Client) -> None:
    page = words(text(site, f"/analyses/{found.pk}/"))
    assert f"{TITLE} MIT, SHA-256 {found.versions['packs'][0]['sha256'][:12]}, calibrated 2026-11-20" in page


def test_results_of_an_earlier_time_or_of_another_shape_have_no_packs() -> None:
    broken: list[dict[str, Any]] = [{}, {"versions": None}, {"versions": {}}, {"versions": {"packs": "x"}}]
    for result in (*broken, {"versions": {"packs": [3]}}):
        assert packs_of(result) == ()
    (odd,) = packs_of({"versions": {"packs": [{"name": "pack_x", "version": "7", "licence": None}]}})
    assert (odd.title, odd.version, odd.licence) == ("pack_x", 0, "not known")
    assert title_of("content_credentials", (odd,)) == "Content credentials"


def test_settings_list_packs_with_licence_date_and_figures(site: Client, folder: Path) -> None:
    assert "None. The operator of this site can add published models" in words(text(site, "/settings/"))
    place = install(folder)
    page = words(text(site, "/settings/"))
    assert f"{TITLE}, version 1 MIT" in page
    assert "2026-11-20. AUC" in page
    (place / "calibration.json").unlink()
    assert "Could not look. calibration.json is missing" in words(text(site, "/settings/"))


# --- manage.py check


def test_whole_packs_give_no_warning(folder: Path) -> None:
    assert checks.model_packs_are_whole() == []
    install(folder)
    assert checks.model_packs_are_whole() == []


def test_broken_and_changed_packs_give_a_warning(folder: Path) -> None:
    (install(folder) / "model.onnx").write_bytes(b"another")
    (folder / "empty").mkdir()
    found = checks.model_packs_are_whole()
    assert [message.id for message in found] == ["vetting.W002", "vetting.W002"]
    assert any("is not the one of its card" in message.msg for message in found)


def test_a_calibration_beside_another_policy_gives_a_warning(folder: Path) -> None:
    file = install(folder) / "calibration.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"policy": 1}))
    assert [message.id for message in checks.model_packs_are_whole()] == ["vetting.W003"]
