"""The history page of a photo, and the small pictures of its signed steps."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from vetting.models import Analysis, Photo
from vetting.report.history import history_of
from vetting.report.small_pictures import small_pictures
from vetting.web.access import demand_findings, find_analysis, person
from vetting.web.answers import answer
from vetting.web.history import history_page

PARTS = {"history": "history/_body.html"}


@require_safe
def photo_history(request: HttpRequest, pk: int) -> HttpResponse:
    """From capture to upload, by the newest finished analysis or by ?analysis=."""
    photo = get_object_or_404(Photo.objects.visible_to(person(request)).for_history(), pk=pk)
    demand_findings(photo.applicant, request)
    page = history_page(photo, _chosen(photo, request.GET.get("analysis")), person(request))
    context = {
        "page": page,
        "told": page.told,
        "photo": photo,
        "applicant": photo.applicant,
        "opening": photo.applicant.opening,
    }
    return answer(request, "history/history.html", context, parts=PARTS)


def _chosen(photo: Photo, asked: str | None) -> Analysis | None:
    """With its result loaded; 404 for one that is not of this photo."""
    newest = photo.latest_result
    if asked is None:
        return Analysis.objects.get(pk=newest.pk) if newest else None
    if not any(str(one.pk) == asked for one in photo.analyses.all()):
        raise Http404
    return Analysis.objects.get(pk=asked)


@require_safe
def small_picture(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One small picture of a signed step, by its place in the analysis; re-encoded from the original, which is never
    served. A placeholder where it cannot be read any more."""
    analysis = find_analysis(request, pk)
    demand_findings(analysis.photo.applicant, request)
    uris = history_of(analysis.result).uris
    if number >= len(uris):
        raise Http404
    found = small_pictures(analysis.photo, uris[number : number + 1])
    if not found:
        return redirect(static("img/no-preview.svg"))
    headers = {"Cache-Control": "private, max-age=3600", "Cross-Origin-Resource-Policy": "same-origin"}
    return HttpResponse(found[uris[number]], content_type="image/jpeg", headers=headers)
