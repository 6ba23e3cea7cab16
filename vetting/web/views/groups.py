"""The candidate names groups, if they like. Nobody who decides sees this page's answers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from vetting.candidate.consents import WordingChanged
from vetting.candidate.links import key_of
from vetting.candidate.notices import notice_for
from vetting.fairness.hiding import LEAST
from vetting.fairness.reporting import groups_of, report_groups, take_back_groups
from vetting.models import CandidateLink
from vetting.models.fairness import Ethnicity, Sex
from vetting.web.candidate_pages import NothingHere, for_candidates, member_of, show_page
from vetting.web.pace import too_often
from vetting.web.views.candidate import A_MOMENT, ANSWERS_A_MINUTE

CHANGED = "The wording of the notice has changed since you opened this page. Please look at it and send this again."


@for_candidates
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    """Where the team does not ask, there is nothing; what was named before can still be taken back."""
    team = link.applicant.opening.team
    if not team.asks_groups and groups_of(link.applicant) is None:
        raise NothingHere
    if member_of(team, request) or request.method != "POST":
        return _page(request, link)
    return _answer(request, link) if team.asks_groups else _take_back(request, link)


def _page(request: HttpRequest, link: CandidateLink, problem: str = "") -> HttpResponse:
    """problem: why what was sent was not kept; then it stands in the form again.

    What is stored is never shown, only that something is: whoever was handed the link to pass it on could look.
    """
    sent = request.POST if problem else {}
    context = {
        "named": groups_of(link.applicant),
        "asks": link.applicant.opening.team.asks_groups,
        "notice": notice_for(link.applicant.opening),
        "questions": [
            ("sex", "Your sex", Sex.choices, sent.get("sex", "")),
            ("ethnicity", "Your ethnic group", Ethnicity.choices, sent.get("ethnicity", "")),
        ],
        "least": LEAST,
        "problem": problem,
    }
    return show_page(request, link, "candidate/groups.html", context)


def _answer(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    if request.POST.get("do") == "take-back":
        return _take_back(request, link)
    sex, ethnicity = request.POST.get("sex", ""), request.POST.get("ethnicity", "")
    seen = request.POST.get("notice", "")
    if sex not in ("", *Sex.values) or ethnicity not in ("", *Ethnicity.values):
        return _page(request, link, "Please choose from the answers below, or “I would rather not say”.")
    if not seen.isdecimal() or len(seen) > 9:
        return _page(request, link, CHANGED)
    if too_often(request, "candidate-answer", a_minute=ANSWERS_A_MINUTE):
        return _page(request, link, A_MOMENT)
    try:
        report_groups(applicant=link.applicant, sex=sex, ethnicity=ethnicity, link=link, seen=int(seen))
    except WordingChanged:
        return _page(request, link, CHANGED)
    named = bool(sex or ethnicity)
    messages.success(
        request, "Thank you. It counts, and is shown to nobody." if named else "Nothing is stored about your groups."
    )
    return redirect("candidate-groups" if named else "candidate", key_of(link))


def _take_back(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    take_back_groups(applicant=link.applicant, link=link)
    messages.success(request, "Taken back: nothing is stored about your groups.")
    return redirect("candidate", key_of(link))
