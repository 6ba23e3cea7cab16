"""Where skin, jaw, eyes, hair, clothes and background are on one frame: masks in the frame's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import masks
from detector.signal.head import Head, on_window

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

# The face's outline from one ear over the chin to the other, in MediaPipe's numbering.
JAW = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454)
REACH = 0.45  # eye distances around the jaw in which a brush that moves it works
PERSON, BACKGROUND = 0.8, 0.5  # of the segmentation: sure
EDGE = 0.12  # eye distances by which parts keep off the person's border: its pixels are neither
COLLAR = 0.35  # eye distances below the chin where clothes begin
NECK_LIKE = 3.2  # spreads of the skin's colour: nearer is neck


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All H x W of one frame. unit: eye distance in its pixels. points: 468 x 2 landmarks in its pixels.

    skin: bare skin of the face. face: inside the face's outline. jaw: around its lower line. eyes: between the lids.
    hair: empty where none can be told. clothes, background: sure pixels only. border: neither, between person and
    background.
    """

    unit: float
    points: Array
    face: Mask
    skin: Mask
    jaw: Mask
    eyes: Mask
    hair: Mask
    clothes: Mask
    background: Mask


def parts_of(
    rgb: Rgb, points: Array, unit: float, *, skin: Mask, window: tuple[int, int, int, int], head: Head
) -> Parts:
    """rgb: H x W x 3, the frame. points: N x 2 in its pixels. skin, window, head: as in FaceMap."""
    height, width = shape = (rgb.shape[0], rgb.shape[1])
    whole = (0, 0, width, height)
    person = person_on(rgb, head)
    everywhere = np.zeros(shape, np.bool_)
    everywhere[window[1] : window[3], window[0] : window[2]] = skin
    hair = on_window(head.square, head.hair.astype(np.float32), whole) if not head.doubt else np.zeros(shape, np.bool_)
    border = max(1, round(EDGE * unit))
    return Parts(
        unit=unit,
        points=points,
        face=masks.filled(shape, points, [masks.OVAL]),
        skin=everywhere,
        jaw=_along(shape, points[list(JAW)], REACH * unit),
        eyes=masks.filled(shape, points, masks.EYES),
        hair=hair,
        clothes=_clothes(rgb, masks.grown(person > PERSON, -border), points, unit) & ~hair,
        background=person < BACKGROUND,
    )


def person_on(rgb: Rgb, head: Head) -> Array:
    """0..1, H x W: the person, finer around the head."""
    whole = (0, 0, rgb.shape[1], rgb.shape[0])
    near = on_window(head.square, head.inside.astype(np.float32), whole)
    fine = on_window(head.square, head.person, whole)
    return np.where(near, fine.astype(np.float32), masks.person_mask(rgb)).astype(np.float32)


def _along(shape: tuple[int, int], line: Array, reach: float) -> Mask:
    canvas = np.zeros(shape, np.uint8)
    cv2.polylines(canvas, [np.rint(line).astype(np.int32).reshape(-1, 1, 2)], False, 1, max(1, round(2 * reach)))
    return canvas > 0


def _clothes(rgb: Rgb, person: Mask, points: Array, unit: float) -> Mask:
    """The person below the chin, without what has the skin's colour."""
    shape = (rgb.shape[0], rgb.shape[1])
    down = points[152] - points[10]
    down = down / max(1e-3, float(np.linalg.norm(down)))
    ys, xs = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    below = (xs - points[152, 0]) * down[0] + (ys - points[152, 1]) * down[1] > COLLAR * unit
    found = np.asarray(person & below, dtype=np.bool_)
    seed = masks.filled(shape, points, masks.SEED)
    if np.count_nonzero(seed) < 50 or not found.any():
        return found
    lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), dtype=np.float32)
    bare = masks.colour_distance(lab, seed) < NECK_LIKE
    bare = cv2.morphologyEx(bare.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)) > 0
    without = found & ~np.asarray(bare, dtype=np.bool_)
    # Beige clothes are not skin: where most would go, nothing does.
    return np.asarray(without, dtype=np.bool_) if np.count_nonzero(without) > 0.4 * np.count_nonzero(found) else found
