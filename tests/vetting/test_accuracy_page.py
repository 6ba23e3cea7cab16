"""“How good is this?”: docs/accuracy.md as a page, its drawings, and whether it is of what is installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from detector.registry import detectors
from detector.verdict import POLICY_VERSION
from tests.conftest import text, words
from vetting.web.document import LONG, Block, read_document
from vetting.web.figures import read_figures
from vetting.web.installed import installed
from vetting.web.views import reference

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><title>Line</title><path d="M0 0L4 4"/></svg>'
HEAD = "# How good is this?\n\nThree of a thousand.\n\nMeasured on 2031-05-17 with care.\n\n"


def document(folder: Path, source: str, **drawings: str) -> Path:
    path = folder / "docs" / "accuracy.md"
    (path.parent / "img").mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
    for name, drawn in drawings.items():
        (path.parent / "img" / f"{name}.svg").write_text(drawn, encoding="utf-8")
    return path


def versions(**other: str) -> str:
    """The table as the measuring command writes it, of what is installed but for `other`."""
    found = (
        {one.title: str(one.version) for one in detectors()} | {"Policy of the verdict": str(POLICY_VERSION)} | other
    )
    lines = "".join(f"| {title} | {version} |\n" for title, version in found.items())
    return f"## Versions measured\n\n| check | version |\n|---|---|\n{lines}\n"


def weights(folder: Path, date: str) -> Path:
    (folder / "weights").mkdir(exist_ok=True)
    (folder / "weights" / "skin.json").write_text(json.dumps({"date": date}))
    (folder / "weights" / "undated.json").write_text("{}")
    return folder / "weights"


def table(rows: int) -> str:
    return "| a | b |\n|---|---|\n" + "".join(f"| {n} | x |\n" for n in range(rows)) + "\n"


def tables(blocks: list[Block]) -> list[str]:
    return [block.folded for block in blocks if block.kind == "table"]


def test_drawings_that_stand_in_the_folder_are_shown_side_by_side(tmp_path: Path) -> None:
    path = document(tmp_path, "![One line.](img/one.svg)\n![Two.](img/two.svg)\n", one=SVG, two=SVG)
    (block,) = read_document(path)
    assert [(drawing.words, drawing.svg) for drawing in block.drawings] == [("One line.", SVG), ("Two.", SVG)]


@pytest.mark.parametrize(
    "drawn",
    [
        SVG.replace("<title>", "<script>alert(1)</script><title>"),
        SVG.replace("<title>", "<style>a{}</style><title>"),
        SVG.replace("<path", '<path onclick="x()"'),
        SVG.replace("<path", '<path style="fill:red"'),
        SVG.replace("<path", '<a href="https://elsewhere.example"/><path'),
        "<html><body>no drawing</body></html>",
    ],
)
def test_a_drawing_that_is_more_than_shapes_is_left_out(drawn: str, tmp_path: Path) -> None:
    (block,) = read_document(document(tmp_path, "![Chart.](img/one.svg)\n", one=drawn))
    assert block.drawings == ()


@pytest.mark.parametrize(
    "address", ["img/../secret.svg", "../img/one.svg", "/img/one.svg", "img/one.png", "img/no.svg"]
)
def test_nothing_outside_the_folder_is_read(address: str, tmp_path: Path) -> None:
    path = document(tmp_path, f"![Chart.]({address})\n", one=SVG)
    (path.parent / "secret.svg").write_text(SVG)
    (block,) = read_document(path)
    assert block.drawings == ()


def test_long_tables_and_those_of_drawings_are_folded(tmp_path: Path) -> None:
    source = f"{table(3)}text\n\n{table(LONG)}![A.](img/one.svg)\n\n{table(2)}{table(2)}text\n\n{table(2)}"
    short, long, first, second, after = tables(read_document(document(tmp_path, source, one=SVG)))
    assert short == after == ""
    assert long == f"Show all {LONG} rows"
    assert first == second == "The numbers, by a"


def test_figures_of_what_is_installed_are_not_outdated(tmp_path: Path) -> None:
    now = installed(settings.TRUST_DIR, settings.PACKS_DIR)
    path = document(tmp_path, HEAD + versions() + "## Verdict\n\ntext\n")
    figures = read_figures(path, weights(tmp_path, "2031-05-17"), now)
    assert (figures.lead, figures.measured, figures.weights) == ("Three of a thousand.", "2031-05-17", "2031-05-17")
    assert not figures.outdated
    assert [section.text for section in figures.sections] == ["Verdict"]  # versions stand at the end of the page
    assert read_figures(path, weights(tmp_path, "2031-05-18"), now).outdated
    changed = document(tmp_path, HEAD + versions(Eyes="0") + "## Verdict\n\ntext\n")
    assert read_figures(changed, weights(tmp_path, "2031-05-17"), now).outdated


def test_the_page_shows_drawings_versions_and_what_changed(
    site: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = HEAD + "## Score\n\n![One line.](img/one.svg)\n\n" + table(2) + versions(Eyes="0", Gone="4")
    monkeypatch.setattr(reference, "ACCURACY", document(tmp_path, source, one=SVG))
    monkeypatch.setattr(reference, "WEIGHTS", weights(tmp_path, "2031-05-17"))
    page = text(site, "/accuracy/")
    assert SVG in page
    assert "<summary>The numbers, by a</summary>" in page
    assert '<a href="#score">Score</a>' in page
    told = words(page)
    assert "These figures are of 2031-05-17; something has changed since." in told
    assert "Eyes 0 1 changed" in told
    assert "Gone 4 – changed" in told


def test_the_page_leads_to_the_teams_own_photos(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Check your own photos" in text(site, "/accuracy/")
    monkeypatch.setattr(reference, "in_force_words", lambda team: f"Certified on {team}’s photos.")
    page = text(site, "/accuracy/")
    assert "’s photos." in page
    assert "See your own photos" in page


def test_the_document_of_this_version_can_be_read_as_a_whole() -> None:
    blocks = read_document(reference.ACCURACY)
    assert blocks
    widths = {(len(block.head), len(row)) for block in blocks if block.kind == "table" for row in block.rows}
    assert all(head == cells for head, cells in widths)
    assert all(block.drawings for block in blocks if block.kind == "drawings")
