"""A call with an Idempotency-Key is carried out once; sent again within a day, it gets the first call's answer.

draft-ietf-httpapi-idempotency-key-header. A key belongs to a token. Calls that end in a problem are forgotten at once,
since they changed nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated, Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Header, Schema
from ninja.responses import NinjaJSONEncoder

from vetting.api.access import caller
from vetting.api.problems import KEY_REUSED, UNDER_WAY, Problem
from vetting.models import ApiToken, IdempotentCall
from vetting.tokens import CALLS_KEPT

LOST = dt.timedelta(minutes=2)  # a first call that has not ended by then died with its process
REPEATED = "Idempotency-Replayed"
LOCATION = "$location"  # kept beside the body, which has no such member

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Anything unique, such as a UUID: the same call with the same key is carried out once.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a call made: the status and body of its answer."""

    status: int
    body: Schema
    location: str


def once(
    request: HttpRequest,
    key: str | None,
    what: Mapping[str, Any],
    make: Callable[[], Made],
    *,
    together: bool = True,
) -> HttpResponse:
    """The answer of make(), or that of the first call with this key. Raises Problem.

    what: the meaning of the body, so that a retry with other white space or another multipart boundary is the same.
    together: make and keep the answer in one transaction; not for a call that stores files meanwhile.
    """
    if key is None:
        return _answer(make())
    token = caller(request)
    digest = _digest(request, what)
    call = _begin(token, key, digest)
    if call.status is not None:
        return _again(call, digest)
    try:
        with transaction.atomic() if together else nullcontext():
            made = make()
            body = _plain(made.body) | {LOCATION: made.location}
            IdempotentCall.objects.filter(pk=call.pk).update(status=made.status, body=body)
    except Exception:
        IdempotentCall.objects.filter(pk=call.pk).delete()
        raise
    return _answer(made)


def _begin(token: ApiToken, key: str, digest: str) -> IdempotentCall:
    """This call's own row, or the row of the one that came first."""
    now = timezone.now()
    try:
        with transaction.atomic():
            return IdempotentCall.objects.create(token=token, key=key, request_digest=digest)
    except IntegrityError:
        pass
    rows = IdempotentCall.objects.filter(token=token, key=key)
    outlived = rows.filter(made_at__lt=now - CALLS_KEPT).update(
        status=None, body=None, request_digest=digest, made_at=now
    )
    lost = rows.filter(status=None, made_at__lt=now - LOST, request_digest=digest).update(made_at=now)
    first = rows.first()
    if first is None:  # the first call failed a moment ago and took its row with it
        return _begin(token, key, digest)
    if not (outlived or lost) and first.status is None:
        _demand_same(first, digest)
        raise Problem(UNDER_WAY, "The first call with this key has not ended yet.", headers={"Retry-After": "1"})
    return first


def _again(call: IdempotentCall, digest: str) -> HttpResponse:
    _demand_same(call, digest)
    body = dict(call.body or {})
    headers = {"Location": str(body.pop(LOCATION, "")), REPEATED: "true"}
    return JsonResponse(body, status=call.status or 200, headers=headers)


def _demand_same(call: IdempotentCall, digest: str) -> None:
    if call.request_digest != digest:
        raise Problem(KEY_REUSED, "This key stands for another call. Nothing changed.")


def _digest(request: HttpRequest, what: Mapping[str, Any]) -> str:
    meant = [request.method, request.path, what]
    return hashlib.sha256(json.dumps(meant, sort_keys=True).encode()).hexdigest()


def _answer(made: Made) -> HttpResponse:
    return JsonResponse(_plain(made.body), status=made.status, headers={"Location": made.location})


def _plain(body: Schema) -> dict[str, Any]:
    """As ninja writes it, so that a moment reads the same when it is made and when it is asked for."""
    plain: dict[str, Any] = json.loads(json.dumps(body.model_dump(), cls=NinjaJSONEncoder))
    return plain
