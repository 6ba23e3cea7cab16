"""Stage 1: an upload becomes a Photo and a queued Analysis, or a sentence that says why not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from detector.portrait import ACCEPTED_WORDS, HEADSHOT_FORMATS, PictureError, Portrait, read_portrait
from vetting import audit, tasks
from vetting.candidate.consents import has_withdrawn
from vetting.keeping import leftovers
from vetting.models import Analysis, Applicant, CandidateLink, Opening, Photo, User

Giver = User | CandidateLink  # a member of the team, or the candidate by their link
BROUGHT = ("size", "format", "width", "height", "file_name", "uploaded_by", "link")
WITHDRAWN = (
    "The candidate has withdrawn their consent, so that no photo of them is taken or examined any more. What is here "
    "can be deleted with “Forget”."
)


class Refused(Exception):  # noqa: N818 - an answer to the person who uploads; the text is a sentence for them
    """The upload changes nothing; the reason is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A photo that is in the store. known: the same bytes were there before, nothing new was stored."""

    photo: Photo
    known: bool


@transaction.atomic
def add_applicant(*, opening: Opening, name: str, by: User, email: str = "", reference: str = "") -> Applicant:
    applicant = Applicant.objects.create(
        opening=opening, name=name.strip(), email=email, reference=reference, created_by=by
    )
    audit.record(team=opening.team, actor=by, verb="applicant.added", subject=applicant)
    return applicant


def accept_photo(*, applicant: Applicant, upload: File[bytes], by: Giver) -> Arrival:
    """Stores the bytes untouched and queues their examination. Raises Refused, and then changes nothing."""
    data = read_bounded(upload)
    if known := applicant.photos.filter(sha256=hashlib.sha256(data).hexdigest()).first():
        return Arrival(photo=known, known=True)
    _demand_no_withdrawal(applicant)
    arrival = enter_photo(photo=keep_photo(data=data, name=upload.name, by=by), applicant=applicant, by=by)
    make_sure(arrival.photo, data)
    return arrival


def keep_photo(*, data: bytes, name: str | None, by: Giver) -> Photo:
    """Checks and stores the bytes; a photo that has no row yet and is nobody's. Raises Refused."""
    portrait = read_headshot(data)
    photo = Photo(
        sha256=portrait.sha256,
        size=len(data),
        format=portrait.format,
        width=portrait.width,
        height=portrait.height,
        file_name=plain_name(name),
        uploaded_by=_member(by),
        link=by if isinstance(by, CandidateLink) else None,
    )
    _keep_bytes(photo, data)
    return photo


def _member(by: Giver) -> User | None:
    return by if isinstance(by, User) else None


@transaction.atomic
def enter_photo(*, photo: Photo, applicant: Applicant, by: Giver, at_once: bool = True) -> Arrival:
    """The row of what keep_photo() stored, the first analysis, the event.

    Two uploads of the same bytes at once end as one photo. at_once: False lets it wait behind single uploads.
    """
    photo.applicant = applicant
    entered, created = Photo.objects.get_or_create(
        applicant=photo.applicant,
        sha256=photo.sha256,
        defaults={name: getattr(photo, name) for name in BROUGHT},
    )
    if created:
        Applicant.objects.filter(pk=photo.applicant_id, cover=None).update(cover=entered)
        audit.record(
            team=photo.applicant.opening.team,
            actor=_member(by),
            verb="photo.received",
            subject=entered,
            **({"link": by.pk} if isinstance(by, CandidateLink) else {}),
        )
        request_analysis(photo=entered, by=_member(by), at_once=at_once)
    return Arrival(photo=entered, known=not created)


@transaction.atomic
def request_analysis(*, photo: Photo, by: User | None, at_once: bool = True) -> Analysis:
    """Queues an examination and rings the bell; while one is in work, that one is handed back.

    at_once: False has it wait its turn behind what people uploaded one by one. Raises Refused where the candidate has
    withdrawn their consent.
    """
    if current := photo.analyses.filter(state__in=Analysis.IN_WORK).first():
        return current
    _demand_no_withdrawal(photo.applicant)
    rung_at = timezone.now() if at_once else None
    analysis = Analysis.objects.create(photo=photo, requested_by=by, rung_at=rung_at)
    audit.record(team=photo.applicant.opening.team, actor=by, verb="analysis.requested", subject=analysis)
    transaction.on_commit(partial(tasks.ring, analysis.pk) if at_once else tasks.ring_for_waiting)
    return analysis


@transaction.atomic
def request_again(*, analysis: Analysis, by: User) -> Analysis:
    """Rings once more for an analysis that waits, or queues a new one where it has ended."""
    if analysis.in_work:
        Analysis.objects.filter(pk=analysis.pk).update(rung_at=timezone.now())
        transaction.on_commit(partial(tasks.ring, analysis.pk))
        return analysis
    return request_analysis(photo=analysis.photo, by=by)


def _demand_no_withdrawal(applicant: Applicant) -> None:
    """Nothing new is examined of somebody who has taken their consent back: they were promised that. Raises Refused."""
    if has_withdrawn(applicant):
        raise Refused(WITHDRAWN)


def read_bounded(upload: File[bytes]) -> bytes:
    """All bytes of a file within the limit. Raises Refused."""
    limit = settings.MAX_PHOTO_BYTES
    if upload.size and upload.size > limit:
        raise Refused(_too_large(upload.size))
    data = bytes(upload.read(limit + 1))
    if len(data) > limit:
        raise Refused(_too_large(len(data)))
    return data


def _too_large(size: int) -> str:
    limit = settings.MAX_PHOTO_BYTES // (1024 * 1024)
    return (
        f"The file has {size / (1024 * 1024):.0f} MB; at most {limit} MB are accepted. Please send a smaller version."
    )


def read_headshot(data: bytes) -> Portrait:
    """The header of a picture that is taken here. Raises Refused."""
    try:
        portrait = read_portrait(data, max_pixels=settings.MAX_PHOTO_PIXELS)
    except PictureError as reason:
        raise Refused(str(reason)) from reason
    if portrait.format not in HEADSHOT_FORMATS:
        raise Refused(f"This is a {portrait.format} file. Please send a {ACCEPTED_WORDS} file.")
    return portrait


def _keep_bytes(photo: Photo, data: bytes) -> None:
    """Content-addressed; a file of another size is what a crash left of an earlier write, and is written again."""
    leftovers.expect(("originals", photo.original_key))
    _write(photo, data)


def _write(photo: Photo, data: bytes) -> None:
    originals, key = storages["originals"], photo.original_key
    if originals.exists(key):
        if originals.size(key) == len(data):
            return
        originals.delete(key)
    originals.save(key, ContentFile(data))


def make_sure(photo: Photo, data: bytes) -> None:
    """After the row: an erasure that found these bytes without one may have deleted them in the meantime."""
    if not leftovers.settle(("originals", photo.original_key)):
        _write(photo, data)


def plain_name(name: str | None) -> str:
    """The file's own name, whatever folders stand before it."""
    return PurePath((name or "").replace("\\", "/")).name[:255] or "unnamed"
