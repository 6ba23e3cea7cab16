"""A booth picture is deleted before its applicant is: bytes, previews and measurements go, that it happened stays."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.keeping.leftovers import delete_stored, keys_of_booth_check
from vetting.models import BoothCheck, LegalHold, User
from vetting.models.leased import State

PICTURES = ("photo", "live")
ERASED = "The picture was deleted before it was compared."
HELD = "A legal hold is on this applicant: nothing may be deleted until an admin lifts it."


class CannotErase(Exception):  # noqa: N818 - the text is a sentence for the person who asks for it
    """Nothing was deleted."""


@transaction.atomic
def erase_picture(*, check: BoothCheck, by: User) -> None:
    """The answers stay, with who took the picture and when. Raises CannotErase under a legal hold."""
    current = BoothCheck.objects.select_for_update().get(pk=check.pk)
    if LegalHold.objects.filter(applicant=current.applicant_id, lifted_at=None).exists():
        raise CannotErase(HELD)
    if is_erased(current):
        return
    now = timezone.now()
    erased_at = now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    current.result, current.has_pictures = {"erased_at": erased_at}, False
    columns = ["result", "has_pictures"]
    if current.in_work:  # the worker, if there is one, then writes nothing any more
        current.state, current.error, current.lease_until, current.finished_at = State.FAILED, ERASED, None, now
        columns += ["state", "error", "lease_until", "finished_at"]
    current.save(update_fields=columns)
    team = check.applicant.opening.team
    audit.record(team=team, actor=by, verb="booth.picture-deleted", subject=check.applicant, check=check.pk)
    delete_stored(keys_of_booth_check(current))


def is_erased(check: BoothCheck) -> bool:
    return "erased_at" in check.result
