"""Where the skin of a face and the person are: masks from landmarks, colour and MediaPipe's selfie segmentation."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.nets import run

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

PERSON_SIZE = 256

# Outlines in MediaPipe's numbering.
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
EYES = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (300, 293, 334, 296, 336, 285, 295, 282, 283, 276))
LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
NOSTRILS = (98, 97, 2, 326, 327, 294, 309, 438, 457, 274, 1, 44, 237, 218, 79, 64)
# Between brows and mouth: bare on nearly every face (beards and hair begin outside it).
SEED = (
    (117, 118, 101, 36, 203, 206, 216, 207, 187, 123),  # cheek at the left of an upright picture
    (346, 347, 330, 266, 423, 426, 436, 427, 411, 352),
    (168, 122, 196, 3, 51, 45, 4, 275, 281, 248, 419, 351),  # bridge of the nose
)

ERODE = 0.035  # of the face's width: the mesh's oval runs a little into hair and ears
MARGIN = 0.02  # of the face's width, around eyes, brows and lips
FAR = 3.2  # Mahalanobis distance in LAB from the seed's colour; beyond it is hair, shadow, make-up or glare
EDGE = 4.0  # times the seed's own contrast: spectacle frames, beard hairs, wisps of hair


def person_mask(rgb: Rgb) -> Array:
    """0..1 in the size of the small picture `rgb`: how surely a pixel belongs to the person in front."""
    small = np.asarray(cv2.resize(rgb, (PERSON_SIZE, PERSON_SIZE), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    sure = run("selfie_segmentation.tflite", small, ("activation_10",))[0].reshape(PERSON_SIZE, PERSON_SIZE)
    size = (rgb.shape[1], rgb.shape[0])
    return np.asarray(cv2.resize(sure, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def filled(shape: tuple[int, int], points: Array, outlines: Sequence[Sequence[int]], *, grow: int = 0) -> Mask:
    """The polygons through the numbered points (N x 2, in the mask's pixels), filled; then grown by `grow` pixels."""
    canvas = np.zeros(shape, np.uint8)
    for outline in outlines:
        corners = np.rint(points[list(outline), :2]).astype(np.int32)
        cv2.fillPoly(canvas, [corners.reshape(-1, 1, 2)], (1,))
    return grown(canvas > 0, grow)


def grown(mask: Mask, pixels: int) -> Mask:
    """The mask grown by so many pixels, or shrunk where negative."""
    if not pixels:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(pixels) + 1, 2 * abs(pixels) + 1))
    change = cv2.dilate if pixels > 0 else cv2.erode
    return np.asarray(change(mask.astype(np.uint8), kernel), dtype=np.uint8) > 0


def skin_mask(rgb: Rgb, points: Array) -> Mask:
    """Bare skin of one face.

    rgb: H x W x 3 around the face, best at a face width of 100..300 px. points: 468 x 2, in its pixels.
    All False where the seed is too small to know the skin's colour.
    """
    shape = (rgb.shape[0], rgb.shape[1])
    width = float(np.ptp(points[list(OVAL), 0]))
    near = max(1, round(width * MARGIN))
    face = filled(shape, points, [OVAL], grow=-max(1, round(width * ERODE)))
    face &= ~filled(shape, points, [*EYES], grow=2 * near)
    face &= ~filled(shape, points, [*BROWS, LIPS, NOSTRILS], grow=near)
    seed = filled(shape, points, SEED) & face
    if np.count_nonzero(seed) < 50:
        return np.zeros(shape, np.bool_)
    soft = cv2.GaussianBlur(rgb, (0, 0), max(0.6, width / 200))
    lab = np.asarray(cv2.cvtColor(soft, cv2.COLOR_RGB2LAB), dtype=np.float32)
    face &= colour_distance(lab, seed) < FAR
    face &= ~_edges(lab[..., 0], seed, near)
    return _without_crumbs(face, near)


def colour_distance(lab: Array, seed: Mask) -> Array:
    """Mahalanobis distance of every pixel from the seed's colour, robust against glasses and glare within the seed."""
    colours = lab[seed]
    for _ in range(3):
        mean = np.median(colours, axis=0)
        # Light falls off towards the jaw and forehead, so lightness gets a wide floor; hue hardly changes.
        spread = np.cov(colours.T) + np.diag([14.0**2, 3.0**2, 3.0**2])
        inverse = np.linalg.inv(spread)
        off = np.einsum("ni,ij,nj->n", colours - mean, inverse, colours - mean)
        kept = colours[off < 2.5**2]
        if len(kept) < 50:
            break
        colours = kept
    off_all = lab - mean.astype(np.float32)
    whitened = cv2.transform(off_all, np.linalg.cholesky(inverse).T.astype(np.float32))
    squared = np.einsum("hwi,hwi->hw", whitened, whitened)
    return np.asarray(np.sqrt(np.maximum(squared, 0)), dtype=np.float32)


def _edges(light: Array, seed: Mask, near: int) -> Mask:
    gradient = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))
    usual = float(np.median(gradient[seed]))
    strong = (gradient > max(EDGE * usual, 24.0)).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (near // 2) + 1, 2 * (near // 2) + 1))
    return np.asarray(cv2.dilate(strong, kernel), dtype=np.uint8) > 0


def _without_crumbs(mask: Mask, near: int) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * near + 1, 2 * near + 1))
    opened = np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel), dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    least = 0.02 * np.count_nonzero(opened)
    large = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] >= least]
    return np.isin(labels, large)
