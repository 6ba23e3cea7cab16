"""Pictures taken at the meeting, what was measured on them, and what people said to it, as frozen facts."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.db.models import Prefetch
from PIL import Image

from vetting.booth.answering import answer_words
from vetting.booth.erasing import PICTURES
from vetting.models import Applicant, BoothAnswer, BoothCheck
from vetting.report.plain import person, utc

QUALITY = 88  # JPEG, as the other pictures of a report
DESCRIBED = {"photo": "The face in the photo", "live": "The face at the meeting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAnswer:
    """counts: the newest one."""

    answered_at: str
    by: str
    says: str
    differs: tuple[str, ...]
    words: str
    note: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingEvidence:
    """One picture from a meeting beside a photo. beyond: sentences on what differs by more than is usual.

    state: done, failed (then `error` says why), queued or running. picture_deleted_at: None while it is kept.
    """

    id: int
    taken_at: str
    taken_by: str
    how: str
    photo: int
    photo_name: str
    agreed_at: str
    agreed_before: str
    state: str
    error: str
    picture_deleted_at: str | None
    beyond: tuple[str, ...]
    within: tuple[str, ...]
    not_measured: tuple[dict[str, str], ...]
    likeness: dict[str, str] | None
    answers: tuple[MeetingAnswer, ...]


def meetings(applicant: Applicant) -> tuple[MeetingEvidence, ...]:
    """Oldest first; two queries, however many there are."""
    answers = BoothAnswer.objects.select_related("by").order_by("pk")
    rows = BoothCheck.objects.filter(applicant=applicant).select_related("photo", "taken_by", "consent__witness")
    return tuple(_meeting(check) for check in rows.prefetch_related(Prefetch("answers", answers)).order_by("pk"))


def _meeting(check: BoothCheck) -> MeetingEvidence:
    found = check.result.get("differences", [])
    return MeetingEvidence(
        id=check.pk,
        taken_at=utc(check.taken_at),
        taken_by=person(check.taken_by),
        how=str(check.get_how_display()),
        photo=check.photo_id,
        photo_name=check.photo.file_name,
        agreed_at=utc(check.consent.at),
        agreed_before=person(check.consent.witness) if check.consent.witness else "",
        state=check.state,
        error=check.error,
        picture_deleted_at=check.result.get("erased_at"),
        beyond=tuple(one["summary"] for one in found if one["beyond"]),
        within=tuple(one["summary"] for one in found if not one["beyond"]),
        not_measured=tuple(check.result.get("not_measured", [])),
        likeness=check.result.get("likeness"),
        answers=_answers(list(check.answers.all())),
    )


def _answers(given: list[BoothAnswer]) -> tuple[MeetingAnswer, ...]:
    return tuple(
        MeetingAnswer(
            answered_at=utc(one.at),
            by=person(one.by),
            says=one.says,
            differs=tuple(one.differs),
            words=answer_words(one.says, one.differs),
            note=one.note,
            counts=one is given[-1],
        )
        for one in given
    )


def draw_meeting(meeting: MeetingEvidence, folder: Path) -> list[dict[str, Any]]:
    """Both aligned faces written to the folder; none where they were not aligned, or are gone."""
    if meeting.state != "done" or meeting.picture_deleted_at:
        return []
    check, drawn = BoothCheck(pk=meeting.id), []
    for name in PICTURES:
        try:
            with storages["previews"].open(check.picture_key(name)) as stored:
                picture = Image.open(io.BytesIO(stored.read()), formats=["WEBP"]).convert("RGB")
        except OSError:
            return []
        file = f"meeting-{meeting.id}-{name}.jpg"
        picture.save(folder / file, "JPEG", quality=QUALITY)
        drawn.append({"file": file, "described": DESCRIBED[name]})
    return drawn
