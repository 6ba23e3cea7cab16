"""Applicants: list, read, add under an opening."""

from __future__ import annotations

from typing import Annotated

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from vetting.api import access, shown
from vetting.api.access import LARGEST, BearerToken, Id, caller
from vetting.api.entering import enter_applicant
from vetting.api.idempotency import Key, Made, once
from vetting.api.pages import USUAL, Cursor, Limit, Piece, piece_of
from vetting.api.schemas import ONE_LINE, ApplicantOut, ApplicantPage, ApplicantWithPhotos, NewApplicant
from vetting.models import Analysis
from vetting.tokens import Scope

router = Router(tags=["Applicants"])
READS = BearerToken(Scope.READ_APPLICANTS)
Number = Annotated[int | None, Query(ge=1, le=LARGEST, description="Number of an opening.")]
Text = Annotated[str | None, Query(max_length=100, pattern=ONE_LINE, description="Exactly this reference of yours.")]


@router.get(
    "/applicants", auth=READS, response=ApplicantPage, summary="List applicants", operation_id="list_applicants"
)
def list_applicants(
    request: HttpRequest,
    opening: Number = None,
    reference: Text = None,
    cursor: Cursor = None,
    limit: Limit = USUAL,
) -> Piece[ApplicantOut]:
    """Every applicant of the team, oldest first; opening and reference narrow."""
    rows = access.applicants(request).select_related("opening")
    if opening is not None:
        rows = rows.filter(opening=opening)
    if reference is not None:
        rows = rows.filter(reference=reference)
    return piece_of(rows, cursor, limit, shown.applicant)


@router.post(
    "/openings/{id}/applicants",
    auth=BearerToken(Scope.WRITE_APPLICANTS),
    response={201: ApplicantOut},
    summary="Add an applicant",
    operation_id="add_applicant",
)
def add_applicant(
    request: HttpRequest,
    id: Id,
    payload: NewApplicant,
    idempotency_key: Key = None,
) -> HttpResponse:
    """A person under the opening. The photos follow with calls of their own."""
    opening = access.find(access.openings(request).select_related("team"), id)

    def make() -> Made:
        added = enter_applicant(token=caller(request), opening=opening, **payload.model_dump())
        return Made(status=201, body=shown.applicant(added), location=f"/api/v1/applicants/{added.pk}")

    return once(request, idempotency_key, payload.model_dump(), make)


@router.get(
    "/applicants/{id}",
    auth=READS,
    response=ApplicantWithPhotos,
    summary="Read an applicant",
    operation_id="read_applicant",
)
def read_applicant(request: HttpRequest, id: Id) -> ApplicantWithPhotos:
    """One applicant with the photos and where their examinations have got to."""
    analyses = Analysis.objects.defer("result", "versions")
    rows = access.applicants(request).select_related("opening").prefetch_related(Prefetch("photos__analyses", analyses))
    return shown.applicant_with_photos(access.find(rows, id))
