"""Who calls and what they may: a token of one team, with scopes. What is another team's is not found."""

from __future__ import annotations

from typing import Annotated, Any, cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Path
from ninja.security import HttpBearer

from vetting.api import limits
from vetting.api.problems import NO_SCOPE, TOO_MANY, Problem
from vetting.models import ApiToken, Applicant, Decision, Opening, Photo
from vetting.tokens import Scope, recognise

LARGEST = 2**63 - 1  # of a row's number in either database
Id = Annotated[int, Path(ge=1, le=LARGEST)]


class BearerToken(HttpBearer):
    """`Authorization: Bearer candid_…`, with the scope that the call needs."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        known = recognise(token)
        if known is None:
            return None
        allowance = limits.count_call(known.pk)
        request.allowance = allowance  # type: ignore[attr-defined]  # guard.py tells the caller
        if allowance.exceeded:
            raise Problem(
                TOO_MANY,
                f"This token may call {allowance.limit} times a minute. Wait {allowance.reset} seconds.",
                headers=allowance.headers(),
            )
        if self.scope not in known.scopes:
            raise Problem(NO_SCOPE, f"This token has not the scope “{self.scope.value}”, which this call needs.")
        return known


def caller(request: HttpRequest) -> ApiToken:
    return cast(ApiToken, request.auth)  # type: ignore[attr-defined]  # ninja puts it there


def openings(request: HttpRequest) -> QuerySet[Opening]:
    return Opening.objects.filter(team=caller(request).team_id)


def applicants(request: HttpRequest) -> QuerySet[Applicant]:
    return Applicant.objects.filter(opening__team=caller(request).team_id)


def photos(request: HttpRequest) -> QuerySet[Photo]:
    return Photo.objects.filter(applicant__opening__team=caller(request).team_id)


def decisions(request: HttpRequest) -> QuerySet[Decision]:
    return Decision.objects.filter(applicant__opening__team=caller(request).team_id)


def find(rows: QuerySet[Any], pk: int) -> Any:
    """The row, or 404: whoever calls cannot tell another team's number from one that nobody has."""
    return get_object_or_404(rows, pk=pk)
