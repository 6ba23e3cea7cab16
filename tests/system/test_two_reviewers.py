"""Many reviewers who take the same case at the same moment, in threads on a real database: one has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services import Site, postgres, site

pytestmark = pytest.mark.system

RACE = """
import threading
from django.db import connection
from vetting.models import Applicant, Decision, Membership, Opening, Role, Team, User
from vetting.models.decision import Choice
from vetting.review import CannotDecide, decide_case
from vetting.review.taking import CannotTake, take_case

team = Team.objects.create(name="Northlight Casting")
people = []
for n in range(8):
    person = User.objects.create_user(f"reviewer{n}")
    Membership.objects.create(team=team, role=Role.REVIEWER, user=person)
    people.append(person)
opening = Opening.objects.create(team=team, title="Lead", created_by=people[0])


def at_once(act):
    gate, won = threading.Barrier(len(people)), []

    def run(person):
        gate.wait()
        try:
            act(person)
            won.append(person)
        except (CannotTake, CannotDecide):
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


def decide(case, person, choice):
    decide_case(applicant=case, reviewer=person, choice=choice, reason="Because.")


for n in range(12):
    case = Applicant.objects.create(opening=opening, name=f"Case {n}", created_by=people[0])
    takers = at_once(lambda person: take_case(applicant=case, by=person))
    holder = Applicant.objects.get(pk=case.pk).holder
    print("taken", [taker.pk for taker in takers] == [holder.pk])
    deciders = at_once(lambda person: decide(case, person, Choice.ACCEPT))
    print("decided", deciders == [holder], case.decisions.count())
"""


def raced(running: Site) -> list[str]:
    running.manage("prepare", "--no-demo")
    return running.python(RACE).splitlines()


def test_on_postgresql_one_of_eight_has_the_case_and_decides_it(tmp_path: Path) -> None:
    with postgres() as database, site(tmp_path, DATABASE_URL=database) as running:
        assert raced(running) == ["taken True", "decided True 1"] * 12
        assert running.query("SELECT count(*) FROM vetting_event WHERE verb = 'case.taken'") == [(12,)]


def test_on_sqlite_too(tmp_path: Path) -> None:
    with site(tmp_path) as running:
        assert raced(running) == ["taken True", "decided True 1"] * 12
        assert running.query("SELECT count(*) FROM vetting_event WHERE verb = 'case.taken'") == [(12,)]
