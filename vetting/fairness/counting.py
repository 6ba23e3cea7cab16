"""The counts of a team by quarter, opening and self-reported group, as they stood when the last quarter ended.

Why not as they stand now: whoever decides could set one person aside, look which group's count moves, and know what
that person named. So a self-report, a decision and an applicant count from the quarter after on, all of them at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import TruncQuarter
from django.utils import timezone

from vetting.fairness.tallies import COLUMNS, Counts, counts_of, quarter_of
from vetting.models import Applicant, Decision, Opening, Tally, Team
from vetting.models.decision import Choice

GONE = 0  # in place of an opening: applicants of whom only the tally is left


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """quarter: in which they were added. opening: its number, or GONE. sex, ethnicity: "" where none was named."""

    quarter: str
    opening: int
    sex: str
    ethnicity: str


def start_of_quarter(now: dt.datetime) -> dt.datetime:
    local = timezone.localtime(now)
    month = local.month - (local.month - 1) % 3
    return local.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0)


def next_quarter(now: dt.datetime) -> dt.datetime:
    """When the quarter that runs now is over, and counts."""
    start = start_of_quarter(now)
    return start_of_quarter(start + dt.timedelta(days=100))  # no quarter is longer, and no two are shorter


def counted(team: Team, now: dt.datetime) -> Mapping[Cell, Counts]:
    """Three queries, however many applicants there are and were."""
    until = start_of_quarter(now)
    found: dict[Cell, Counts] = {}
    for cell, counts in (*_undecided(team, until), *_decided(team, until), *_gone(team, quarter_of(now))):
        found[cell] = found.get(cell, Counts()) + counts
    return found


def _undecided(team: Team, until: dt.datetime) -> Iterator[tuple[Cell, Counts]]:
    """Those on whom no decision stood then."""
    latest = Decision.objects.filter(applicant=OuterRef("pk"), decided_at__lt=until).order_by("-pk")
    rows = Applicant.objects.filter(opening__team=team, created_at__lt=until).annotate(
        latest=Subquery(latest.values("choice")[:1]), unseconded=Subquery(latest.values("proposed")[:1])
    )
    rows = rows.filter(Q(latest=None) | Q(latest=Choice.REOPEN) | Q(unseconded=True))
    for cell, verdict, retouching, _, n in _grouped(rows, "", F("verdict"), Value(""), until):
        yield cell, counts_of(verdict=verdict, retouching=retouching, choice="", n=n)


def _decided(team: Team, until: dt.datetime) -> Iterator[tuple[Cell, Counts]]:
    """The decision that stood then, against the verdict of the moment it was made."""
    latest = Decision.objects.filter(applicant=OuterRef("applicant"), decided_at__lt=until).order_by("-pk")
    rows = Decision.objects.filter(
        applicant__opening__team=team,
        applicant__created_at__lt=until,
        proposed=False,
        pk=Subquery(latest.values("pk")[:1]),
    ).exclude(choice=Choice.REOPEN)
    verdict = Case(When(verdict="", then=F("applicant__verdict")), default=F("verdict"))
    for cell, found, retouching, choice, n in _grouped(rows, "applicant__", verdict, F("choice"), until):
        yield cell, counts_of(verdict=found, retouching=retouching, choice=choice, n=n)


def _grouped(
    rows: QuerySet[Any], to: str, verdict: Any, choice: Any, until: dt.datetime
) -> Iterator[tuple[Cell, str, str, str, int]]:
    """to: the way from a row to its applicant."""
    named = {
        f"the_{group}": Case(
            When(**{f"{to}self_report__at__lt": until}, then=F(f"{to}self_report__{group}")), default=Value("")
        )
        for group in ("sex", "ethnicity")
    }
    by = ("the_quarter", f"{to}opening", "the_sex", "the_ethnicity", "the_verdict", f"{to}opening__retouching")
    quarter = TruncQuarter(f"{to}created_at")
    rows = rows.annotate(the_quarter=quarter, the_verdict=verdict, the_choice=choice, **named).order_by()
    for moment, opening, sex, ethnicity, found, retouching, chosen, n in rows.values_list(*by, "the_choice").annotate(
        n=Count("pk")
    ):
        cell = Cell(quarter=quarter_of(moment), opening=opening, sex=sex, ethnicity=ethnicity)
        yield cell, found, retouching, chosen, n


def _gone(team: Team, this_quarter: str) -> Iterator[tuple[Cell, Counts]]:
    for row in Tally.objects.filter(team=team, quarter__lt=this_quarter):
        cell = Cell(quarter=row.quarter, opening=GONE, sex=row.sex, ethnicity=row.ethnicity)
        yield cell, Counts(**{name: getattr(row, name) for name in COLUMNS})


def titles(team: Team) -> Mapping[int, str]:
    return dict(Opening.objects.filter(team=team).order_by("title", "pk").values_list("pk", "title"))
