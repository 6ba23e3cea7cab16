"""The candidate's data: what is stored in plain words, a copy of everything, and asking for it to be deleted."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from vetting.candidate.links import key_of
from vetting.keeping import receipts, retention
from vetting.keeping.holds import hold_on
from vetting.keeping.requests import REGRET, CannotAsk, answer_access, ask_for_erasure, open_erasure, take_back_erasure
from vetting.keeping.summary import summary_of
from vetting.models import CandidateLink
from vetting.web.candidate_pages import for_candidates, member_of, show_page
from vetting.web.keeping import in_words, send_copy
from vetting.web.pace import too_often

COPIES_A_MINUTE = 6  # of one address: each reads every photo from the store
NOT_YOURS = (
    "You are signed in as a member of the team: only the candidate can ask for this here. On the applicant’s page you "
    "can hand out a copy or delete everything yourself."
)
A_MOMENT = "That was very fast. Please wait a minute and try again."


@for_candidates
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    """POST takes a request to delete everything back."""
    if request.method == "POST":
        return _take_back(request, link)
    applicant = link.applicant
    asked = open_erasure(applicant)
    goes_at = retention.goes_at(applicant, retention.begins_at())
    context = {
        "stored": summary_of(applicant),
        "goes_at": goes_at,
        "left": in_words(goes_at),
        "enforced": settings.RETENTION_ENFORCED,
        "asked": asked,
        "receipt": receipts.address_of(asked.code) if asked else "",
        "held": hold_on(applicant) is not None,
    }
    return show_page(request, link, "candidate/data.html", context)


@for_candidates
@require_POST
def data_copy(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    page = redirect("candidate-data", key_of(link))
    if member_of(link.applicant.opening.team, request):
        messages.error(request, NOT_YOURS)
        return page
    if too_often(request, "candidate-copy", a_minute=COPIES_A_MINUTE):
        messages.error(request, A_MOMENT)
        return page
    answer_access(applicant=link.applicant, link=link)
    return send_copy(link.applicant)


@for_candidates
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    """Asks once more; nothing is deleted before the days to think again have passed."""
    if request.method != "POST":
        context = {"days": REGRET.days, "held": hold_on(link.applicant) is not None}
        return show_page(request, link, "candidate/data_erase.html", context)
    if member_of(link.applicant.opening.team, request):
        messages.error(request, NOT_YOURS)
    else:
        ask_for_erasure(link=link)
        messages.success(request, "Your request is noted. Please write down the address of the receipt below.")
    return redirect("candidate-data", key_of(link))


def _take_back(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    try:
        if member_of(link.applicant.opening.team, request):
            raise CannotAsk(NOT_YOURS)
        take_back_erasure(link=link)
    except CannotAsk as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, "Taken back: nothing is deleted.")
    return redirect("candidate-data", key_of(link))
