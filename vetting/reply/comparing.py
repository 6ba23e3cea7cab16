"""Comparing an original with the photo that came first. The only caller of detector.comparison.

The row is taken with a lease and ended fenced by the attempt, as an Analysis is; the pictures stand in the previews.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from PIL import Image

from vetting import audit, lease
from vetting.lease import ATTEMPTS
from vetting.models import CandidateLink, Comparison, Photo, User
from vetting.models.leased import State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TASK = "vetting.tasks.compare"
PICTURES = ("first", "original", "difference")
QUALITY = 85
GIVEN_UP = (
    f"The comparison was started {ATTEMPTS} times and never came to an end: one of the files probably breaks a "
    "decoder. Both originals are safe. You can try again, or compare the two by eye."
)
BROKE = "The comparison stopped with an error of its own. Both originals are safe. Please try again."
log = logging.getLogger(__name__)


class CannotCompare(Exception):  # noqa: N818 - the text is a sentence for the reviewer
    """The two are not compared."""


@transaction.atomic
def request_comparison(
    *, photo: Photo, original: Photo, by: User | None, link: CandidateLink | None = None
) -> Comparison:
    """Queues it and rings the bell; one that stands or is in work is handed back, one that failed is queued anew.

    by: the member who asks; without one it is the candidate's doing, by their link. Raises CannotCompare.
    """
    if photo.pk == original.pk:
        raise CannotCompare("Both are the same photo. Choose another one to compare it with.")
    if photo.applicant_id != original.applicant_id:
        raise CannotCompare("Only photos of the same applicant are compared with each other.")
    row, created = Comparison.objects.get_or_create(photo=photo, original=original)
    again = Comparison.objects.filter(pk=row.pk, state=State.FAILED)
    if created or again.update(state=State.QUEUED, attempt=0, error="", finished_at=None, rung_at=timezone.now()):
        said = {"link": link.pk} if link else {}
        _record(row, by, "comparison.requested", **said)
        transaction.on_commit(partial(ring, row.pk))
        row.refresh_from_db()
    return row


def ring(comparison_id: int) -> None:
    """By the task's name, since it stands above this module; with the broker away the row waits for the sweep."""
    try:
        current_app.send_task(TASK, [comparison_id])
    except (OperationalError, OSError) as error:
        log.warning("the queue does not answer (%s); the sweep will ring for comparison %s", error, comparison_id)


def ring_again() -> None:
    """For rows queued too long and for leases that ran out."""
    now = timezone.now()
    forgotten = Comparison.objects.forgotten(now, settings.QUEUED_TOO_LONG).values_list("pk", flat=True)[:1000]
    for pk in list(forgotten):
        Comparison.objects.filter(pk=pk).update(rung_at=now)
        ring(pk)


def run(comparison_id: int) -> None:
    """Compares what the row asks for, if nobody else has it; whatever happens, the row says so."""
    row = claim(comparison_id)
    if row is None:
        return
    try:
        finish(row, *_compare(row))
    except CannotCompare as reason:
        fail(row, str(reason))
    except Exception:
        log.exception("comparison %s broke", comparison_id)
        fail(row, BROKE)


def claim(comparison_id: int) -> Comparison | None:
    """Takes the row, with a lease and the next attempt; None if it is done, in other hands, or given up."""
    rows = Comparison.objects.select_related("photo__applicant__opening__team", "original")
    return lease.claim(rows, comparison_id, give_up=lambda row: fail(row, GIVEN_UP))


@transaction.atomic
def finish(row: Comparison, result: Mapping[str, Any], pictures: Mapping[str, NDArray[np.uint8]]) -> bool:
    """Writes result and pictures; False, and nothing written, if the lease went to another attempt or the row is gone.

    The files within the transaction: while this holds the row, nobody deletes it and leaves them behind.
    """
    if not lease.end(row, state=State.DONE, result=dict(result), has_pictures=bool(pictures)):
        return False
    write_pictures(row, pictures)
    _record(row, None, "comparison.finished")
    return True


@transaction.atomic
def fail(row: Comparison, error: str) -> bool:
    """Ends the row with a sentence; False if the lease went to another attempt."""
    if not lease.end(row, state=State.FAILED, error=error):
        return False
    _record(row, None, "comparison.failed")
    return True


def _compare(row: Comparison) -> tuple[dict[str, Any], Mapping[str, NDArray[np.uint8]]]:
    from detector.comparison import compare_pictures  # late: it loads OpenCV, which most processes do not need
    from detector.observation import CouldNotLook
    from detector.portrait import PictureError

    first, original = _bytes_of(row.photo), _bytes_of(row.original)
    try:
        compared = compare_pictures(first, original, max_pixels=settings.MAX_PHOTO_PIXELS)
    except (PictureError, CouldNotLook) as reason:
        raise CannotCompare(str(reason)) from reason
    return compared.to_json(), compared.pictures


def _bytes_of(photo: Photo) -> bytes:
    """Checked against the hash taken when they came in. Raises CannotCompare."""
    try:
        data = photo.read_original()
    except OSError as error:
        log.warning("original of photo %s cannot be read: %s", photo.pk, error)
        raise CannotCompare("A stored original could not be read. Please ask an administrator to look.") from error
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        raise CannotCompare("A stored original no longer matches the hash taken when it came in; nothing was compared.")
    return data


def write_pictures(row: Comparison, pictures: Mapping[str, NDArray[np.uint8]]) -> None:
    """Re-encoded from pixels, so that no metadata comes along."""
    previews = storages["previews"]
    for name in PICTURES:
        if name not in pictures:
            continue
        encoded = io.BytesIO()
        Image.fromarray(pictures[name]).save(encoded, "WEBP", quality=QUALITY)
        key = row.picture_key(name)
        previews.delete(key)  # of an attempt before
        previews.save(key, ContentFile(encoded.getvalue()))


def read_picture(row: Comparison, name: str) -> bytes:
    """OSError if it is gone."""
    with storages["previews"].open(row.picture_key(name)) as picture:
        data: bytes = picture.read()
    return data


def _record(row: Comparison, by: User | None, verb: str, **data: int) -> None:
    applicant = row.photo.applicant
    audit.record(team=applicant.opening.team, actor=by, verb=verb, subject=applicant, comparison=row.pk, **data)
