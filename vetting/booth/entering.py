"""A picture taken at the meeting comes in, with the consent of the person in it; a worker compares it."""

from __future__ import annotations

import hashlib
import logging
from functools import partial

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from detector.portrait import Portrait
from vetting import audit, tasks
from vetting.candidate.consents import consent_of, covers
from vetting.candidate.notices import notice_for
from vetting.intake import Refused, read_bounded, read_headshot
from vetting.models import Applicant, BoothCheck, Consent, Photo, User
from vetting.models.leased import State

NO_CONSENT = (
    "Nothing was taken: the person has not agreed to it here, has taken it back, or has been told something else "
    "since. Read it with them and ask once more."
)
NOT_THEIRS = "This is not a photo of this applicant. Choose one of theirs to compare with."
FULL = "The server could not store the picture. Please ask an administrator to look; nothing was kept."
log = logging.getLogger(__name__)


def enter_booth_picture(
    *, applicant: Applicant, photo: Photo, data: File[bytes], how: BoothCheck.How, by: User, consent: Consent
) -> BoothCheck:
    """Keeps the picture and queues its comparison. Raises Refused, and then changes nothing."""
    if photo.applicant_id != applicant.pk:
        raise Refused(NOT_THEIRS)
    if not is_agreed(applicant, consent):
        raise Refused(NO_CONSENT)
    read = read_bounded(data)
    check = _enter(applicant, photo, read_headshot(read), how, by, consent)
    _keep_bytes(check, read)
    transaction.on_commit(partial(tasks.ring_for_booth, check.pk))
    return check


def is_agreed(applicant: Applicant, consent: Consent) -> bool:
    """Whether this is the consent in force for a booth picture, under the wording in force."""
    current = consent_of(applicant, Consent.Kind.BOOTH)
    return current == consent and covers(current, notice_for(applicant.opening))


@transaction.atomic
def compare_again(*, check: BoothCheck, by: User) -> bool:
    """Queues a comparison that failed once more; False where it did not fail or has no picture any more."""
    failed = BoothCheck.objects.filter(pk=check.pk, state=State.FAILED).exclude(result__has_key="erased_at")
    if not failed.update(state=State.QUEUED, attempt=0, error="", rung_at=timezone.now(), finished_at=None):
        return False
    team = check.applicant.opening.team
    audit.record(team=team, actor=by, verb="booth.asked-again", subject=check.applicant, check=check.pk)
    transaction.on_commit(partial(tasks.ring_for_booth, check.pk))
    return True


@transaction.atomic
def _enter(
    applicant: Applicant, photo: Photo, portrait: Portrait, how: BoothCheck.How, by: User, consent: Consent
) -> BoothCheck:
    check = BoothCheck.objects.create(
        applicant=applicant,
        photo=photo,
        consent=consent,
        sha256=hashlib.sha256(portrait.data).hexdigest(),
        size=len(portrait.data),
        format=portrait.format,
        width=portrait.width,
        height=portrait.height,
        how=how,
        taken_by=by,
    )
    audit.record(
        team=applicant.opening.team,
        actor=by,
        verb="booth.taken",
        subject=applicant,
        check=check.pk,
        photo=photo.pk,
        how=str(how),
        consent=consent.pk,
    )
    return check


def _keep_bytes(check: BoothCheck, data: bytes) -> None:
    """After the row, so that no bytes stand anywhere that no row knows of. Raises Refused where they cannot be kept."""
    originals = storages["originals"]
    try:
        originals.save(check.original_key, ContentFile(data))
    except OSError as error:
        log.exception("the picture of booth check %s could not be stored", check.pk)
        BoothCheck.objects.filter(pk=check.pk, state=State.QUEUED).delete()
        raise Refused(FULL) from error
    if not BoothCheck.objects.filter(pk=check.pk).exists():
        originals.delete(check.original_key)  # the applicant was deleted in the meantime
