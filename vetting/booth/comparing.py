"""One booth check: the picture from the meeting laid beside the photo, by a worker.

What is kept are sentences, single differences and their uncertainty, key by key as _kept() names them: no landmark and
no vector can come along. Where the faces cannot be measured, both pictures are still shown, for a person's eyes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import QuerySet
from PIL import Image

from vetting import audit, lease
from vetting.booth.erasing import PICTURES
from vetting.candidate.consents import consent_of
from vetting.lease import ATTEMPTS
from vetting.models import BoothCheck, Consent
from vetting.models.leased import State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from detector.booth import FacesCompared

LONGEST_SIDE = 1200  # pixels; of a picture that could not be aligned: as much as an aligned one has
QUALITY = 88  # WebP; skin texture is what people look at here
BY_EYE = "You can still compare the two by eye."
GIVEN_UP = f"The comparison was started {ATTEMPTS} times and never came to an end. {BY_EYE}"
BROKE = f"The comparison stopped with an error of its own. {BY_EYE}"
TAKEN_BACK = "The consent was taken back before the picture was compared. Please delete the picture."
UNREADABLE = "The stored file of the {which} could not be read. Please ask an administrator to look."
CHANGED = "The stored file of the {which} no longer matches the hash taken when it came in. It was not compared."
log = logging.getLogger(__name__)


class CannotCompare(Exception):  # noqa: N818 - the text is a sentence for the person who compares
    """The machine measured nothing. pictures: what a person can still look at."""

    def __init__(self, sentence: str, pictures: Mapping[str, bytes] | None = None) -> None:
        super().__init__(sentence)
        self.pictures = pictures or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """result: as it is stored. pictures: WebP, by name."""

    result: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)


def run(check_id: int) -> None:
    """Compares what the row asks for, if nobody else has it; whatever happens, the row says so."""
    check = claim(check_id)
    if check is None:
        return
    try:
        finish(check, compare(check))
    except CannotCompare as reason:
        fail(check, str(reason), reason.pictures)
    except Exception:
        log.exception("booth check %s broke", check_id)
        fail(check, BROKE)


def claim(check_id: int) -> BoothCheck | None:
    """Takes the row, with a lease and the next attempt; None if it is done, in other hands, or given up."""
    rows = BoothCheck.objects.select_related("photo", "applicant__opening__team")
    return lease.claim(rows, check_id, give_up=lambda row: fail(row, GIVEN_UP))


def forgotten(now: dt.datetime, queued_too_long: dt.timedelta) -> QuerySet[BoothCheck]:
    """What the sweep rings for again: rung long ago and still queued, or lost by its worker."""
    return BoothCheck.objects.claimable(now).filter(rung_at__lt=now - queued_too_long)


def compare(check: BoothCheck) -> Compared:
    """Raises CannotCompare."""
    from detector.booth import compare_faces
    from detector.observation import CouldNotLook, NotApplicable
    from detector.portrait import PictureError

    if consent_of(check.applicant, Consent.Kind.BOOTH) is None:
        raise CannotCompare(TAKEN_BACK)
    photo = _read(check.photo.read_original, check.photo.sha256, "photo")
    live = _read(lambda: _stored(check), check.sha256, "picture from the meeting")
    try:
        faces = compare_faces(photo, live, max_pixels=settings.MAX_PHOTO_PIXELS)
    except (NotApplicable, CouldNotLook, PictureError) as reason:
        raise CannotCompare(f"{reason} {BY_EYE}", _as_they_are(photo, live)) from reason
    score = _likeness(check, photo, live)
    pictures = {name: _webp(faces.pictures[name]) for name in PICTURES}
    return Compared(result=_kept(faces) | ({"likeness": score} if score else {}), pictures=pictures)


def finish(check: BoothCheck, compared: Compared) -> bool:
    """Writes result and pictures; False, and nothing written, if the lease went to another attempt."""
    return _end(check, "booth.compared", compared.pictures, state=State.DONE, result=dict(compared.result), error="")


def fail(check: BoothCheck, error: str, pictures: Mapping[str, bytes] | None = None) -> bool:
    """Ends the row with a sentence; False if the lease went to another attempt."""
    return _end(check, "booth.failed", pictures or {}, state=State.FAILED, error=error, result={})


@transaction.atomic
def _end(check: BoothCheck, verb: str, pictures: Mapping[str, bytes], **columns: Any) -> bool:
    """The files within the transaction: while this holds the row, nobody deletes it and leaves them behind."""
    if not lease.end(check, has_pictures=bool(pictures), **columns):
        return False
    for name, encoded in pictures.items():
        previews, key = storages["previews"], check.picture_key(name)
        previews.delete(key)  # of an attempt that was lost
        previews.save(key, ContentFile(encoded))
    applicant = check.applicant
    audit.record(team=applicant.opening.team, actor=None, verb=verb, subject=applicant, check=check.pk)
    return True


def _kept(faces: FacesCompared) -> dict[str, Any]:
    return {
        "summary": faces.summary,
        "differences": [
            {
                "code": difference.code,
                "part": difference.part,
                "summary": difference.summary,
                "value": float(difference.value),
                "uncertainty": float(difference.uncertainty),
                "unit": difference.unit,
                "beyond": bool(difference.beyond),
            }
            for difference in faces.differences
        ],
        "not_measured": [{"part": part, "reason": reason} for part, reason in faces.not_measured],
    }


def _likeness(check: BoothCheck, photo: bytes, live: bytes) -> dict[str, str] | None:
    """Where the team has switched it on, the person has agreed to it, and the optional packages are here."""
    if not check.applicant.opening.team.likeness or consent_of(check.applicant, Consent.Kind.LIKENESS) is None:
        return None
    from detector import likeness
    from detector.observation import CouldNotLook, NotApplicable

    if not likeness.available():
        return None
    try:
        found = likeness.likeness(photo, live, max_pixels=settings.MAX_PHOTO_PIXELS)
    except (NotApplicable, CouldNotLook) as reason:
        return {"band": "", "summary": str(reason), "error_rates": ""}
    return {"band": str(found.band), "summary": found.summary, "error_rates": found.error_rates}


def _read(read: Callable[[], bytes], sha256: str, which: str) -> bytes:
    try:
        data = read()
    except OSError as error:
        log.warning("the %s cannot be read: %s", which, error)
        raise CannotCompare(UNREADABLE.format(which=which)) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CannotCompare(CHANGED.format(which=which))
    return data


def _stored(check: BoothCheck) -> bytes:
    with storages["originals"].open(check.original_key) as stored:
        data: bytes = stored.read()
    return data


def _as_they_are(photo: bytes, live: bytes) -> dict[str, bytes]:
    """Both pictures whole and upright, for a person's eyes; none where one of them shows nothing."""
    from detector.observation import CouldNotLook
    from detector.portrait import PictureError, read_portrait

    try:
        portraits = [read_portrait(data, max_pixels=settings.MAX_PHOTO_PIXELS) for data in (photo, live)]
        return {name: _webp(portrait.rgb) for name, portrait in zip(PICTURES, portraits, strict=True)}
    except (PictureError, CouldNotLook):
        return {}


def _webp(rgb: NDArray[np.uint8]) -> bytes:
    picture, encoded = Image.fromarray(rgb), io.BytesIO()
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    picture.save(encoded, "WEBP", quality=QUALITY)
    return encoded.getvalue()
