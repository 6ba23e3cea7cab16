"""The auditor page: for the team's admins, and by a link for an auditor without an account. It names nobody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vetting.fairness.links import find_audit_link, key_of, make_audit_link, revoke_audit_link
from vetting.models import AuditLink, Role, Team
from vetting.report.tables import write_table
from vetting.web.access import RUNNING, demand_running, person
from vetting.web.answers import answer
from vetting.web.audit_forms import AuditLinkForm
from vetting.web.auditing import COLUMNS, AuditPage, audit_page, links_of, rows_of
from vetting.web.candidate_pages import BAD_LINKS_A_MINUTE
from vetting.web.pace import too_often
from vetting.web.views.reports import download

FILE = "candid-audit.csv"


@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    return _members_page(request, _team(request), AuditLinkForm())


@require_safe
def audit_csv(request: HttpRequest) -> HttpResponse:
    return _table(_page(request, _team(request)))


@require_POST
def audit_link_new(request: HttpRequest, team: int) -> HttpResponse:
    chosen = get_object_or_404(Team, pk=team)
    demand_running(chosen, request)
    form = AuditLinkForm(request.POST)
    if not form.is_valid():
        return _members_page(request, chosen, form)
    make_audit_link(team=chosen, by=person(request), **form.cleaned_data)
    messages.success(request, "The link is made; copy it below, and pass it on by a safe way.")
    return redirect(f"{reverse('audit')}?team={chosen.pk}#links")


@require_POST
def audit_link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    mine = AuditLink.objects.filter(team__memberships__user=person(request))
    link = get_object_or_404(mine.select_related("team"), pk=pk)
    demand_running(link.team, request)
    revoke_audit_link(link=link, by=person(request))
    messages.success(request, f"The link of {link.auditor} opens nothing any more.")
    return redirect(f"{reverse('audit')}?team={link.team_id}#links")


def for_auditors(view: Callable[[HttpRequest, AuditLink], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """As for_candidates(): guessed, expired or revoked, a link gets the same page."""

    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, key: str) -> HttpResponse:
        link = find_audit_link(key)
        if link is None:
            late = too_often(request, "candidate-link", a_minute=BAD_LINKS_A_MINUTE)
            response = render(request, "candidate/nothing_here.html", status=429 if late else 404)
        else:
            response = view(request, link)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cast(Callable[[HttpRequest, str], HttpResponse], guarded)


@for_auditors
@require_safe
def audit_linked(request: HttpRequest, link: AuditLink) -> HttpResponse:
    context: dict[str, Any] = {"page": _page(request, link.team), "link": link}
    context |= {"here": reverse("audit-linked", args=[key_of(link)])}
    context |= {"csv": reverse("audit-linked-csv", args=[key_of(link)])}
    return render(request, "audit/linked.html", context)


@for_auditors
@require_safe
def audit_linked_csv(request: HttpRequest, link: AuditLink) -> HttpResponse:
    return _table(_page(request, link.team))


def _team(request: HttpRequest) -> Team:
    """The one that is asked for; else the first that the reader runs."""
    asked = request.GET.get("team", "")
    run = _teams(request)
    if asked:
        team = next((each for each in run if str(each.pk) == asked), None)
        if team is None:
            raise Http404
        return team
    if not run:
        raise PermissionDenied(RUNNING)
    return run[0]


def _teams(request: HttpRequest) -> list[Team]:
    run = Team.objects.filter(memberships__user=person(request), memberships__role=Role.ADMIN)
    return list(run.order_by("name", "pk"))


def _page(request: HttpRequest, team: Team) -> AuditPage:
    return audit_page(team, view=request.GET.get("view", ""), walk=request.GET.get("chain") == "walk")


def _members_page(request: HttpRequest, team: Team, form: AuditLinkForm) -> HttpResponse:
    now = timezone.now()
    links = [(link, link.opens(now), reverse("audit-linked", args=[key_of(link)])) for link in links_of(team)]
    context = {"page": _page(request, team), "teams": _teams(request), "form": form, "links": links}
    return answer(request, "audit/audit.html", context | {"here": reverse("audit"), "csv": reverse("audit-csv")})


def _table(page: AuditPage) -> HttpResponse:
    return download(write_table(COLUMNS, rows_of(page)), FILE, "text/csv; charset=utf-8")
