"""Stage 6: forgetting. Rows, original bytes and previews go together; the chain keeps that it happened."""

from __future__ import annotations

from functools import partial

from django.core.files.storage import storages
from django.db import transaction

from vetting import audit
from vetting.models import Applicant, Photo, User


@transaction.atomic
def forget_applicant(*, applicant: Applicant, by: User) -> None:
    """Deletes the applicant with photos, analyses, findings and decisions; bytes only where no other photo has them."""
    photos = list(applicant.photos.all())
    audit.record(
        team=applicant.opening.team, actor=by, verb="applicant.forgotten", subject=applicant, photos=len(photos)
    )
    applicant.delete()
    for photo in photos:
        transaction.on_commit(partial(_delete_bytes, photo))


def _delete_bytes(photo: Photo) -> None:
    if Photo.objects.filter(sha256=photo.sha256).exists():
        return
    storages["originals"].delete(photo.original_key)
    for size in Photo.Preview:
        storages["previews"].delete(photo.preview_key(size))
