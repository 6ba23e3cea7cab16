"""For machines that watch this one: alive, ready, and what an operator's graphs show."""

from __future__ import annotations

import hmac
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from vetting.web.metrics import metrics


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where the process answers and the database does too; an exception, so 500, where it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where this release can serve: the tables are as it needs them. A queue that is away does not matter here:
    uploads stand as rows, and the sweep rings later."""
    if _tables_are_there():
        return HttpResponse("ready", content_type="text/plain")
    _tables_are_there.cache_clear()
    return HttpResponse("waits for `manage.py migrate`", status=503, content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """For whoever has the token of CANDID_METRICS_TOKEN; without one, or without such a setting, there is no page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(metrics(), content_type=CONTENT_TYPE_LATEST)


@cache
def _tables_are_there() -> bool:
    """Tables of a later release are no obstacle: it adds, and this release does not ask for what was added."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
