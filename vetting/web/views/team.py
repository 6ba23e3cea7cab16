"""Settings: who is in the team and as what, and which trust lists and versions are in force."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from vetting.members import CannotChange, add_member, change_role, remove_member
from vetting.models import Membership, Role, Team
from vetting.web.access import demand_running, person
from vetting.web.answers import answer
from vetting.web.forms import MemberForm
from vetting.web.installed import installed


@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """One address; what to do stands in the field `do` of the form that was sent."""
    if request.method != "POST":
        return _page(request)
    changes = {"add": _add, "role": _change_role, "remove": _remove}
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
            {"team": t, "run": t.pk in mine, "form": form if t == team and form else MemberForm(prefix=None)}
            for t in teams
        ],
        "roles": Role.choices,
        "new": new,
        "installed": installed(settings.TRUST_DIR, settings.PACKS_DIR),
        "limits": {"megabytes": settings.MAX_PHOTO_BYTES // 1024**2, "megapixels": settings.MAX_PHOTO_PIXELS // 10**6},
    }
    return answer(request, "settings.html", context)
