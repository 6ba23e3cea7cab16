"""A backup is everything, is checked before and after, and moves a site from one database to the other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import ROOT, Site, postgres, site

pytestmark = pytest.mark.system

FILLED = """
from django.core.files.base import ContentFile
from tests.conftest import picture
from vetting import intake
from vetting.models import Membership, Opening, Role, Team, User
from vetting.review import decide_case
from vetting.models.decision import Choice
from vetting import analysis
alice, _ = User.objects.get_or_create(username="alice", defaults={"password": "!"})
team, _ = Team.objects.get_or_create(name="Northlight")
Membership.objects.get_or_create(team=team, user=alice, role=Role.ADMIN)
opening, _ = Opening.objects.get_or_create(team=team, title="Lead", created_by=alice)
person = intake.add_applicant(opening=opening, name="Zoë O’Hara", by=alice, email="zoe@example.org")
photo = intake.accept_photo(applicant=person, upload=ContentFile(picture(3), name="zoë.jpg"), by=alice).photo
analysis.run(photo.analyses.get().pk)
decide_case(applicant=person, reviewer=alice, choice=Choice.ACCEPT, reason="As at the meeting.")
"""
# Every row of every table that is backed up, with all its columns; and the bytes of every original.
ALL = """
import hashlib, json
from vetting.backup.archive import fields_of, tables
from vetting.models import Photo
for model in tables():
    for row in model._base_manager.order_by("pk").values(*fields_of(model)):
        print(model._meta.label, json.dumps(row, default=repr, sort_keys=True, ensure_ascii=False))
for photo in Photo.objects.order_by("pk"):
    print(photo.sha256 == hashlib.sha256(photo.read_original()).hexdigest(), photo.has_preview)
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a team, an examined photo and a decision."""
    with site(tmp_path_factory.mktemp("full")) as running:
        migrate(running)
        running.python(FILLED)
        yield running


def migrate(running: Site) -> None:
    (running.folder / "var").mkdir(parents=True, exist_ok=True)
    running.manage("migrate")


def refused(running: Site, *arguments: str) -> str:
    """What a command says that does not succeed."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=running.env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_restored_site_has_every_row_and_every_byte(full: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar"
    before = full.python(ALL)
    assert "Zoë O’Hara" in before
    assert "True True" in before
    full.manage("backup", str(archive))
    assert archive.stat().st_mode & 0o077 == 0
    with site(tmp_path / "other") as other:
        migrate(other)
        said = other.manage("restore", str(archive))
        assert "every event chain holds" in said
        assert other.python(ALL) == before


def test_a_backup_of_sqlite_is_restored_into_postgresql_and_work_goes_on_there(full: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar"
    full.manage("backup", str(archive))
    with postgres() as url, site(tmp_path / "grown", DATABASE_URL=url) as grown:
        migrate(grown)
        grown.manage("restore", str(archive))
        assert grown.python(ALL) == full.python(ALL)
        grown.python(FILLED.replace("Zoë", "Zora").replace("picture(3)", "picture(4)"))  # numbers go on after the last
        again = tmp_path / "again.tar"
        grown.manage("backup", str(again))
        assert "rows of" in grown.manage("backup", str(again), "--check")


def test_a_site_that_holds_something_is_not_written_over(full: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar"
    full.manage("backup", str(archive))
    before = full.python(ALL)
    assert "people or teams already" in refused(full, "restore", str(archive))
    assert full.python(ALL) == before
    assert "nothing was overwritten" in refused(full, "backup", str(archive))


@pytest.mark.parametrize("where", [0.3, 0.7])
def test_one_changed_byte_is_found_before_anything_is_written(full: Site, tmp_path: Path, where: float) -> None:
    archive = tmp_path / "site.tar"
    full.manage("backup", str(archive))
    data = bytearray(archive.read_bytes())
    at = int(len(data) * where)
    data[at : at + 600] = bytes(byte ^ 0x55 for byte in data[at : at + 600])  # longer than what tar fills up with
    archive.write_bytes(data)
    with site(tmp_path / "other") as other:
        migrate(other)
        refused(other, "restore", str(archive))
        assert "Photo " not in other.python(ALL)
        assert not list((tmp_path / "other/var").glob("originals/*"))


def test_a_backup_that_breaks_off_and_another_file_are_told_in_a_sentence(full: Site, tmp_path: Path) -> None:
    archive = tmp_path / "site.tar"
    full.manage("backup", str(archive))
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    assert "not a whole backup" in refused(full, "backup", str(archive), "--check")
    archive.write_bytes(b"no archive")
    assert "not a whole backup" in refused(full, "backup", str(archive), "--check")


def test_the_original_that_nobody_finds_is_said_at_the_end(full: Site, tmp_path: Path) -> None:
    originals = [path for path in (full.folder / "var/originals").rglob("*") if path.is_file()]
    aside = originals[0].rename(tmp_path / "aside")
    try:
        assert "1 photos" in refused(full, "backup", str(tmp_path / "site.tar"))
    finally:
        aside.rename(originals[0])
