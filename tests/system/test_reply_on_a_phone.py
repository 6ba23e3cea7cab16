"""The right of reply on a phone-sized Chromium, with a real worker: told, answered, compared, looked at by another."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter
from playwright.sync_api import Page, expect, sync_playwright

from tests.pictures import astronaut, encoded
from tests.services import Site, chromium, site
from tests.system.stage import PASSWORD, TEAM

pytestmark = pytest.mark.system
SECONDS = 1000
COMPARED = 120 * SECONDS  # a comparison may wait for a busy machine
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
INTERNAL = "Looks like a fake to me."
WHY = "The studio has smoothed my skin; this is the file from their camera."
SHOTS = os.environ.get("CANDID_SHOTS", "")  # a folder for pictures of each page, to look at

APPLICANT = """
from django.core.files.base import ContentFile
from vetting.models import Opening, Team, User
from vetting.intake import accept_photo, add_applicant
ada = User.objects.get(username="ada")
opening = Opening.objects.create(team=Team.objects.get(), title="Autumn campaign", created_by=ada)
eileen = add_applicant(opening=opening, name="Eileen Collins", by=ada)
accept_photo(applicant=eileen, upload=ContentFile(open({photo!r}, "rb").read(), "headshot.jpg"), by=ada)
"""
ENDED = "SELECT count(*) FROM vetting_analysis WHERE state = 'done'"


def smoothed() -> bytes:
    """The portrait with the skin of the face blurred, as beauty filters do, and saved again."""
    portrait = astronaut()
    soft = portrait.filter(ImageFilter.GaussianBlur(4))
    mask = Image.fromarray((np.hypot(*(np.indices((512, 512)) - [[[130]], [[225]]])) < 62).astype(np.uint8) * 255)
    return encoded(Image.composite(soft, portrait, mask.filter(ImageFilter.GaussianBlur(6))), quality=90)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one applicant, whose photo was examined, and a worker."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "headshot.jpg").write_bytes(smoothed())
    with site(folder) as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM + APPLICANT.format(photo=str(folder / "headshot.jpg")))
        running.web()
        running.worker()
        yield running


@contextmanager
def browser_page(running: Site, *, allowed: tuple[int, ...] = (), **context: Any) -> Iterator[Page]:
    """A page of a fresh browser. Whatever it complains of fails the test, but for answers with an allowed status."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=options)
        page = browser.new_page(base_url=running.url, **context)
        page.set_default_timeout(20 * SECONDS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "response",
            lambda got: (
                complaints.append(f"{got.status} {got.url}")
                if got.status >= 400 and got.status not in allowed
                else None
            ),
        )
        try:
            yield page
        finally:
            browser.close()
    assert complaints == []


def shot(page: Page, name: str) -> None:
    if SHOTS:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{scheme}.png"), full_page=True)
        page.emulate_media(color_scheme="light")


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/openings/")


def fits(page: Page) -> None:
    """Nothing stands beside the screen."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_case_is_set_aside_told_answered_on_a_phone_compared_and_looked_at_by_somebody_else(
    running: Site, tmp_path: Path
) -> None:
    address = set_aside_and_tell(running)
    answer_on_the_phone(running, address, tmp_path)
    look_at_the_answer(running)
    decide_as_somebody_else(running)
    nothing_is_asked_any_more(running, address)


def set_aside_and_tell(running: Site) -> str:
    """Ada decides, makes the link, and says that she has handed it over; the link."""
    with browser_page(running, **DESK) as page:
        sign_in(page, "ada")
        page.goto("/applicants/1/")
        expect(page.locator("#progress")).not_to_contain_text("examin", timeout=COMPARED)
        page.reload()
        page.get_by_label("Reason").fill(INTERNAL)
        page.get_by_role("button", name="Set aside").click()
        panel = page.locator("section.reply")
        expect(panel).to_contain_text("The candidate has not been told yet.")
        panel.get_by_role("button", name="Make a link to hand over").click()
        address = panel.get_by_label("The link to hand over").input_value()
        shot(page, "desk-not-told")
        panel.get_by_role("button", name="I have told the candidate").click()
        expect(panel).to_contain_text("days left, until")
    return "/c/" + address.split("/c/")[1]


def answer_on_the_phone(running: Site, address: str, folder: Path) -> None:
    with browser_page(running, **PHONE) as page:
        page.goto(address)
        page.locator(f'a[href="{address}reply/"]').first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your photo was put to one side")
        expect(page.locator(".clock")).to_contain_text("days left, until")
        expect(page.get_by_role("img", name="The photo that this is about")).to_be_visible()
        told = page.locator("main").inner_text()
        for word in (INTERNAL, "fake", "%", "score", "probab", "strong", "moderate", "weak", "ada"):
            assert word not in told.lower().replace("canada", ""), word
        fits(page)
        shot(page, "phone-first")

        page.get_by_role("link", name="Read and agree").click()
        page.locator("form", has=page.locator('input[name="kind"][value="photos"]')).get_by_role(
            "button", name=re.compile("agree", re.IGNORECASE)
        ).first.click()
        page.goto(f"{address}reply/")

        original = folder / "DSC_0042.png"
        original.write_bytes(encoded(astronaut(), "PNG"))
        page.set_input_files("#id_original", original)
        page.get_by_role("button", name="Send the file").click()
        expect(page.locator("#sent")).to_contain_text("DSC_0042.png")
        page.get_by_label("In your own words").fill(WHY)
        page.get_by_role("button", name="Send the explanation").click()
        expect(page.locator("#sent")).to_contain_text(WHY)
        page.get_by_role("button", name="Ask for a second reviewer").click()
        expect(page.locator("main")).to_contain_text("somebody else than the person who decided looks")
        page.get_by_role("button", name="That is all from me").click()
        expect(page.locator("#sent")).to_contain_text("You said that this is all")
        said = page.locator("#sent")
        expect(said).to_contain_text("Your file is the picture from which the first photo was made", timeout=COMPARED)
        fits(page)
        shot(page, "phone-answered")


def look_at_the_answer(running: Site) -> None:
    """Ada reads it, and may not decide alone."""
    with browser_page(running, **DESK) as page:
        sign_in(page, "ada")
        page.goto("/applicants/1/")
        panel = page.locator("section.reply")
        expect(panel).to_contain_text(WHY)
        expect(panel).to_contain_text("the next decision is somebody else’s")
        expect(page.locator(".decision")).to_contain_text("The candidate asked for a second reviewer")
        expect(page.locator(".decision").get_by_role("button", name="Accept the photo")).to_have_count(0)
        shot(page, "desk-answered")
        panel.get_by_role("link", name="Compared with headshot.jpg").click()
        expect(page.locator("#relation")).to_have_text("The same picture")
        shot(page, "desk-comparison")
        page.get_by_text("Slider", exact=True).click()
        edge = page.get_by_role("slider")
        edge.focus()
        edge.press("End")
        expect(edge).to_have_attribute("aria-valuetext", "100 % the original")
        shot(page, "desk-slider")
        page.set_viewport_size({"width": 390, "height": 844})
        fits(page)
        shot(page, "phone-comparison")
        page.go_back()
        shot(page, "phone-panel")
        fits(page)


def decide_as_somebody_else(running: Site) -> None:
    with browser_page(running, **DESK) as page:
        sign_in(page, "alice")
        page.goto("/queue/")
        expect(page.locator(".has-answered")).to_be_visible()
        shot(page, "desk-queue")
        page.goto("/applicants/1/")
        page.get_by_label("Reason").fill("The original shows the same person.")
        page.get_by_role("button", name="Accept the photo").click()
        expect(page.locator(".timeline")).to_contain_text("Accept the photo, overturned")


def nothing_is_asked_any_more(running: Site, address: str) -> None:
    with browser_page(running, **PHONE) as page:
        page.goto(f"{address}reply/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is asked of you")
        expect(page.locator("main")).to_contain_text(WHY)
        fits(page)
        shot(page, "phone-closed")


def test_a_revoked_link_gives_nothing_away(running: Site) -> None:
    address = running.python(
        "from vetting.candidate.links import address_of, make_link, revoke_link\n"
        "from vetting.models import Applicant, User\n"
        "ada = User.objects.get(username='ada')\n"
        "link = make_link(applicant=Applicant.objects.get(), by=ada)\n"
        "revoke_link(link=link, by=ada)\n"
        "print(address_of(link))"
    ).strip()
    with browser_page(running, allowed=(404,), **PHONE) as page:
        page.goto(f"{address}reply/")
        expect(page.get_by_role("heading", level=1)).to_have_text("This link opens nothing")
        assert "Eileen" not in page.content()
