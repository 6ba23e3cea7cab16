"""What all pages behind a candidate's link have in common: no account, no trace, one answer to a bad link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from vetting.candidate.links import find_link, key_of, note_opened
from vetting.models import CandidateLink, Membership, Team, User
from vetting.web.pace import too_often

BAD_LINKS_A_MINUTE = 30  # of one address; from then on the same page says by its status that it is too many
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
            if link.opened_at is None and not member_of(link.applicant.opening.team, request):
                note_opened(link=link)
        except NothingHere:
            late = too_often(request, "candidate-link", a_minute=BAD_LINKS_A_MINUTE)
            response = render(request, "candidate/nothing_here.html", status=429 if late else 404)
        # The key is told to no other site. Not "no-referrer": a browser then sends forms without their origin, and
        # those are refused.
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cast(Guarded[P], guarded)


def show_page(
    request: HttpRequest,
    link: CandidateLink,
    template: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page in the candidate's frame (templates/candidate/_page.html), which needs to know whose it is."""
    applicant = link.applicant
    team = applicant.opening.team
    frame = {
        "link": link,
        "key": key_of(link),
        "applicant": applicant,
        "opening": applicant.opening,
        "team": team,
        "viewer": member_of(team, request),
    }
    return render(request, template, frame | dict(context or {}), status=status)


def member_of(team: Team, request: HttpRequest) -> User | None:
    """A member of the team who looks at the candidate's page: is told so, and is not taken for the candidate."""
    user = request.user
    if isinstance(user, User) and Membership.objects.filter(team=team, user=user).exists():
        return user
    return None
