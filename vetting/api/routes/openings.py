"""Openings: read only; their policy is set by people at the site."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from vetting.api import access, shown
from vetting.api.access import BearerToken, Id
from vetting.api.pages import USUAL, Cursor, Limit, Piece, piece_of
from vetting.api.schemas import OpeningOut, OpeningPage
from vetting.tokens import Scope

router = Router(tags=["Openings"], auth=BearerToken(Scope.READ_OPENINGS))


@router.get("/openings", response=OpeningPage, summary="List openings", operation_id="list_openings")
def list_openings(request: HttpRequest, cursor: Cursor = None, limit: Limit = USUAL) -> Piece[OpeningOut]:
    """Every opening of the team, oldest first."""
    return piece_of(access.openings(request), cursor, limit, shown.opening)


@router.get("/openings/{id}", response=OpeningOut, summary="Read an opening", operation_id="read_opening")
def read_opening(request: HttpRequest, id: Id) -> OpeningOut:
    """One opening with its policy."""
    return shown.opening(access.find(access.openings(request), id))
