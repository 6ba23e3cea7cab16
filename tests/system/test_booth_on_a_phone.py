"""The booth check on a phone-sized Chromium that plays a file as its camera, with a real worker behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.pictures import astronaut, encoded
from tests.services import Site, chromium, site
from tests.system.stage import PASSWORD, TEAM

pytestmark = pytest.mark.system
SECONDS = 1000
COMPARED = 120 * SECONDS  # a comparison may wait for a busy machine
PHONE: ViewportSize = {"width": 390, "height": 844}
HEAD = (72, 0, 384, 416)  # of the astronaut: head and shoulders, upright as a phone is held
FAKE_CAMERA = ["--use-fake-device-for-media-stream"]
ALLOWED = "--use-fake-ui-for-media-stream"  # without it nobody answers the question, which is a no
DENIED = "The browser may not use the camera here"

APPLICANT = """
from django.core.files.base import ContentFile
from vetting.models import Opening, Team, User
from vetting.intake import accept_photo, add_applicant
alice = User.objects.get(username="alice")
opening = Opening.objects.create(team=Team.objects.get(), title="Autumn campaign", created_by=alice)
eileen = add_applicant(opening=opening, name="Eileen Collins", by=alice)
accept_photo(applicant=eileen, upload=ContentFile(open({photo!r}, "rb").read(), "headshot.jpg"), by=alice)
"""


def meeting() -> Image.Image:
    """The same person another day: cropped, darker, warmer."""
    head = astronaut().crop(HEAD).resize((480, 640), Image.Resampling.LANCZOS)
    return ImageEnhance.Color(ImageEnhance.Brightness(head).enhance(0.85)).enhance(1.15)


def camera_file(path: Path, picture: Image.Image, frames: int = 3) -> Path:
    """A film of one still picture in Y4M, which Chromium plays as its camera, again and again."""
    width, height = picture.size
    y, cb, cr = (np.asarray(plane) for plane in picture.convert("YCbCr").split())
    half = [plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)).astype(np.uint8) for plane in (cb, cr)]
    frame = b"FRAME\n" + b"".join(plane.tobytes() for plane in (y, *half))
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * frames)
    return path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one applicant, whose photo is the astronaut's portrait, and a worker."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "headshot.jpg").write_bytes(encoded(astronaut(), quality=92))
    with site(folder) as running:
        running.manage("prepare", "--no-demo")
        running.python(TEAM + APPLICANT.format(photo=str(folder / "headshot.jpg")))
        running.web()
        running.worker()
        yield running


@contextmanager
def phone(running: Site, *options: str, js: bool = True) -> Iterator[Page]:
    """A page of a fresh browser, signed in. Whatever it complains of (scripts, the CSP, files) fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        always = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*always, *options])
        page = browser.new_page(
            base_url=running.url, viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=js
        )
        page.set_default_timeout(20 * SECONDS)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda got: complaints.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        try:
            page.goto("/sign-in/")
            page.get_by_label("User name").fill("alice")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            yield page
        finally:
            browser.close()
    assert complaints == []


def to_the_camera(page: Page) -> None:
    """From the applicant's page through the consent."""
    page.goto("/applicants/1/")
    page.get_by_role("link", name="Compare with the person in the room").click()
    agreed = page.get_by_label("The person has read this and agrees")
    if agreed.count():
        assert page.locator("video").count() == 0  # nothing to open before they have agreed
        agreed.check()
        page.get_by_role("button", name="Go on to the camera").click()
    expect(page.get_by_text("The person has agreed")).to_be_visible()


LIVE = """() => {
  const video = document.querySelector("video"), canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = pixels.filter((_, at) => at % 4 < 3);
  const light = colours.reduce((sum, value) => sum + value, 0) / colours.length;
  return [canvas.width, canvas.height, light];
}"""


def test_a_recruiter_compares_the_person_in_the_room_with_a_phone(running: Site, tmp_path: Path) -> None:
    film = camera_file(tmp_path / "meeting.y4m", meeting())
    with phone(running, *FAKE_CAMERA, ALLOWED, f"--use-file-for-fake-video-capture={film}") as page:
        to_the_camera(page)
        page.get_by_role("button", name="Open the camera").click()
        page.get_by_role("button", name="Take the picture").wait_for()
        page.wait_for_function("document.querySelector('video').videoWidth > 0")
        width, height, brightness = page.evaluate(LIVE)
        assert (width, height) == (480, 640)
        assert 60 < brightness < 200  # of 255: neither black nor blank
        box = page.locator("video").bounding_box()
        assert box
        assert 300 < box["width"] <= PHONE["width"]

        page.get_by_role("button", name="Take the picture").click()
        use = page.get_by_role("button", name="Use this picture")
        expect(use).to_be_visible()
        assert page.evaluate("document.querySelector('video').srcObject") is None  # the camera is off again
        page.get_by_role("button", name="Again").click()
        page.get_by_role("button", name="Take the picture").click()
        use.click()

        faces = page.locator("[data-faces]")
        expect(faces).to_be_visible(timeout=COMPARED)
        side_by_side(page)
        slide(page)
        expect(page.get_by_role("heading", name="What was measured")).to_be_visible()
        answer(page)


def side_by_side(page: Page) -> None:
    """Both faces are loaded, as large as each other, beside each other and inside the screen."""
    pictures = page.locator("[data-faces] img")
    expect(pictures).to_have_count(2)
    page.wait_for_function("[...document.querySelectorAll('[data-faces] img')].every((one) => one.naturalWidth > 200)")
    left, right = (pictures.nth(at).bounding_box() for at in range(2))
    assert left
    assert right
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert right["x"] + right["width"] <= PHONE["width"]


def slide(page: Page) -> None:
    """With the keys alone: the edge goes across, and the overlay fades."""
    page.locator('[name="look"][value="wipe"]').check()
    live, mix = page.locator("[data-faces] .live"), page.get_by_label("From the photo to the meeting")
    cut = "(element) => getComputedStyle(element.querySelector('img')).clipPath"
    before = live.evaluate(cut)
    mix.press("End")
    assert live.evaluate(cut) != before
    assert mix.input_value() == "100"
    page.locator('[name="look"][value="overlay"]').check()
    mix.press("Home")
    assert live.evaluate("(element) => getComputedStyle(element).opacity") == "0"
    page.locator('[name="look"][value="side"]').check()
    expect(mix).to_be_hidden()


def answer(page: Page) -> None:
    """A tick without its answer is asked about and nothing is lost; then it is saved and stands on the case."""
    page.get_by_label("hair", exact=True).check()
    page.get_by_label("Note").fill("Cut short since the photo.")
    page.get_by_label("Same person, matches").check()
    page.get_by_role("button", name="Save the answer").click()
    expect(page.get_by_text("You ticked something that differs")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Cut short since the photo.")
    page.get_by_label("Same person, differs in:").check()
    page.get_by_role("button", name="Save the answer").click()
    expect(page.locator(".answers")).to_contain_text("Same person, differs in hair")
    page.goto("/applicants/1/")
    expect(page.locator("#booth")).to_contain_text("Same person, differs in hair")
    expect(page.locator("#booth")).to_contain_text("Cut short since the photo.")


@pytest.mark.parametrize("js", [True, False])
def test_where_the_camera_is_denied_or_there_is_no_script_a_file_does(running: Site, tmp_path: Path, js: bool) -> None:
    (tmp_path / "meeting.jpg").write_bytes(encoded(meeting(), quality=90))
    with phone(running, *FAKE_CAMERA, js=js) as page:
        to_the_camera(page)
        if js:
            page.get_by_role("button", name="Open the camera").click()
            expect(page.locator(".says")).to_contain_text(DENIED)
        else:
            expect(page.get_by_role("button", name="Open the camera")).to_be_hidden()
        page.set_input_files("#picture", tmp_path / "meeting.jpg")
        page.get_by_role("button", name="Send this picture").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("At the meeting: Eileen Collins")
        if js:
            expect(page.locator("[data-faces]")).to_be_visible(timeout=COMPARED)
    (row,) = running.query("SELECT how, width, height FROM vetting_boothcheck ORDER BY id DESC LIMIT 1")
    assert row == ("upload", 480, 640)
