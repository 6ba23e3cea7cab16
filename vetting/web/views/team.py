"""Settings: who is in the team and as what, and which trust lists and versions are in force."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from vetting.members import CannotChange, add_member, change_role, remove_member
from vetting.models import Membership, Role, Summary, Team
from vetting.second_factor import have_second_factor, reset_second_factor
from vetting.summaries import choose_summary
from vetting.teams import SETTINGS, change_team
from vetting.web.access import demand_running, person
from vetting.web.answers import answer
from vetting.web.forms import MemberForm, TeamForm
from vetting.web.installed import installed
from vetting.web.sign_in import offered

TOLD_ANEW = "Candidates are told in the new words from now on, and asked again before they send another photo."


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """One address; what to do stands in the field `do` of the form that was sent."""
    if request.method != "POST":
        return _page(request)
    changes = {"add": _add, "team": _change_team, "role": _change_role, "remove": _remove, "summary": _choose_summary}
    if offered.second_factor():
        changes["reset-second-factor"] = _reset_second_factor
    change = changes.get(request.POST.get("do", ""))
    if change is None:
        raise Http404
    try:
        return change(request)
    except CannotChange as reason:
        messages.error(request, str(reason))
        return redirect("settings")


def _add(request: HttpRequest) -> HttpResponse:
    team = get_object_or_404(_teams(request), pk=_number(request, "team"))
    demand_running(team, request)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, team=team)
    asked = form.cleaned_data | {"role": Role(form.cleaned_data["role"])}
    new = add_member(team=team, by=person(request), **asked)
    if new.password is None:
        messages.success(request, f"{new.membership.user} is in {team} now.")
        return redirect("settings")
    return _page(request, new=new)  # not a redirect: the password is shown once and stored nowhere


def _change_team(request: HttpRequest) -> HttpResponse:
    team = get_object_or_404(_teams(request), pk=_number(request, "team"))
    demand_running(team, request)
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _page(request, told=form, team=team)
    changed = change_team(team=team, by=person(request), **form.cleaned_data)
    messages.success(request, f"Saved. {TOLD_ANEW}" if changed else "Nothing was changed.")
    return redirect("settings")


def _change_role(request: HttpRequest) -> HttpResponse:
    membership = _membership(request)
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise Http404
    change_role(membership=membership, by=person(request), role=Role(role))
    messages.success(request, f"{membership.user} is {Role(role).label.lower()} now.")
    return redirect("settings")


def _remove(request: HttpRequest) -> HttpResponse:
    membership = _membership(request)
    remove_member(membership=membership, by=person(request))
    messages.success(request, f"{membership.user} is no longer in {membership.team}. Past decisions keep the name.")
    return redirect("settings")


def _reset_second_factor(request: HttpRequest) -> HttpResponse:
    membership = _membership(request)
    reset_second_factor(membership=membership, by=person(request))
    messages.success(
        request,
        f"{membership.user} signs in without a second factor now, and is told so. Ask for a new one to be set up.",
    )
    return redirect("settings")


def _choose_summary(request: HttpRequest) -> HttpResponse:
    """One's own alone; anybody else's is not found."""
    membership = get_object_or_404(Membership, user=person(request), pk=_number(request, "membership"))
    summary = request.POST.get("summary", "")
    if summary not in Summary.values:
        raise Http404
    choose_summary(membership=membership, summary=Summary(summary))
    often = {Summary.NEVER: "You get no summary", Summary.DAILY: "You get a summary every day"}
    messages.success(request, f"{often.get(Summary(summary), 'You get a summary every Monday')} from now on.")
    return redirect("settings")


def _membership(request: HttpRequest) -> Membership:
    mine = Membership.objects.filter(team__in=_teams(request)).select_related("user", "team")
    membership = get_object_or_404(mine, pk=_number(request, "membership"))
    demand_running(membership.team, request)
    return membership


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)


def _teams(request: HttpRequest) -> Any:
    return Team.objects.filter(memberships__user=person(request)).order_by("name")


def _page(
    request: HttpRequest,
    *,
    form: MemberForm | None = None,
    told: TeamForm | None = None,
    team: Team | None = None,
    new: Any = None,
) -> HttpResponse:
    teams = list(_teams(request).prefetch_related("memberships__user"))
    mine = {
        m.team_id
        for t in teams
        for m in t.memberships.all()
        if m.user_id == person(request).pk and m.role == Role.ADMIN
    }
    context = {
        "teams": [
            {
                "team": t,
                "run": t.pk in mine,
                "form": form if t == team and form else MemberForm(prefix=None),
                "told": told if t == team and told else _team_form(t),
            }
            for t in teams
        ],
        "runs": bool(mine),
        "security": offered.anything(),
        "factor": offered.second_factor(),
        "have_factor": _with_factor(teams),
        "roles": Role.choices,
        "summaries": Summary.choices,
        "summary_hour": settings.SUMMARY_HOUR,
        "mails": not settings.EMAIL_BACKEND.endswith("console.EmailBackend"),
        "new": new,
        "installed": installed(settings.TRUST_DIR, settings.PACKS_DIR),
        "limits": {"megabytes": settings.MAX_PHOTO_BYTES // 1024**2, "megapixels": settings.MAX_PHOTO_PIXELS // 10**6},
    }
    return answer(request, "settings.html", context)


def _team_form(team: Team) -> TeamForm:
    """Ids of its own: the page has one for each team."""
    return TeamForm(initial={name: getattr(team, name) for name in SETTINGS}, auto_id=f"id_{team.pk}_%s")


def _with_factor(teams: list[Team]) -> set[int]:
    """Which members have a second factor, in one query; none is made where the factor is off."""
    if not offered.second_factor():
        return set()
    return have_second_factor([m.user_id for t in teams for m in t.memberships.all()])
