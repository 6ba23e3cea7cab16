"""Decisions: to be read. They are made by people, at the site."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from vetting.api import access, shown
from vetting.api.access import LARGEST, BearerToken
from vetting.api.pages import USUAL, Cursor, Limit, Piece, piece_of
from vetting.api.schemas import DecisionOut, DecisionPage
from vetting.tokens import Scope

router = Router(tags=["Decisions"], auth=BearerToken(Scope.READ_DECISIONS))
Number = Annotated[int | None, Query(ge=1, le=LARGEST)]


@router.get("/decisions", response=DecisionPage, summary="List decisions", operation_id="list_decisions")
def list_decisions(
    request: HttpRequest,
    applicant: Number = None,
    opening: Number = None,
    cursor: Cursor = None,
    limit: Limit = USUAL,
) -> Piece[DecisionOut]:
    """What people decided and why, oldest first; applicant and opening narrow."""
    rows = access.decisions(request).select_related("reviewer", "applicant__opening")
    if applicant is not None:
        rows = rows.filter(applicant=applicant)
    if opening is not None:
        rows = rows.filter(applicant__opening=opening)
    return piece_of(rows, cursor, limit, shown.decision)
