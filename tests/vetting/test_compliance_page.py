"""docs/compliance.md names modules, pages, tests, commands and settings; each of them exists, under that very name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.vetting.test_permissions import site_urls

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([^`]+)`", TEXT)) - {"code type"})
PATH = re.compile(r"[\w.-]+(/[\w.-]+)+")
ARTICLES = ("Article 5", "Article 6", "Article 9", "Articles 13 and 14", "15, 16, 17", "Article 21", "Article 22",
            "25 and 32", "30 and 35", "AI Act", "740 ILCS 14", "Local Law 144", "Annex III",
            "Digital Omnibus")  # fmt: skip


def all_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for path in files for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)}


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    return {"test": all_tests(), "page": {name for name, _ in site_urls()}, "make": targets}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_exists(name: str, known: dict[str, set[str]]) -> None:
    if PATH.fullmatch(name):
        assert (ROOT / name).is_file(), "no such file"
    elif name.startswith("manage.py "):
        assert name.split()[1] in get_commands(), "no such command"
    elif name.startswith("make "):
        assert name.split()[1] in known["make"], "no such target"
    elif name.startswith("test_"):
        assert name in known["test"], "no such test"
    elif name.isupper():
        assert hasattr(settings, name), "no such setting"
    else:
        assert name in known["page"], "no such page"


def test_it_names_enough_to_be_worth_holding_true() -> None:
    assert len(NAMED) > 60
    assert sum(name.startswith("test_") for name in NAMED) > 25


@pytest.mark.parametrize("article", ARTICLES)
def test_no_duty_is_left_out(article: str) -> None:
    assert article in TEXT


def test_it_says_what_stays_with_the_operator_and_that_it_is_no_advice() -> None:
    assert TEXT.count("*Stays*") >= 9
    assert "no legal advice" in TEXT
    assert "As of 2026-11-24" in TEXT
