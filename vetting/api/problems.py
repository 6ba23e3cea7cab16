"""Errors as application/problem+json (RFC 9457): a kind that programs know, and a sentence for who reads the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """slug: the fragment of `type`, an anchor of the API's page that says what to do."""

    slug: str
    status: int
    title: str
    advice: str


UNREADABLE = Kind("unreadable", 400, "The request cannot be read", "Check that the body is well-formed.")
NO_TOKEN = Kind(
    "no-token", 401, "No valid token", "Send Authorization: Bearer candid_… with a token that was not revoked."
)
NO_SCOPE = Kind(
    "no-scope", 403, "The token may not do this", "An admin of the team makes another token with the scope named."
)
BLIND = Kind(
    "blind", 403, "Looked at blind", "The opening hides findings until people have decided. Ask again after that."
)
NOT_FOUND = Kind("not-found", 404, "Not found", "There is nothing of your team under this address.")
NO_METHOD = Kind("no-method", 405, "Method not allowed", "Use one of the methods in the Allow header.")
UNDER_WAY = Kind("under-way", 409, "The same call is under way", "Wait a moment, then send the same call again.")
TOO_LARGE = Kind("too-large", 413, "Too large", "Send a smaller file.")
MEDIA = Kind("media-type", 415, "Unsupported media type", "Send the content type that the call is documented with.")
INVALID = Kind("invalid", 422, "Not valid", "errors names what to change.")
KEY_REUSED = Kind(
    "key-reused", 422, "The idempotency key was used for another call", "Use a new key for every new call."
)
REFUSED = Kind("refused", 422, "The file was not accepted", "detail says why. Nothing was stored.")
TOO_MANY = Kind("too-many", 429, "Too many calls", "Wait for the seconds in Retry-After.")
UNSIGNED = Kind("unsigned", 503, "No signing key", "The operator of this site has to look; reports go out signed only.")
OURS = Kind("our-error", 500, "An error of ours", "Nothing is your fault. Send the call again later.")

KINDS = (
    UNREADABLE, NO_TOKEN, NO_SCOPE, BLIND, NOT_FOUND, NO_METHOD, UNDER_WAY, TOO_LARGE, MEDIA, INVALID, KEY_REUSED,
    REFUSED, TOO_MANY, OURS, UNSIGNED,
)  # fmt: skip
BY_STATUS = {kind.status: kind for kind in reversed(KINDS)}  # the first of each status


class Problem(Exception):  # noqa: N818 - an answer, not an accident
    """An answer other than what was asked for."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors, self.headers = kind, detail, errors, dict(headers or {})


def answer(problem: Problem) -> HttpResponse:
    kind = problem.kind
    body: dict[str, Any] = {
        "type": f"/api/docs#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = [dict(error) for error in problem.errors]
    return JsonResponse(body, status=kind.status, content_type=MEDIA_TYPE, headers=problem.headers)


def handle_in(api: NinjaAPI) -> None:
    """Every exception that a call can end with becomes a problem; what nobody foresaw goes to the log as well."""

    def handle(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        problem = _problem_of(error)
        if problem.kind is OURS:
            log.error("%s %s broke", request.method, request.path, exc_info=True)
        return answer(problem)

    for kind in (Exception, Http404, HttpError, ValidationError):  # ninja has handlers of its own for these
        api.add_exception_handler(kind, handle)


def _problem_of(error: Exception | type[Exception]) -> Problem:
    match error:
        case Problem():
            return error
        case ValidationError():
            return Problem(INVALID, "The call was understood but not valid; nothing changed.", errors=_errors(error))
        case AuthenticationError():
            headers = {"WWW-Authenticate": 'Bearer realm="Candid"'}
            return Problem(NO_TOKEN, "There is no valid token in the Authorization header.", headers=headers)
        case Http404():
            return Problem(NOT_FOUND, "There is nothing of your team under this address.")
        case RequestDataTooBig():
            return Problem(TOO_LARGE, "The body is larger than is accepted.")
        case HttpError(status_code=400) | SuspiciousOperation() | MultiPartParserError() | UnreadablePostError():
            return Problem(UNREADABLE, "The body could not be read; nothing changed.")
        case HttpError():
            return Problem(BY_STATUS.get(error.status_code, OURS), error.message)
    return Problem(OURS, "Something broke here. It is in this site's log; nothing was half done.")


def _errors(error: ValidationError) -> list[dict[str, str]]:
    """where: such as body.name. ninja puts the name of the function's argument between the two."""
    found = []
    for one in error.errors:
        place = [str(part) for part in one.get("loc", ()) if part not in ("payload",)]
        found.append({"where": ".".join(place), "problem": str(one.get("msg", "Not valid."))})
    return found
