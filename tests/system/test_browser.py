"""A recruiter's afternoon in Chromium: sign in, upload, watch, look, decide, take the report home."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from pypdf import PdfReader

from tests.pictures import encoded, noise
from tests.services import Site, chromium, site
from tests.system.stage import PASSWORD, TEAM
from vetting.demo.photos import demo_photos

pytestmark = pytest.mark.system
SECONDS = 1000
EXAMINED = 120 * SECONDS  # an examination may wait for a busy machine
REASON = "Too smooth to tell; we ask for the file from the camera."


@contextmanager
def browser_page(running: Site, **context: Any) -> Iterator[Page]:
    """A page of a fresh browser. Whatever it complains of (scripts, the CSP, missing files) fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=options)
        page = browser.new_page(base_url=running.url, viewport={"width": 1280, "height": 900}, **context)
        page.set_default_timeout(20 * SECONDS)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        try:
            yield page
        finally:
            browser.close()
    assert complaints == []


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for this file, at first without a worker."""
    with site(tmp_path_factory.mktemp("site")) as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        running.web()
        yield running


def sign_in(page: Page, name: str) -> None:
    page.goto("/")
    expect(page).to_have_title("Sign in – Candid")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Openings")


def add_applicant(page: Page, name: str) -> None:
    page.get_by_role("link", name="New opening").first.click()
    page.get_by_label("Title").fill("Autumn campaign")
    page.get_by_label("Why is a photo needed?").fill("The person is seen in close-up.")
    page.locator("main").get_by_role("button").last.click()
    page.get_by_role("link", name="Add applicant").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add applicant").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def three_files(folder: Path) -> list[Path]:
    """A portrait over-smoothed as the demo has it, a picture without a face, and a text that calls itself a JPEG."""
    (smooth,) = [photo.data for photo in demo_photos() if "smoothed" in photo.shows]
    sent = {"smooth.jpg": smooth, "plain.png": encoded(noise(320, 400), "PNG"), "bad.jpg": b"no picture at all" * 40}
    for name, data in sent.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in sent]


def test_a_recruiter_signs_in_uploads_three_files_looks_decides_and_downloads_the_report(
    running: Site, tmp_path: Path
) -> None:
    with browser_page(running) as page:
        sign_in(page, "ada")
        add_applicant(page, "Eileen Collins")

        page.set_input_files("#photos", three_files(tmp_path))
        receipts = page.locator("[data-receipt]")
        expect(receipts).to_have_count(3)
        states = [receipts.nth(index).get_attribute("data-receipt") for index in range(3)]
        assert states == ["new", "new", "refused"]
        expect(receipts.nth(2)).to_contain_text("Not taken.")

        expect(page.locator("#progress")).to_contain_text("Waiting for a free worker")  # none has been started yet
        running.worker()
        expect(page.locator("#progress")).not_to_contain_text("examin", timeout=EXAMINED)
        expect(page.locator("#progress")).not_to_contain_text("Waiting")

        look_at_regions(page)
        decide(page)
        download_report(page, tmp_path / "report.pdf")


def look_at_regions(page: Page) -> None:
    """A region is drawn over the photo inside its bounds, can be switched off and on, and the photo is shown."""
    photo = page.locator("main [data-stage] svg.photo")
    expect(photo.locator("image")).to_be_visible()
    region = page.locator("main [data-stage] .regions .region").first
    expect(region).to_be_visible()
    inner, outer = region.locator(".line").bounding_box(), photo.bounding_box()
    assert inner
    assert outer
    assert inner["width"] > 10
    assert inner["height"] > 10
    assert outer["x"] - 1 <= inner["x"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"] + 1
    number = region.get_attribute("data-finding")
    switch = page.locator(f'.case [data-switch="{number}"]')
    switch.uncheck()
    expect(region).to_be_hidden()
    switch.check()
    expect(region).to_be_visible()


def decide(page: Page) -> None:
    """Without a reason nothing is decided; with one it stands in the history."""
    page.get_by_role("button", name="Ask for the original").click()
    expect(page.get_by_role("button", name="Ask for the original")).to_be_visible()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Ask for the original").click()
    expect(page.locator("#decision-title")).to_contain_text("Original asked")
    expect(page.locator(".timeline")).to_contain_text(REASON)


def download_report(page: Page, target: Path) -> None:
    page.locator("summary", has_text="Report").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="PDF").click()
    coming.value.save_as(target)
    with target.open("rb") as file:
        text = " ".join("\n".join(sheet.extract_text() for sheet in PdfReader(file).pages).split())
    assert "Eileen Collins" in text
    assert REASON in text


@pytest.mark.parametrize(
    "address", ["/openings/", "/queue/", "/reports/", "/accuracy/", "/certify/", "/settings/", "/styleguide/"]
)
def test_a_page_opens_in_a_browser_without_a_complaint(running: Site, address: str) -> None:
    with browser_page(running) as page:
        sign_in(page, "ada")
        answer = page.goto(address)
        assert answer
        assert answer.status == 200
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
