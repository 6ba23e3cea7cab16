"""Downloads, pages to look things up, errors, and what holds for every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.conftest import text, words
from vetting.models import Analysis


@pytest.mark.parametrize(
    ("name", "kind", "start"),
    [
        ("applicant-pdf", "application/pdf", b"%PDF-"),
        ("applicant-json", "application/json", b"{"),
        ("applicant-csv", "text/csv; charset=utf-8", b""),
    ],
)
def test_a_report_is_a_download(name: str, kind: str, start: bytes, examined: Analysis, site: Client) -> None:
    response = site.get(reverse(name, args=[examined.photo.applicant_id]))
    assert response.headers["Content-Type"] == kind
    assert response.headers["Content-Disposition"].startswith('attachment; filename="candid-eileen-collins.')
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.content.startswith(start)


def test_the_page_of_error_rates_shows_the_file_or_says_there_is_none(
    site: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vetting.web.views import reference

    monkeypatch.setattr(reference, "ACCURACY", tmp_path / "accuracy.md")
    assert "There are no measured error rates yet." in text(site, "/accuracy/")
    prose = "# Rates\n\n## Skin\n\nOn **held-out** sources.\n\n- one\n  and on\n- two\n\n"
    table = "| what | rate |\n|---|--:|\n| <b> | 5 % |\n"
    (tmp_path / "accuracy.md").write_text(prose + table, encoding="utf-8")
    page = text(site, "/accuracy/")
    assert '<h2 id="skin">Skin</h2>' in page
    assert "On held-out sources." in page
    assert "<li>one and on</li><li>two</li>" in page
    assert '<th scope="row">&lt;b&gt;</th><td>5 %</td>' in page


def test_settings_show_which_trust_lists_are_in_force(site: Client, tmp_path: Path) -> None:
    page = words(text(site, "/settings/"))
    assert page.count("not installed") == 5
    (tmp_path / "trust" / "C2PA-TRUST-LIST.pem").write_text("")
    page = words(text(site, "/settings/"))
    assert f"Official C2PA trust list {timezone.now().date().isoformat()}" in page


def test_the_style_guide_shows_every_verdict(site: Client) -> None:
    page = text(site, "/styleguide/")
    assert len(set(re.findall(r'class="verdict" data-verdict="([\w-]+)"', page))) == 8


def test_an_unknown_address_gets_a_helpful_page(site: Client) -> None:
    response = site.get("/applicants/12345/")
    assert response.status_code == 404
    assert "belongs to a team that you are not in" in response.content.decode()


PLACES = ["sign-in", "openings", "opening-new", "queue", "reports", "accuracy", "settings", "styleguide"]


@pytest.mark.parametrize("name", PLACES)
def test_no_page_needs_more_than_the_policy_allows(name: str, site: Client) -> None:
    """The rendered page, where check_templates sees only the templates: widgets and messages are in here."""
    response = (Client() if name == "sign-in" else site).get(reverse(name))
    assert response.status_code == 200
    page = response.content.decode()
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert not re.search(r"<[^>]+\sstyle=|<style|<[^>]+\son\w+=|<script(?![^>]+src=)", page)


def test_every_symbol_that_is_used_is_drawn(examined: Analysis, site: Client) -> None:
    drawn = set(re.findall(r'symbol id="(shape-[\w-]+)"', text(site, "/styleguide/")))
    templates = Path(django_settings.BASE_DIR) / "templates"
    named = {
        f"shape-{name}"
        for path in templates.rglob("*.html")
        for name in re.findall(r'{% shape "([\w-]+)" %}', path.read_text(encoding="utf-8"))
    }
    used = named | set(re.findall(r'href="#(shape-[\w-]+)"', text(site, "/styleguide/")))
    used |= set(re.findall(r'href="#(shape-[\w-]+)"', text(site, examined.photo.applicant.get_absolute_url())))
    assert used <= drawn
