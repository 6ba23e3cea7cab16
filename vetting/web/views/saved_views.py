"""Saved views: saving the present filters under a name, renaming, sharing, deleting."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from vetting.models import Opening, SavedView, Team
from vetting.saved_views import CannotSave, change_view, delete_view, save_view
from vetting.web.access import find_opening, person, rights_in
from vetting.web.answers import answer
from vetting.web.kept import query_of

NOT_YOURS = "Only who saved a view, and admins of the team, can change it or delete it."


class ViewForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the view a name.", "max_length": "Use 60 characters at most."},
    )
    shared = forms.BooleanField(label="Share with the team", required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def saved_views(request: HttpRequest) -> HttpResponse:
    """All that the reader may see, to rename and delete; a POST saves one and leads to it."""
    if request.method != "POST":
        return _page(request)
    opening, team = _where(request)
    asked = QueryDict(request.POST.get("query", ""))
    query, form = query_of(asked, person(request), opening), ViewForm(request.POST)
    back = opening.get_absolute_url() if opening else "/queue/"
    try:
        if not form.is_valid():
            raise CannotSave(next(iter(form.errors.values()))[0])
        view = save_view(team=team, by=person(request), opening=opening, query=query, **form.cleaned_data)
    except CannotSave as reason:
        messages.error(request, str(reason))
        return redirect(f"{back}?{query}" if query else back)
    messages.success(request, f"“{view}” is saved{' and shared with the team' if view.shared else ''}.")
    return redirect(view)


def _where(request: HttpRequest) -> tuple[Opening | None, Team]:
    """The list that the view is of, and the team it is in; 404 for a stranger to either."""
    if asked := request.POST.get("opening", ""):
        opening = find_opening(request, _number(asked))
        return opening, opening.team
    mine = Team.objects.filter(memberships__user=person(request))
    return None, get_object_or_404(mine, pk=_number(request.POST.get("team", "")))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)


@require_POST
def saved_view(request: HttpRequest, pk: int) -> HttpResponse:
    """do=delete, or else another name; for who saved it and the team's admins."""
    visible = SavedView.objects.visible_to(person(request)).select_related("team", "opening")
    view = get_object_or_404(visible, pk=pk)
    if view.user_id != person(request).pk and not rights_in(view.team, request).run:
        raise PermissionDenied(NOT_YOURS)
    if request.POST.get("do") == "delete":
        name = view.name
        delete_view(view=view, by=person(request))
        messages.success(request, f"“{name}” is deleted. Nothing but the name for these filters is gone.")
        return redirect("saved-views")
    form = ViewForm(request.POST)
    if not form.is_valid():
        return _page(request, form, view.pk)
    try:
        change_view(view=view, by=person(request), **form.cleaned_data)
    except CannotSave as reason:
        form.add_error("name", str(reason))
        return _page(request, form, view.pk)
    messages.success(request, f"“{view}” is changed.")
    return redirect("saved-views")


def _page(request: HttpRequest, form: ViewForm | None = None, of: int | None = None) -> HttpResponse:
    """Each view with the form that changes it; with `form`, that of one which could not be taken."""
    reader = person(request)
    views = SavedView.objects.visible_to(reader).select_related("user", "opening", "team")
    ruled = set(reader.memberships.filter(role="admin").values_list("team_id", flat=True))
    rows = [
        {
            "view": view,
            "may_change": view.user_id == reader.pk or view.team_id in ruled,
            "form": form if view.pk == of else ViewForm(initial={"name": view.name, "shared": view.shared}),
        }
        for view in views.order_by("opening__title", "name", "pk")
    ]
    return answer(request, "views.html", {"rows": rows})
