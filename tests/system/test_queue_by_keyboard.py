"""A reviewer's day in Chromium without a mouse: fifty decisions, an undo, the off switch, and a first look."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.services import Site, site
from tests.system.queued_cases import seed
from tests.system.test_browser import browser_page, sign_in

pytestmark = pytest.mark.system
CASES = 50
BLIND = """
blind = Opening.objects.create(
    team=team, title='Host, trade fair', created_by=ada, blind_first=True, blur_faces=True,
)
for n in range(60, 62):
    case(blind, n, ada)
"""
COUNT_POINTERS = """
window.pointers = Number(sessionStorage.getItem("pointers") || 0);
addEventListener("pointerdown", () => sessionStorage.setItem("pointers", ++window.pointers), true);
"""
OWN_WORDS = "The ears differ; we ask, and do not judge by that."


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as running:
        running.manage("prepare", "--no-demo")
        seed(running, CASES, more=BLIND)
        running.web()
        yield running


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def press_and_go(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def reason_has(page: Page, words: str) -> None:
    expect(page.locator("#id_reason")).to_have_value(words)


def decide(page: Page, number: int) -> None:
    """The choice by its number, then a phrase by its number or words of one's own, then Ctrl and Enter."""
    choice = str(number % 4 + 1)
    press(page, choice)
    expect(page.locator("#id_reason")).to_be_focused()
    if number % 5 == 4:
        page.keyboard.type(OWN_WORDS)
    else:
        press(page, "1")
        expect(page.locator("#id_reason")).not_to_have_value("")
    press_and_go(page, "Control+Enter")
    expect(page.locator(".just")).to_contain_text("Noted for")


def test_fifty_decisions_by_keyboard_alone(running: Site) -> None:
    with browser_page(running) as page:
        sign_in(page, "bob")
        page.add_init_script(COUNT_POINTERS)
        page.goto("/queue/?opening=1")
        started = time.monotonic()

        press(page, "j", "j", "k")
        first = page.locator(".row").first
        expect(first).to_be_focused()
        press_and_go(page, "t")
        expect(page.locator("tbody tr").first).to_contain_text("Yours until")
        press(page, "j")
        press_and_go(page, "Enter")
        name = page.get_by_role("heading", level=1).inner_text()
        for number in range(CASES):
            if number == 10:
                undo_the_last(page)
            decide(page, number)
        took = time.monotonic() - started

        expect(page).to_have_url(re.compile(r"/queue/\?opening=1&decided=\d+$"))
        expect(page.locator("main")).to_contain_text("Nothing here waits")
        assert page.evaluate("window.pointers") == 0
        assert name
    stands = running.query(
        "SELECT review, count(*) FROM vetting_applicant WHERE opening_id = 1 GROUP BY review ORDER BY review"
    )
    assert dict(stands) == {"accepted": 13, "original-asked": 13, "to-meet": 12, "set-aside": 12}
    assert running.query("SELECT count(*) FROM vetting_decision WHERE choice <> 'reopen'") == [(CASES + 1,)]
    assert [reason for (reason,) in running.query("SELECT reason FROM vetting_decision")].count(OWN_WORDS) == 11
    assert running.query("SELECT count(*) FROM vetting_applicant WHERE taken_by_id IS NOT NULL") == [(0,)]
    print(f"{CASES} decisions and an undo by keyboard in {took:.1f} s")


def undo_the_last(page: Page) -> None:
    """U brings the case back into one's hands; it is decided again."""
    before = page.locator(".just strong").inner_text().removeprefix("Noted for ").removesuffix(":")
    press_and_go(page, "u")
    expect(page.get_by_role("heading", level=1)).to_have_text(before)
    expect(page.get_by_role("button", name="Release")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("Decision undone")
    decide(page, 9)


def test_keys_can_be_switched_off_and_on_and_never_act_while_typing(running: Site) -> None:
    with browser_page(running) as page:
        sign_in(page, "ada")
        page.goto("/queue/")
        page.locator("#search").focus()
        page.keyboard.type("jt?u")
        expect(page.locator("#search")).to_have_value("jt?u")
        expect(page.locator("#keys")).to_be_hidden()
        page.locator("main").focus()

        press(page, "?")
        expect(page.locator("#keys")).to_be_visible()
        expect(page.locator("#keys")).to_contain_text("next and previous row")
        press(page, "Tab", "Space", "Escape")
        expect(page.locator("#keys")).to_be_hidden()
        press(page, "j")
        expect(page.locator(".row").first).not_to_be_focused()
        page.reload()
        press(page, "j", "?")
        expect(page.locator(".row").first).not_to_be_focused()
        expect(page.locator("#keys")).to_be_hidden()

        page.locator("[data-keys-list]").focus()
        press(page, "Enter", "Tab", "Space", "Escape")
        press(page, "j")
        expect(page.locator(".row").first).to_be_focused()


def test_a_first_look_by_keyboard_comes_before_the_findings(running: Site) -> None:
    with browser_page(running) as page:
        sign_in(page, "ada")
        page.goto("/queue/?opening=2")
        expect(page.locator(".people-table")).to_contain_text("Look first")
        assert "blurred.webp" in str(page.locator(".thumb").first.get_attribute("src"))
        press(page, "j")
        press_and_go(page, "Enter")
        expect(page.locator(".right")).to_contain_text("Say what you see in the photo")
        assert page.locator(".regions .region, .card").count() == 0
        press(page, "2")
        expect(page.locator("#id_note")).to_be_focused()
        page.keyboard.type("Very smooth.")
        press_and_go(page, "Control+Enter")
        expect(page.locator(".headline .verdict")).to_be_visible()
        expect(page.locator(".timeline")).to_contain_text("Retouched. Very smooth.")
        decide(page, 0)
    assert running.query("SELECT sees, note FROM vetting_firstlook") == [("retouched", "Very smooth.")]


def test_everything_works_without_javascript(running: Site) -> None:
    """The forms and links that the keys press stand there by themselves."""
    with browser_page(running, java_script_enabled=False) as page:
        sign_in(page, "ada")
        page.goto("/queue/?opening=2")
        page.get_by_role("button", name="Take").first.click()
        expect(page.locator("tbody[data-rows]")).to_contain_text("Yours until")
        page.locator(".row").first.click()
        page.get_by_role("button", name="I cannot say").click()
        page.get_by_label("Reason").fill("A colleague knows her.")
        page.get_by_role("button", name="Accept the photo").click()
        expect(page.locator(".just")).to_contain_text("Noted for")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("main")).to_contain_text("is in your hands again")
        page.get_by_role("button", name="Release").click()
        expect(page.locator(".hold-bar")).to_contain_text("Nobody has this case.")
