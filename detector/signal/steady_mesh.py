"""The face mesh with less noise: the mean of several looks, each from another square.

One look at a face is off by a few per cent of the distance of the eyes, another one when the picture lies a few
pixels aside. Looks that are shifted, turned and resized a little err differently, so that their mean errs less
(test-time augmentation; Simonyan and Zisserman, 2014, arXiv:1409.1556, section 3.2).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from detector.signal.mesh import mesh, square_of
from detector.signal.pyramid import Pyramid, Square

Array = NDArray[np.float32]

# Of every look: the turn in degrees, the size, and the shift across and down, both by the square's side.
LOOKS = (
    (0.0, 1.0, 0.0, 0.0),
    (-6.0, 1.06, 0.02, 0.0),
    (6.0, 0.95, 0.0, 0.02),
    (-3.0, 0.95, 0.0, -0.02),
    (3.0, 1.06, -0.02, 0.0),
    (0.0, 1.12, 0.01, 0.01),
)


def steady_mesh(pyramid: Pyramid, landmarks: Array) -> Array:
    """468 x 3 landmarks in the picture's pixels, as FaceMap.landmarks, which they start from.

    About 35 ms on one core. Raises CouldNotLook where the model's file is missing.
    """
    square = square_of(landmarks)
    seen = [mesh(pyramid, _another(square, *look))[0] for look in LOOKS]
    for points in seen:
        points[:, 2] -= points[:, 2].mean()  # each look has a zero of depth of its own
    return np.asarray(np.mean(seen, axis=0), dtype=np.float32)


def _another(square: Square, turn: float, size: float, across: float, down: float) -> Square:
    return replace(
        square,
        x=square.x + across * square.side,
        y=square.y + down * square.side,
        side=square.side * size,
        angle=square.angle + turn,
    )
