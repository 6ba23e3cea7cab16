"""How often people and machine agree, and how often people overturn the machine and each other: counted, per opening.

Rates come with their counts and the exact 95 % interval; below FEW they are not said at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Subquery, When

from detector.bounds import clopper_pearson_upper
from vetting.models import Decision, FirstLook, Opening
from vetting.models.applicant import UNDECIDED, VERDICTS
from vetting.models.decision import Choice
from vetting.models.first_look import Sees

FEW = 10  # below it a 95 % interval spans more than half of all that is possible
EACH_SIDE = 0.975  # of a two-sided 95 % interval
FLAGGED = {
    Opening.Retouching.STRICT: ("declared-generated", "generated", "retouched"),
    Opening.Retouching.LENIENT: ("declared-generated", "generated"),
}
CLEAR = ("nothing-found", "verified-capture")
SAME = {
    Sees.NOTHING: CLEAR,
    Sees.RETOUCHED: ("retouched",),
    Sees.GENERATED: ("generated", "declared-generated"),
}
JUDGED = (
    "declared-generated",
    "generated",
    "retouched",
    *CLEAR,
)  # verdicts that say something; with the others there is nothing to agree with
TOO_FEW = "too few to say"
AGREE = "First looks that agree with the verdict"
ACCEPTED = "Accepted although flagged"
PUT_ASIDE = "Set aside although nothing was found"
OVERTURNED = "First decisions that the second reviewer overturned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`hits` of `n`. low, high: the rates that the counts support, exactly, at 95 %."""

    what: str
    hits: int
    n: int

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def low(self) -> float:
        return 1 - clopper_pearson_upper(self.n - self.hits, self.n, EACH_SIDE)

    @property
    def high(self) -> float:
        return clopper_pearson_upper(self.hits, self.n, EACH_SIDE)

    @property
    def percent(self) -> float:
        return 100 * self.hits / self.n

    @property
    def low_percent(self) -> float:
        return 100 * self.low

    @property
    def high_percent(self) -> float:
        return 100 * self.high

    @property
    def words(self) -> str:
        if self.few:
            return TOO_FEW
        return f"{self.hits / self.n:.0%}, between {self.low:.0%} and {self.high:.0%}"


@dataclass(slots=True, kw_only=True)
class Agreement:
    """The counts of one opening. looks: sees -> verdict -> how many; decided: verdict -> choice -> how many."""

    title: str
    opening: Opening
    looks: dict[str, dict[str, int]] = field(default_factory=dict)
    decided: dict[str, dict[str, int]] = field(default_factory=dict)
    confirmed: int = 0
    overturned: int = 0

    @property
    def rates(self) -> tuple[Rate, ...]:
        flagged = FLAGGED[Opening.Retouching(self.opening.retouching)]
        seconded = self.confirmed + self.overturned
        same = sum(self._looked(sees, verdict) for sees, verdicts in SAME.items() for verdict in verdicts)
        comparable = sum(self._looked(sees, verdict) for sees in SAME for verdict in JUDGED)
        return (
            Rate(what=AGREE, hits=same, n=comparable),
            Rate(what=ACCEPTED, hits=self._of(flagged, Choice.ACCEPT), n=self._of(flagged)),
            Rate(what=PUT_ASIDE, hits=self._of(CLEAR, Choice.SET_ASIDE), n=self._of(CLEAR)),
            Rate(what=OVERTURNED, hits=self.overturned, n=seconded),
        )

    def _looked(self, sees: str, verdict: str) -> int:
        return self.looks.get(sees, {}).get(verdict, 0)

    def _of(self, verdicts: Iterable[str], choice: Choice | None = None) -> int:
        counts = (self.decided.get(verdict, {}) for verdict in verdicts)
        return sum(n for each in counts for made, n in each.items() if choice is None or made == choice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Of several openings together."""

    parts: tuple[Agreement, ...]

    @property
    def rates(self) -> tuple[Rate, ...]:
        each = zip(*(part.rates for part in self.parts), strict=True)
        return tuple(
            Rate(what=same[0].what, hits=sum(rate.hits for rate in same), n=sum(rate.n for rate in same))
            for same in each
        )

    @property
    def table(self) -> list[tuple[str, list[int], int]]:
        """What was seen first, by verdict in the order of VERDICT_COLUMNS, and the sum."""
        rows = []
        for sees, label in Sees.choices:
            looks = [part.looks.get(sees, {}) for part in self.parts]
            counts = [sum(each.get(verdict, 0) for each in looks) for verdict, _ in VERDICT_COLUMNS]
            rows.append((str(label), counts, sum(counts)))
        return rows

    @property
    def looks(self) -> int:
        return sum(row[2] for row in self.table)

    @property
    def empty(self) -> bool:
        return not (self.looks or any(rate.n for rate in self.rates))


VERDICT_COLUMNS = [*VERDICTS, ("", "No verdict yet")]


def agreement_of(openings: Iterable[Opening]) -> dict[int, Agreement]:
    """Opening id -> counts. Three queries, however many openings."""
    found = {opening.pk: Agreement(title=opening.title, opening=opening) for opening in openings}
    for opening, sees, verdict, n in _looks(found):
        _add(found[opening].looks, sees, verdict, n)
    for opening, verdict, choice, n in _standing(found):
        _add(found[opening].decided, verdict, choice, n)
    for opening, choice, first, n in _seconded(found):
        if choice == first:
            found[opening].confirmed += n
        else:
            found[opening].overturned += n
    return found


def _add(table: dict[str, dict[str, int]], row: str, column: str, n: int) -> None:
    counts = table.setdefault(row, {})
    counts[column] = counts.get(column, 0) + n


def _looks(openings: Mapping[int, Any]) -> Iterable[tuple[int, str, str, int]]:
    """A look at a photo that was not examined yet is compared with the verdict that came later.

    Not counted is a look at a case that had been decided before: its findings had been open to the team.
    """
    later = Case(When(verdict="", then=F("applicant__verdict")), default=F("verdict"))
    decided = Decision.objects.filter(
        applicant=OuterRef("applicant"), proposed=False, decided_at__lt=OuterRef("looked_at")
    )
    blind = FirstLook.objects.filter(~Exists(decided.exclude(choice=Choice.REOPEN)), applicant__opening__in=openings)
    rows = blind.annotate(against=later).order_by()
    return rows.values_list("applicant__opening", "sees", "against").annotate(n=Count("pk"))


def _standing(openings: Mapping[int, Any]) -> Iterable[tuple[int, str, str, int]]:
    """The decision that stands: an applicant's last, unless it waits for a second reviewer, was taken back, or is
    before the team again since the candidate answered."""
    latest = Decision.objects.filter(applicant=OuterRef("applicant")).order_by("-pk").values("pk")[:1]
    rows = Decision.objects.filter(applicant__opening__in=openings, proposed=False, pk=Subquery(latest))
    standing = rows.exclude(choice=Choice.REOPEN).exclude(applicant__review__in=UNDECIDED)
    counted = standing.order_by().values_list("applicant__opening", "verdict", "choice")
    return counted.annotate(n=Count("pk"))


def _seconded(openings: Mapping[int, Any]) -> Iterable[tuple[int, str, str, int]]:
    """What the second reviewer said of each first decision, last; not where that was undone."""
    latest = Decision.objects.filter(seconds=OuterRef("seconds")).order_by("-pk").values("pk")[:1]
    rows = Decision.objects.filter(applicant__opening__in=openings, pk=Subquery(latest)).exclude(choice=Choice.REOPEN)
    return rows.order_by().values_list("applicant__opening", "choice", "seconds__choice").annotate(n=Count("pk"))
