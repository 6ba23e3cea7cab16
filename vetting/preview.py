"""Previews: what pages show in place of the original. Re-encoded from pixels, so no metadata comes along."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from PIL import Image

from vetting.keeping import leftovers
from vetting.models import Photo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_SIDE = {Photo.Preview.LARGE: 1600, Photo.Preview.SMALL: 240}
QUALITY = 85
BLURRED = "blurred"  # the size that lists ask for where an opening hides faces
# Cells along the longer side: a head-and-shoulders picture has its face on about 3 x 4 of them, which no sharpening
# brings back. Pictures are still told apart by clothes and background.
CELLS = 10


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
    if not Photo.objects.filter(pk=photo.pk).update(has_preview=True):
        with transaction.atomic():  # forgotten while it was examined
            leftovers.delete_stored(("previews", photo.preview_key(size)) for size in LONGEST_SIDE)


def read_preview(photo: Photo, size: Photo.Preview) -> bytes:
    """A few hundred kilobytes at most; OSError if it is gone."""
    with storages["previews"].open(photo.preview_key(size)) as preview:
        data: bytes = preview.read()
    return data


def blurred_preview(photo: Photo) -> bytes:
    """The small preview averaged to CELLS and drawn smoothly at its own size. Made anew each time: it takes 3 ms, and a
    browser keeps it. OSError if the small preview is gone."""
    with Image.open(io.BytesIO(read_preview(photo, Photo.Preview.SMALL))) as small:
        scale = CELLS / max(small.size)
        cells = tuple(max(1, round(side * scale)) for side in small.size)
        coarse = small.convert("RGB").resize((cells[0], cells[1]), Image.Resampling.BOX)
        encoded = io.BytesIO()
        coarse.resize(small.size, Image.Resampling.BICUBIC).save(encoded, "WEBP", quality=QUALITY)
    return encoded.getvalue()
