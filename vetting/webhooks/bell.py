"""The doorbell of a webhook: the task by its name, since what announces stands below the tasks."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

TASK = "vetting.tasks.deliver"
log = logging.getLogger(__name__)


def ring(webhook_id: int) -> None:
    """With the broker away the rows wait for the sweep."""
    try:
        current_app.send_task(TASK, [webhook_id])
    except (OperationalError, OSError) as error:
        log.warning("the queue does not answer (%s); the sweep will ring for webhook %s", error, webhook_id)
