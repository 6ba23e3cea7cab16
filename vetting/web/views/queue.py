"""What waits for a person, over all openings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.review.deciders import role_decides
from vetting.web.access import person
from vetting.web.answers import answer, htmx
from vetting.web.handling import just_decided, openings_of
from vetting.web.kept import kept_for
from vetting.web.listing import VERDICT_CHOICES, in_work, page_of
from vetting.web.trip import WHOSE, Trip


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The undecided: strongest evidence first, then who has waited longest. The filters stand in the address."""
    trip, openings = Trip.of(request.GET, person(request)), openings_of(person(request))
    page = page_of(trip.queue(openings), request.GET.get("page"), trip.reader)
    context = {
        "page": page,
        "in_work": in_work(page),
        "trip": trip,
        "kept": None if htmx(request) else kept_for(request.GET, trip.reader),
        "openings": openings,
        "decides": {opening.pk for opening in openings if role_decides(opening, getattr(opening, "reader_role", ""))},
        "blind": any(opening.blind_first for opening in openings),
        "verdicts": VERDICT_CHOICES,
        "whose": WHOSE,
        "just": just_decided(request, trip.reader),
    }
    return answer(request, "queue.html", context, parts={"applicants": "_queue.html"})
