"""Reports: the same files that the site hands out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router

from vetting import report
from vetting.api import access
from vetting.api.access import BearerToken, Id, caller
from vetting.api.problems import BLIND, UNSIGNED, Problem
from vetting.programs import silent_about
from vetting.report.keys import NoSigningKey
from vetting.tokens import Scope

router = Router(tags=["Reports"], auth=BearerToken(Scope.READ_REPORTS))
PDF, JSON, CSV = "application/pdf", "application/json", "text/csv; charset=utf-8"


def _as_file(media_type: str) -> dict[str, Any]:
    """For the OpenAPI document: the answer is a file of this type."""
    kind = media_type.split(";")[0]
    schema = {"type": "object"} if kind == JSON else {"type": "string", "format": "binary"}
    return {"responses": {200: {"description": "The file", "content": {kind: {"schema": schema}}}}}


@router.get(
    "/applicants/{id}/report.pdf",
    response={200: None},
    openapi_extra=_as_file(PDF),
    summary="Fetch the report as PDF",
    operation_id="report_pdf",
)
def report_pdf(request: HttpRequest, id: Id) -> HttpResponse:
    """To be read and filed. Fetching it is recorded."""
    return _report(request, id, report.applicant_pdf, PDF, "pdf")


@router.get(
    "/applicants/{id}/report.json",
    response={200: None},
    openapi_extra=_as_file(JSON),
    summary="Fetch the report as JSON",
    operation_id="report_json",
)
def report_json(request: HttpRequest, id: Id) -> HttpResponse:
    """The same evidence, complete, for programs. Fetching it is recorded."""
    return _report(request, id, report.applicant_json, JSON, "json")


@router.get(
    "/applicants/{id}/report.csv",
    response={200: None},
    openapi_extra=_as_file(CSV),
    summary="Fetch the report as CSV",
    operation_id="report_csv",
)
def report_csv(request: HttpRequest, id: Id) -> HttpResponse:
    """One row a finding. Fetching it is recorded."""
    return _report(request, id, report.applicant_csv, CSV, "csv")


def _report(request: HttpRequest, pk: int, write: Callable[..., bytes], media_type: str, ending: str) -> HttpResponse:
    applicant = access.find(access.applicants(request).select_related("opening__team"), pk)
    if silent_about(applicant):
        raise Problem(BLIND, "This opening is looked at blind first, and nobody has decided about the applicant yet.")
    verify_at = request.build_absolute_uri(reverse("verify"))
    try:
        content = write(applicant, by=caller(request).created_by, verify_at=verify_at)
    except NoSigningKey as reason:
        raise Problem(UNSIGNED, str(reason)) from reason
    headers = {
        "Content-Disposition": f'attachment; filename="candid-{applicant.pk}.{ending}"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=media_type, headers=headers)
