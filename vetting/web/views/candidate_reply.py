"""The right of reply on the candidate's side: one page, and what is sent from it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from vetting.candidate.links import key_of
from vetting.candidate.receiving import may_send
from vetting.intake import Refused
from vetting.models import CandidateLink, Reply
from vetting.reply.answering import (
    LONGEST,
    CannotAnswer,
    ask_for_second,
    explain,
    open_reply,
    say_that_is_all,
    send_original,
)
from vetting.web.answers import htmx
from vetting.web.candidate_pages import for_candidates, show_page
from vetting.web.pace import too_often
from vetting.web.reply_page import reply_page, sent_before

ANSWERS_A_MINUTE = 60  # of one address: at a casting call a whole room stands behind one
A_MOMENT = "That was very fast. Please wait a minute and send it again; what you sent before is safe."
THANKS = {
    "explanation": "Thank you. Your explanation is with the team, and people look at your case again.",
    "original": "Thank you. The file has arrived untouched, and people look at your case again.",
    "second": "Your wish for a second reviewer is noted.",
    "all": "Thank you. The team knows that your answer is complete.",
}


@for_candidates
@require_http_methods(["GET", "HEAD", "POST"])
def candidate_reply(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    """Whatever goes wrong is said on the page, with what was written still in its field."""
    reply = open_reply(link.applicant)
    what, problem = request.POST.get("what", ""), ""
    if request.method == "POST":
        problem = _take(request, link, reply, what)
        if not problem:
            messages.success(request, THANKS[what])
            return redirect("candidate-reply", key_of(link))
        reply = open_reply(link.applicant)  # it may have ended meanwhile
    return _page(request, link, reply, {"problem": problem, "what": what, "text": request.POST.get("text", "")})


def _page(request: HttpRequest, link: CandidateLink, reply: Reply | None, said: dict[str, str]) -> HttpResponse:
    context = {
        **said,
        "page": reply_page(link, reply) if reply else None,
        "before": () if reply else sent_before(link.applicant),
        "may_send": may_send(link.applicant),
        "longest": LONGEST,
        "max_bytes": settings.MAX_PHOTO_BYTES,
    }
    part = htmx(request) and htmx(request).target == "sent"
    return show_page(request, link, "candidate/_reply_sent.html" if part else "candidate/reply.html", context)


def _take(request: HttpRequest, link: CandidateLink, reply: Reply | None, what: str) -> str:
    """Why it was not taken, in a sentence; empty where it was."""
    if reply is None:
        return "Nothing is asked of you at the moment, so nothing was sent. What you wrote still stands below."
    if too_often(request, "candidate-reply", a_minute=ANSWERS_A_MINUTE):
        return A_MOMENT
    try:
        return _send(request, link, reply, what)
    except (Refused, CannotAnswer) as reason:
        return str(reason)


def _send(request: HttpRequest, link: CandidateLink, reply: Reply, what: str) -> str:
    if what == "explanation":
        explain(reply=reply, link=link, text=request.POST.get("text", ""))
    elif what == "original":
        upload = request.FILES.get("original")
        if upload is None:
            return "No file came along. Choose the file and send it again."
        send_original(reply=reply, link=link, upload=upload)
    elif what == "second":
        ask_for_second(reply=reply, link=link)
    elif what == "all":
        say_that_is_all(reply=reply, link=link)
    else:
        return "Please use one of the buttons on this page."
    return ""
