"""Sort, filter and search as they stand in the URL; what is not understood there is left out."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from vetting.models import Applicant
from vetting.models.applicant import VERDICTS, ApplicantQuerySet, Review

PAGE = 50
SORTS = {
    "gravest": ("Gravest first", ("verdict_rank", "-created_at", "-pk")),
    "newest": ("Newest first", ("-created_at", "-pk")),
    "oldest": ("Oldest first", ("created_at", "pk")),
    "name": ("Name, A to Z", ("name", "pk")),
    "-name": ("Name, Z to A", ("-name", "-pk")),
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

    def applied_to(self, applicants: ApplicantQuerySet) -> ApplicantQuerySet:
        found = applicants.matching(self.query)
        if self.verdict:
            found = found.filter(verdict="" if self.verdict == NO_VERDICT else self.verdict)
        if self.review:
            found = found.filter(review=self.review)
        return found.order_by(*SORTS[self.sort][1])


def page_of(applicants: ApplicantQuerySet, number: str | None) -> Page[Applicant]:
    """The page; the nearest one where the number is none."""
    return Paginator(applicants, PAGE).get_page(number)


def in_work(page: Page[Applicant]) -> bool:
    """Whether a row of the page will change by itself; for_dashboard() says so of each."""
    return any(getattr(row, "examining", False) for row in page.object_list)
