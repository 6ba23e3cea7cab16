"""What happened in the reader's teams."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.models import Opening, User
from vetting.web.access import person
from vetting.web.activity import CANDID, Asked, feed
from vetting.web.answers import answer
from vetting.web.verbs import KINDS


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """Newest first; who, what kind and which opening stand in the address."""
    reader, asked = person(request), Asked.of(request.GET)
    mates = User.objects.filter(memberships__team__memberships__user=reader).distinct()
    context = {
        "feed": feed(reader, asked),
        "asked": asked,
        "candid": CANDID,
        "kinds": [(code, title) for code, (title, _) in KINDS.items()],
        "people": mates.order_by("first_name", "username"),
        "openings": Opening.objects.visible_to(reader).order_by("closed_at", "title", "pk"),
    }
    return answer(request, "activity.html", context)
