"""Many photos at once in Chromium, with the real embedded worker: a folder, a plan, an import, and back again."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.pictures import encoded, noise
from tests.services import Site, eventually, site
from tests.system.stage import TEAM
from tests.system.test_browser import SECONDS, browser_page, sign_in

pytestmark = pytest.mark.system
PHOTOS = 60
LATE = 60 * SECONDS  # a machine may be busy


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for this file, with two workers as `make run` has them, and the sweep."""
    with site(tmp_path_factory.mktemp("site"), SWEEP_EVERY="1", QUEUED_TOO_LONG="2", BULK_LEASE="2") as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        running.web()
        running.sweep()
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty pictures of thirty people, the junk of a file manager, and one file that is no photo."""
    cast = tmp_path_factory.mktemp("photos") / "Cast"
    cast.mkdir()
    for number in range(PHOTOS):
        first = f"{chr(97 + number // 2 % 26)}{'xy'[number // 52]}na"
        (cast / f"{first}-lindqvist_{number % 2 + 1}.jpg").write_bytes(encoded(noise(160, 200, number)))
    (cast / ".DS_Store").write_bytes(b"junk")
    (cast / "cv otto weiss.pdf").write_bytes(b"%PDF-1.7 of Otto")
    return cast


def new_import(page: Page, title: str) -> None:
    page.get_by_role("link", name="New opening").first.click()
    page.get_by_label("Title").fill(title)
    page.locator("main").get_by_role("button").last.click()
    page.get_by_role("link", name="Import many", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Import many")


def test_a_folder_is_planned_imported_through_a_killed_worker_and_taken_back(running: Site, folder: Path) -> None:
    with browser_page(running) as page:
        sign_in(page, "alice")
        new_import(page, "Autumn campaign")
        page.set_input_files("#folder", folder)

        expect(page.locator("#bulk")).to_contain_text("Waiting to be read", timeout=LATE)  # no worker has started yet
        worker = running.worker("before")
        expect(page.locator("#bulk")).to_contain_text(f"{PHOTOS} rows will be imported. 1 cannot.", timeout=LATE)
        expect(page.locator("#rows")).to_contain_text("Another photo of the person in row")
        page.get_by_label("Show").select_option("refused")
        expect(page.locator("#rows")).to_contain_text("This is a PDF document, not a photo.")

        page.get_by_role("button", name=f"Import {PHOTOS} rows").click()
        eventually(lambda: imported(running) >= 5, "five rows are imported")
        worker.kill_9()
        running.worker("after", concurrency=2)

        page.get_by_role("link", name="Autumn campaign").click()  # it can be left, and is found again
        page.get_by_role("link", name="Look at it").click()
        said = page.locator("#bulk .sentence")
        expect(said).to_have_text(f"{PHOTOS} rows imported, {PHOTOS // 2} new applicants.", timeout=LATE)
        assert running.query("SELECT count(*), count(DISTINCT sha256) FROM vetting_photo") == [(PHOTOS, PHOTOS)]
        expect(page.locator("#bulk")).to_contain_text(re.compile(rf"[1-9]\d* of {PHOTOS} examined"), timeout=LATE)

        page.get_by_role("link", name="Undo this import").click()
        page.get_by_role("button", name="Take it back").click()
        expect(page.locator("#bulk")).to_contain_text(f"{PHOTOS} rows taken back", timeout=LATE)
        assert running.query("SELECT count(*) FROM vetting_applicant") == [(0,)]
        eventually(lambda: not files(running, "originals"), "the originals are gone")
        assert not files(running, "uploads")


def test_a_zip_with_a_table_beside_it_is_sent_in_one_go(running: Site, tmp_path: Path) -> None:
    archive, table = tmp_path / "cast.zip", tmp_path / "who.csv"
    with zipfile.ZipFile(archive, "w") as packed:
        for seed, name in enumerate(("0", "1", "otto-weiss")):
            packed.writestr(f"photos/{name}.jpg", encoded(noise(160, 200, 100 + seed)))
    lines = "Name;E-Mail;File\nEileen Collins;e@example.org;0.jpg\nAda Okafor;;1.jpg\nMia Weiss;;9.jpg\n"
    table.write_text(lines, encoding="utf-16")
    running.worker("for-the-zip")
    with browser_page(running) as page:
        sign_in(page, "alice")
        new_import(page, "Spring campaign")
        page.set_input_files("#table", table)
        page.set_input_files("#archive", archive)
        expect(page.locator("#bulk")).to_contain_text("2 rows will be imported. 1 cannot.", timeout=LATE)
        page.get_by_label("Also import the 1 photo that no line of the table names").check()
        expect(page.locator("#rows")).to_contain_text("No photo is called “9.jpg”.")
        page.get_by_role("button", name="Import 2 rows").click()
        expect(page.locator("#bulk .sentence")).to_have_text("3 rows imported, 3 new applicants.", timeout=LATE)


def test_what_was_not_taken_is_listed_before_the_others_go_on(running: Site, tmp_path: Path) -> None:
    (tmp_path / "ada okafor.jpg").write_bytes(encoded(noise(160, 200, 200)))
    with (tmp_path / "eileen collins.jpg").open("wb") as large:
        large.truncate(31 * 1024 * 1024)
    with browser_page(running) as page:
        sign_in(page, "alice")
        new_import(page, "Winter campaign")
        page.set_input_files("#photos", sorted(tmp_path.glob("*.jpg")))
        expect(page.locator(".sending")).to_contain_text("The file has 31 MB; at most 30 MB are accepted.")
        page.get_by_role("link", name="Go on with the others").click()
        expect(page.locator("#bulk")).to_contain_text("1 row will be imported.", timeout=LATE)


def test_two_archives_are_refused_in_the_browser_with_a_sentence(running: Site, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.zip"):
        (tmp_path / name).write_bytes(b"PK")
    with browser_page(running) as page:
        sign_in(page, "alice")
        new_import(page, "Summer campaign")
        page.set_input_files("#photos", [tmp_path / "a.jpg", tmp_path / "b.zip"])
        expect(page.locator(".sent")).to_contain_text("both at once cannot be told apart")


def imported(running: Site) -> int:
    return int(running.query("SELECT count(*) FROM vetting_bulkrow WHERE state = 'done'")[0][0])


def files(running: Site, where: str) -> list[Path]:
    return [path for path in (running.folder / "var" / where).rglob("*") if path.is_file()]
