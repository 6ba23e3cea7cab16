"""What is told, to whom: one Delivery for each active webhook of the team that asked for this kind of event."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from vetting.models import Analysis, Applicant, Decision, Delivery, Photo, Team, Webhook
from vetting.programs import silent_about
from vetting.webhooks.bell import ring


class Occasion(models.TextChoices):
    """What a webhook can ask to be told of."""

    VERDICT_READY = "verdict.ready", "A verdict is ready"
    EXAMINATION_FAILED = "examination.failed", "An examination failed"
    DECISION_MADE = "decision.made", "A decision is made"


TEST = "test"  # sent by hand from the webhook's page, whatever it asked for


def verdict_ready(analysis: Analysis, *, verdict: str, strength: str) -> None:
    """Inside the transaction that ends the analysis. No score, no name: who may read them asks the API."""
    applicant = analysis.photo.applicant
    hidden = silent_about(applicant)
    told = {"analysis": analysis.pk, "hidden": hidden, **_said(verdict, strength, hidden=hidden)}
    announce(team=applicant.opening.team, occasion=Occasion.VERDICT_READY, data=_of_photo(analysis.photo) | told)


def examination_failed(analysis: Analysis, *, error: str) -> None:
    told = _of_photo(analysis.photo) | {"analysis": analysis.pk, "error": error}
    announce(team=analysis.photo.applicant.opening.team, occasion=Occasion.EXAMINATION_FAILED, data=told)


def decision_made(decision: Decision, *, review: str) -> None:
    """review: the applicant's state after it. The reason is the reviewer's; the API has it."""
    applicant = decision.applicant
    hidden = silent_about(applicant, review=review)
    told = {
        "decision": decision.pk,
        "choice": decision.choice,
        "proposed": decision.proposed,
        "review": review,
        "hidden": hidden,
        "verdict": None if hidden else decision.verdict or None,
    }
    announce(team=applicant.opening.team, occasion=Occasion.DECISION_MADE, data=_of_applicant(applicant) | told)


def _said(verdict: str, strength: str, *, hidden: bool) -> dict[str, str | None]:
    return {"verdict": None if hidden else verdict, "strength": None if hidden else strength or None}


@transaction.atomic
def announce(*, team: Team, occasion: Occasion, data: dict[str, Any]) -> list[Delivery]:
    """The rows, in the caller's transaction; the bell rings once that stands."""
    webhooks = [hook for hook in Webhook.objects.filter(team=team, active=True) if occasion.value in hook.events]
    body = message(occasion.value, team=team, data=data) if webhooks else {}
    return [enqueue(webhook, event=occasion.value, body=body) for webhook in webhooks]


def enqueue(webhook: Webhook, *, event: str, body: dict[str, Any]) -> Delivery:
    delivery = Delivery.objects.create(webhook=webhook, event=event, body=body, next_at=timezone.now())
    transaction.on_commit(partial(ring, webhook.pk))
    return delivery


def message(event: str, *, team: Team, data: dict[str, Any]) -> dict[str, Any]:
    """id: of the event, the same to every webhook and at every try."""
    return {"id": uuid.uuid4().hex, "event": event, "at": timezone.now().isoformat(), "team": team.pk, "data": data}


def _of_photo(photo: Photo) -> dict[str, Any]:
    told = _of_applicant(photo.applicant)
    links = told["links"] | {
        "photo": f"/api/v1/photos/{photo.pk}",
        "verdict": f"/api/v1/photos/{photo.pk}/verdict",
        "findings": f"/api/v1/photos/{photo.pk}/findings",
    }
    return told | {"photo": photo.pk, "links": links}


def _of_applicant(applicant: Applicant) -> dict[str, Any]:
    links = {"page": applicant.get_absolute_url(), "applicant": f"/api/v1/applicants/{applicant.pk}"}
    return {"opening": applicant.opening_id, "applicant": applicant.pk, "links": links}
