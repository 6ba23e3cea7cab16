"""The columns that lists are read off are filled for who is there already; forwards and back, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import Site, postgres, site

pytestmark = pytest.mark.system
KEPT = """
from vetting.models import Applicant, Opening
for row in Applicant.objects.order_by("pk"):
    print(repr((row.search_text, row.looked_blind, row.queue_place, row.waits)))
"""
BLIND = """
from vetting.models import Opening
Opening.objects.filter(pk=Opening.objects.earliest("pk").pk).update(blind_first=True)
"""


@pytest.fixture(params=["sqlite", "postgres"])
def seeded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A site with a crowd."""
    if request.param == "sqlite":
        with site(tmp_path) as running:
            yield _seeded(running)
        return
    with postgres() as url, site(tmp_path, DATABASE_URL=url) as running:
        yield _seeded(running)


def _seeded(running: Site) -> Site:
    running.manage("prepare", "--no-demo")
    running.manage("seed_applicants", "300", "--openings", "3")
    running.python(BLIND)
    return running


def test_who_is_there_already_is_found_after_the_migration(seeded: Site) -> None:
    before = seeded.python(KEPT)
    assert "True" in before
    assert "@example" in before
    seeded.manage("migrate", "vetting", "0007")
    seeded.manage("migrate", "vetting")
    assert seeded.python(KEPT) == before
