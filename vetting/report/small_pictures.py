"""The small pictures of signed steps, read out of the original when somebody looks; they are not stored."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from vetting.models import Photo


def small_pictures(photo: Photo, uris: Sequence[str]) -> dict[str, bytes]:
    """uri -> JPEG, re-encoded; what is missing, broken or gone from the storage is left out."""
    if not uris:
        return {}
    from detector.portrait import PictureError, read_portrait  # late: they load the decoders
    from detector.provenance.manifest_thumbnails import read_thumbnails

    try:
        portrait = read_portrait(photo.read_original(), max_pixels=settings.MAX_PHOTO_PIXELS)
    except (OSError, PictureError):
        return {}
    return read_thumbnails(portrait, uris)
