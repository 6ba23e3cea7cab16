"""Stage 2: the doorbell. An id goes in, nothing comes out; whatever is lost here, the sweep rings for again."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from vetting import analysis as stage
from vetting.models import Analysis

log = logging.getLogger(__name__)


@shared_task(name="vetting.tasks.analyse")
def analyse(analysis_id: int) -> None:
    stage.run(analysis_id)


def ring(analysis_id: int) -> None:
    """Puts the id into the queue; with the broker away the row waits for the sweep, and the upload still stands."""
    try:
        analyse.delay(analysis_id)
    except (OperationalError, OSError) as error:
        log.warning("the queue does not answer (%s); the sweep will ring for analysis %s", error, analysis_id)


@shared_task(name="vetting.tasks.sweep")
def sweep() -> None:
    """Rings again for rows queued too long and for leases that ran out."""
    now = timezone.now()
    forgotten = Analysis.objects.forgotten(now, settings.QUEUED_TOO_LONG).values_list("pk", flat=True)[:1000]
    for pk in list(forgotten):
        Analysis.objects.filter(pk=pk).update(rung_at=now)
        ring(pk)
