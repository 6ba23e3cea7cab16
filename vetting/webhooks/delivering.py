"""Sending what waits: each try is counted before it is made, so that a worker that dies has made one."""

from __future__ import annotations

import datetime as dt
import random
import time

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from vetting import audit
from vetting.models import Delivery, Webhook
from vetting.webhooks.bell import ring
from vetting.webhooks.sending import Answer, send

MINUTES = (1, 5, 15, 60, 180, 360, 720)  # between one try and the next; a day and a half in all
TRIES = len(MINUTES) + 1
JITTER = 0.2  # of a pause, so that messages that failed together do not come back together
REST = dt.timedelta(minutes=2)  # for the other messages to an address that did not answer at all
SENDING_FOR = 20  # seconds that one task sends; then others have their turn
KEPT = dt.timedelta(days=30)  # what was delivered or given up

State = Delivery.State


def due(now: dt.datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=State.WAITING, next_at__lte=now, webhook__active=True)


def ring_for_due() -> None:
    """Once for each webhook with something due: whatever the queue lost is rung for again."""
    for pk in due(timezone.now()).order_by("webhook").values_list("webhook", flat=True).distinct():
        ring(pk)


def deliver(webhook_id: int) -> None:
    """Sends what is due to one webhook, oldest first, for a while; rings again where something is left."""
    until = time.monotonic() + SENDING_FOR
    while delivery := _claim(webhook_id):
        if time.monotonic() > until:
            _put_back(delivery)
            ring(webhook_id)
            return
        if not _settle(delivery, send(delivery)):
            return


def _claim(webhook_id: int) -> Delivery | None:
    """The oldest that is due, as a try of this worker's."""
    while True:
        now = timezone.now()
        waiting = due(now).filter(webhook=webhook_id).order_by("next_at", "pk")
        delivery = waiting.select_related("webhook__team").first()
        if delivery is None:
            return None
        mine = Delivery.objects.filter(pk=delivery.pk, state=State.WAITING, tries=delivery.tries, next_at__lte=now)
        if mine.update(tries=delivery.tries + 1, next_at=now + pause_after(delivery.tries + 1)):
            delivery.tries += 1
            return delivery


def pause_after(tries: int) -> dt.timedelta:
    minutes = MINUTES[min(tries, len(MINUTES)) - 1]
    return dt.timedelta(minutes=minutes * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret


def _put_back(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk, tries=delivery.tries).update(
        tries=delivery.tries - 1, next_at=timezone.now()
    )


@transaction.atomic
def _settle(delivery: Delivery, answer: Answer) -> bool:
    """Writes how the try ended; False where nothing more should be sent to this webhook now."""
    row = Delivery.objects.filter(pk=delivery.pk, tries=delivery.tries, state=State.WAITING)
    told = {"answer": answer.status, "problem": answer.problem}
    if answer.taken:
        row.update(state=State.DELIVERED, delivered_at=timezone.now(), next_at=None, **told)
        return True
    if answer.gone:
        row.update(state=State.GIVEN_UP, next_at=None, **told)
        _switch_off(delivery.webhook)
        return False
    given_up = {"state": State.GIVEN_UP, "next_at": None} if delivery.tries >= TRIES else {}
    row.update(**told, **given_up)
    if answer.status is None:
        now = timezone.now()
        due(now).filter(webhook=delivery.webhook).update(next_at=now + REST)
        return False
    return True


def _switch_off(webhook: Webhook) -> None:
    """410: the receiver says that nothing is to come any more. What waits stays, for when it is switched on again."""
    if Webhook.objects.filter(pk=webhook.pk, active=True).update(active=False):
        audit.record(team=webhook.team, actor=None, verb="webhook.switched-off", subject=webhook, because="410 Gone")


def forget_old() -> None:
    """What was delivered or given up long ago."""
    Delivery.objects.exclude(state=State.WAITING).filter(made_at__lt=timezone.now() - KEPT).delete()
