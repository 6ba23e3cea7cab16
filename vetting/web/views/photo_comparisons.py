"""A photo beside its original: starting a comparison, its page, its pictures."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from vetting.models import Applicant, Photo
from vetting.reply.comparing import PICTURES, CannotCompare, read_picture, request_comparison
from vetting.web.access import demand_findings, find_applicant, find_comparison, person, rights_in
from vetting.web.answers import answer
from vetting.web.comparison_page import comparison_page

PARTS = {"comparison": "comparisons/_comparison.html"}


@require_POST
def comparison_start(request: HttpRequest, pk: int) -> HttpResponse:
    """photo: the one that came first. original: the one that it may have been made from."""
    applicant = find_applicant(request, pk)
    rights_in(applicant.opening.team, request)
    demand_findings(applicant, request)
    photo, original = (_photo_of(applicant, request.POST.get(name, "")) for name in ("photo", "original"))
    try:
        row = request_comparison(photo=photo, original=original, by=person(request))
    except CannotCompare as reason:
        messages.error(request, str(reason))
        return redirect(applicant)
    return redirect("comparison", row.pk)


def _photo_of(applicant: Applicant, asked: str) -> Photo:
    if not asked.isdecimal() or len(asked) > 18:
        raise Http404
    return get_object_or_404(applicant.photos, pk=int(asked))


@require_safe
def comparison(request: HttpRequest, pk: int) -> HttpResponse:
    row = find_comparison(request, pk)
    applicant = row.photo.applicant
    demand_findings(applicant, request)
    context = {"page": comparison_page(row), "row": row, "applicant": applicant, "opening": applicant.opening}
    return answer(request, "comparisons/comparison.html", context, parts=PARTS)


@require_POST
def comparison_again(request: HttpRequest, pk: int) -> HttpResponse:
    """One that failed is queued anew."""
    row = find_comparison(request, pk)
    demand_findings(row.photo.applicant, request)
    request_comparison(photo=row.photo, original=row.original, by=person(request))
    return redirect("comparison", row.pk)


@require_safe
def comparison_picture(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    row = find_comparison(request, pk)
    demand_findings(row.photo.applicant, request)
    if name not in PICTURES or not row.has_pictures:
        raise Http404
    try:
        content = read_picture(row, name)
    except OSError as error:
        raise Http404 from error
    headers = {"Cache-Control": "private, max-age=3600", "Cross-Origin-Resource-Policy": "same-origin"}
    return HttpResponse(content, content_type="image/webp", headers=headers)
