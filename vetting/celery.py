"""The Celery app: JSON only, no result backend, one task at a time per worker child."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")

FORGET_EVERY = 300  # seconds; a day's retention is not kept to the second, and a run looks at every opening
SUMMARIES_EVERY = 3600  # seconds; whose hour has come, and whose mail failed an hour ago
TRANSPORT_ALIASES["folder"] = "vetting.folder_queue:Transport"
app = Celery("candid")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    task_time_limit=settings.ANALYSIS_TIME_LIMIT,
    worker_enable_remote_control=bool(settings.REDIS_URL),
    worker_max_tasks_per_child=500,  # a leak in a decoder stays small
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    beat_schedule={
        "sweep": {
            "task": "vetting.tasks.sweep",
            "schedule": settings.SWEEP_EVERY,
            "options": {"expires": settings.SWEEP_EVERY},
        },
        "forget": {
            "task": "vetting.tasks.forget",
            "schedule": FORGET_EVERY,
            "options": {"expires": FORGET_EVERY},
        },
        "summaries": {
            "task": "vetting.tasks.send_summaries",
            "schedule": SUMMARIES_EVERY,
            "options": {"expires": SUMMARIES_EVERY},
        },
    },
    beat_sync_every=1,  # the schedule's file then tells how long ago the sweep was sent
    beat_schedule_filename=str(settings.VAR_DIR / "beat-schedule"),
)
app.autodiscover_tasks(["vetting", "vetting.bulk"])


@setup_logging.connect
def keep_django_logging(**_: object) -> None:
    """Celery would lay its own handlers over LOGGING."""
    from logging.config import dictConfig

    dictConfig(settings.LOGGING)
