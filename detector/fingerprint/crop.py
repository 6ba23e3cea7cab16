"""The part of a photo that the fingerprint looks at: head and shoulders, upright, at one scale."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.signal.head import head_square
from detector.signal.pyramid import Pyramid, Square

Rgb = NDArray[np.uint8]

MARGIN = 1.2  # of the head's square: what training shifts and turns within, and delivery twins crop
SIZE = 384  # pixels of the cut's side: 8.4 eye distances, so 46 pixels an eye distance
INPUT = 192  # pixels of the networks' input: the head's square without the margin


def crop_square(face: FaceMap) -> Square:
    """The head's square (7 eye distances) with a margin of a twelfth of the cut on every side."""
    square = head_square(face.landmarks, face.roll)
    return replace(square, side=square.side * MARGIN)


def crop(pyramid: Pyramid, face: FaceMap) -> Rgb:
    """SIZE x SIZE x 3: the square cut out; what lies outside the picture is black."""
    return pyramid.cut(crop_square(face), SIZE)


def head_of(cut: Rgb, size: int = INPUT) -> Rgb:
    """size x size x 3: the middle of a cut (S x S x 3), without the margin: what a network is shown."""
    side = cut.shape[0]
    edge = round((side - side / MARGIN) / 2)
    inner = cut[edge : side - edge, edge : side - edge]
    way = cv2.INTER_AREA if inner.shape[0] > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(inner, (size, size), interpolation=way), dtype=np.uint8)
