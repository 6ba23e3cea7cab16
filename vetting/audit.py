"""The event chain: each event carries the digest of the one before it, so that a change to the past shows."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from vetting.models import Event, Team, User

GENESIS = "0" * 64


@transaction.atomic
def record(*, team: Team, actor: User | None, verb: str, subject: models.Model, **data: Any) -> Event:
    """Appends one event to the team's chain. The lock on the team's row keeps the numbers without a gap."""
    Team.objects.select_for_update().get(pk=team.pk)
    last = Event.objects.filter(team=team).order_by("-number").first()
    event = Event(
        team=team,
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        actor=actor,
        verb=verb,
        subject=f"{subject._meta.model_name}:{subject.pk}",
        data=data,
        previous=last.digest if last else GENESIS,
    )
    event.digest = digest(event)
    event.save()
    return event


def digest(event: Event) -> str:
    """SHA-256 in hex over the canonical JSON of everything the row says, the digest before it included."""
    said = {
        "team": event.team_id,
        "number": event.number,
        "at": event.at.isoformat(),
        "actor": event.actor_id,
        "verb": event.verb,
        "subject": event.subject,
        "data": event.data,
        "previous": event.previous,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken(team: Team) -> int | None:
    """The number of the first event that does not fit its chain; None where the whole chain holds."""
    previous, expected = GENESIS, 1
    for event in Event.objects.filter(team=team).order_by("number").iterator():
        if event.number != expected or event.previous != previous or event.digest != digest(event):
            return expected
        previous, expected = event.digest, expected + 1
    return None
