"""The right of reply on the team's side: telling the candidate, a link to hand over, closing it by hand."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from vetting.candidate.telling import CannotTell
from vetting.models import Reply
from vetting.reply.clock import clock_of
from vetting.reply.opening import close_reply, ready_link, tell_by_mail, told_in_person
from vetting.web.access import find_reply, person, rights_in

TALKING = "Only who adds applicants here, or decides about them, speaks with the candidate about a decision."


@require_POST
def reply_tell(request: HttpRequest, pk: int) -> HttpResponse:
    """how: by mail, which is sent now, or "handed": somebody has given the link to the candidate."""
    reply = _to_speak_of(request, pk)
    by_mail = request.POST.get("how") == "mailed"
    try:
        (tell_by_mail if by_mail else told_in_person)(reply=reply, by=person(request))
    except CannotTell as reason:
        messages.error(request, str(reason))
    else:
        reply.refresh_from_db()
        sent = "The letter is sent." if by_mail else "Noted."
        messages.success(request, f"{sent} The clock runs: {clock_of(reply).words}.")
    return _back(reply)


@require_POST
def reply_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes the link to hand over, where none lasts until the deadline; the clock still stands."""
    reply = _to_speak_of(request, pk)
    if reply.closed_at is None:
        ready_link(reply=reply, by=person(request))
        messages.success(request, "The link is ready. Give it to the candidate, and then say here that you have.")
    return _back(reply)


@require_POST
def reply_close(request: HttpRequest, pk: int) -> HttpResponse:
    reply = _to_speak_of(request, pk)
    close_reply(reply=reply, by=person(request))
    messages.success(request, "Closed. The candidate’s page says now that nothing is asked; what they sent is kept.")
    return _back(reply)


def _to_speak_of(request: HttpRequest, pk: int) -> Reply:
    reply = find_reply(request, pk)
    opening = reply.applicant.opening
    if not rights_in(opening.team, request).meets_in(opening):
        raise PermissionDenied(TALKING)
    return reply


def _back(reply: Reply) -> HttpResponse:
    return redirect(f"{reverse('applicant', args=[reply.applicant_id])}#reply")
