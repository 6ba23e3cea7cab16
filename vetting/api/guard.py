"""Around every call: what is wrong before ninja sees it, and what every answer carries."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.views.decorators.csrf import csrf_exempt

from vetting.api.problems import INVALID, MEDIA, NO_METHOD, NOT_FOUND, TOO_LARGE, Problem, answer

FORM = "multipart/form-data"
JSON = "application/json"
ENVELOPE = 1024 * 1024  # what a multipart form may have around its file
View = Callable[..., Any]


def guarded(view: View, *, upload: bool, query: frozenset[str]) -> View:
    """A call of the API: by token and never by session, so neither sign-in nor CSRF token is asked for.

    upload: it takes a file, the others JSON. query: the parameters that it knows; a slip in one would widen a list.
    """

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def call(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"  # the server leaves the body out
        if problem := _before(request, upload=upload, query=query):
            return answer(problem)
        response: HttpResponse = view(request, **arguments)
        if isinstance(response, HttpResponseNotAllowed):
            allow = {"Allow": response.headers["Allow"]}
            response = answer(Problem(NO_METHOD, f"This address takes {allow['Allow']} only.", headers=allow))
        if allowance := getattr(request, "allowance", None):
            for name, value in allowance.headers().items():
                response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return call


def _before(request: HttpRequest, *, upload: bool, query: frozenset[str]) -> Problem | None:
    """A parameter that there is not; a body of another kind, or larger than is ever read."""
    if unknown := sorted(set(request.GET) - query):
        errors = [{"where": f"query.{name}", "problem": "There is no such parameter."} for name in unknown]
        return Problem(INVALID, "The call has parameters that it does not know; nothing changed.", errors=errors)
    if request.method != "POST":
        return None
    expected = FORM if upload else JSON
    if request.content_type != expected:
        return Problem(MEDIA, f"This call takes {expected}. Nothing changed.")
    most = settings.MAX_PHOTO_BYTES + ENVELOPE if upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        return Problem(TOO_LARGE, f"At most {most // 1024} kB are accepted in one call. Nothing was stored.")
    return None


@csrf_exempt
@login_not_required
def no_such_call(request: HttpRequest) -> HttpResponse:
    """Any other address under the API: a problem, not a page."""
    return answer(Problem(NOT_FOUND, "The API has no such address. GET /api/openapi.json lists all."))
