"""What becomes of applicants, as counts: of those who are gone kept by quarter and group, so that an audit outlasts
the retention."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from vetting.models import Applicant, Decision, Opening, SelfReport, Tally
from vetting.models.applicant import UNDECIDED, VERDICTS
from vetting.models.decision import Choice
from vetting.review.rates import FLAGGED

EXAMINED = tuple(code for code, _ in VERDICTS if code != "unexamined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of some applicants. selected: not set aside, as the decision stands. overturned: flagged, and selected."""

    applicants: int = 0
    examined: int = 0
    flagged: int = 0
    decided: int = 0
    selected: int = 0
    overturned: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in COLUMNS})


COLUMNS = tuple(column.name for column in fields(Counts))


def counts_of(*, verdict: str, retouching: str, choice: str, n: int = 1) -> Counts:
    """What `n` applicants with this verdict and this standing decision ("" where there is none) count as."""
    flagged = verdict in FLAGGED[Opening.Retouching(retouching)]
    selected = bool(choice) and choice != Choice.SET_ASIDE
    return Counts(
        applicants=n,
        examined=n * (verdict in EXAMINED),
        flagged=n * flagged,
        decided=n * bool(choice),
        selected=n * selected,
        overturned=n * (flagged and selected),
    )


def quarter_of(moment: dt.datetime) -> str:
    """2026-Q4, in the site's own time."""
    local = timezone.localtime(moment)
    return f"{local.year}-Q{(local.month + 2) // 3}"


@transaction.atomic
def count_out(applicant: Applicant) -> None:
    """Adds the applicant, as things stand, to the quarter in which they were added. Call it once, in the transaction
    in which the rows go."""
    named = SelfReport.objects.filter(applicant=applicant).first()
    sex, ethnicity = (named.sex, named.ethnicity) if named else ("", "")
    counts = _as_it_stands(applicant)
    row, _ = Tally.objects.get_or_create(
        team_id=applicant.opening.team_id, quarter=quarter_of(applicant.created_at), sex=sex, ethnicity=ethnicity
    )
    Tally.objects.filter(pk=row.pk).update(**{name: F(name) + getattr(counts, name) for name in COLUMNS})


def _as_it_stands(applicant: Applicant) -> Counts:
    standing = Decision.objects.filter(applicant=applicant, proposed=False).exclude(choice=Choice.REOPEN).last()
    decision = None if applicant.review in UNDECIDED else standing
    return counts_of(
        verdict=(decision.verdict if decision else "") or applicant.verdict,
        retouching=applicant.opening.retouching,
        choice=decision.choice if decision else "",
    )
