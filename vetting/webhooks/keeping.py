"""A team's webhooks: making, changing, deleting, trying one out, and sending a message again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.models import Delivery, Team, User, Webhook
from vetting.webhooks.addresses import read_address
from vetting.webhooks.announcing import TEST, Occasion, enqueue, message
from vetting.webhooks.bell import ring


@transaction.atomic
def make_webhook(*, team: Team, by: User, url: str, events: Iterable[Occasion]) -> Webhook:
    """Raises NotAllowed for an address that is told nothing."""
    read_address(url)
    told = [occasion.value for occasion in events]
    webhook = Webhook.objects.create(team=team, url=url, secret=_new_secret(), events=told, created_by=by)
    audit.record(team=team, actor=by, verb="webhook.made", subject=webhook, url=url, events=told)
    return webhook


@transaction.atomic
def change_webhook(*, webhook: Webhook, by: User, url: str, events: Iterable[Occasion], active: bool) -> None:
    """Raises NotAllowed. Switched on again, it gets what waited meanwhile."""
    read_address(url)
    told = [occasion.value for occasion in events]
    Webhook.objects.filter(pk=webhook.pk).update(url=url, events=told, active=active)
    audit.record(
        team=webhook.team, actor=by, verb="webhook.changed", subject=webhook, url=url, events=told, active=active
    )
    if active:
        transaction.on_commit(partial(ring, webhook.pk))


@transaction.atomic
def delete_webhook(*, webhook: Webhook, by: User) -> None:
    """With its deliveries; what waits is not sent any more."""
    audit.record(team=webhook.team, actor=by, verb="webhook.deleted", subject=webhook, url=webhook.url)
    webhook.delete()


@transaction.atomic
def send_test(*, webhook: Webhook, by: User) -> Delivery:
    """A message that means nothing, to see whether it arrives."""
    audit.record(team=webhook.team, actor=by, verb="webhook.tested", subject=webhook)
    body = message(TEST, team=webhook.team, data={"says": "This is a test. Nothing happened."})
    return enqueue(webhook, event=TEST, body=body)


@transaction.atomic
def replay(*, delivery: Delivery, by: User) -> None:
    """The same message with the same numbers, from the first try on."""
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, tries=0, next_at=timezone.now(), answer=None, problem="", delivered_at=None
    )
    audit.record(team=delivery.webhook.team, actor=by, verb="webhook.replayed", subject=delivery)
    transaction.on_commit(partial(ring, delivery.webhook_id))


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"
