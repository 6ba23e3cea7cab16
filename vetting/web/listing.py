"""Sort, filter and search as they stand in the URL; what is not understood there is left out."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.http import QueryDict

from vetting.models import Applicant, User
from vetting.models.applicant import NOT_YET, VERDICT_RANK, VERDICTS, ApplicantQuerySet, Review

PAGE = 50
SORTS = {
    "gravest": ("Gravest first", ("verdict_rank", "-created_at", "-pk")),
    "newest": ("Newest first", ("-created_at", "-pk")),
    "oldest": ("Oldest first", ("created_at", "pk")),
    "name": ("Name, A to Z", ("search_text", "pk")),
    "-name": ("Name, Z to A", ("-search_text", "-pk")),
    "review": ("State of review", ("review", "verdict_rank", "pk")),
}
NO_VERDICT = "none"
VERDICT_CHOICES = [*VERDICTS, (NO_VERDICT, "No verdict yet")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the reader asked for."""

    query: str = ""
    verdict: str = ""
    review: str = ""
    sort: str = "gravest"

    @classmethod
    def of(cls, asked: QueryDict) -> Listing:
        def one_of(name: str, allowed: set[str], default: str = "") -> str:
            value = asked.get(name, default)
            return value if value in allowed else default

        return cls(
            query=asked.get("q", "").replace("\0", "").strip()[:200],
            verdict=one_of("verdict", {code for code, _ in VERDICT_CHOICES}),
            review=one_of("review", set(Review.values)),
            sort=one_of("sort", set(SORTS), "gravest"),
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.query or self.verdict or self.review)

    def applied_to(self, applicants: ApplicantQuerySet, *, blind: bool = True) -> ApplicantQuerySet:
        """Of rows from for_dashboard(). blind: whether findings of some may be hidden from the reader; then neither a
        filter nor the order tells of them. Knowing that none are spares the database a sort."""
        found = applicants.matching(self.query)
        if self.verdict and blind:
            found = found.filter(Q(blind=False))
        if self.verdict:
            found = found.filter(verdict_rank=VERDICT_RANK.get(self.verdict, NOT_YET))  # the same, and in an index
        if self.review:
            found = found.filter(review=self.review)
        keys = SORTS[self.sort][1]
        if not blind:
            return found.order_by(*keys)
        rank = Case(When(blind=True, then=Value(NOT_YET)), default=F("verdict_rank"), output_field=IntegerField())
        shown = ("shown_rank" if key == "verdict_rank" else key for key in keys)
        return found.annotate(shown_rank=rank).order_by(*shown)


def page_of(applicants: ApplicantQuerySet, number: str | None, reader: User, size: int = PAGE) -> Page[Applicant]:
    """The page, or the nearest one where the number is none: its keys in their order, then their rows as lists show
    them. Sorting and skipping whole rows, with all that is asked of each, takes many times as long."""
    page = Paginator(applicants.values_list("pk", flat=True), size).get_page(number)
    return filled(page, reader)


def filled(page: Page[int], reader: User) -> Page[Applicant]:
    """With the rows in the place of their keys."""
    rows = rows_of(list(page.object_list), reader)
    shown: Page[Applicant] = page  # type: ignore[assignment]
    shown.object_list = rows
    return shown


def rows_of(keys: list[int], reader: User) -> list[Applicant]:
    """In the order of the keys, one query; without those that are gone by now."""
    rows = {row.pk: row for row in Applicant.objects.filter(pk__in=keys).for_dashboard(reader)}
    return [rows[pk] for pk in keys if pk in rows]


def in_work(page: Page[Applicant]) -> bool:
    """Whether a row of the page will change by itself; for_dashboard() says so of each."""
    return any(getattr(row, "examining", False) for row in page.object_list)
