"""Pages to look things up: how good the checks are, and every component in every state."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.certify.standing import in_force_words
from vetting.models import Team
from vetting.web.access import person
from vetting.web.answers import answer
from vetting.web.figures import read_figures
from vetting.web.installed import installed
from vetting.web.samples import samples

ACCURACY = settings.BASE_DIR / "docs" / "accuracy.md"
WEIGHTS = settings.BASE_DIR / "detector" / "weights"


@require_safe
def accuracy(request: HttpRequest) -> HttpResponse:
    """The measured error rates as docs/accuracy.md holds them, with versions, dates and the teams' own photos."""
    now = installed(settings.TRUST_DIR, settings.PACKS_DIR)
    teams = Team.objects.filter(memberships__user=person(request)).order_by("name")
    context = {
        "figures": read_figures(ACCURACY, WEIGHTS, now),
        "packs": now.packs,
        "certified": [(team, words) for team in teams if (words := in_force_words(team))],
    }
    return answer(request, "accuracy.html", context)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    return answer(request, "styleguide.html", samples())
