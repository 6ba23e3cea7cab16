"""The booth check: asking the person, taking one picture, looking at both, answering, deleting the picture."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vetting.booth.answering import CannotAnswer, answer_booth
from vetting.booth.entering import NO_CONSENT, compare_again, enter_booth_picture
from vetting.booth.erasing import PICTURES, CannotErase, erase_picture
from vetting.candidate.consents import WordingChanged, record_consent
from vetting.intake import Refused
from vetting.models import BoothAnswer, BoothCheck, Consent
from vetting.review.blind import may_see_findings
from vetting.web.access import demand_meeting, find_applicant, find_booth_check, person, rights_in
from vetting.web.answers import answer
from vetting.web.booth import NO_PICTURE, BoothAnswerForm, Desk, Sheet, desk_of, photo_of

PARTS = {"compared": "booth/_compared.html"}
CHANGED = "What people are told here has changed since this page was opened. Please read it with them once more."
UNTICKED = "Tick it once the person has read it and agrees. Without that no picture is taken."
DELETING = "Only recruiters and admins of the team, and who took the picture, can delete it."


@require_http_methods(["GET", "HEAD", "POST"])
def booth_new(request: HttpRequest, pk: int) -> HttpResponse:
    """First the consent, then the camera; the picture comes as an ordinary form, whatever took it."""
    applicant = find_applicant(request, pk)
    demand_meeting(applicant.opening, request)
    desk, refusal = desk_of(applicant, request.POST.get("photo") or request.GET.get("photo")), ""
    if request.method == "POST":
        try:
            return redirect("booth", _take(request, desk).pk)
        except Refused as reason:
            refusal = str(reason)
    context = {"applicant": applicant, "opening": applicant.opening, "desk": desk, "refusal": refusal}
    response = answer(request, "booth/new.html", context)
    response["Permissions-Policy"] = "camera=(self), microphone=()"
    return response


def _take(request: HttpRequest, desk: Desk) -> BoothCheck:
    """Raises Refused."""
    picture = request.FILES.get("picture")
    if desk.agreed is None:
        raise Refused(NO_CONSENT)
    if picture is None:
        raise Refused(NO_PICTURE)
    by_camera = request.POST.get("how") == BoothCheck.How.CAMERA
    return enter_booth_picture(
        applicant=desk.applicant,
        photo=photo_of(desk, request.POST.get("photo")),
        data=picture,
        how=BoothCheck.How.CAMERA if by_camera else BoothCheck.How.UPLOAD,
        by=person(request),
        consent=desk.agreed,
    )


@require_POST
def booth_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """What the person in the room says, heard by the member: yes, yes to the score too, or no longer."""
    applicant = find_applicant(request, pk)
    demand_meeting(applicant.opening, request)
    given, number = "withdraw" not in request.POST, request.POST.get("notice", "")
    kinds = [Consent.Kind.BOOTH] if given else [Consent.Kind.BOOTH, Consent.Kind.LIKENESS]
    if given and "likeness" in request.POST and applicant.opening.team.likeness:
        kinds.append(Consent.Kind.LIKENESS)
    if given and "agreed" not in request.POST:
        messages.error(request, UNTICKED)
        kinds = []
    try:
        for kind in kinds:
            seen = int(number) if number.isdecimal() and len(number) < 10 else 0
            record_consent(applicant=applicant, kind=kind, given=given, witness=person(request), seen=seen)
    except WordingChanged:
        messages.error(request, CHANGED)
    if not given:
        messages.info(request, "Noted: the person no longer agrees. Earlier pictures can be deleted on their pages.")
    return redirect("booth-new", applicant.pk)


@require_safe
def booth(request: HttpRequest, pk: int) -> HttpResponse:
    return show_booth(request, find_booth_check(request, pk), BoothAnswerForm())


@require_POST
def booth_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """What cannot be taken comes back in the form."""
    check = find_booth_check(request, pk)
    demand_meeting(check.applicant.opening, request)
    form = BoothAnswerForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        differs = [BoothAnswer.Differs(kind) for kind in said["differs"]]
        try:
            answer_booth(
                check=check, by=person(request), says=BoothAnswer.Says(said["says"]), differs=differs, note=said["note"]
            )
        except CannotAnswer as reason:
            form.add_error("differs", str(reason))
        else:
            messages.success(request, "Your answer is noted. If you change your mind, answer again: both stay.")
            return redirect("booth", check.pk)
    return show_booth(request, check, form)


def show_booth(request: HttpRequest, check: BoothCheck, form: BoothAnswerForm) -> HttpResponse:
    """Waits for the worker by asking for the middle of the page alone, so that nothing typed beneath is lost."""
    applicant = check.applicant
    rights = rights_in(applicant.opening.team, request)
    context = {
        "applicant": applicant,
        "opening": applicant.opening,
        "sheet": Sheet(check=check, blind=not may_see_findings(person(request), applicant)),
        "check": check,
        "form": form,
        "may_answer": rights.meets_in(applicant.opening),
        "may_delete": rights.add or check.taken_by_id == person(request).pk,
    }
    return answer(request, "booth/booth.html", context, parts=PARTS)


@require_POST
def booth_again(request: HttpRequest, pk: int) -> HttpResponse:
    check = find_booth_check(request, pk)
    demand_meeting(check.applicant.opening, request)
    if not compare_again(check=check, by=person(request)):
        messages.info(request, "There is nothing to compare again here.")
    return redirect("booth", check.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def booth_delete(request: HttpRequest, pk: int) -> HttpResponse:
    check = find_booth_check(request, pk)
    if not rights_in(check.applicant.opening.team, request).add and check.taken_by_id != person(request).pk:
        raise PermissionDenied(DELETING)
    if request.method == "POST":
        try:
            erase_picture(check=check, by=person(request))
        except CannotErase as reason:
            messages.error(request, str(reason))
        else:
            messages.success(request, "The picture and everything measured on it is deleted. The answers stay.")
        return redirect("booth", check.pk)
    context = {"check": check, "applicant": check.applicant, "opening": check.applicant.opening}
    return answer(request, "booth/delete.html", context)


@require_safe
def booth_picture(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """What the worker re-encoded; what came in is never served. Not kept by the browser: phones are handed around."""
    check = find_booth_check(request, pk)
    if name not in PICTURES or not check.has_pictures:
        raise Http404
    try:
        with storages["previews"].open(check.picture_key(name)) as stored:
            content = stored.read()
    except OSError as error:
        raise Http404 from error
    headers = {"Cache-Control": "private, no-store", "Cross-Origin-Resource-Policy": "same-origin"}
    return HttpResponse(content, content_type="image/webp", headers=headers)
