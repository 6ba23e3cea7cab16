"""What an operator watches, in Prometheus' text format: counted from the rows when it is asked for, as the row is the
truth whatever became of a process. Numbers alone: no team, no name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from celery import current_app
from django.db import models
from django.db.models import Avg, Count, ExpressionWrapper, F, Q
from django.db.models.functions import Now
from django.utils import timezone
from kombu.exceptions import OperationalError
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from vetting.models import Analysis, Applicant, BoothCheck, Bulk, Comparison, Delivery
from vetting.models.leased import Leased, State

WINDOW = dt.timedelta(minutes=5)  # of "lately": long enough for a quiet site, short enough for an alarm
QUEUE_PATIENCE = 2  # seconds
JOBS: tuple[tuple[str, type[Analysis | Comparison | BoothCheck]], ...] = (
    ("examination", Analysis),
    ("comparison", Comparison),
    ("booth", BoothCheck),
)


def metrics() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Rows())
    return generate_latest(registry)


class _Rows(Collector):
    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily(
            "candid_jobs", "Jobs by kind and state, as their rows have it.", labels=["kind", "state"]
        )
        oldest = GaugeMetricFamily(
            "candid_oldest_waiting_seconds", "How long the first in the queue has waited.", labels=["kind"]
        )
        lost = GaugeMetricFamily(
            "candid_lost_leases", "Running jobs whose worker has let the lease run out.", labels=["kind"]
        )
        for kind, model in JOBS:
            for state, count in _by_state(model).items():
                jobs.add_metric([kind, state], count)
            oldest.add_metric([kind], _oldest(model))
            overdue = Q(state=State.RUNNING, lease_until__lt=Now())
            lost.add_metric([kind], model._default_manager.filter(overdue).count())
        yield from (jobs, oldest, lost)
        yield from _lately()
        yield from _waiting()
        yield GaugeMetricFamily(
            "candid_queue_up", "1 where the queue (Redis, or the folder) answers.", int(queue_answers())
        )


def queue_answers() -> bool:
    with current_app.connection_for_write(connect_timeout=QUEUE_PATIENCE) as connection:
        try:
            connection.ensure_connection(max_retries=1, timeout=QUEUE_PATIENCE)
        except (OperationalError, OSError):
            return False
    return True


def _by_state(model: type[Leased]) -> dict[str, int]:
    """All states, those that nobody is in too, so that a graph has no gaps."""
    counted = model._default_manager.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys((str(state) for state in State), 0) | dict(counted)


def _oldest(model: type[Analysis | Comparison | BoothCheck]) -> float:
    """Seconds; 0 where nothing waits. Photos of an import that wait their turn are not in the queue yet."""
    waiting = model._default_manager.filter(state=State.QUEUED, rung_at__isnull=False).order_by("rung_at")
    rung = waiting.values_list("rung_at", flat=True).first()
    return max(0.0, (timezone.now() - rung).total_seconds()) if rung else 0.0


def _lately() -> Iterator[Metric]:
    done = Analysis.objects.filter(finished_at__gte=timezone.now() - WINDOW)
    counts = done.aggregate(
        examined=Count("pk", filter=Q(state=State.DONE)), failed=Count("pk", filter=Q(state=State.FAILED))
    )
    yield GaugeMetricFamily(
        "candid_examined_5m", "Examinations that ended in the last five minutes.", counts["examined"]
    )
    yield GaugeMetricFamily("candid_failed_5m", "Examinations that failed in the last five minutes.", counts["failed"])
    ended = done.filter(state=State.DONE, started_at__isnull=False)
    took = ended.aggregate(mean=Avg(ExpressionWrapper(F("finished_at") - F("started_at"), models.DurationField())))
    mean = took["mean"].total_seconds() if took["mean"] else 0.0
    yield GaugeMetricFamily("candid_examination_seconds_5m", "Their mean duration; 0 where there was none.", mean)


def _waiting() -> Iterator[Metric]:
    cases = Applicant.objects.filter(waits=1).count()
    yield GaugeMetricFamily("candid_cases_waiting", "Applicants who wait for a person's decision.", cases)
    imports = Bulk.objects.under_way().count()
    yield GaugeMetricFamily("candid_imports_under_way", "Imports that a worker has to do with.", imports)
    unsent = Delivery.objects.filter(state=Delivery.State.WAITING).count()
    yield GaugeMetricFamily("candid_webhook_messages_waiting", "Messages to webhooks that are not delivered.", unsent)
