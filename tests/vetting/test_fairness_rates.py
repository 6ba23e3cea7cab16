"""Rates by group: the figures that New York City's rules ask for, and what counts when."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from tests.vetting.groups import add_people, long_ago
from vetting import review
from vetting.fairness.counting import counted, next_quarter, start_of_quarter
from vetting.fairness.rates import Row, Table, audit_of
from vetting.fairness.tallies import count_out, quarter_of
from vetting.models import Applicant, Decision, Opening, SelfReport, Tally, Team, User
from vetting.models.decision import Choice

pytestmark = pytest.mark.django_db


def table(team: Team, title: str = "Sex", view: str = "*") -> Table:
    return next(each for each in audit_of(team, timezone.now(), view).tables if each.title == title)


def row(team: Team, words: str, title: str = "Sex", view: str = "*") -> Row:
    return next(each for each in table(team, title, view).rows if each.words == words)


def example(opening: Opening) -> None:
    """Women: 40, of whom 10 flagged (6 of these set aside), and 2 more set aside. Men: 60, 6 flagged (5 set aside)."""
    add_people(opening, 4, sex="female", verdict="generated")
    add_people(opening, 6, sex="female", verdict="retouched", choice=Choice.SET_ASIDE)
    add_people(opening, 28, sex="female")
    add_people(opening, 2, sex="female", choice=Choice.SET_ASIDE)
    add_people(opening, 1, sex="male", verdict="generated")
    add_people(opening, 5, sex="male", verdict="generated", choice=Choice.SET_ASIDE)
    add_people(opening, 54, sex="male")
    add_people(opening, 20)  # who name nothing


def test_the_figures_are_those_that_a_hand_computes(opening: Opening) -> None:
    """Not flagged: women 30/40 = 0.75, men 54/60 = 0.90, so 0.75/0.90 = 0.8333. Not set aside: women 32/40 = 0.80,
    men 55/60 = 0.9167, so 0.8727. Overturned: women 4/10, men 1/6."""
    example(opening)
    women, men, unknown = (row(opening.team, words) for words in ("Female", "Male", "Not named"))
    assert women.counts is not None
    assert (women.counts.applicants, women.counts.examined, women.counts.flagged) == (40, 40, 10)
    assert (women.flagged.hits, women.flagged.n) == (10, 40)
    assert women.ratio_unflagged == pytest.approx(0.75 / 0.90)
    assert men.ratio_unflagged == 1
    assert (women.selected.hits, women.selected.n, women.set_aside) == (32, 40, 8)
    assert women.ratio_selected == pytest.approx(0.8 / (55 / 60))
    assert men.ratio_selected == 1
    assert (women.overturned.hits, women.overturned.n) == (4, 10)
    assert (men.overturned.hits, men.overturned.n) == (1, 6)
    assert men.overturned.few
    assert (unknown.flagged.n, unknown.ratio_unflagged, unknown.ratio_selected) == (20, None, None)


def test_the_interval_is_exact() -> None:
    """10 of 40 at 95 %: 0.1269 to 0.4120 (Clopper and Pearson, as published calculators give it)."""
    from vetting.review.rates import Rate

    rate = Rate(what="", hits=10, n=40)
    assert (round(rate.low, 4), round(rate.high, 4)) == (0.1269, 0.4120)


def test_both_together_are_counted_as_the_rules_ask(opening: Opening) -> None:
    add_people(opening, 20, sex="female", ethnicity="asian")
    add_people(opening, 5, sex="female", ethnicity="asian", verdict="generated")
    add_people(opening, 30, sex="male", ethnicity="white")
    add_people(opening, 15, sex="female", ethnicity="white")
    add_people(opening, 15, sex="male", ethnicity="asian")
    title = "Sex and ethnicity together"
    asian_women = row(opening.team, "Asian, Female", title)
    assert (asian_women.unflagged.hits, asian_women.unflagged.n) == (20, 25)
    assert asian_women.ratio_unflagged == pytest.approx(0.8)
    assert row(opening.team, "White, Male", title).ratio_unflagged == 1


def test_a_group_of_less_than_two_per_cent_is_left_out_of_the_ratios_and_is_not_the_best(opening: Opening) -> None:
    add_people(opening, 12, sex="another")
    add_people(opening, 540, sex="female", verdict="generated")
    add_people(opening, 560, sex="female")
    small = row(opening.team, "Another")
    assert small.small
    assert small.counts is not None
    assert small.ratio_unflagged is None
    assert row(opening.team, "Female").ratio_unflagged == 1


def test_where_retouching_is_tolerated_it_is_no_flag(opening: Opening) -> None:
    add_people(opening, 20, sex="female", verdict="retouched")
    assert row(opening.team, "Female").flagged.hits == 20
    Opening.objects.update(retouching=Opening.Retouching.LENIENT)
    assert row(opening.team, "Female").flagged.hits == 0


def test_what_nobody_examined_or_decided_is_in_no_rate(opening: Opening) -> None:
    add_people(opening, 10, sex="female", verdict="", choice=None)
    add_people(opening, 10, sex="female", verdict="unexamined", choice=None)
    women = row(opening.team, "Female")
    assert women.counts is not None
    assert (women.counts.applicants, women.counts.examined, women.counts.decided) == (20, 0, 0)
    assert women.flagged.words == women.selected.words == "too few to say"


# --- what counts when


def test_nobody_can_watch_one_persons_group_by_deciding_about_them(opening: Opening, alice: User) -> None:
    """A decision, a changed mind and a self-report count from the next quarter on, all of them at once."""
    people = add_people(opening, 20, sex="female", verdict="generated", choice=None)
    add_people(opening, 20, sex="male")
    before = audit_of(opening.team, timezone.now())
    chosen = Applicant.objects.get(pk=people[0].pk)
    review.decide_case(applicant=chosen, reviewer=alice, choice=Choice.SET_ASIDE, reason="So.")
    assert audit_of(opening.team, timezone.now()) == before
    SelfReport.objects.filter(applicant=chosen).update(sex="male", at=timezone.now())
    now = row(opening.team, "Male")
    assert now.counts is not None
    assert now.counts.applicants == 20  # the new answer does not stand yet, nor does the old one
    after = audit_of(opening.team, next_quarter(timezone.now()))
    male = next(each for each in after.tables[0].rows if each.words == "Male")
    assert male.counts is not None
    assert (male.counts.applicants, male.set_aside) == (21, 1)


def test_who_was_added_in_this_quarter_is_not_counted_yet(opening: Opening) -> None:
    add_people(opening, 30, sex="female", at=timezone.now())
    assert counted(opening.team, timezone.now()) == {}
    assert audit_of(opening.team, timezone.now()).total.counts.applicants == 0  # type: ignore[union-attr]
    assert sum(each.applicants for each in counted(opening.team, next_quarter(timezone.now())).values()) == 30


def test_the_decision_that_stood_then_counts_and_not_a_proposal_or_what_was_taken_back(opening: Opening) -> None:
    proposed, reopened, changed = (add_people(opening, 10, sex=sex) for sex in ("female", "male", "another"))
    then = long_ago()
    Decision.objects.filter(applicant__in=proposed).update(proposed=True)
    for people, choice in ((reopened, Choice.REOPEN), (changed, Choice.SET_ASIDE)):
        made = [
            Decision.objects.create(applicant=one, choice=choice, reason="So.", reviewer=opening.created_by)
            for one in people
        ]
        Decision.objects.filter(pk__in=[one.pk for one in made]).update(decided_at=then)
    decided = {cell.sex: (each.decided, each.selected) for cell, each in counted(opening.team, timezone.now()).items()}
    assert decided == {"female": (0, 0), "male": (0, 0), "another": (10, 0)}


def test_another_teams_applicants_are_not_counted(opening: Opening, charlie: User) -> None:
    theirs = Opening.objects.create(team=charlie.memberships.get().team, title="Receptionist", created_by=charlie)
    add_people(theirs, 30, sex="female")
    assert counted(opening.team, timezone.now()) == {}


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [("2026-01-01", "2026-01-01", "2026-04-01"), ("2026-03-31", "2026-01-01", "2026-04-01"),
     ("2026-11-24", "2026-10-01", "2027-01-01"), ("2026-12-31", "2026-10-01", "2027-01-01")],
)  # fmt: skip
def test_a_quarter_begins_and_ends(day: str, start: str, end: str) -> None:
    moment = timezone.make_aware(dt.datetime.fromisoformat(f"{day}T12:00"))
    assert (str(start_of_quarter(moment).date()), str(next_quarter(moment).date())) == (start, end)


# --- who is gone


def test_who_is_gone_still_counts_in_their_quarter_and_group(opening: Opening) -> None:
    example(opening)
    before = audit_of(opening.team, timezone.now())
    for one in Applicant.objects.select_related("opening"):
        count_out(one)
        one.delete()
    assert Tally.objects.count() == 3
    after = audit_of(opening.team, timezone.now())
    assert (after.total, after.tables) == (before.total, before.tables)


def test_a_tally_is_one_row_a_quarter_and_group_and_names_nobody(opening: Opening) -> None:
    for one in (*add_people(opening, 2, sex="female"), *add_people(opening, 1, choice=None, verdict="")):
        count_out(Applicant.objects.get(pk=one.pk))
    women, unknown = Tally.objects.order_by("-sex")
    assert (women.quarter, women.sex, women.applicants, women.decided) == (quarter_of(long_ago()), "female", 2, 2)
    assert (unknown.sex, unknown.applicants, unknown.examined, unknown.decided) == ("", 1, 0, 0)
    told = {field.name for field in Tally._meta.get_fields()}
    assert told == {"id", "team", "quarter", "sex", "ethnicity", "applicants", "examined", "flagged", "decided",
                    "selected", "overturned"}  # fmt: skip
