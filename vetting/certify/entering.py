"""Photos come in, go out again, and are forgotten. Their bytes stay only until they have been examined."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db import IntegrityError, transaction

from vetting import audit, tasks
from vetting.certify import examining
from vetting.certify.standing import installed_versions
from vetting.intake import Refused, plain_name, read_bounded, read_headshot
from vetting.models import Certification, CertificationPhoto, Team, User
from vetting.models.leased import State

log = logging.getLogger(__name__)


class NameTaken(Exception):  # noqa: N818 - the text is a sentence for the person who chose the name
    """Nothing was made."""


class Became(StrEnum):
    """What became of a photo that was taken."""

    NEW = "new"
    AGAIN = "again"
    KNOWN = "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    photo: CertificationPhoto
    became: Became


def create_certification(*, team: Team, name: str, by: User | None) -> Certification:
    """An empty one. Whoever calls this has the confirmation that the photos came from a camera."""
    try:
        with transaction.atomic():
            made = Certification.objects.create(team=team, name=name, created_by=by)
            audit.record(team=team, actor=by, verb="certification.created", subject=made)
    except IntegrityError as clash:
        raise NameTaken(
            "Your team has a check of this name already. Open it from the list, or choose another."
        ) from clash
    return made


def enter_photo(*, certification: Certification, upload: File[bytes], by: User | None) -> Entry:
    """Takes a photo to be examined; one with a result of the installed versions is only recognised. Raises Refused."""
    data = read_bounded(upload)
    digest = hashlib.sha256(data).hexdigest()
    known = certification.photos.filter(sha256=digest).first()
    if known and not _worth_another_look(known):
        return Entry(photo=known, became=Became.KNOWN)
    read_headshot(data)
    _demand_room(certification, known)
    key = f"certify/{certification.pk}/{secrets.token_hex(16)}"
    entry = _enter(certification, digest, plain_name(upload.name), key, by)
    if entry.became is not Became.KNOWN:
        _keep_bytes(entry.photo, key, data)
        transaction.on_commit(tasks.ring_for_certifications)
    return entry


def remove_photo(*, photo: CertificationPhoto, by: User) -> None:
    """Takes one photo out; that it was in is remembered, since leaving out alarms makes the figure worthless."""
    with transaction.atomic():
        certification = Certification.objects.select_for_update().get(pk=photo.certification_id)
        current = CertificationPhoto.objects.get(pk=photo.pk)
        if current.state == State.DONE:
            certification.removed += 1
            certification.removed_alarms += current.alarm
            certification.save(update_fields=["removed", "removed_alarms"])
        audit.record(
            team=certification.team,
            actor=by,
            verb="certification.photo-removed",
            subject=certification,
            photo=current.pk,
            verdict=current.verdict,
        )
        current.delete()
        transaction.on_commit(partial(examining.delete_bytes, [current.stored_as]))


@transaction.atomic
def delete_certification(*, certification: Certification, by: User) -> None:
    """Deletes everything of it; the chain keeps that there was one."""
    photos = list(certification.photos.values_list("stored_as", flat=True))
    audit.record(
        team=certification.team, actor=by, verb="certification.deleted", subject=certification, photos=len(photos)
    )
    certification.delete()
    transaction.on_commit(partial(examining.delete_bytes, photos))


def _worth_another_look(known: CertificationPhoto) -> bool:
    if known.state == State.FAILED:
        return True
    return known.state == State.DONE and known.versions != installed_versions()


def _demand_room(certification: Certification, known: CertificationPhoto | None) -> None:
    most = settings.MAX_CERTIFICATION_PHOTOS
    if known is None and certification.photos.count() >= most:
        raise Refused(f"This check has {most} photos, which is the most that one may have. Begin another for more.")


@transaction.atomic
def _enter(certification: Certification, digest: str, name: str, key: str, by: User | None) -> Entry:
    """The row, queued, with the key that the bytes will stand under. Two uploads at once end as one row."""
    photo, created = CertificationPhoto.objects.get_or_create(
        certification=certification, sha256=digest, defaults={"file_name": name, "stored_as": key}
    )
    if not created and not _queue_again(photo, key):
        return Entry(photo=photo, became=Became.KNOWN)
    verb = "certification.photo-received"
    audit.record(team=certification.team, actor=by, verb=verb, subject=certification, photo=photo.pk)
    return Entry(photo=photo, became=Became.NEW if created else Became.AGAIN)


def _queue_again(photo: CertificationPhoto, key: str) -> bool:
    """Forgets the old result; False where somebody else was quicker."""
    return bool(
        CertificationPhoto.objects.filter(
            pk=photo.pk, state=photo.state, attempt=photo.attempt, state__in=[State.DONE, State.FAILED]
        ).update(
            state=State.QUEUED,
            attempt=0,
            stored_as=key,
            rung_at=None,
            started_at=None,
            finished_at=None,
            error="",
            verdict="",
            score=None,
            judged=False,
            summary="",
            versions={},
        )
    )


def _keep_bytes(photo: CertificationPhoto, key: str, data: bytes) -> None:
    """After the row, so that no bytes stand anywhere that no row knows of. Raises Refused where they cannot be kept."""
    originals = storages["originals"]
    try:
        originals.save(key, ContentFile(data))
    except OSError as error:
        log.exception("a photo of certification %s could not be stored", photo.certification_id)
        CertificationPhoto.objects.filter(pk=photo.pk, stored_as=key, state=State.QUEUED).delete()
        raise Refused("The server could not store this file. Please ask an administrator to look.") from error
    if not CertificationPhoto.objects.filter(pk=photo.pk, stored_as=key).exists():
        originals.delete(key)  # the row went away in the meantime
