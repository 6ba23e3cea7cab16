"""Keeping and deleting, on the team's side: legal holds, the copy for a candidate, what is due, receipts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vetting.keeping import receipts, retention
from vetting.keeping.holds import MOST, CannotHold, hold_on, lift_hold, place_hold
from vetting.keeping.leftovers import waiting_for
from vetting.keeping.requests import answer_access, standing_of
from vetting.models import Role, Team
from vetting.report.record import as_json
from vetting.web.access import RUNNING, demand_adding, demand_findings, demand_running, find_applicant, person
from vetting.web.answers import answer
from vetting.web.keeping import keeping_in, send_copy
from vetting.web.pace import too_often
from vetting.web.views.reports import download

UNKNOWN_A_MINUTE = 30  # codes that nobody was told, from one address; then the status says that it is too many


@require_safe
def keeping(request: HttpRequest) -> HttpResponse:
    """For each team that the reader runs: requests, holds, who leaves soon, receipts, the head of the record."""
    teams = Team.objects.filter(memberships__user=person(request), memberships__role=Role.ADMIN).order_by("name")
    begins = retention.begins_at()
    shown = [keeping_in(team, begins) for team in teams]
    if not shown:
        raise PermissionDenied(RUNNING)
    context = {"teams": shown, "begins": begins, "enforced": settings.RETENTION_ENFORCED}
    return answer(request, "keeping/keeping.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    applicant = find_applicant(request, pk)
    demand_running(applicant.opening.team, request)
    reason, problem = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            place_hold(applicant=applicant, by=person(request), reason=reason)
        except CannotHold as why:
            problem = str(why)
        else:
            messages.success(request, "The legal hold is in force: nothing of this applicant is deleted.")
            return redirect(f"{applicant.get_absolute_url()}#keeping")
    context = {"applicant": applicant, "held": hold_on(applicant), "reason": reason, "problem": problem, "most": MOST}
    return answer(request, "keeping/hold.html", context)


@require_POST
def hold_lift(request: HttpRequest, pk: int) -> HttpResponse:
    applicant = find_applicant(request, pk)
    demand_running(applicant.opening.team, request)
    try:
        lift_hold(applicant=applicant, by=person(request))
    except CannotHold as why:
        messages.error(request, str(why))
    else:
        messages.success(request, "The legal hold is lifted. What waited for it goes on.")
    return redirect(f"{applicant.get_absolute_url()}#keeping")


@require_POST
def data_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """For a candidate who asked by letter: what they could fetch themselves, and that somebody did it for them."""
    applicant = find_applicant(request, pk)
    demand_adding(applicant.opening.team, request)
    demand_findings(applicant, request)
    answer_access(applicant=applicant, by=person(request))
    return send_copy(applicant)


@login_not_required
@never_cache
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """For whoever was told the code; it names nobody."""
    standing = standing_of(code)
    if standing is None:
        return _unknown(request)
    stone = standing.tombstone
    context: dict[str, Any] = {"standing": standing, "stone": stone, "code": code, "here": receipts.address_of(code)}
    if stone:
        context |= {"receipt": stone.receipt, "counts": receipts.in_words(stone), "waiting": waiting_for(stone)}
    return _public(render(request, "keeping/receipt.html", context))


@login_not_required
@never_cache
@require_safe
def receipt_json(request: HttpRequest, code: str) -> HttpResponse:
    standing = standing_of(code)
    if standing is None or standing.tombstone is None:
        return _unknown(request)
    document = receipts.document_of(standing.tombstone)
    return _public(download(as_json(document), f"receipt-{code[:8]}.json", "application/json"))


def _unknown(request: HttpRequest) -> HttpResponse:
    late = too_often(request, "receipt", a_minute=UNKNOWN_A_MINUTE)
    return _public(render(request, "keeping/no_receipt.html", status=429 if late else 404))


def _public(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
