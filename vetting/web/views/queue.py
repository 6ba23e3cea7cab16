"""What waits for a person, over all openings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.models import Applicant
from vetting.web.access import person
from vetting.web.answers import answer
from vetting.web.listing import in_work, page_of


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The undecided: gravest verdict first, then who has waited longest."""
    page = page_of(Applicant.objects.visible_to(person(request)).for_queue(), request.GET.get("page"))
    context = {"page": page, "in_work": in_work(page)}
    return answer(request, "queue.html", context, parts={"applicants": "_queue.html"})
