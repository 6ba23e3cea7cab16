"""Re-encodes pictures of every class alike, so that format and size cannot give the class away."""

from __future__ import annotations

import io

from PIL import Image

from detector.portrait import read_portrait

# Name -> longest side and JPEG quality. What most sites deliver; forwarded by chat, or a screenshot; a profile picture.
WEB, HARD, AVATAR = (768, 60), (512, 40), (400, 80)
CONDITIONS = ("clean", "web", "hard", "avatar")


def launder(data: bytes, condition: str) -> bytes:
    """The picture's bytes as the condition delivers them; `clean` leaves them as they are.

    Raises KeyError for an unknown condition, PictureError or CouldNotLook for bytes that are no picture.
    """
    if condition == "clean":
        return data
    longest, quality = {"web": WEB, "hard": HARD, "avatar": AVATAR}[condition]
    picture = Image.fromarray(read_portrait(data).rgb)
    if condition == "avatar":
        picture = _square(picture).resize((longest, longest), Image.Resampling.LANCZOS)
    elif max(picture.size) > longest:
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return jpeg(picture, quality)


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """The picture as a JPEG without metadata."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _square(picture: Image.Image) -> Image.Image:
    """The middle square, a third of the way down where there is more height than width, as profile pictures are cut."""
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 3
    return picture.crop((left, top, left + side, top + side))
