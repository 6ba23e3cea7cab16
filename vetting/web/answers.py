"""Same URL, smaller answer: the whole page, or the part of it that htmx asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.middleware import HtmxDetails


def htmx(request: HttpRequest) -> HtmxDetails:
    """What htmx said about this request; false where it was not htmx."""
    return cast(HtmxDetails, request.htmx)  # type: ignore[attr-defined]


def answer(
    request: HttpRequest,
    page: str,
    context: Mapping[str, Any],
    *,
    parts: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page, or the template that `parts` names for the id of the element that htmx will replace."""
    template = (parts or {}).get(htmx(request).target or "", page) if htmx(request) else page
    response = render(request, template, dict(context))
    # Without these the browser's back button may show a part where the page stood.
    patch_vary_headers(response, ["HX-Request", "HX-Target", "Cookie"])
    patch_cache_control(response, private=True, no_cache=True)
    return response
