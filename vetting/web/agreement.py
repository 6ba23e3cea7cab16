"""The rates of agreement as the page and the table show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from vetting.models import Opening, Team, User
from vetting.review.rates import VERDICT_COLUMNS, Agreement, Rate, Total, agreement_of

COLUMNS = ("team", "opening", "what", "count", "of", "rate", "at least", "at most", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfOpening:
    opening: Opening
    total: Total


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTeam:
    team: Team
    total: Total
    openings: tuple[OfOpening, ...]


def agreement_by_team(reader: User) -> list[OfTeam]:
    """Four queries, however many openings and decisions there are."""
    openings = list(
        Opening.objects.visible_to(reader).select_related("team").order_by("team__name", "team", "title", "pk")
    )
    counted = agreement_of(openings)
    return [_of_team(team, list(rows), counted) for team, rows in groupby(openings, key=lambda row: row.team)]


def _of_team(team: Team, openings: Sequence[Opening], counted: Mapping[int, Agreement]) -> OfTeam:
    each = [OfOpening(opening=row, total=Total(parts=(counted[row.pk],))) for row in openings]
    return OfTeam(
        team=team,
        total=Total(parts=tuple(counted[row.pk] for row in openings)),
        openings=tuple(one for one in each if not one.total.empty),
    )


def rows_of(teams: Sequence[OfTeam]) -> Iterator[tuple[str | int, ...]]:
    for each in teams:
        yield from _rows(each.team, "all openings", each.total)
        for one in each.openings:
            yield from _rows(each.team, one.opening.title, one.total)


def _rows(team: Team, opening: str, total: Total) -> Iterator[tuple[str | int, ...]]:
    for rate in total.rates:
        yield team.name, opening, rate.what, rate.hits, rate.n, *_figures(rate)
    for sees, counts, _ in total.table:
        for (_, verdict), count in zip(VERDICT_COLUMNS, counts, strict=True):
            if count:
                yield (
                    team.name,
                    opening,
                    f"First look “{sees}”, verdict “{verdict}”",
                    count,
                    total.looks,
                    "",
                    "",
                    "",
                    "",
                )


def _figures(rate: Rate) -> tuple[str, str, str, str]:
    if rate.few:
        return "", "", "", rate.words
    return f"{rate.hits / rate.n:.4f}", f"{rate.low:.4f}", f"{rate.high:.4f}", "exact 95 % interval"
