"""What a photo shows, as hashes of its parts: the whole picture, the square around the head, what is beside the head.

They find copies of a picture, saved again, cropped or mirrored, and backgrounds that stand behind several people. The
face says where to cut and where the person is, and nothing of how the face looks goes into any of them: a second photo
of the same person hashes to something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.observation import CouldNotLook, NotApplicable
from detector.portrait import MAX_PIXELS, read_portrait
from detector.repeats import VERSION, Part
from detector.scene import Scene
from detector.signal import masks, pdq
from detector.signal.pyramid import Pyramid, Square
from detector.trust import TrustLists

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

LONGEST = 2 * pdq.MOST  # pixels of the picture that are looked at
# Side of the square around the head, in the landmarks' distance (root of the mean square) from their middle: about 1.1
# times the face's longer side. The box would do, but its outermost points move by some pixels from copy to copy: of
# pictures with a tenth cut off it found 83 of 100, and this finds 93.
AROUND = 3.8
HEAD_SIZE = 256  # pixels of its side
LEAST_INSIDE = 0.8  # of the square that must lie on the picture: the rest is filled with its mean

BEHIND = 256  # pixels of a side at which the background is looked at
WIDE, TALL = 0.25, 0.5  # of the picture: the two upper corners, where few heads reach
LEAST_BACKGROUND = 0.6  # of each corner that must not be the person
PERSON = 0.3  # of the segmentation: what may be the person is not background
MARGIN = 9  # pixels by which the person is widened: hair, and what the segmentation missed
FILL = 10.0  # pixels over which the background is carried on to where the person was


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHash:
    """value: 64 hex digits. quality: 0..100, how much there was to hash."""

    value: str
    quality: int

    def to_json(self) -> dict[str, str | int]:
        return {"value": self.value, "quality": self.quality, "version": VERSION}


def picture_hashes(scene: Scene) -> Mapping[str, PictureHash]:
    """Of each part that the photo has: the whole always, the others where there is a face. Raises CouldNotLook."""
    picture = scene.pyramid
    found = {Part.WHOLE: pdq.hash_rgb(picture.window(0, 0, picture.width, picture.height, LONGEST))}
    try:
        face = scene.face
    except (NotApplicable, CouldNotLook):
        face = None
    if face is not None:
        parts = {Part.HEAD: around_head(picture, face), Part.BACKGROUND: behind(picture)}
        found |= {part: pdq.hash_light(light) for part, light in parts.items() if light is not None}
    return {part.value: PictureHash(value=one.value, quality=one.quality) for part, one in found.items()}


def hash_bytes(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Mapping[str, PictureHash]:
    """The same of a file, without an examination. Raises PictureError or CouldNotLook."""
    cv2.setNumThreads(1)  # as detector.pipeline does
    return picture_hashes(Scene(read_portrait(data, max_pixels=max_pixels), TrustLists()))


def around_head(picture: Pyramid, face: FaceMap) -> Array | None:
    """HEAD_SIZE x HEAD_SIZE of light, as the picture has it; None where too much of it is off the picture."""
    points = face.landmarks[:, :2]
    middle = points.mean(axis=0)
    spread = float(np.sqrt(np.square(points - middle).sum(axis=1).mean()))
    square = Square(x=float(middle[0]), y=float(middle[1]), side=max(1.0, AROUND * spread))
    inside = picture.holds(square, HEAD_SIZE)
    if inside.mean() < LEAST_INSIDE:
        return None
    light = pdq.light_of(picture.cut(square, HEAD_SIZE))
    light[~inside] = light[inside].mean()
    return light


def behind(picture: Pyramid) -> Array | None:
    """The two upper corners of the picture side by side, without the person; None where the person fills them."""
    rgb = picture.window(0, 0, picture.width, picture.height, 2 * BEHIND)
    size = (BEHIND, BEHIND)
    light = pdq.light_of(np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    sure = np.asarray(cv2.resize(masks.person_mask(rgb), size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    free = ~masks.grown(sure > PERSON, MARGIN // 2)
    wide, tall = round(WIDE * BEHIND), round(TALL * BEHIND)
    corners = (slice(0, tall), slice(0, wide)), (slice(0, tall), slice(BEHIND - wide, BEHIND))
    if min(free[corner].mean() for corner in corners) < LEAST_BACKGROUND:
        return None
    filled = _carried_on(light, free)
    return np.ascontiguousarray(np.hstack([filled[corner] for corner in corners]))


def _carried_on(light: Array, free: Mask) -> Array:
    """The light, where it is not free replaced by the mean of what is free nearby."""
    weight = free.astype(np.float32)
    near = cv2.GaussianBlur(light * weight, (0, 0), FILL)
    share = np.asarray(cv2.GaussianBlur(weight, (0, 0), FILL), dtype=np.float32)
    mean = np.float32(light[free].mean())
    known = np.where(share > 1e-3, near / np.maximum(share, 1e-3), mean)
    return np.where(free, light, known).astype(np.float32)
