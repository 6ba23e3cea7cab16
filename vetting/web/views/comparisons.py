"""Two examinations of one photo side by side: what changed, in sentences."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.models import Analysis
from vetting.report.differences import comparable, differences
from vetting.web.access import demand_findings, find_analysis
from vetting.web.answers import answer


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """?with= names the other examination; without it, the finished one before is taken. The older stands first."""
    shown = find_analysis(request, pk)
    applicant = shown.photo.applicant
    demand_findings(applicant, request)
    other = _other(request, shown)
    problem = _problem(shown, other)
    earlier, later = sorted((shown, other or shown), key=lambda one: one.pk)
    context = {
        "analysis": shown,
        "photo": shown.photo,
        "applicant": applicant,
        "opening": applicant.opening,
        "problem": problem,
        "found": None if problem else differences(earlier, later),
        "sides": [("Before", earlier), ("After", later)],
        "all": _examinations(shown),
        "with": other,
    }
    response = answer(request, "photos/compare.html", context)
    response.status_code = 400 if problem else 200
    return response


def _other(request: HttpRequest, shown: Analysis) -> Analysis | None:
    """404 where ?with= names one that the reader may not see."""
    asked = request.GET.get("with", "")
    if asked.isdecimal() and len(asked) < 19:
        return find_analysis(request, int(asked))
    before = Analysis.objects.filter(photo=shown.photo_id, pk__lt=shown.pk, state="done")
    return before.order_by("-pk").first()


def _problem(shown: Analysis, other: Analysis | None) -> str:
    """Why there is nothing to compare, in a sentence; empty where there is."""
    if other is None:
        return "There is no finished examination before this one. Choose another one to compare it with."
    if other == shown:
        return "Both are the same examination. Choose another one to compare it with."
    if other.photo_id != shown.photo_id:
        return "These are examinations of two different photos; what differs between them says nothing about a change."
    if not comparable(shown) or not comparable(other):
        return "One of the two did not come to an end with a result, so there is nothing to compare."
    return ""


def _examinations(shown: Analysis) -> list[Analysis]:
    """All of the photo, newest first, to choose from."""
    rows = Analysis.objects.filter(photo=shown.photo_id).select_related("requested_by")
    return list(rows.defer("result", "versions").order_by("-pk"))
