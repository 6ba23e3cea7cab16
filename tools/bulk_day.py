"""A recruiter's import, timed: `python -m tools.bulk_day --photos 500`.

The embedded site as `make run` starts it (two web processes, two workers, the sweep), a folder of photos through
Chromium, and meanwhile another person who looks at the dashboard: how long that one waits is what this prints.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.services import Site, chromium, site
from tests.system.stage import PASSWORD, TEAM, headshot
from tests.system.visitor import Visitor

PAGES = {
    "openings": "/openings/",
    "opening": "/openings/1/",
    "its second page": "/openings/1/?page=2",
    "queue": "/queue/",
    "import": "/imports/1/",
    "reports": "/reports/",
}
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif"}
PAUSE = 0.25  # seconds between two requests of the other person
HOUR = 3_600_000  # milliseconds


@dataclass(slots=True)
class Watch:
    """Seconds a request took, by page, for as long as watching() lasts."""

    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PAGES})
    refused: int = 0

    def all(self) -> list[float]:
        return [seconds for of_page in self.took.values() for seconds in of_page]


@contextmanager
def watching(running: Site) -> Iterator[Watch]:
    """Another person of the team who goes from page to page."""
    watch, over = Watch(), threading.Event()

    def look() -> None:
        visitor = Visitor(running.url)
        visitor.sign_in("ada", PASSWORD)
        while not over.is_set():
            for name, address in PAGES.items():
                started = time.perf_counter()
                answer = visitor.get(address)
                watch.took[name].append(time.perf_counter() - started)
                watch.refused += answer.status_code >= 500
                if over.wait(PAUSE):
                    break

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1] if len(values) > 1 else values[0]


def say(what: str, watch: Watch) -> None:
    every = watch.all()
    p50, p95, most = percentile(every, 50) * 1000, percentile(every, 95) * 1000, max(every) * 1000
    print(
        f"{what}: {len(every)} requests, p50 {p50:.0f} ms, p95 {p95:.0f} ms, slowest {most:.0f} ms,"
        f" {watch.refused} answered with an error"
    )
    for name, values in watch.took.items():
        if values:
            print(f"    {name}: p50 {percentile(values, 50) * 1000:.0f} ms, p95 {percentile(values, 95) * 1000:.0f} ms")


def make_photos(folder: Path, count: int, width: int, taken_from: Path | None) -> None:
    """`count` files, each called after a person of its own."""
    found = sorted(path for path in taken_from.rglob("*") if path.suffix in ENDINGS) if taken_from else []
    if taken_from and len(found) < count:
        raise SystemExit(f"{taken_from} has {len(found)} photos; {count} were asked for.")
    for number in range(count):
        name = "".join(chr(97 + number // 26**place % 26) for place in range(3))
        data = found[number].read_bytes() if found else headshot(number, width)
        (folder / f"applicant-{name}x{found[number].suffix if found else '.jpg'}").write_bytes(data)


def new_opening(page: Page) -> None:
    page.goto("/")
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="New opening").first.click()
    page.get_by_label("Title").fill("Autumn campaign")
    page.locator("main").get_by_role("button").last.click()
    page.get_by_role("link", name="Import many", exact=True).click()


def bring_in(running: Site, page: Page, folder: Path, photos: int, *, examined: bool) -> None:
    new_opening(page)
    started = time.perf_counter()
    page.set_input_files("#folder", folder)
    expect(page.locator("#bulk")).to_be_visible(timeout=HOUR)
    sent = time.perf_counter()
    print(f"sent in {sent - started:.1f} s", flush=True)
    button = page.get_by_role("button", name=f"Import {photos} rows")
    with watching(running) as reading:
        expect(button).to_be_visible(timeout=HOUR)
    print(f"read in {time.perf_counter() - sent:.1f} s", flush=True)
    say("while it is read", reading)
    begun = time.perf_counter()
    button.click()
    with watching(running) as importing:
        expect(page.locator("#bulk .sentence")).to_contain_text(f"{photos} rows imported", timeout=HOUR)
        expect(page.locator("#bulk [data-import=done]")).to_be_visible(timeout=HOUR)
    print(f"imported in {time.perf_counter() - begun:.1f} s", flush=True)
    say("while it is imported", importing)
    if examined:
        with watching(running) as examining:
            expect(page.locator("#bulk")).to_contain_text(f"{photos} of {photos} examined", timeout=HOUR)
        print(f"examined in {time.perf_counter() - begun:.1f} s, counted from the word")
        say("while it is examined", examining)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--folder", type=Path, help="photos to take, in place of one portrait with ever other grain")
    parser.add_argument("--width", type=int, default=1024, help="pixels of each square photo")
    parser.add_argument("--until-imported", action="store_true", help="do not wait for the examinations")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="candid-bulk-") as place:
        folder = Path(place, "Cast")
        folder.mkdir()
        make_photos(folder, chosen.photos, chosen.width, chosen.folder)
        with site(Path(place), WEB_WORKERS="2") as running, sync_playwright() as playwright:
            running.manage("prepare", "--no-demo")
            running.python(TEAM)
            running.web()
            running.worker(concurrency=2)
            running.sweep()
            options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
            browser = playwright.chromium.launch(executable_path=chromium(), args=options)
            page = browser.new_page(base_url=running.url)
            bring_in(running, page, folder, chosen.photos, examined=not chosen.until_imported)
            browser.close()


if __name__ == "__main__":
    main()
