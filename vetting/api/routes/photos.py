"""Photos: upload, and read what was found. The original is never served."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import File, Router
from ninja.files import UploadedFile

from vetting.api import access, shown
from vetting.api.access import BearerToken, Id, caller
from vetting.api.entering import enter_photo
from vetting.api.idempotency import Key, Made, once
from vetting.api.problems import REFUSED, TOO_LARGE, Problem
from vetting.api.schemas import FindingsOut, PhotoOut, VerdictOut
from vetting.intake import Refused
from vetting.models import Analysis, Photo
from vetting.programs import silent_about
from vetting.tokens import Scope

router = Router(tags=["Photos"], auth=BearerToken(Scope.READ_FINDINGS))


@router.post(
    "/applicants/{id}/photos",
    auth=BearerToken(Scope.WRITE_PHOTOS),
    response={200: PhotoOut, 201: PhotoOut},
    summary="Upload a photo",
    operation_id="upload_photo",
)
def upload_photo(
    request: HttpRequest,
    id: Id,
    photo: File[UploadedFile],
    idempotency_key: Key = None,
) -> HttpResponse:
    """201 when it is new, 200 when the same bytes were there already. Its examination is queued."""
    applicant = access.find(access.applicants(request).select_related("opening__team"), id)
    if (photo.size or 0) > settings.MAX_PHOTO_BYTES:
        limit = settings.MAX_PHOTO_BYTES // (1024 * 1024)
        raise Problem(TOO_LARGE, f"At most {limit} MB are accepted. Nothing was stored.")

    def make() -> Made:
        try:
            arrival = enter_photo(token=caller(request), applicant=applicant, upload=photo)
        except Refused as reason:
            raise Problem(REFUSED, str(reason)) from reason
        body = shown.photo(arrival.photo, hidden=silent_about(applicant))
        location = f"/api/v1/photos/{arrival.photo.pk}"
        return Made(status=200 if arrival.known else 201, body=body, location=location)

    return once(request, idempotency_key, _meaning(photo) if idempotency_key else {}, make, together=False)


def _meaning(photo: UploadedFile) -> dict[str, Any]:
    """What makes two uploads the same one, whatever the boundary of the form."""
    digest = hashlib.sha256()
    for chunk in photo.chunks():
        digest.update(chunk)
    photo.seek(0)
    return {"sha256": digest.hexdigest(), "name": photo.name}


@router.get("/photos/{id}", response=PhotoOut, summary="Read a photo", operation_id="read_photo")
def read_photo(request: HttpRequest, id: Id) -> PhotoOut:
    """Facts of the file, and where its examination has got to."""
    photo = access.find(_with_analyses(request), id)
    return shown.photo(photo, hidden=silent_about(photo.applicant))


@router.get("/photos/{id}/verdict", response=VerdictOut, summary="Read the verdict", operation_id="read_verdict")
def read_verdict(request: HttpRequest, id: Id) -> VerdictOut:
    """Of the newest finished examination; examination tells whether a newer one is on its way."""
    photo = access.find(_with_analyses(request), id)
    return shown.verdict(photo, _finished(photo))


@router.get("/photos/{id}/findings", response=FindingsOut, summary="Read the findings", operation_id="read_findings")
def read_findings(request: HttpRequest, id: Id) -> FindingsOut:
    """Everything that was seen and where, and the checks that saw nothing, do not apply or could not look."""
    photo = access.find(_with_analyses(request), id)
    return shown.findings(photo, _finished(photo))


def _with_analyses(request: HttpRequest) -> QuerySet[Photo]:
    analyses = Analysis.objects.defer("result", "versions")
    rows = access.photos(request).select_related("applicant__opening")
    return rows.prefetch_related(Prefetch("analyses", analyses))


def _finished(photo: Photo) -> Analysis | None:
    """The newest finished analysis, whole; None as well where people are to look first."""
    newest = None if silent_about(photo.applicant) else photo.latest_result
    return Analysis.objects.prefetch_related("findings").get(pk=newest.pk) if newest else None
