"""Applicants of groups, with what became of them, in a quarter that is over; for the tests of the auditor page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils import timezone

from vetting.fairness.counting import start_of_quarter
from vetting.models import Applicant, Decision, Opening, SelfReport
from vetting.models.applicant import Review
from vetting.models.decision import Choice

LEADS_TO = {Choice.ACCEPT: Review.ACCEPTED, Choice.SET_ASIDE: Review.SET_ASIDE}


def long_ago(quarters: int = 1) -> dt.datetime:
    """The middle of a quarter that is over."""
    moment = timezone.now()
    for _ in range(quarters):
        moment = start_of_quarter(moment) - dt.timedelta(days=40)
    return moment


def add_people(
    opening: Opening,
    n: int,
    *,
    sex: str = "",
    ethnicity: str = "",
    verdict: str = "nothing-found",
    choice: Choice | None = Choice.ACCEPT,
    at: dt.datetime | None = None,
) -> Sequence[Applicant]:
    """`n` applicants alike: added, examined, decided and counted in then."""
    moment, review = at or long_ago(), LEADS_TO[choice] if choice else Review.WAITING
    people = Applicant.objects.bulk_create(
        Applicant(opening=opening, name="Somebody", created_by=opening.created_by, verdict=verdict, review=review)
        for _ in range(n)
    )
    Applicant.objects.filter(pk__in=[one.pk for one in people]).update(created_at=moment)
    if choice:
        made = Decision.objects.bulk_create(
            Decision(applicant=one, verdict=verdict, choice=choice, reason="So.", reviewer=opening.created_by)
            for one in people
        )
        Decision.objects.filter(pk__in=[one.pk for one in made]).update(decided_at=moment)
    if sex or ethnicity:
        SelfReport.objects.bulk_create(SelfReport(applicant=one, sex=sex, ethnicity=ethnicity) for one in people)
        SelfReport.objects.filter(applicant__in=people).update(at=moment)
    return people
