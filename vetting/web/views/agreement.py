"""How often people and machine agree: the page, and the same counts as a table to take away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.report.tables import write_table
from vetting.review.rates import VERDICT_COLUMNS
from vetting.web.access import person
from vetting.web.agreement import COLUMNS, agreement_by_team, rows_of
from vetting.web.answers import answer
from vetting.web.views.reports import download


@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """Each of the reader's teams, and each of its openings in which anything was said."""
    context = {"teams": agreement_by_team(person(request)), "verdicts": [word for _, word in VERDICT_COLUMNS]}
    return answer(request, "agreement.html", context)


@require_safe
def agreement_csv(request: HttpRequest) -> HttpResponse:
    table = write_table(COLUMNS, rows_of(agreement_by_team(person(request))))
    return download(table, "candid-agreement.csv", "text/csv; charset=utf-8")
