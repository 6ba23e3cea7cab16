"""The auditor page: rates by group, what is hidden left out; overturn rates by opening; the chain; and the table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format

from vetting import audit
from vetting.fairness.counting import next_quarter
from vetting.fairness.hiding import ALL, LEAST
from vetting.fairness.rates import FOUR_FIFTHS, SMALL_SHARE, Audit, Row, View, audit_of
from vetting.models import AuditLink, Opening, Team
from vetting.review.rates import Rate, agreement_of

KINDS = {"": "", "quarter": "Added in", "opening": "Opening"}
FIGURES = ("rate", "at least", "at most")
COLUMNS = (
    "counted until", "what", "table", "group", "sex", "ethnicity", "note", "applicants", "examined", "flagged",
    *(f"flag {word}" for word in FIGURES), "impact ratio, not flagged", "decided", "set aside",
    *(f"selection {word}" for word in FIGURES), "impact ratio, not set aside", "overturned",
    *(f"overturn {word}" for word in FIGURES),
)  # fmt: skip
HIDDEN = f"not shown: fewer than {LEAST} people, or such a number would follow from it"
SMALL = f"less than {SMALL_SHARE:.0%} of all: left out of the impact ratios"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOpening:
    """How often people overturned the machine and each other, as the decisions stand now."""

    opening: Opening
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """walked: what a walk found, where one was asked for."""

    number: int
    digest: str
    walked: audit.Chain | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    team: Team
    audit: Audit
    next_at: dt.datetime
    openings: tuple[OfOpening, ...]
    chain: ChainState
    four_fifths: float = FOUR_FIFTHS
    least: int = LEAST

    @property
    def choices(self) -> list[tuple[str, list[View]]]:
        """The views under the words that they stand under in the list."""
        return [(KINDS[kind], list(views)) for kind, views in groupby(self.audit.views, key=lambda view: view.kind)]

    @property
    def nothing(self) -> bool:
        """Whether no applicant was counted yet at all."""
        return self.audit.view.key == ALL and not (self.audit.total.counts and self.audit.total.counts.applicants)


def audit_page(team: Team, *, view: str, walk: bool) -> AuditPage:
    now = timezone.now()
    number, digest = audit.head_of(team)
    return AuditPage(
        team=team,
        audit=audit_of(team, now, view or ALL),
        next_at=next_quarter(now),
        openings=_overturned(team),
        chain=ChainState(number=number, digest=digest, walked=audit.walk(team) if walk else None, at=now),
    )


def links_of(team: Team) -> list[AuditLink]:
    """The newest first; those that open nothing any more after those that do."""
    rows = AuditLink.objects.filter(team=team).select_related("made_by").order_by("-pk")
    now = timezone.now()
    return sorted(rows, key=lambda link: not link.opens(now))


def _overturned(team: Team) -> tuple[OfOpening, ...]:
    """The rates of the agreement page without the first: of people overturning, not of first looks."""
    openings = list(Opening.objects.filter(team=team).order_by("title", "pk"))
    counted = agreement_of(openings)
    each = (OfOpening(opening=one, rates=counted[one.pk].rates[1:]) for one in openings)
    return tuple(one for one in each if any(rate.n for rate in one.rates))


def rows_of(page: AuditPage) -> Iterator[tuple[str | int, ...]]:
    """What the page shows, and nothing that it hides."""
    until = date_format(timezone.localtime(page.audit.until), "Y-m-d")
    shown = page.audit.view.words
    yield (until, shown, "All", *_cells(page.audit.total))
    for table in page.audit.tables:
        for row in table.rows:
            yield (until, shown, table.title, *_cells(row))


def _cells(row: Row) -> tuple[str | int, ...]:
    group = (row.words, "" if row.sex == ALL else row.sex, "" if row.ethnicity == ALL else row.ethnicity)
    if row.counts is None:
        return (*group, HIDDEN, *[""] * (len(COLUMNS) - 7))
    counts = row.counts
    return (
        *group,
        SMALL if row.small else "",
        counts.applicants,
        counts.examined,
        counts.flagged,
        *_figures(row.flagged),
        _ratio(row.ratio_unflagged),
        counts.decided,
        row.set_aside,
        *_figures(row.selected),
        _ratio(row.ratio_selected),
        counts.overturned,
        *_figures(row.overturned),
    )


def _figures(rate: Rate) -> tuple[str, str, str]:
    if rate.few:
        return "", "", ""
    return f"{rate.hits / rate.n:.4f}", f"{rate.low:.4f}", f"{rate.high:.4f}"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.4f}"
