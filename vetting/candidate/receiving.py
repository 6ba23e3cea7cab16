"""Photos that the candidate sends by their link: as intake takes them, under a consent in force, and so many a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.files.base import File
from django.db.models import Count, Sum
from django.utils import timezone

from vetting.candidate.consents import consent_of, covers
from vetting.candidate.notices import notice_for
from vetting.intake import Arrival, Refused, accept_photo
from vetting.models import Applicant, CandidateLink, Consent, Photo

DAY = dt.timedelta(days=1)
# Nobody applies with more; a link that has gone astray must not fill the disk. Counted over a day, of each applicant.
MOST_PHOTOS_A_DAY = 30
MOST_BYTES_A_DAY = 300 * 1024 * 1024

AGREE_FIRST = "Please read what you are told and agree to it first; then send the photo again."
ENOUGH = (
    "You have sent as much as this page takes in a day. Everything that you sent before is safe; please send the rest "
    "tomorrow, or ask whoever sent you the link."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the candidate has sent within a day."""

    photos: int
    size: int

    @property
    def left(self) -> int:
        """How many more photos are taken today."""
        return max(0, MOST_PHOTOS_A_DAY - self.photos) if self.size < MOST_BYTES_A_DAY else 0


def may_send(applicant: Applicant) -> bool:
    """Whether the candidate has agreed to what is said now."""
    return covers(consent_of(applicant, Consent.Kind.PHOTOS), notice_for(applicant.opening))


def sent_today(applicant: Applicant) -> Sent:
    since = timezone.now() - DAY
    recent = Photo.objects.filter(applicant=applicant, link__isnull=False, uploaded_at__gt=since)
    counted = recent.order_by().aggregate(photos=Count("pk"), size=Sum("size"))
    return Sent(photos=counted["photos"], size=counted["size"] or 0)


def receive_photo(*, link: CandidateLink, upload: File[bytes]) -> Arrival:
    """One photo. Raises Refused with a sentence for the candidate, and then changes nothing."""
    applicant = link.applicant
    if not may_send(applicant):
        raise Refused(AGREE_FIRST)
    sent = sent_today(applicant)
    if not sent.left or sent.size + (upload.size or 0) > MOST_BYTES_A_DAY:
        raise Refused(ENOUGH)
    return accept_photo(applicant=applicant, upload=upload, by=link)
