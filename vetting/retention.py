"""Stage 6: forgetting. Rows, original bytes and previews go together; the chain keeps that it happened."""

from __future__ import annotations

from functools import partial

from django.core.files.storage import storages
from django.db import transaction

from vetting import audit
from vetting.analysis import refresh_headline
from vetting.models import Applicant, BulkRow, Photo, User


@transaction.atomic
def forget_applicant(*, applicant: Applicant, by: User) -> None:
    """Deletes the applicant with photos, analyses, findings and decisions; bytes only where no other photo has them."""
    photos = list(applicant.photos.all())
    audit.record(
        team=applicant.opening.team, actor=by, verb="applicant.forgotten", subject=applicant, photos=len(photos)
    )
    rows = BulkRow.objects.filter(applicant=applicant)
    rows.filter(state=BulkRow.State.READY).update(state=BulkRow.State.REFUSED)
    rows.update(name="", email="", reference="", entry="", message="Forgotten.")  # the plan that the person came with
    applicant.delete()
    for photo in photos:
        transaction.on_commit(partial(_delete_bytes, photo))


@transaction.atomic
def forget_photo(*, photo: Photo, by: User) -> None:
    """Deletes one photo with its analyses and findings; the applicant stays, with the verdict of the other photos."""
    applicant = photo.applicant
    audit.record(team=applicant.opening.team, actor=by, verb="photo.forgotten", subject=photo, sha256=photo.sha256)
    photo.delete()
    Applicant.objects.filter(pk=applicant.pk, cover=None).update(cover=applicant.photos.first())
    refresh_headline(applicant)
    transaction.on_commit(partial(_delete_bytes, photo))


def _delete_bytes(photo: Photo) -> None:
    if Photo.objects.filter(sha256=photo.sha256).exists():
        return
    storages["originals"].delete(photo.original_key)
    for size in Photo.Preview:
        storages["previews"].delete(photo.preview_key(size))
