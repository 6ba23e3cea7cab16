"""Erasure on both databases, in a process with the site's own settings: the files of the database are searched, too.

SQLite keeps what was deleted in the free pages of its file and in its log, unless it is told not to; PostgreSQL's own
files keep it until it vacuums, so there every table is read (docs/privacy.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services import Site, postgres, site

pytestmark = pytest.mark.system
PEOPLE = """
from vetting.models import Membership, Opening, Role, Team, User
team = Team.objects.create(name="Northlight Casting")
def member(name, role):
    user = User.objects.create_user(name, password="a long enough password")
    Membership.objects.create(team=team, role=role, user=user)
    return user
alice, bob, ada = member("alice", Role.RECRUITER), member("bob", Role.REVIEWER), member("ada", Role.ADMIN)
opening = Opening.objects.create(team=team, title="Autumn campaign", created_by=alice)
"""
ERASURE = f"""{PEOPLE}
from tests.vetting.erasing import WORDS, known_person, left_in_files, left_in_tables
from vetting import audit, retention
known = known_person(opening, alice, bob, ada)
words = (*WORDS, *known.hashes)
assert left_in_tables(*words) and left_in_files(*known.hashes)
stone = retention.forget_applicant(applicant=known.applicant, by=None, cause="retention")
retention.delete_leftovers()
from vetting.keeping.retention import let_go
let_go()
print("tables", left_in_tables(*words))
print("files", left_in_files(*words))
print("broken", audit.first_broken(team))
"""


def erase(running: Site) -> str:
    running.manage("migrate", "--verbosity", "0")
    return running.python(ERASURE)


def test_on_sqlite_nothing_is_left_in_tables_files_or_the_database_file_itself(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with site(tmp_path, ALLOWED_HOSTS="testserver") as running:
        assert erase(running).splitlines()[-3:] == ["tables []", "files []", "broken None"]
        assert "holds" in running.manage("verify_events")


def test_on_postgresql_nothing_is_left_in_tables_or_files(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    with postgres() as url, site(tmp_path, DATABASE_URL=url, ALLOWED_HOSTS="testserver") as running:
        assert erase(running).splitlines()[-3:] == ["tables []", "files []", "broken None"]
        assert "holds" in running.manage("verify_events")
