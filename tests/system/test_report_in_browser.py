"""A report through Chromium: issued as PDF, JSON and ZIP, verified by a stranger, changed by one byte and found out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.services import Site, site
from tests.system.stage import TEAM
from tests.system.test_browser import add_applicant, browser_page, sign_in

pytestmark = pytest.mark.system
NAME = "Eileen Collins"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for this file; nothing here needs a worker."""
    with site(tmp_path_factory.mktemp("site")) as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        running.web()
        yield running


def taken_home(page: Page, link: str, target: Path) -> Path:
    with page.expect_download() as coming:
        page.get_by_role("link", name=link).click()
    coming.value.save_as(target)
    return target


def asked_of(page: Page, file: Path) -> str:
    """What the public page answers, in its own words; it never names anybody."""
    page.goto("/verify/")
    page.set_input_files("#report", file)
    page.get_by_role("button", name="Verify").click()
    answer = page.locator(".found")
    expect(answer).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(NAME)
    return answer.inner_text()


def with_one_other_byte(file: Path, at: int) -> Path:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    changed = file.with_stem(f"{file.stem}-changed")
    changed.write_bytes(data)
    return changed


def test_a_report_is_issued_verified_by_a_stranger_and_one_changed_byte_is_said(running: Site, tmp_path: Path) -> None:
    with browser_page(running) as page:
        sign_in(page, "ada")
        add_applicant(page, NAME)
        page.locator("summary", has_text="Report").click()
        pdf = taken_home(page, "PDF, to read", tmp_path / "report.pdf")
        json = taken_home(page, "JSON, everything", tmp_path / "report.json")
    with browser_page(running) as stranger:  # another browser: no session
        for file in (pdf, json):
            answer = asked_of(stranger, file)
            assert "Unchanged, and from this installation" in answer
            assert "a report on one applicant" in answer
        changed = with_one_other_byte(json, json.read_bytes().index(NAME.encode()))
        assert "Changed after it was signed" in asked_of(stranger, changed)
        changed = with_one_other_byte(pdf, pdf.stat().st_size // 4)
        assert "Changed after it was issued" in asked_of(stranger, changed)
        stranger.locator("summary", has_text="What the answer rests on").click()
        key = taken_home(stranger, running.manage("report_keys").split()[0], tmp_path / "key.pem")
        assert key.read_text().startswith("-----BEGIN PUBLIC KEY-----")


def test_an_openings_report_and_a_bundle_of_the_ticked(running: Site, tmp_path: Path) -> None:
    with browser_page(running) as page:
        sign_in(page, "ada")
        page.get_by_role("link", name="Autumn campaign").first.click()
        page.get_by_role("link", name="Reports").last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Reports of Autumn campaign")
        pdf = taken_home(page, "PDF, to read", tmp_path / "opening.pdf")

        page.get_by_label("Tick all on this page").check()
        expect(page.get_by_role("checkbox", name=NAME)).to_be_checked()
        expect(page.get_by_role("button", name="ZIP of the ticked (1)")).to_be_visible()
        with page.expect_download() as coming:
            page.get_by_role("button", name="ZIP of the ticked").click()
        archive = zipfile.ZipFile(io.BytesIO(Path(coming.value.path()).read_bytes()))
        (bundled,) = [name for name in archive.namelist() if name.endswith("report.pdf")]
        assert bundled.startswith(NAME)
        (tmp_path / "bundled.pdf").write_bytes(archive.read(bundled))
        (tmp_path / "manifest.json").write_bytes(archive.read("manifest.json"))
    with browser_page(running) as stranger:
        assert "a report on an opening" in asked_of(stranger, pdf)
        assert "a report on one applicant" in asked_of(stranger, tmp_path / "bundled.pdf")
        assert "the list of files of a bundle" in asked_of(stranger, tmp_path / "manifest.json")
    assert "Unchanged" in running.manage("verify_report", str(pdf), str(tmp_path / "bundled.pdf"))
