"""Previews: what pages show in place of the original. Re-encoded from pixels, so no metadata comes along."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from PIL import Image

from vetting.models import Photo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_SIDE = {Photo.Preview.LARGE: 1600, Photo.Preview.SMALL: 240}
QUALITY = 85


def make_previews(photo: Photo, rgb: NDArray[np.uint8]) -> None:
    """Writes both sizes, unless an earlier analysis has."""
    if photo.has_preview:
        return
    previews = storages["previews"]
    picture = Image.fromarray(rgb)
    for size, longest in LONGEST_SIDE.items():
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=3)  # largest first, then smaller
        encoded = io.BytesIO()
        picture.save(encoded, "WEBP", quality=QUALITY)
        key = photo.preview_key(size)
        previews.delete(key)  # of another applicant's photo with the same bytes, or of a crash
        previews.save(key, ContentFile(encoded.getvalue()))
    Photo.objects.filter(pk=photo.pk).update(has_preview=True)
