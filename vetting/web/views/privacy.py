"""What this installation stores and does: for anybody, without an account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vetting.web.answers import answer
from vetting.web.privacy import sections, version


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return answer(request, "privacy.html", {"sections": sections(), "version": version()})
