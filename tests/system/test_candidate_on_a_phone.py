"""A candidate with a phone: open the link, read, agree, send two photos, say how one was made; the recruiter sees it.

Then the link is revoked, and the same phone is told nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.services import Site, chromium, site
from tests.system.stage import PASSWORD, TEAM, applicant, headshot
from tests.system.visitor import Visitor

pytestmark = pytest.mark.system
SECONDS = 1000
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
FINGER = 44  # px: a target that a thumb hits


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM)
        running.web()
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=options)
        yield browser
        browser.close()


@contextmanager
def page_of(browser: Browser, running: Site, expected: str = "", **device: Any) -> Iterator[Page]:
    """A page in a session of its own. What it complains of fails the test; expected: an address that may be refused."""
    complaints: list[str] = []
    context = browser.new_context(base_url=running.url, **device)
    page = context.new_page()
    page.set_default_timeout(20 * SECONDS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
    page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    try:
        yield page
    finally:
        context.close()
    assert [said for said in complaints if not (expected and said.endswith(expected))] == []


def make_link(visitor: Visitor, case: str) -> str:
    """The path of a new link, as it stands in the recruiter's page."""
    answer = visitor.submit(case, f"{case}links/", days="30")
    found = re.search(r"(/c/[^<\s]+/)</textarea>", answer.text)
    assert found
    return found[1]


def fits(page: Page) -> None:
    """Nothing scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def reachable_by_thumb(page: Page) -> None:
    for target in page.locator("main").locator("a:visible, button:visible, summary:visible").all():
        box = target.bounding_box()
        assert box
        assert box["height"] >= FINGER or target.evaluate("e => getComputedStyle(e).display === 'inline'"), target


def test_a_candidate_does_everything_on_a_phone(running: Site, browser: Browser, tmp_path: Path) -> None:
    recruiter = Visitor(running.url)
    recruiter.sign_in("alice", PASSWORD)
    case = applicant(recruiter, "Eileen Collins")
    link = make_link(recruiter, case)
    for seed in (1, 2):
        (tmp_path / f"me {seed}.jpg").write_bytes(headshot(seed, 512))

    with page_of(browser, running, **PHONE) as page:
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("Hello Eileen Collins")
        fits(page)
        reachable_by_thumb(page)
        read_and_agree(page)
        send_photos(page, sorted(tmp_path.glob("*.jpg")))
        say_how_it_was_made(page)
        see_where_it_stands(page)

    with page_of(browser, running, viewport={"width": 1280, "height": 900}) as page:
        sign_in(page)
        page.goto(case)
        expect(page.locator(".said")).to_contain_text("The candidate says: Retouched")
        expect(page.locator(".said")).to_contain_text("In their favour")
        expect(page.locator("#candidate")).to_contain_text("Opened")
        expect(page.locator("#candidate")).to_contain_text("The check of the photos")
        expect(page.locator(".facts")).to_contain_text("sent by the candidate")
        page.locator("summary", has_text="scanned with a phone").click()
        expect(page.locator("svg.qr")).to_be_visible()
        page.get_by_role("link", name="Revoke").click()
        page.get_by_role("button", name="Revoke the link").click()
        expect(page.locator("#candidate")).to_contain_text("1 link that no longer opens")

    with page_of(browser, running, expected=link, **PHONE) as page:
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("This link opens nothing")
        assert "Eileen" not in page.content()
        assert "Northlight" not in page.content()
        fits(page)


def read_and_agree(page: Page) -> None:
    page.get_by_role("link", name="Read what you are told").tap()
    expect(page.get_by_text("Version 1 of")).to_be_visible()
    expect(page.get_by_role("heading", name="Who decides")).to_be_visible()
    fits(page)
    reachable_by_thumb(page)
    page.get_by_role("button", name="I have read this and agree").tap()
    expect(page.get_by_text("Thank you, you have agreed.")).to_be_visible()


def send_photos(page: Page, files: list[Path]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Your photos")
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_text("It has arrived.")).to_have_count(2)
    expect(page.locator("#case .own")).to_have_count(2)
    fits(page)
    reachable_by_thumb(page)


def say_how_it_was_made(page: Page) -> None:
    first = page.locator("#case .own").first
    first.get_by_label("Retouched: something about the person was changed").tap()
    first.get_by_label("Anything to add?").fill("My photographer smoothed the skin a little.")
    first.get_by_role("button", name="Say so").tap()
    expect(page.get_by_text("in your favour", exact=False).first).to_be_visible()
    expect(page.locator("#case .own").first).to_contain_text("You say: Retouched")


def see_where_it_stands(page: Page) -> None:
    page.get_by_role("link", name="All steps").first.tap()
    steps = page.locator(".steps")
    expect(steps).to_contain_text("You agreed on")
    expect(steps).to_contain_text("2 photos here")
    expect(steps).to_contain_text("Said for 1 of 2")


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Openings")


def test_without_script_the_photos_arrive_all_the_same(running: Site, browser: Browser, tmp_path: Path) -> None:
    recruiter = Visitor(running.url)
    recruiter.sign_in("alice", PASSWORD)
    link = make_link(recruiter, applicant(recruiter, "Mae Jemison"))
    (tmp_path / "me.jpg").write_bytes(headshot(3, 512))
    (tmp_path / "cv.pdf").write_bytes(b"%PDF-1.4 and so on")
    with page_of(browser, running, java_script_enabled=False, **PHONE) as page:
        page.goto(f"{link}notice/")
        page.get_by_role("button", name="I have read this and agree").click()
        page.locator("input[type=file]").set_input_files([tmp_path / "me.jpg", tmp_path / "cv.pdf"])
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-receipt=new]")).to_have_count(1)
        expect(page.locator("[data-receipt=refused]")).to_contain_text("Not taken.")


def test_a_room_that_opens_its_links_at_once_is_told_one_notice(running: Site) -> None:
    recruiter = Visitor(running.url)
    recruiter.sign_in("alice", PASSWORD)
    case = applicant(recruiter, "Sally Ride", opening="Spring campaign")
    links = [make_link(recruiter, case) for _ in range(8)]
    before = running.query("SELECT count(*) FROM vetting_notice")[0][0]
    with ThreadPoolExecutor(8) as room:
        answers = list(room.map(lambda link: requests.get(running.url + link, timeout=60).status_code, links))
    assert answers == [200] * 8
    assert running.query("SELECT count(*) FROM vetting_notice")[0][0] == before + 1
