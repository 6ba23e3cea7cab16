"""What all pages behind a candidate's link have in common: no account, no trace, one answer to a bad link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from vetting.candidate.links import find_link
from vetting.models import CandidateLink
from vetting.web.pace import too_often

BAD_LINKS_A_MINUTE = 30  # of one address; then even a good one waits for the next minute
P = ParamSpec("P")
Guarded = Callable[Concatenate[HttpRequest, str, P], HttpResponse]


class NothingHere(Exception):  # noqa: N818 - the answer to whoever asks for what is not theirs
    """What was asked for is not this candidate's; answered as a bad link is."""


def for_candidates(
    view: Callable[Concatenate[HttpRequest, CandidateLink, P], HttpResponse],
) -> Guarded[P]:
    """The view is given the link in place of the key in the address. Guessed, expired, revoked, erased, or another
    applicant's: each gets the same page, letter by letter."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, key: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        link = find_link(key)
        try:
            if link is None:
                raise NothingHere
            response = view(request, link, *args, **kwargs)
        except NothingHere:
            late = too_often(request, "candidate-link", a_minute=BAD_LINKS_A_MINUTE)
            response = render(request, "candidate/nothing_here.html", status=429 if late else 404)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cast(Guarded[P], guarded)
