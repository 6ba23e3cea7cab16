"""The doorbell of an import. An id goes in, nothing comes out; what is lost here, the sweep rings for again."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from vetting.bulk import importing, reading, turn, undoing
from vetting.models import Bulk

STAGES = {Bulk.State.READING: reading.run, Bulk.State.RUNNING: importing.run, Bulk.State.DONE: undoing.run}
log = logging.getLogger(__name__)


@shared_task(name="vetting.bulk.tasks.carry_on", time_limit=settings.BULK_TIME_LIMIT)
def carry_on(bulk_id: int) -> None:
    """The next part of an import, if no other worker has it."""
    bulk = turn.take(bulk_id)
    if bulk is None:
        return
    try:
        STAGES[Bulk.State(bulk.state)](bulk)
    except turn.LostTurn:
        log.info("import %s went to another worker, or was stopped", bulk_id)
