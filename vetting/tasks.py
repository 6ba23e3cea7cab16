"""Stage 2: the doorbell. An id goes in, nothing comes out; whatever is lost here, the sweep rings for again."""

from __future__ import annotations

import logging

from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from vetting import analysis as stage
from vetting import retention, summaries
from vetting.booth import comparing as booth_stage
from vetting.bulk import forgetting
from vetting.certify import examining
from vetting.models import Analysis, BoothCheck, Bulk, CertificationPhoto
from vetting.reply import comparing as originals
from vetting.tokens import forget_calls
from vetting.webhooks import delivering

log = logging.getLogger(__name__)


@shared_task(name="vetting.tasks.analyse")
def analyse(analysis_id: int) -> None:
    stage.run(analysis_id)
    ring_for_waiting()


def ring(analysis_id: int) -> None:
    """Puts the id into the queue; with the broker away the row waits for the sweep, and the upload still stands."""
    try:
        analyse.delay(analysis_id)
    except (OperationalError, OSError) as error:
        log.warning("the queue does not answer (%s); the sweep will ring for analysis %s", error, analysis_id)


def ring_for_waiting() -> None:
    """Rings for the oldest photos of imports, as far as fewer than BULK_AT_ONCE photos are on their way."""
    now, rows = timezone.now(), Analysis.objects
    waiting = list(rows.waiting_their_turn().values_list("pk", flat=True)[: settings.BULK_AT_ONCE])
    if not waiting:
        return
    free = settings.BULK_AT_ONCE - rows.in_flight(now, settings.QUEUED_TOO_LONG).count()
    for pk in waiting[: max(free, 0)]:
        if rows.filter(pk=pk, rung_at=None).update(rung_at=now):
            ring(pk)


def ring_for_import(bulk_id: int) -> None:
    """An import's own bell, by its name: its task calls intake, which stands above this module."""
    try:
        current_app.send_task("vetting.bulk.tasks.carry_on", [bulk_id])
    except (OperationalError, OSError) as error:
        log.warning("the queue does not answer (%s); the sweep will ring for import %s", error, bulk_id)


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


@shared_task(name="vetting.tasks.compare")
def compare(comparison_id: int) -> None:
    """A candidate's original beside the photo that came first."""
    originals.run(comparison_id)


@shared_task(name="vetting.tasks.booth")
def booth(check_id: int) -> None:
    booth_stage.run(check_id)


def ring_for_booth(check_id: int) -> None:
    try:
        booth.delay(check_id)
    except (OperationalError, OSError) as error:
        log.warning("the queue does not answer (%s); the sweep will ring for booth check %s", error, check_id)


@shared_task(name="vetting.tasks.deliver")
def deliver(webhook_id: int) -> None:
    delivering.deliver(webhook_id)


@shared_task(name="vetting.tasks.send_summaries", time_limit=settings.BULK_TIME_LIMIT)
def send_summaries() -> None:
    summaries.send_due()


@shared_task(name="vetting.tasks.forget", time_limit=settings.BULK_TIME_LIMIT)
def forget() -> None:
    """Whom retention or a candidate's own request deletes by now."""
    retention.forget_due()


@shared_task(name="vetting.tasks.sweep")
def sweep() -> None:
    """Rings again for rows queued too long and for leases that ran out."""
    now = timezone.now()
    forgotten = Analysis.objects.forgotten(now, settings.QUEUED_TOO_LONG).values_list("pk", flat=True)[:1000]
    for pk in list(forgotten):
        Analysis.objects.filter(pk=pk).update(rung_at=now)
        ring(pk)
    for pk in list(booth_stage.forgotten(now, settings.QUEUED_TOO_LONG).values_list("pk", flat=True)[:1000]):
        BoothCheck.objects.filter(pk=pk).update(rung_at=now)
        ring_for_booth(pk)
    ring_for_waiting()
    for pk in list(Bulk.objects.forgotten(now, settings.QUEUED_TOO_LONG).values_list("pk", flat=True)):
        if Bulk.objects.forgotten(now, settings.QUEUED_TOO_LONG).filter(pk=pk).update(lease_until=now):
            ring_for_import(pk)
    ring_for_certifications()
    originals.ring_again()
    examining.delete_leftovers()
    forgetting.delete_leftovers()
    retention.delete_leftovers()
    delivering.ring_for_due()
    delivering.forget_old()
    forget_calls()
