"""One applicant: adding, the page with the evidence, deciding, forgetting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import reswap, retarget

from vetting.intake import add_applicant
from vetting.keeping.receipts import address_of
from vetting.keeping.traces import written_elsewhere
from vetting.models import Analysis, Applicant, Decision, Photo, Tombstone
from vetting.models.decision import Choice
from vetting.retention import UnderHold, forget_applicant
from vetting.review import CannotDecide, decide_case
from vetting.review.blind import may_see_findings
from vetting.review.order import after, place_of
from vetting.web.access import demand_adding, demand_deciding, find_applicant, find_opening, person, rights_in
from vetting.web.answers import answer, htmx
from vetting.web.board import board_of
from vetting.web.booth import booth_panel
from vetting.web.elsewhere import seen_elsewhere
from vetting.web.evidence import Dossier, dossier
from vetting.web.forms import ApplicantForm, DecisionForm, FirstLookForm
from vetting.web.handling import handling_of, openings_of
from vetting.web.keeping import keeping_of
from vetting.web.reply_panel import reply_panel
from vetting.web.timeline import timeline
from vetting.web.trip import Trip
from vetting.web.with_candidate import with_candidate

PARTS = {"case": "applicants/_case.html", "slide": "applicants/_slide.html", "progress": "applicants/_progress.html"}


@require_http_methods(["GET", "HEAD", "POST"])
def applicant_new(request: HttpRequest, pk: int) -> HttpResponse:
    opening = find_opening(request, pk)
    demand_adding(opening.team, request)
    form = ApplicantForm(request.POST or None)
    if form.is_valid():
        added = add_applicant(opening=opening, by=person(request), **form.cleaned_data)
        messages.success(request, f"{added} is added. Upload a photo now.")
        return redirect(added)
    context = {"form": form, "opening": opening}
    return answer(request, "applicants/form.html", context)


@require_safe
def applicant(request: HttpRequest, pk: int) -> HttpResponse:
    return show_case(request, pk, DecisionForm())


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    case = find_applicant(request, pk)
    demand_deciding(case.opening, request)
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            decision = decide_case(
                applicant=case,
                reviewer=person(request),
                choice=Choice(form.cleaned_data["choice"]),
                reason=form.cleaned_data["reason"],
            )
        except CannotDecide as reason:
            form.add_error(None, str(reason))
        else:
            return redirect(_next_address(request, case, decision))
    return show_case(request, pk, form)


def _next_address(request: HttpRequest, case: Applicant, decision: Decision) -> str:
    """On the way through the queue the next case, or the queue where none is left; else the case itself."""
    trip, decided = Trip.of(request.GET, person(request)), {"decided": str(decision.pk)}
    if not trip.under_way or decision.choice == Choice.REOPEN:
        return trip.address(case, **decided)
    openings = openings_of(trip.reader)
    following = after(trip.queue(openings), place_of(case), trip.reader)
    return trip.address(following, **decided) if following else trip.list_with(**decided)


@require_http_methods(["GET", "HEAD", "POST"])
def applicant_forget(request: HttpRequest, pk: int) -> HttpResponse:
    case = find_applicant(request, pk)
    demand_adding(case.opening.team, request)
    if request.method == "POST":
        cause = Tombstone.Cause.REQUEST if request.POST.get("asked") else Tombstone.Cause.FORGOTTEN
        try:
            stone = forget_applicant(applicant=case, by=person(request), cause=cause)
        except UnderHold as reason:
            messages.error(request, str(reason))
            return redirect(f"{case.get_absolute_url()}#keeping")
        messages.success(
            request,
            "The applicant and everything stored about the person is deleted. "
            f"The receipt, to pass on to them: {address_of(stone.code)}",
        )
        return redirect(case.opening)
    context = {"applicant": case, "photos": case.photos.count(), "keeping": keeping_of(case)}
    return answer(request, "applicants/forget.html", context | {"elsewhere": written_elsewhere(case)})


def show_case(
    request: HttpRequest,
    pk: int,
    form: DecisionForm,
    look_form: FirstLookForm | None = None,
    note: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The applicant's page. Polled for its progress, it answers with the whole case once that has something new."""
    context = case_context(request, pk)
    context |= {"form": form, "look_form": look_form or FirstLookForm()}
    if htmx(request).target not in PARTS:  # they hold no notes, and whoever polls has not read them
        shown, photos = context["applicant"], context["photos"]
        context["reply_panel"] = reply_panel(shown, photos, blind=context["blind"])
        context["keeping"] = keeping_of(shown)
        context |= {"board": board_of(context["applicant"], person(request), blind=context["blind"]), "note": note}
    context |= {"max_files": settings.MAX_PHOTOS_AT_ONCE, "max_bytes": settings.MAX_PHOTO_BYTES}
    response = answer(request, "applicants/applicant.html", context, parts=PARTS)
    if htmx(request).target == "progress" and (not context["in_work"] or _outdated(request, context["dossier"])):
        response = answer(request, PARTS["case"], context)
        return reswap(retarget(response, "#case"), "outerHTML")
    return response


def _outdated(request: HttpRequest, evidence: Dossier | None) -> bool:
    """Whether the reader still sees an older analysis than the newest finished one (?shown=, 0 for none)."""
    newest = evidence.analysis.pk if evidence and evidence.analysis else 0
    return request.GET.get("shown", str(newest)) != str(newest)


def case_context(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What the page and its parts need; 404 for a stranger and for a photo of somebody else."""
    shown = get_object_or_404(Applicant.objects.visible_to(person(request)).for_page(), pk=pk)
    photos = list(shown.photos.all())
    photo = _chosen(photos, request.GET.get("photo"), shown.cover_id)
    rights = rights_in(shown.opening.team, request)
    blind = not may_see_findings(person(request), shown)
    evidence = (Dossier(photo=photo, analysis=None) if blind else _evidence(photo)) if photo else None
    return {
        "applicant": shown,
        "opening": shown.opening,
        "rights": rights,
        "blind": blind,
        "booth": booth_panel(shown, rights, blind=blind),
        "handling": handling_of(request, shown, person(request), rights, blind),
        "candidate": with_candidate(shown, photos, may_use=rights.add),
        "photos": photos,
        "photo": photo,
        "latest": photo.latest_analysis if photo else None,
        "dossier": evidence,
        "in_work": [a for p in photos for a in p.analyses.all() if a.in_work],
        "steps": timeline(shown, taken=evidence.taken if evidence else "", blind=blind),
    }


def _chosen(photos: list[Photo], asked: str | None, cover: int | None) -> Photo | None:
    if asked:
        found = next((photo for photo in photos if str(photo.pk) == asked), None)
        if found is None:
            raise Http404
        return found
    return next((photo for photo in photos if photo.pk == cover), photos[0] if photos else None)


def _evidence(photo: Photo) -> Dossier:
    """With the newest finished analysis, its result and findings loaded, and where else the picture stands."""
    newest = photo.latest_result
    full = Analysis.objects.prefetch_related("findings").get(pk=newest.pk) if newest else None
    return dossier(photo, full, seen_elsewhere(photo))
