"""Uploading, previews, examining again, and one earlier analysis."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vetting.intake import Arrival, Refused, accept_photo, request_analysis
from vetting.models import Applicant, Photo, User
from vetting.preview import BLURRED, blurred_preview, read_preview
from vetting.web.access import (
    demand_adding,
    demand_findings,
    find_analysis,
    find_applicant,
    find_photo,
    person,
    rights_in,
)
from vetting.web.answers import answer, htmx
from vetting.web.elsewhere import seen_elsewhere
from vetting.web.evidence import dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one file: an arrival, or a sentence that says why not."""

    name: str
    arrival: Arrival | None = None
    refusal: str = ""


@require_POST
def photo_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Each file on its own: one that is refused changes nothing for the others."""
    applicant = find_applicant(request, pk)
    demand_adding(applicant.opening.team, request)
    files = request.FILES.getlist("photos")
    receipts = [_receive(file, applicant, person(request)) for file in files[: settings.MAX_PHOTOS_AT_ONCE]]
    receipts += [Receipt(name=file.name or "", refusal=_too_many()) for file in files[settings.MAX_PHOTOS_AT_ONCE :]]
    if not receipts:
        receipts = [Receipt(name="", refusal="No file came along. Choose one or more photos and send them again.")]
    context = {"applicant": applicant, "opening": applicant.opening, "receipts": receipts}
    template = "photos/_receipts.html" if htmx(request) else "photos/receipts.html"
    return answer(request, template, context)


def _receive(file: UploadedFile[bytes], applicant: Applicant, by: User) -> Receipt:
    name = file.name or "unnamed"
    try:
        return Receipt(name=name, arrival=accept_photo(applicant=applicant, upload=file, by=by))
    except Refused as reason:
        return Receipt(name=name, refusal=str(reason))


def _too_many() -> str:
    return f"At most {settings.MAX_PHOTOS_AT_ONCE} files are taken at once. Please send this one again by itself."


@require_safe
def photo_preview(request: HttpRequest, pk: int, size: str) -> HttpResponse:
    """The re-encoded preview, or one on which nobody is recognised; the original is never served."""
    photo = find_photo(request, pk)
    if size not in (*Photo.Preview.values, BLURRED) or not photo.has_preview:
        raise Http404
    try:
        content = blurred_preview(photo) if size == BLURRED else read_preview(photo, Photo.Preview(size))
    except OSError as error:
        raise Http404 from error
    headers = {"Cache-Control": "private, max-age=3600", "Cross-Origin-Resource-Policy": "same-origin"}
    return HttpResponse(content, content_type="image/webp", headers=headers)


@require_POST
def photo_examine(request: HttpRequest, pk: int) -> HttpResponse:
    """A retry after a failure, or another look."""
    photo = find_photo(request, pk)
    rights_in(photo.applicant.opening.team, request)
    try:
        request_analysis(photo=photo, by=person(request))
    except Refused as reason:
        messages.error(request, str(reason))
    else:
        messages.info(request, f"{photo} is queued to be examined again.")
    return redirect(f"{reverse('applicant', args=[photo.applicant_id])}?photo={photo.pk}")


@require_safe
def analysis(request: HttpRequest, pk: int) -> HttpResponse:
    """One analysis as it ended, with the versions it ran with."""
    shown = find_analysis(request, pk)
    photo = shown.photo
    demand_findings(photo.applicant, request)
    context = {
        "analysis": shown,
        "photo": photo,
        "applicant": photo.applicant,
        "opening": photo.applicant.opening,
        "dossier": dossier(photo, shown, seen_elsewhere(photo)),
        "newest": photo.analyses.order_by("-pk").first() == shown,
        "others": photo.analyses.exclude(pk=shown.pk).defer("result", "versions").order_by("-pk"),
    }
    return answer(request, "photos/analysis.html", context)
