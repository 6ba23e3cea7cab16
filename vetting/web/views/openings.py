"""The list of openings, one opening's applicants, and the forms."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from vetting.keeping.retention import leaving_in
from vetting.models import Applicant, Bulk, Opening
from vetting.models.applicant import Review
from vetting.openings import change_opening, create_opening
from vetting.web.access import ADDING, demand_running, find_opening, person, rights_in, teams_to_add_to
from vetting.web.answers import answer, htmx
from vetting.web.forms import ChangeOpeningForm, OpeningForm
from vetting.web.hashes import hash_in, holding
from vetting.web.kept import kept_for
from vetting.web.listing import SORTS, VERDICT_CHOICES, Listing, in_work, page_of, rows_of

FOUND_AT_ONCE = 20  # applicants that the search in the header shows


@require_safe
def openings(request: HttpRequest) -> HttpResponse:
    """All openings; with ?q= those whose title has the words, and applicants found by name or by a photo's hash."""
    query, reader = Listing.of(request.GET).query, person(request)
    found = Opening.objects.visible_to(person(request)).for_list()
    people: list[Applicant] = []
    by_hash = Applicant.objects.none()
    digits = hash_in(query)
    if digits:
        by_hash = holding(Applicant.objects.visible_to(reader).for_dashboard(reader), digits, reader).order_by("pk")
    if query:
        found = found.filter(title__icontains=query)
        named = Applicant.objects.visible_to(reader).matching(query).order_by("search_text", "pk")
        people = rows_of(list(named.values_list("pk", flat=True)[:FOUND_AT_ONCE]), reader)
    context = {
        "openings": found.listed(),
        "query": query,
        "people": people,
        "digits": digits,
        "by_hash": by_hash[:FOUND_AT_ONCE],
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
    people = Applicant.objects.filter(opening=shown).for_dashboard(person(request))
    page = page_of(listing.applied_to(people, blind=shown.blind_first), request.GET.get("page"), person(request))
    context = {
        "opening": shown,
        "rights": rights,
        "bulk": Bulk.objects.for_opening_page(shown).first() if rights.add else None,
        "listing": listing,
        "kept": None if htmx(request) else kept_for(request.GET, person(request), shown),
        "page": page,
        "in_work": in_work(page),
        "leaving": None if htmx(request) else leaving_in(shown),
        "sorts": SORTS,
        "verdicts": VERDICT_CHOICES,
        "reviews": Review.choices,
    }
    return answer(request, "openings/opening.html", context, parts={"applicants": "openings/_applicants.html"})
