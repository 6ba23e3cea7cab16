"""The team's side of a candidate's link: make it, send it, hand it over, end it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from vetting.candidate.links import make_link, revoke_link
from vetting.candidate.telling import CannotTell, hand_over, tell_by_mail
from vetting.models import Applicant
from vetting.web.access import demand_adding, find_applicant, find_candidate_link, person
from vetting.web.answers import answer
from vetting.web.with_candidate import LASTS


@require_POST
def link_make(request: HttpRequest, pk: int) -> HttpResponse:
    applicant = find_applicant(request, pk)
    demand_adding(applicant.opening.team, request)
    days = {str(number): number for number, _ in LASTS}.get(request.POST.get("days", ""))
    if days is None:
        messages.error(request, "Choose for how long the link should open; nothing was made yet.")
    else:
        make_link(applicant=applicant, by=person(request), lasts=dt.timedelta(days=days))
        messages.success(request, "The link is made. Send it, or hand it over.")
    return _panel(applicant)


@require_POST
def link_send(request: HttpRequest, pk: int) -> HttpResponse:
    link = find_candidate_link(request, pk)
    demand_adding(link.applicant.opening.team, request)
    try:
        tell_by_mail(link=link, by=person(request))
    except CannotTell as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, f"The letter is on its way to {link.applicant.email}.")
    return _panel(link.applicant)


@require_POST
def link_hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    link = find_candidate_link(request, pk)
    demand_adding(link.applicant.opening.team, request)
    try:
        hand_over(link=link, by=person(request))
    except CannotTell as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, "Noted: the candidate has the link.")
    return _panel(link.applicant)


@require_http_methods(["GET", "HEAD", "POST"])
def link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    link = find_candidate_link(request, pk)
    applicant = link.applicant
    demand_adding(applicant.opening.team, request)
    if request.method == "POST":
        revoke_link(link=link, by=person(request))
        messages.success(request, "The link is revoked. Whoever opens it is told that it opens nothing.")
        return _panel(applicant)
    context = {"link": link, "applicant": applicant, "opening": applicant.opening}
    return answer(request, "applicants/link_revoke.html", context)


def _panel(applicant: Applicant) -> HttpResponse:
    return redirect(f"{applicant.get_absolute_url()}#candidate")
