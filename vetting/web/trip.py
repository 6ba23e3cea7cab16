"""The way a person goes through the queue: its filters, as they stand in every address on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from vetting.models import Applicant, Opening, User
from vetting.models.applicant import STRENGTHS, ApplicantQuerySet, Review, place_of_evidence
from vetting.web.listing import VERDICT_CHOICES

WHOSE = {
    "": "Everybody’s",
    "mine": "Taken by me",
    "free": "Not taken by anybody",
    "second": "Waiting for a second reviewer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """under_way: whether the reader came out of the queue, and goes on to the next case after deciding."""

    reader: User
    opening: int | None = None
    verdict: str = ""
    whose: str = ""
    under_way: bool = False

    @classmethod
    def of(cls, asked: QueryDict, reader: User) -> Trip:
        """What is not understood is left out."""
        opening, verdict, whose = (asked.get(name, "") for name in ("opening", "verdict", "whose"))
        return cls(
            reader=reader,
            opening=int(opening) if opening.isdecimal() and len(opening) < 19 else None,
            verdict=verdict if verdict in {code for code, _ in VERDICT_CHOICES} else "",
            whose=whose if whose in WHOSE else "",
            under_way=asked.get("from") == "queue",
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.opening or self.verdict or self.whose)

    @property
    def filters(self) -> dict[str, str]:
        asked = {"opening": str(self.opening or ""), "verdict": self.verdict, "whose": self.whose}
        return {name: value for name, value in asked.items() if value}

    @property
    def query(self) -> str:
        """What the addresses of the cases on the way carry, without the question mark."""
        return urlencode({"from": "queue", **self.filters})

    @property
    def suffix(self) -> str:
        """For the address of an action on a case: it leads back to where the person was."""
        return f"?{self.query}" if self.under_way else ""

    @property
    def list_address(self) -> str:
        return f"{reverse('queue')}?{urlencode(self.filters)}" if self.filters else reverse("queue")

    def list_with(self, **more: str) -> str:
        return f"{reverse('queue')}?{urlencode({**self.filters, **more})}"

    def address(self, applicant: Applicant, **more: str) -> str:
        """The case's page, on the way or by itself."""
        asked: Mapping[str, str] = {"from": "queue", **self.filters} if self.under_way else {}
        query = urlencode({**asked, **more})
        return f"{applicant.get_absolute_url()}?{query}" if query else applicant.get_absolute_url()

    def queue(self, openings: list[Opening]) -> ApplicantQuerySet:
        """openings: those that the reader may see. What is looked at blind is found by no verdict."""
        among = [opening for opening in openings if self.opening in (None, opening.pk)]
        if self.verdict:
            among = [opening for opening in among if not opening.blind_first]
        if self.whose == "mine":
            mine = Applicant.objects.filter(taken_by=self.reader, taken_until__gt=timezone.now())
            rows = mine.of_queue(self.reader, among)
        else:
            rows = Applicant.objects.all().for_queue(self.reader, among)
        if self.verdict:
            gravest, weakest = (place_of_evidence(self.verdict, strength) for strength in (STRENGTHS[-1], ""))
            rows = rows.filter(queue_place__range=(gravest, weakest))
        if self.whose == "free":
            held = Applicant.objects.filter(taken_until__gt=timezone.now(), taken_by__isnull=False)
            rows = rows.exclude(pk__in=held.values("pk"))
        elif self.whose == "second":
            rows = rows.filter(review=Review.SECOND)
        return rows
