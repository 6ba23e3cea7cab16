"""Flag, selection and overturn rates by self-reported group, and impact ratios, as New York City's rules on automated
employment decision tools have them computed (6 RCNY 5-301): a group's rate divided by the highest group's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vetting.fairness.counting import GONE, Cell, counted, start_of_quarter, titles
from vetting.fairness.hiding import ALL, Hiding, Key, sums_of
from vetting.fairness.tallies import Counts
from vetting.models import Team
from vetting.models.fairness import Ethnicity, Sex
from vetting.review.rates import Rate

FOUR_FIFTHS = 0.8  # 29 CFR 1607.4(D): a rule of thumb of US agencies, and no verdict
SMALL_SHARE = 0.02  # of all: 6 RCNY 5-301(d) lets an auditor leave such a group out of the impact ratios
QUARTERS = 12  # that have a table of their own, the latest
OPENINGS = 40  # that have one, the largest
LEAST_OPENING = 30  # applicants that such an opening has had: of fewer, nearly every group would be hidden
EARLIER, OTHERS = "earlier", "others"  # what has no table of its own, and can be worked out from what has one
NOT_NAMED = "Not named"
SEXES = ("", *Sex.values)
ETHNICITIES = ("", *Ethnicity.values)
EVERYTHING = "All that was counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a table is about: all, one quarter or one opening. key: as in the address."""

    key: str
    words: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """counts: None where they are hidden. ratios: None where there is none to say; small: less than SMALL_SHARE."""

    sex: str
    ethnicity: str
    words: str
    counts: Counts | None = None
    small: bool = False
    ratio_unflagged: float | None = None
    ratio_selected: float | None = None

    @property
    def named(self) -> bool:
        return self.words != NOT_NAMED

    @property
    def flagged(self) -> Rate:
        counts = self.counts or Counts()
        return Rate(what="Flagged", hits=counts.flagged, n=counts.examined)

    @property
    def unflagged(self) -> Rate:
        counts = self.counts or Counts()
        return Rate(what="Not flagged", hits=counts.examined - counts.flagged, n=counts.examined)

    @property
    def selected(self) -> Rate:
        counts = self.counts or Counts()
        return Rate(what="Not set aside", hits=counts.selected, n=counts.decided)

    @property
    def overturned(self) -> Rate:
        counts = self.counts or Counts()
        return Rate(what="Flagged, and not set aside", hits=counts.overturned, n=counts.flagged)

    @property
    def set_aside(self) -> int:
        return self.selected.n - self.selected.hits


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    title: str
    rows: tuple[Row, ...]

    @property
    def hidden(self) -> int:
        return sum(row.counts is None for row in self.rows)

    @property
    def empty(self) -> bool:
        return self.hidden == len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """until: the moment as of which all is counted. named: what was asked, how many named it (None: hidden)."""

    until: dt.datetime
    views: tuple[View, ...]
    view: View
    total: Row
    tables: tuple[Table, ...]
    named: tuple[tuple[str, Rate | None], ...]


def audit_of(team: Team, now: dt.datetime, view: str = ALL) -> Audit:
    """view: the key of one of the views; of all where there is no such."""
    cells = counted(team, now)
    views = _views(cells, titles(team))
    keys = _keys(cells, views)
    shown = next((each for each in views if each.key == view), views[0])
    hidden = hidden_of(keys, views)
    total = keys.get((shown.key, ALL, ALL), Counts())
    sexes, ethnicities = _table(shown, keys, hidden, "Sex"), _table(shown, keys, hidden, "Ethnicity")
    tables = (
        (sexes, ethnicities)
        if shown.kind == "opening"
        else (sexes, ethnicities, _table(shown, keys, hidden, "Sex and ethnicity together"))
    )
    return Audit(
        until=start_of_quarter(now),
        views=views,
        view=shown,
        total=Row(sex=ALL, ethnicity=ALL, words="All", counts=total),
        tables=tables,
        named=(("A sex", _named(sexes, total)), ("An ethnicity", _named(ethnicities, total))),
    )


def hidden_of(keys: Mapping[Key, Counts], views: Sequence[View]) -> frozenset[Key]:
    """The keys whose counts no view may show; see hiding.py."""
    shown = {view.key for view in views}
    partitions = [_partition(keys, views, "quarter", EARLIER), _partition(keys, views, "opening", OTHERS)]
    both = {key for key in keys if key[1] != ALL and key[2] != ALL and "" in key[1:]}
    hiding = Hiding(
        counts={key: counts.applicants for key, counts in keys.items()},
        sums=sums_of(keys, partitions),
        open=frozenset(key for key in keys if key[1:] == (ALL, ALL)),
        unshown=frozenset({key for key in keys if key[0] not in shown and key[1:] != (ALL, ALL)} | both),
    )
    return hiding.decide()


def _partition(keys: Iterable[Key], views: Sequence[View], kind: str, rest: str) -> tuple[str, ...]:
    parts = tuple(view.key for view in views if view.kind == kind)
    return (*parts, rest) if any(key[0] == rest for key in keys) else parts


def _views(cells: Mapping[Cell, Counts], names: Mapping[int, str]) -> tuple[View, ...]:
    quarters = sorted({cell.quarter for cell in cells}, reverse=True)[:QUARTERS]
    sizes: dict[int, int] = {}
    for cell, counts in cells.items():
        sizes[cell.opening] = sizes.get(cell.opening, 0) + counts.applicants
    large = sorted((pk for pk, n in sizes.items() if pk != GONE and n >= LEAST_OPENING), key=lambda pk: -sizes[pk])
    openings = sorted(large[:OPENINGS], key=lambda pk: names.get(pk, ""))
    return (
        View(key=ALL, words=EVERYTHING),
        *(View(key=quarter, words=quarter.replace("-", " "), kind="quarter") for quarter in quarters),
        *(View(key=f"opening-{pk}", words=names.get(pk, ""), kind="opening") for pk in openings),
    )


def _keys(cells: Mapping[Cell, Counts], views: Sequence[View]) -> dict[Key, Counts]:
    """Every count that a table has, or that can be worked out beside one; an opening is divided once, not by both."""
    shown = {view.key for view in views}
    found: dict[Key, Counts] = {}
    for part in (ALL, *(sorted(shown - {ALL}) if cells else ())):
        whole = not part.startswith("opening-")
        found |= {(part, sex, ethnicity): Counts() for sex, ethnicity in _groups(both=whole)}
    for cell, counts in cells.items():
        opening = f"opening-{cell.opening}"
        quarter = cell.quarter if cell.quarter in shown else EARLIER
        for part, both in ((ALL, True), (quarter, True), (opening if opening in shown else OTHERS, False)):
            for key in _keys_in(part, cell, both=both):
                found[key] = found.get(key, Counts()) + counts
    return found


def _groups(*, both: bool) -> Iterable[tuple[str, str]]:
    yield ALL, ALL
    yield from ((sex, ALL) for sex in SEXES)
    yield from ((ALL, ethnicity) for ethnicity in ETHNICITIES)
    if both:
        yield from ((sex, ethnicity) for sex in SEXES for ethnicity in ETHNICITIES)


def _keys_in(part: str, cell: Cell, *, both: bool) -> tuple[Key, ...]:
    keys: tuple[Key, ...] = ((part, ALL, ALL), (part, cell.sex, ALL), (part, ALL, cell.ethnicity))
    return (*keys, (part, cell.sex, cell.ethnicity)) if both else keys


def _table(view: View, keys: Mapping[Key, Counts], hidden: frozenset[Key], title: str) -> Table:
    groups: dict[str, list[tuple[str, str]]] = {
        "Sex": [(sex, ALL) for sex in (*Sex.values, "")],
        "Ethnicity": [(ALL, ethnicity) for ethnicity in (*Ethnicity.values, "")],
    }
    both = [(sex, ethnicity) for ethnicity in Ethnicity.values for sex in Sex.values]
    total = keys.get((view.key, ALL, ALL), Counts()).applicants
    rows = []
    for sex, ethnicity in groups.get(title, both):
        key = (view.key, sex, ethnicity)
        counts = None if key in hidden else keys.get(key)
        small = counts is not None and counts.applicants < SMALL_SHARE * total
        rows.append(Row(sex=sex, ethnicity=ethnicity, words=_words(sex, ethnicity), counts=counts, small=small))
    return Table(title=title, rows=_with_ratios(rows))


def _words(sex: str, ethnicity: str) -> str:
    named = (
        Ethnicity(ethnicity).label if ethnicity not in ("", ALL) else "",
        Sex(sex).label if sex not in ("", ALL) else "",
    )
    return ", ".join(str(word) for word in named if word) or NOT_NAMED


def _with_ratios(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Among the groups that are named, shown, not small, and not too few for a rate."""
    unflagged = _ratios([row.unflagged if _counts_for_ratios(row) else None for row in rows])
    selected = _ratios([row.selected if _counts_for_ratios(row) else None for row in rows])
    return tuple(
        replace(row, ratio_unflagged=one, ratio_selected=other)
        for row, one, other in zip(rows, unflagged, selected, strict=True)
    )


def _counts_for_ratios(row: Row) -> bool:
    return row.named and row.counts is not None and not row.small


def _ratios(rates: Sequence[Rate | None]) -> list[float | None]:
    said = [None if rate is None or rate.few else rate.hits / rate.n for rate in rates]
    best = max((rate for rate in said if rate is not None), default=0.0)
    return [None if rate is None or not best else rate / best for rate in said]


def _named(table: Table, total: Counts) -> Rate | None:
    """How many named it: hidden where those who did not are."""
    without = table.rows[-1].counts
    return Rate(what="", hits=total.applicants - without.applicants, n=total.applicants) if without else None
