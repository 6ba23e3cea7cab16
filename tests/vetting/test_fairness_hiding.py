"""No count of fewer than ten people can be read off the auditor's tables, or worked out from any of them together.

The tests play the reader who has every table of every view: they put all that is shown into one system of equations
and ask what a hidden count can be at least and at most.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from django.utils import timezone
from scipy.optimize import linprog  # type: ignore[import-untyped]

from tests.vetting.groups import add_people, long_ago
from vetting.fairness.counting import Cell
from vetting.fairness.hiding import ALL, LEAST, Hiding, Key, Sum, sums_of
from vetting.fairness.rates import ETHNICITIES, SEXES, View, _keys, _partition, _views, audit_of, hidden_of
from vetting.fairness.tallies import Counts
from vetting.models import Opening

Cells = dict[Cell, Counts]


def crowd(seed: int, people: int, quarters: int, openings: int) -> Cells:
    """People of groups of very different size, so that many counts are small."""
    rng = random.Random(seed)
    sexes, ethnicities = ([rng.random() ** 3 + 0.01 for _ in each] for each in (SEXES, ETHNICITIES))
    cells: Cells = {}
    for _ in range(people):
        cell = Cell(
            quarter=f"2025-Q{rng.randrange(quarters) + 1}",
            opening=rng.randrange(openings + 1),
            sex=rng.choices(SEXES, sexes)[0],
            ethnicity=rng.choices(ETHNICITIES, ethnicities)[0],
        )
        cells[cell] = cells.get(cell, Counts()) + Counts(applicants=1)
    return cells


def published(cells: Cells) -> tuple[Mapping[Key, int], frozenset[Key], list[Sum]]:
    """All counts that there are, which of them are hidden, and how they add up."""
    views = _views(cells, {})
    keys = _keys(cells, views)
    partitions: Sequence[Sequence[str]] = [
        _partition(keys, views, "quarter", "earlier"), _partition(keys, views, "opening", "others")]  # fmt: skip
    counts = {key: each.applicants for key, each in keys.items()}
    return counts, hidden_of(keys, views), sums_of(keys, partitions)


def can_be(counts: Mapping[Key, int], hidden: frozenset[Key], sums: Sequence[Sum], key: Key) -> tuple[float, float]:
    """The least and the most that a hidden count can be for whoever reads all that is shown."""
    names = sorted(hidden)
    at = {each: place for place, each in enumerate(names)}
    rows, right = [], []
    for each in sums:
        row, rest = np.zeros(len(names)), 0
        for sign, keys in ((1, each.parts), (-1, (each.whole,))):
            for one in keys:
                if one in at:
                    row[at[one]] += sign
                else:
                    rest -= sign * counts[one]
        rows.append(row)
        right.append(rest)
    found = []
    for sign in (1, -1):
        aim = np.zeros(len(names))
        aim[at[key]] = sign
        solved = linprog(aim, A_eq=np.array(rows), b_eq=right, method="highs")
        assert solved.status == 0, solved.message
        found.append(sign * solved.fun)
    return found[0], found[1]


@pytest.mark.parametrize(
    ("seed", "people", "quarters", "openings"),
    [(1, 60, 1, 1), (2, 150, 2, 2), (3, 300, 3, 4), (4, 900, 4, 5), (5, 2500, 2, 3), (6, 200, 1, 3)],
)
def test_no_small_count_follows_from_all_tables_together(seed: int, people: int, quarters: int, openings: int) -> None:
    counts, hidden, sums = published(crowd(seed, people, quarters, openings))
    for each in sums:
        assert counts[each.whole] == sum(counts[key] for key in each.parts)
    small = [key for key, n in counts.items() if 0 < n < LEAST and key[1:] != (ALL, ALL)]
    assert set(small) <= hidden
    for key in random.Random(seed).sample(small, min(12, len(small))):
        least, most = can_be(counts, hidden, sums, key)
        assert most - least >= 1, f"{key}: {counts[key]} follows"


def test_the_check_would_notice() -> None:
    """Without complementary suppression the same reader does work small counts out."""
    counts, hidden, sums = published(crowd(4, 900, 4, 5))
    small = frozenset(key for key, n in counts.items() if n < LEAST and key[1:] != (ALL, ALL))
    assert small < hidden
    known = [key for key in sorted(small) if counts[key] and np.ptp(can_be(counts, small, sums, key)) < 1]
    assert known


def test_a_hidden_group_does_not_follow_from_the_sum_of_its_table() -> None:
    """Of 100 people 4 are hidden: so one more is, or they would be 100 minus the others."""
    counts = {("*", "*", "*"): 100, ("*", "a", "*"): 4, ("*", "b", "*"): 36, ("*", "c", "*"): 60}
    hidden = decide(counts)
    assert hidden == {("*", "a", "*"), ("*", "b", "*")}


def test_hidden_groups_are_not_few_together_either() -> None:
    """2 and 3 hidden: their sum would be a count of five people."""
    counts = {("*", "*", "*"): 105, ("*", "a", "*"): 2, ("*", "b", "*"): 3, ("*", "c", "*"): 40, ("*", "d", "*"): 60}
    assert ("*", "c", "*") in decide(counts)


def test_two_groups_of_nine_are_not_given_away_by_their_sum() -> None:
    """18 together, each fewer than ten: each is nine."""
    counts = {("*", "*", "*"): 118, ("*", "a", "*"): 9, ("*", "b", "*"): 9, ("*", "c", "*"): 40, ("*", "d", "*"): 60}
    assert ("*", "c", "*") in decide(counts)


def test_that_nobody_is_in_a_group_protects_no_other_one() -> None:
    """Who knows that nobody belongs to b can take it off: a is then 100 - 60 - 36."""
    counts = {("*", "*", "*"): 100, ("*", "a", "*"): 4, ("*", "b", "*"): 0, ("*", "c", "*"): 36, ("*", "d", "*"): 60}
    assert ("*", "c", "*") in decide(counts)


def test_where_every_group_has_ten_all_are_shown() -> None:
    counts = {("*", "*", "*"): 30, ("*", "a", "*"): 10, ("*", "b", "*"): 20}
    assert decide(counts) == frozenset()


def test_what_is_shown_of_two_quarters_does_not_give_the_third_away() -> None:
    """All 100, the first two quarters 48 each: the third would be four people."""
    counts = {("*", "*", "*"): 200, ("*", "a", "*"): 100, ("*", "b", "*"): 100}
    for quarter, a, b in (("q1", 48, 30), ("q2", 48, 30), ("q3", 4, 40)):
        counts |= {(quarter, "*", "*"): a + b, (quarter, "a", "*"): a, (quarter, "b", "*"): b}
    hidden = decide(counts, [("q1", "q2", "q3")])
    assert len([key for key in hidden if key[0].startswith("q") and key[1] == "a"]) >= 2


def decide(counts: dict[Key, int], partitions: Sequence[Sequence[str]] = ()) -> frozenset[Key]:
    free = frozenset(key for key in counts if key[1:] == (ALL, ALL))
    sums = sums_of(counts, partitions)
    return Hiding(counts=counts, sums=sums, open=free, unshown=frozenset()).decide()


@pytest.mark.django_db
def test_the_tables_hide_what_is_decided_and_how_many_named_a_group_with_it(opening: Opening) -> None:
    add_people(opening, 40, sex="female")
    add_people(opening, 40, sex="male", at=long_ago(2))
    add_people(opening, 3)
    shown = audit_of(opening.team, timezone.now())
    rows = {row.words: row.counts for row in shown.tables[0].rows}
    assert rows["Not named"] is None
    assert sum(counts is None for counts in rows.values()) >= 2
    assert shown.named[0] == ("A sex", None)


@pytest.mark.django_db
def test_a_small_opening_has_no_table_and_an_unknown_one_is_all(opening: Opening) -> None:
    add_people(opening, 12, sex="female")
    shown = audit_of(opening.team, timezone.now(), f"opening-{opening.pk}")
    assert shown.view == View(key=ALL, words="All that was counted")
    add_people(opening, 18, sex="male")
    assert audit_of(opening.team, timezone.now(), f"opening-{opening.pk}").view.words == opening.title
