"""The list of reports, and the downloads: about one applicant, about an opening, and a bundle of several applicants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from vetting import report
from vetting.models import Applicant, Issued, Opening
from vetting.models.applicant import ApplicantQuerySet, Review
from vetting.report.keys import NoSigningKey
from vetting.review.blind import HIDDEN_IN_ALL
from vetting.web.access import demand_all_findings, demand_findings, find_applicant, find_opening, person, rights_in
from vetting.web.answers import answer
from vetting.web.listing import SORTS, VERDICT_CHOICES, Listing, page_of

ISSUED_AT_ONCE = 20  # lines of the register that an opening's page shows
PDF, JSON, CSV = "application/pdf", "application/json", "text/csv; charset=utf-8"


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Openings with their table, applicants with their report; ?opening= narrows."""
    openings = Opening.objects.visible_to(person(request)).order_by("closed_at", "-created_at")
    asked = request.GET.get("opening", "")
    chosen = find_opening(request, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    people = Applicant.objects.visible_to(person(request))
    if chosen:
        people = people.filter(opening=chosen)
    found = people.matching(Listing.of(request.GET).query).order_by("search_text", "pk")
    page = page_of(found, request.GET.get("page"), person(request))
    context = {"openings": openings, "chosen": chosen, "page": page, "query": Listing.of(request.GET).query}
    return answer(request, "reports/reports.html", context)


@require_safe
def opening_reports(request: HttpRequest, pk: int) -> HttpResponse:
    """The report on the opening, a bundle of those who are ticked, and what was issued."""
    opening = find_opening(request, pk)
    listing = Listing.of(request.GET)
    found = _found(request, opening, request.GET)
    issued = Issued.objects.filter(opening=opening).select_related("issued_by").order_by("-pk")
    context = {
        "opening": opening,
        "listing": listing,
        "page": page_of(found, request.GET.get("page"), person(request), report.MOST_APPLICANTS),
        "most": report.MOST_APPLICANTS,
        "issued": issued[:ISSUED_AT_ONCE],
        "sorts": SORTS,
        "verdicts": VERDICT_CHOICES,
        "reviews": Review.choices,
    }
    return answer(request, "reports/opening.html", context)


@require_POST
def bundle(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The ticked applicants, or with all=1 everybody whom the filters in the address find."""
    opening = find_opening(request, pk)
    rights_in(opening.team, request)
    chosen = _chosen(request, opening)
    if refusal := _refusal(request, chosen):
        messages.error(request, refusal)
        return redirect(f"{reverse('opening-reports', args=[opening.pk])}?{request.GET.urlencode()}")
    verify_at = _verify_at(request)
    try:
        stream = report.stream_bundle(opening, chosen, by=person(request), verify_at=verify_at)
    except NoSigningKey as reason:
        return _unsigned(request, reason)
    return StreamingHttpResponse(stream, content_type="application/zip", headers=_kept(f"{_name_of(opening)}.zip"))


@require_safe
def applicant_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_applicant(request, pk, report.applicant_pdf, "pdf", PDF)


@require_safe
def applicant_json(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_applicant(request, pk, report.applicant_json, "json", JSON)


@require_safe
def applicant_csv(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_applicant(request, pk, report.applicant_csv, "csv", CSV)


@require_safe
def opening_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_opening(request, pk, report.opening_pdf, "pdf", PDF)


@require_safe
def opening_json(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_opening(request, pk, report.opening_json, "json", JSON)


@require_safe
def opening_csv(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_opening(request, pk, report.opening_csv, "csv", CSV)


def _of_applicant(
    request: HttpRequest, pk: int, write: Callable[..., bytes], ending: str, content_type: str
) -> HttpResponse:
    applicant = find_applicant(request, pk)
    rights_in(applicant.opening.team, request)
    demand_findings(applicant, request)
    name = f"candid-{slugify(applicant.name) or applicant.pk}.{ending}"
    return _exported(request, applicant, write, name, content_type)


def _of_opening(
    request: HttpRequest, pk: int, write: Callable[..., bytes], ending: str, content_type: str
) -> HttpResponse:
    opening = find_opening(request, pk)
    rights_in(opening.team, request)
    demand_all_findings(opening, request)
    return _exported(request, opening, write, f"{_name_of(opening)}.{ending}", content_type)


def _exported(
    request: HttpRequest, subject: Applicant | Opening, write: Callable[..., bytes], name: str, content_type: str
) -> HttpResponse:
    try:
        content = write(subject, by=person(request), verify_at=_verify_at(request))
    except NoSigningKey as reason:
        return _unsigned(request, reason)
    return download(content, name, content_type)


def _name_of(opening: Opening) -> str:
    return f"candid-{slugify(opening.title) or opening.pk}"


def _verify_at(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("verify"))


def _unsigned(request: HttpRequest, reason: NoSigningKey) -> HttpResponse:
    return render(request, "reports/unsigned.html", {"reason": str(reason)}, status=503)


def _found(request: HttpRequest, opening: Opening, asked: QueryDict) -> ApplicantQuerySet:
    people = Applicant.objects.filter(opening=opening).for_dashboard(person(request))
    return Listing.of(asked).applied_to(people, blind=opening.blind_first)


def _chosen(request: HttpRequest, opening: Opening) -> list[int]:
    """Ids in the order of the page, none of another opening."""
    found = _found(request, opening, request.GET)
    if not request.POST.get("all"):
        ticked = [int(pk) for pk in request.POST.getlist("applicant") if pk.isdecimal() and len(pk) < 19]
        found = found.filter(pk__in=ticked)
    return list(found.values_list("pk", flat=True)[: report.MOST_APPLICANTS + 1])


def _refusal(request: HttpRequest, chosen: list[int]) -> str:
    """Why there is no bundle, in a sentence; empty where there is one."""
    if not chosen:
        return "Nobody is ticked. Tick the applicants whose reports you want, or take all who are listed."
    if len(chosen) > report.MOST_APPLICANTS:
        return f"A bundle holds at most {report.MOST_APPLICANTS} applicants. Narrow the list, and make several."
    hidden = Applicant.objects.filter(pk__in=chosen).hidden_from(person(request))
    count = hidden.count()
    return HIDDEN_IN_ALL.format(count=count, wait="waits" if count == 1 else "wait") if count else ""


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """Always a file to keep, never a page: nothing in it may run with the site's rights."""
    return HttpResponse(content, content_type=content_type, headers=_kept(name))


def _kept(name: str) -> dict[str, Any]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
