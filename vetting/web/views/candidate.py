"""The candidate's own pages: the steps, the notice with the consents, the photos with what they say of each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vetting.candidate.consents import WordingChanged, newest_consents, record_consent
from vetting.candidate.disclosing import MOST_WORDS, disclose, newest_disclosures
from vetting.candidate.links import key_of
from vetting.candidate.notices import notice_for
from vetting.candidate.receiving import may_send, receive_photo, sent_today
from vetting.intake import Refused
from vetting.models import CandidateLink, Consent, Disclosure, Photo
from vetting.preview import read_preview
from vetting.web.answers import htmx
from vetting.web.candidate_pages import NothingHere, for_candidates, show_page
from vetting.web.candidate_questions import questions_of
from vetting.web.candidate_steps import steps_of
from vetting.web.pace import too_often
from vetting.web.views.photos import Receipt

ANSWERS_A_MINUTE = 60  # of one address: at a casting call a whole room stands behind one
A_MOMENT = "That was very fast. Please wait a minute and send it again; what you sent before is safe."


@for_candidates
@require_safe
def overview(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    return show_page(request, link, "candidate/overview.html", {"steps": steps_of(link)})


@for_candidates
@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    if request.method == "POST":
        return _answer_question(request, link)
    applicant = link.applicant
    told = notice_for(applicant.opening)
    questions = questions_of(applicant.opening.team, told, newest_consents(applicant))
    return show_page(request, link, "candidate/notice.html", {"notice": told, "questions": questions})


def _answer_question(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    """One question with yes or no; the form says which wording it stood under."""
    page = redirect("candidate-notice", key_of(link))
    kind, given = request.POST.get("kind", ""), request.POST.get("given") == "yes"
    asked = {str(q.kind) for q in questions_of(link.applicant.opening.team, None, {})}
    seen = request.POST.get("notice", "")
    if kind not in asked or not seen.isdecimal() or len(seen) > 9:
        messages.error(request, "Please choose one of the buttons below.")
        return page
    if too_often(request, "candidate-answer", a_minute=ANSWERS_A_MINUTE):
        messages.error(request, A_MOMENT)
        return page
    try:
        record_consent(applicant=link.applicant, kind=Consent.Kind(kind), given=given, link=link, seen=int(seen))
    except WordingChanged:
        messages.error(
            request, "The wording has changed since you opened this page. Please read it again; nothing is agreed yet."
        )
        return page
    if given and kind == Consent.Kind.PHOTOS:
        messages.success(request, "Thank you, you have agreed. Now you can send your photos.")
        return redirect("candidate-photos", key_of(link))
    messages.success(request, "Noted: you agree." if given else "Noted: you do not agree, or no longer.")
    return page


@for_candidates
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest, link: CandidateLink) -> HttpResponse:
    """Each file on its own: one that is refused changes nothing for the others."""
    receipts = _receipts(request, link) if request.method == "POST" else []
    if receipts and htmx(request):
        return show_page(request, link, "candidate/_receipts.html", {"receipts": receipts})
    part = htmx(request) and htmx(request).target == "case"
    template = "candidate/_photos.html" if part else "candidate/photos.html"
    return show_page(request, link, template, _photos_context(link) | {"receipts": receipts})


def _photos_context(link: CandidateLink) -> dict[str, Any]:
    own = list(link.applicant.photos.all())
    said = newest_disclosures(own)
    return {
        "photos": [{"photo": photo, "said": said.get(photo.pk)} for photo in own],
        "says": Disclosure.Says.choices,
        "most_words": MOST_WORDS,
        "may_send": may_send(link.applicant),
        "left": sent_today(link.applicant).left,
        "max_files": settings.MAX_PHOTOS_AT_ONCE,
        "max_bytes": settings.MAX_PHOTO_BYTES,
    }


def _receipts(request: HttpRequest, link: CandidateLink) -> list[Receipt]:
    files = request.FILES.getlist("photos")
    if too_often(request, "candidate-upload", a_minute=ANSWERS_A_MINUTE):
        return [Receipt(name=file.name or "", refusal=A_MOMENT) for file in files or [UploadedFile(name="")]]
    return [_receive(file, link) for file in files] or [
        Receipt(name="", refusal="No photo came along. Choose one or more and send them again.")
    ]


def _receive(file: UploadedFile[bytes], link: CandidateLink) -> Receipt:
    name = file.name or "unnamed"
    try:
        return Receipt(name=name, arrival=receive_photo(link=link, upload=file))
    except Refused as reason:
        return Receipt(name=name, refusal=str(reason))


@for_candidates
@require_POST
def photo_says(request: HttpRequest, link: CandidateLink, pk: int) -> HttpResponse:
    """What the candidate says of one photo."""
    photo = _own_photo(link, pk)
    page = redirect(f"{reverse('candidate-photos', args=[key_of(link)])}#photo-{photo.pk}")
    says, note = request.POST.get("says", ""), request.POST.get("note", "")
    if says not in Disclosure.Says.values:
        messages.error(request, "Please choose one of the sentences; then send it again.")
    elif len(note) > MOST_WORDS:
        messages.error(request, f"Please use {MOST_WORDS} characters at most. Nothing was noted yet.")
    elif too_often(request, "candidate-answer", a_minute=ANSWERS_A_MINUTE):
        messages.error(request, A_MOMENT)
    else:
        disclose(photo=photo, says=Disclosure.Says(says), note=note, link=link)
        messages.success(request, "Thank you. What you say stands beside the photo now, in your favour.")
    return page


@for_candidates
@require_safe
def photo(request: HttpRequest, link: CandidateLink, pk: int) -> HttpResponse:
    """The small preview of one of the candidate's own photos."""
    own = _own_photo(link, pk)
    try:
        content = read_preview(own, Photo.Preview.SMALL)
    except OSError as error:
        raise NothingHere from error
    return HttpResponse(content, content_type="image/webp", headers={"Cross-Origin-Resource-Policy": "same-origin"})


def _own_photo(link: CandidateLink, pk: int) -> Photo:
    own = link.applicant.photos.filter(pk=pk).first()
    if own is None:
        raise NothingHere
    return own
