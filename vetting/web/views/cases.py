"""One case in the queue: taking it, giving it back, passing it on, the first look, and undoing a decision."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from vetting.models import Applicant, Decision
from vetting.models.first_look import Sees
from vetting.review import CannotDecide, undo_decision
from vetting.review.blind import CannotLook, look_first
from vetting.review.deciders import deciders_of
from vetting.review.taking import CannotTake, pass_on, release_case, take_case
from vetting.web.access import demand_deciding, find_applicant, person, rights_in
from vetting.web.forms import DecisionForm, FirstLookForm
from vetting.web.trip import Trip
from vetting.web.views.applicants import show_case


@require_POST
def case_take(request: HttpRequest, pk: int) -> HttpResponse:
    case = find_applicant(request, pk)
    demand_deciding(case.opening, request)
    try:
        take_case(applicant=case, by=person(request))
    except CannotTake as reason:
        messages.error(request, str(reason))
    return _back(request, case)


@require_POST
def case_release(request: HttpRequest, pk: int) -> HttpResponse:
    case = find_applicant(request, pk)
    rights_in(case.opening.team, request)
    try:
        release_case(applicant=case, by=person(request))
    except CannotTake as reason:
        messages.error(request, str(reason))
    return _back(request, case)


@require_POST
def case_pass_on(request: HttpRequest, pk: int) -> HttpResponse:
    """to: a member of the team who may decide; anybody else is not found."""
    case = find_applicant(request, pk)
    demand_deciding(case.opening, request)
    asked = request.POST.get("to", "")
    if not asked:
        messages.error(request, "Choose whom the case goes to.")
        return _back(request, case)
    if not asked.isdecimal() or len(asked) > 18:
        raise Http404
    to = get_object_or_404(deciders_of(case.opening), user=int(asked)).user
    try:
        pass_on(applicant=case, by=person(request), to=to)
    except CannotTake as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, f"{case} is in the hands of {to} now.")
    return _back(request, case)


@require_POST
def first_look(request: HttpRequest, pk: int) -> HttpResponse:
    """What the reader sees before the findings are shown."""
    case = find_applicant(request, pk)
    rights_in(case.opening.team, request)
    form = FirstLookForm(request.POST)
    if not form.is_valid():
        return show_case(request, pk, DecisionForm(), form)
    try:
        said = form.cleaned_data
        look_first(applicant=case, reviewer=person(request), sees=Sees(said["sees"]), note=said["note"])
    except CannotLook as reason:
        messages.error(request, str(reason))
    return _back(request, case)


@require_POST
def decision_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Of one's own latest decision; a team mate is told so, a stranger finds nothing."""
    mine = Applicant.objects.visible_to(person(request))
    decision = get_object_or_404(
        Decision.objects.filter(applicant__in=mine).select_related("applicant__opening"), pk=pk
    )
    if decision.reviewer_id != person(request).pk:
        raise PermissionDenied("Only who made the decision undoes it. You can reopen the case, with a reason.")
    try:
        undo_decision(decision=decision, by=person(request))
    except CannotDecide as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, f"Undone. {decision.applicant} is in your hands again.")
    return redirect(Trip.of(request.GET, person(request)).address(decision.applicant))


def _back(request: HttpRequest, case: Applicant) -> HttpResponse:
    """To the list for who came from one of its rows, else to the case."""
    trip = Trip.of(request.GET, person(request))
    return redirect(trip.list_address if request.GET.get("then") == "list" else trip.address(case))
