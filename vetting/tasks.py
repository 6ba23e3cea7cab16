"""Stage 2: the doorbell. An id goes in, nothing comes out; whatever is lost here, the sweep rings for again."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from vetting import analysis as stage
from vetting.certify import examining
from vetting.models import Analysis, CertificationPhoto

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


@shared_task(name="vetting.tasks.certify")
def certify(photo_id: int) -> None:
    """One photo of a certification; then the bell rings for the next, so that few stand before an applicant's photo."""
    examining.run(photo_id)
    ring_for_certifications()


def ring_for_certifications() -> None:
    """Rings for the oldest photos that wait, as far as fewer than CERTIFY_AT_ONCE are on their way."""
    now, rows = timezone.now(), CertificationPhoto.objects
    free = settings.CERTIFY_AT_ONCE - rows.in_flight(now, settings.QUEUED_TOO_LONG).count()
    waiting = rows.to_ring(now, settings.QUEUED_TOO_LONG).values_list("pk", flat=True)
    for pk in list(waiting[: max(free, 0)]):
        rows.filter(pk=pk).update(rung_at=now)
        try:
            certify.delay(pk)
        except (OperationalError, OSError) as error:
            log.warning("the queue does not answer (%s); the sweep will ring for certification photo %s", error, pk)


@shared_task(name="vetting.tasks.sweep")
def sweep() -> None:
    """Rings again for rows queued too long and for leases that ran out."""
    now = timezone.now()
    forgotten = Analysis.objects.forgotten(now, settings.QUEUED_TOO_LONG).values_list("pk", flat=True)[:1000]
    for pk in list(forgotten):
        Analysis.objects.filter(pk=pk).update(rung_at=now)
        ring(pk)
    ring_for_certifications()
    examining.delete_leftovers()
