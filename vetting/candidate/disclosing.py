"""A plain disclosure: what the candidate says of how a portrait came about. It counts in their favour."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from vetting import audit
from vetting.models import CandidateLink, Disclosure, Photo

MOST_WORDS = 1000  # characters of a note


@transaction.atomic
def disclose(*, photo: Photo, says: Disclosure.Says, link: CandidateLink, note: str = "") -> Disclosure:
    """A new row; the newest of a photo counts. The same again changes nothing."""
    newest = photo.disclosures.last()
    note = note.strip()
    if newest and (newest.says, newest.note) == (says, note):
        return newest
    said = Disclosure.objects.create(photo=photo, says=says, note=note, link=link)
    team = photo.applicant.opening.team
    audit.record(
        team=team, actor=None, verb="disclosure.made", subject=photo, disclosure=said.pk, says=str(says), link=link.pk
    )
    return said


def newest_disclosures(photos: Iterable[Photo]) -> dict[int, Disclosure]:
    """By the photo's number; in one query."""
    return {said.photo_id: said for said in Disclosure.objects.filter(photo__in=list(photos))}
