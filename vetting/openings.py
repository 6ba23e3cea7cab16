"""Opening and changing the jobs that applicants are filed under."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.models import Opening, Team, User

POLICY = (
    "title",
    "photo_reason",
    "retouching",
    "retention_days",
    "reply_days",
    "deciders",
    "second_review",
    "blind_first",
    "blur_faces",
)


SHORTENED = dt.timedelta(days=3)  # a slip of the pen, 18 for 180 days, must not delete people within minutes


@transaction.atomic
def create_opening(*, team: Team, by: User, **policy: Any) -> Opening:
    """A new opening; `policy` holds the columns named in POLICY."""
    opening = Opening.objects.create(team=team, created_by=by, **policy)
    audit.record(team=team, actor=by, verb="opening.created", subject=opening)
    return opening


@transaction.atomic
def change_opening(*, opening: Opening, by: User, closed: bool, **policy: Any) -> None:
    """Writes the changed columns; the event names them. `closed` opens and closes it."""
    before = Opening.objects.select_for_update().get(pk=opening.pk)
    changed = [name for name in POLICY if name in policy and getattr(before, name) != policy[name]]
    if "retention_days" in changed:
        before.retention_not_before = _not_before(before, policy["retention_days"])
    for name in changed:
        setattr(before, name, policy[name])
    if closed != (before.closed_at is not None):
        before.closed_at = timezone.now() if closed else None
        changed.append("closed_at")
    if changed:
        before.save(update_fields=[*changed, "retention_not_before"])
        audit.record(team=before.team, actor=by, verb="opening.changed", subject=before, changed=changed)


def _not_before(opening: Opening, days: int) -> dt.datetime | None:
    """Until when nobody is deleted by the new number of days, where it is smaller than before."""
    return timezone.now() + SHORTENED if days < opening.retention_days else opening.retention_not_before
