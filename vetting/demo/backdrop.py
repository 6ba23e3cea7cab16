"""A shelf behind the demo's astronaut; its edge sinks where it meets the head, as if an editor had slimmed the face."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import find_face
from detector.portrait import read_portrait
from detector.signal.head import on_window, unit_of

Pixels = NDArray[np.uint8]

HEIGHT = 0.1  # eye distances by which the edge lies above the eyes
DROP, REACH = 0.3, 0.3  # eye distances that the edge sinks, and how far from the head it begins to
WALL, SHELF = (196.0, 190.0, 178.0), (104.0, 92.0, 84.0)
NOISE = 2.5  # grey levels: a backdrop without a camera's noise would be a finding of its own


def before_a_bent_shelf(pixels: Pixels, encoded: bytes) -> Pixels:
    """The person of `pixels` (H x W x 3; `encoded` is the same as a file) before a wall and a shelf that bends.

    Raises NotApplicable or CouldNotLook as find_face does.
    """
    face = find_face(read_portrait(encoded))
    height, width = pixels.shape[:2]
    sure = on_window(face.head.square, face.head.person, (0, 0, width, height))
    person = sure | _below_the_window(face.window, face.person, (height, width))
    unit = unit_of(face.landmarks)
    away = np.asarray(cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5), dtype=np.float32) / unit
    edge = (face.left.y + face.right.y) / 2 - HEIGHT * unit
    bent = edge + DROP * unit * np.exp(-((away[round(edge)] / REACH) ** 2))
    share = 1 / (1 + np.exp(-np.clip((np.arange(height)[:, None] - bent[None]) / 1.5, -30, 30)))[..., None]
    grain = cv2.GaussianBlur(np.random.default_rng(5).normal(size=(height, width)), (0, 0), 1.0)[..., None]
    wall = np.array(WALL) * (1 - share) + np.array(SHELF) * share + NOISE * 3 * grain
    alpha = cv2.GaussianBlur(person.astype(np.float64), (0, 0), 0.02 * unit)[..., None]
    return np.asarray(np.clip(np.rint(alpha * pixels + (1 - alpha) * wall), 0, 255), dtype=np.uint8)


def _below_the_window(
    window: tuple[int, int, int, int], person: NDArray[np.bool_], shape: tuple[int, int]
) -> NDArray[np.bool_]:
    left, top, right, bottom = window
    whole = np.zeros(shape, np.bool_)
    whole[top:bottom, left:right] = person
    whole[bottom:] = True
    return whole
