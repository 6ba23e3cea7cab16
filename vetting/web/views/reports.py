"""The list of reports, and the downloads."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from vetting import report
from vetting.models import Applicant, Opening
from vetting.web.access import find_applicant, find_opening, person, rights_in
from vetting.web.answers import answer
from vetting.web.listing import Listing, page_of


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Openings with their table, applicants with their report; ?opening= narrows."""
    openings = Opening.objects.visible_to(person(request)).for_list()
    asked = request.GET.get("opening", "")
    chosen = find_opening(request, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    people = Applicant.objects.visible_to(person(request)).for_dashboard()
    if chosen:
        people = people.filter(opening=chosen)
    page = page_of(people.matching(Listing.of(request.GET).query).order_by("name", "pk"), request.GET.get("page"))
    context = {"openings": openings, "chosen": chosen, "page": page, "query": Listing.of(request.GET).query}
    return answer(request, "reports/reports.html", context)


@require_safe
def applicant_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return _applicant_report(request, pk, report.applicant_pdf, "pdf", "application/pdf")


@require_safe
def applicant_json(request: HttpRequest, pk: int) -> HttpResponse:
    return _applicant_report(request, pk, report.applicant_json, "json", "application/json")


@require_safe
def applicant_csv(request: HttpRequest, pk: int) -> HttpResponse:
    return _applicant_report(request, pk, report.applicant_csv, "csv", "text/csv; charset=utf-8")


@require_safe
def opening_csv(request: HttpRequest, pk: int) -> HttpResponse:
    opening = find_opening(request, pk)
    rights_in(opening.team, request)
    content = report.opening_csv(opening, by=person(request))
    return download(content, f"candid-{slugify(opening.title) or opening.pk}.csv", "text/csv; charset=utf-8")


def _applicant_report(
    request: HttpRequest, pk: int, write: Callable[..., bytes], ending: str, content_type: str
) -> HttpResponse:
    applicant = find_applicant(request, pk)
    rights_in(applicant.opening.team, request)
    content = write(applicant, by=person(request))
    return download(content, f"candid-{slugify(applicant.name) or applicant.pk}.{ending}", content_type)


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """Always a file to keep, never a page: nothing in it may run with the site's rights."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=content_type, headers=headers)
