"""The list of openings, one opening's applicants, and the forms."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from vetting.models import Applicant, Opening
from vetting.models.applicant import Review
from vetting.openings import change_opening, create_opening
from vetting.web.access import ADDING, demand_running, find_opening, person, rights_in, teams_to_add_to
from vetting.web.answers import answer
from vetting.web.forms import ChangeOpeningForm, OpeningForm
from vetting.web.listing import SORTS, VERDICT_CHOICES, Listing, in_work, page_of

FOUND_AT_ONCE = 20  # applicants that the search in the header shows


@require_safe
def openings(request: HttpRequest) -> HttpResponse:
    """All openings; with ?q= those whose title has the words, and applicants found by name."""
    query = Listing.of(request.GET).query
    found = Opening.objects.visible_to(person(request)).for_list()
    people = Applicant.objects.none()
    if query:
        found = found.filter(title__icontains=query)
        people = Applicant.objects.visible_to(person(request)).for_dashboard().matching(query).order_by("name", "pk")
    context = {
        "openings": found,
        "query": query,
        "people": people[:FOUND_AT_ONCE],
        "can_add": teams_to_add_to(request).exists(),
    }
    return answer(request, "openings/openings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def opening_new(request: HttpRequest) -> HttpResponse:
    teams = teams_to_add_to(request)
    if not teams:
        raise PermissionDenied(ADDING)
    form = OpeningForm(request.POST or None, teams=teams)
    if form.is_valid():
        made = create_opening(by=person(request), **form.cleaned_data)
        messages.success(request, f"“{made}” is open. Add the first applicant.")
        return redirect(made)
    return answer(request, "openings/form.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def opening_edit(request: HttpRequest, pk: int) -> HttpResponse:
    opening = find_opening(request, pk)
    demand_running(opening.team, request)
    form = ChangeOpeningForm(request.POST or None, instance=opening, initial={"closed": opening.closed_at is not None})
    if form.is_valid():
        change_opening(opening=opening, by=person(request), **form.cleaned_data)
        messages.success(request, "The opening is changed.")
        return redirect(opening)
    context = {"form": form, "opening": find_opening(request, pk)}
    return answer(request, "openings/form.html", context)


@require_safe
def opening(request: HttpRequest, pk: int) -> HttpResponse:
    """The applicants' table; while one on the page is in work, htmx asks for the table alone."""
    shown = find_opening(request, pk)
    rights = rights_in(shown.team, request)
    listing = Listing.of(request.GET)
    page = page_of(listing.applied_to(Applicant.objects.filter(opening=shown).for_dashboard()), request.GET.get("page"))
    context = {
        "opening": shown,
        "rights": rights,
        "listing": listing,
        "page": page,
        "in_work": in_work(page),
        "sorts": SORTS,
        "verdicts": VERDICT_CHOICES,
        "reviews": Review.choices,
    }
    return answer(request, "openings/opening.html", context, parts={"applicants": "openings/_applicants.html"})
