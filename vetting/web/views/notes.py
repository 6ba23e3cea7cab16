"""Notes about an applicant, taking one back, and where the reader is mentioned."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from vetting.models import Note
from vetting.notes import CannotNote, Written, withdraw_note, write_note
from vetting.web.access import find_applicant, person, rights_in
from vetting.web.answers import answer
from vetting.web.board import page_of_mentions
from vetting.web.forms import DecisionForm
from vetting.web.trip import Trip
from vetting.web.views.applicants import show_case


@require_POST
def note_write(request: HttpRequest, pk: int) -> HttpResponse:
    """Every member may. What cannot be taken comes back in the form."""
    case = find_applicant(request, pk)
    rights_in(case.opening.team, request)
    text = request.POST.get("text", "")
    try:
        written = write_note(applicant=case, author=person(request), text=text)
    except CannotNote as reason:
        return show_case(request, pk, DecisionForm(), note={"text": text, "error": str(reason)})
    _say(request, written)
    return redirect(f"{Trip.of(request.GET, person(request)).address(case)}#notes")


def _say(request: HttpRequest, written: Written) -> None:
    if written.told:
        messages.success(request, f"Noted. {_listed([str(user) for user in written.told])} will see it under Mentions.")
    if written.unknown:
        messages.warning(request, f"Nobody in the team is called {_listed(written.unknown)}, so nobody was told there.")


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


@require_POST
def note_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own; a team mate is told so, a stranger finds nothing."""
    visible = Note.objects.visible_to(person(request)).select_related("applicant__opening__team")
    note = get_object_or_404(visible, pk=pk)
    if note.author_id != person(request).pk:
        raise PermissionDenied("Only who wrote a note takes it back.")
    try:
        withdraw_note(note=note, by=person(request))
    except CannotNote as reason:
        messages.error(request, str(reason))
    return redirect(f"{Trip.of(request.GET, person(request)).address(note.applicant)}#notes")


@require_safe
def mentions(request: HttpRequest) -> HttpResponse:
    """Unseen first; they are seen when the applicant's page is opened."""
    page, rows = page_of_mentions(person(request), request.GET.get("page"))
    return answer(request, "mentions.html", {"page": page, "rows": rows})
