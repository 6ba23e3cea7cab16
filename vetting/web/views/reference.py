"""Pages to look things up: how good the checks are, and every component in every state."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.web.answers import answer
from vetting.web.document import read_document
from vetting.web.samples import samples

ACCURACY = settings.BASE_DIR / "docs" / "accuracy.md"


@require_safe
def accuracy(request: HttpRequest) -> HttpResponse:
    """The measured error rates as docs/accuracy.md holds them."""
    return answer(request, "accuracy.html", {"blocks": read_document(ACCURACY)})


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    return answer(request, "styleguide.html", samples())
