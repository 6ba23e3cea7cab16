"""What reviewers saw before the machine's findings were shown to them, as frozen facts."""

from __future__ import annotations

from dataclasses import dataclass

from vetting.models import Applicant, FirstLook
from vetting.report.plain import person, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLookEvidence:
    """verdict: what was hidden at that moment; empty where the photo had not been examined."""

    looked_at: str
    reviewer: str
    sees: str
    sees_title: str
    note: str
    verdict: str
    verdict_title: str


def first_looks(applicant: Applicant) -> tuple[FirstLookEvidence, ...]:
    """Oldest first."""
    looks = FirstLook.objects.filter(applicant=applicant).select_related("reviewer").order_by("pk")
    return tuple(
        FirstLookEvidence(
            looked_at=utc(look.looked_at),
            reviewer=person(look.reviewer),
            sees=look.sees,
            sees_title=str(look.get_sees_display()),
            note=look.note,
            verdict=look.verdict,
            verdict_title=look.get_verdict_display() or "No verdict yet",
        )
        for look in looks
    )
