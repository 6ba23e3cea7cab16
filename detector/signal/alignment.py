"""How one picture lies in another: matched features, a robust similarity, and a refinement by dense flow.

Features are SIFT's (Lowe, 2004, "Distinctive image features from scale-invariant keypoints") as RootSIFT (Arandjelovic
and Zisserman, 2012), kept where the ratio test and a look back agree; the similarity is drawn by RANSAC (Fischler and
Bolles, 1981), a homography over it by MAGSAC++ (Barath et al., 2020), and what is left is measured by dense inverse
search (Kroeger et al., 2016) and taken up by a robust fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.pyramid import Pyramid

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Matrix = NDArray[np.float64]  # 3 x 3, from pixels of the original to those of the first photo
Mask = NDArray[np.bool_]

# Longest sides at which features are looked for; the original is the larger one and may hold the first as a small part.
FIRST_SIDE, ORIGINAL_SIDE = 640, 1000
MOST = 2000  # features of a picture
CONTRAST = 0.02  # of SIFT: half its usual value, as studio backdrops and skin are smooth
RATIO = 0.8  # Lowe's
NEAR = 3.0  # pixels of the smaller working size that a feature may lie off
LEAST_FEATURES = 30  # of either picture, below which nothing can be said by features
LEAST_MATCHES = 8  # that agree
BEND_MATCHES = 40  # that agree before a homography is trusted over a similarity
BEND_SHARE = 0.25  # of either side that they must spread over
PLAIN = 80  # agreeing features with which the mirrored look is not needed
FLOW_SIDE = 512  # pixels of the longer side at which what is left is measured
LEAST_CLEAR = 200  # pixels with a slope to hold on to
WARPED = 2**15  # pixels of a side from which OpenCV warps no picture
FARTHEST = 0.02  # of the longer side: what is left after matched features is less


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """points: N x 2 in pixels of the whole picture; words: N x 128, of unit length."""

    points: Array
    words: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """matrix: from pixels of the original to pixels of the first photo. agreeing: features that say so.

    mirrored: the first photo shows the original turned over, left to right.
    """

    matrix: Matrix
    agreeing: int
    mirrored: bool

    def turn(self, x: float, y: float) -> tuple[float, float]:
        """Scale (pixels of the first photo a pixel of the original) and rotation (degrees clockwise, -180..180) at a
        point of the original."""
        steps = moved(self.matrix, np.array([[x, y], [x + 1, y], [x, y + 1]], dtype=np.float64))
        across, down = steps[1] - steps[0], steps[2] - steps[0]
        if self.mirrored:
            across = -across
        scale = float(np.sqrt(abs(across[0] * down[1] - across[1] * down[0])))
        return scale, float(np.degrees(np.arctan2(across[1] - down[0], across[0] + down[1])))


def features_of(pyramid: Pyramid, longest: int, *, mirrored: bool = False) -> Features:
    """SIFT features of the whole picture, looked at with its longer side shrunk to `longest` pixels."""
    small = pyramid.window(0, 0, pyramid.width, pyramid.height, longest)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    grey = cv2.flip(grey, 1) if mirrored else grey
    finder = cv2.SIFT_create(nfeatures=MOST, contrastThreshold=CONTRAST)  # type: ignore[attr-defined]
    found, words = finder.detectAndCompute(grey, None)
    if words is None or not found:
        return Features(points=np.zeros((0, 2), np.float32), words=np.zeros((0, 128), np.float32))
    points = np.array([point.pt for point in found], dtype=np.float32)
    if mirrored:
        points[:, 0] = grey.shape[1] - 1 - points[:, 0]
    shrink = np.array([pyramid.width / grey.shape[1], pyramid.height / grey.shape[0]], dtype=np.float32)
    words = np.sqrt(words / np.maximum(words.sum(axis=1, keepdims=True), 1e-6))
    return Features(points=(points + 0.5) * shrink - 0.5, words=np.asarray(words, dtype=np.float32))


def matched(first: Features, original: Features) -> tuple[Array, Array]:
    """N x 2 points of either picture that mean the same: nearest both ways, and clearly nearer than the next."""
    if min(len(first.points), len(original.points)) < LEAST_FEATURES:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    likeness = first.words @ original.words.T
    best = likeness.argmax(axis=1)
    rows = np.arange(len(best))
    top = likeness[rows, best]
    second = likeness.copy()
    second[rows, best] = -1.0
    # Words are of unit length: squared distance = 2 - 2 * likeness.
    clear = 1.0 - top < RATIO**2 * (1.0 - second.max(axis=1))
    kept = clear & (likeness.argmax(axis=0)[best] == rows)
    return first.points[kept], original.points[best[kept]]


def align(first: Pyramid, original: Pyramid) -> tuple[Alignment | None, int]:
    """Where the original lies in the first photo, and how many features the poorer of the two has.

    None where too few features agree on one place. Mirror images are tried where the plain look finds few.
    """
    known = features_of(original, ORIGINAL_SIDE)
    fewest = len(known.points)
    best: Alignment | None = None
    for mirrored in (False, True):
        seen = features_of(first, FIRST_SIDE, mirrored=mirrored)
        fewest = min(fewest, len(seen.points))
        found = _agreed(first, *matched(seen, known), mirrored=mirrored)
        if found and (best is None or found.agreeing > best.agreeing):
            best = found
        if best and best.agreeing >= PLAIN:
            break
    return best, fewest


def _agreed(first: Pyramid, here: Array, there: Array, *, mirrored: bool) -> Alignment | None:
    if len(here) < LEAST_MATCHES:
        return None
    near = NEAR * max(1.0, max(first.width, first.height) / FIRST_SIDE)
    flip = _flip(first.width) if mirrored else np.eye(3)
    turned = moved(flip, here.astype(np.float64)).astype(np.float32)
    cv2.setRNGSeed(1)  # the same two pictures must give the same answer
    similar, inside = cv2.estimateAffinePartial2D(
        there, turned, method=cv2.RANSAC, ransacReprojThreshold=near, maxIters=3000, confidence=0.999
    )
    if similar is None:
        return None
    held = inside.ravel() > 0
    if np.count_nonzero(held) < LEAST_MATCHES:
        return None
    matrix = np.vstack([similar, [0.0, 0.0, 1.0]]).astype(np.float64)
    matrix, held = _bent(matrix, there, turned, held, near, (first.width, first.height))
    return Alignment(matrix=flip @ matrix, agreeing=int(np.count_nonzero(held)), mirrored=mirrored)


def _bent(
    matrix: Matrix, there: Array, here: Array, held: Mask, near: float, size: tuple[int, int]
) -> tuple[Matrix, Mask]:
    """A homography where many features over much of the picture support it: a lens or a perspective was corrected."""
    spread = np.ptp(here[held], axis=0) / np.array(size, dtype=np.float32)
    if np.count_nonzero(held) < BEND_MATCHES or spread.min() < BEND_SHARE:
        return matrix, held
    off = np.linalg.norm(moved(matrix, there.astype(np.float64)) - here, axis=1)
    around = off < 3 * near
    bent, inside = cv2.findHomography(there[around], here[around], cv2.USAC_MAGSAC, near, maxIters=2000)
    if bent is None or inside.sum() < np.count_nonzero(held) or not _plausible(bent, matrix, there[held]):
        return matrix, held
    kept = np.zeros_like(held)
    kept[around] = inside.ravel() > 0
    return np.asarray(bent / bent[2, 2], dtype=np.float64), kept


def _plausible(bent: Matrix, matrix: Matrix, points: Array) -> bool:
    """Whether the homography stays near the similarity at the corners of what was matched."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], dtype=np.float64)
    plain, other = moved(matrix, corners), moved(bent, corners)
    side = float(np.linalg.norm(plain[2] - plain[0]))
    return bool(np.abs(plain - other).max() < 0.1 * side)


def _flip(width: int) -> Matrix:
    return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def moved(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """N x 2 points through a 3 x 3 matrix."""
    lifted = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(lifted[:, :2] / lifted[:, 2:], dtype=np.float64)


def inverse_of(matrix: Matrix) -> Matrix:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def scaled(factor_x: float, factor_y: float) -> Matrix:
    """From pixels of a picture to those of its copy at another size; pixel centres lie at half steps."""
    return np.array([[factor_x, 0, 0.5 * factor_x - 0.5], [0, factor_y, 0.5 * factor_y - 0.5], [0, 0, 1.0]])


def laid(original: Pyramid, matrix: Matrix, size: tuple[int, int]) -> tuple[Rgb, Mask]:
    """The original laid onto a frame of `size` (width, height) by a matrix onto its pixels; and where it covers it.

    What it does not cover is grey.
    """
    centre = moved(inverse_of(matrix), np.array([[size[0] / 2, size[1] / 2]], dtype=np.float64))
    x, y = centre[0]
    steps = moved(matrix, np.array([[x, y], [x + 1, y], [x, y + 1]], dtype=np.float64))
    across, down = steps[1] - steps[0], steps[2] - steps[0]
    shrink = 1.0 / max(1e-3, float(np.sqrt(abs(across[0] * down[1] - across[1] * down[0]))))
    level, scale = original.level(shrink)
    while max(level.shape) >= WARPED:
        level, scale = original.level(2 / scale)
    left = max(1.0, shrink * scale)
    soft = cv2.GaussianBlur(level, (0, 0), 0.5 * np.sqrt(left**2 - 1)) if left > 1.05 else level
    onto = matrix @ np.linalg.inv(scaled(level.shape[1] / original.width, level.shape[0] / original.height))
    rgb = cv2.warpPerspective(soft, onto, size, flags=cv2.INTER_CUBIC, borderValue=(128, 128, 128))
    sheet = np.full(level.shape[:2], 255, np.uint8)
    covered = cv2.warpPerspective(sheet, onto, size, flags=cv2.INTER_LINEAR, borderValue=0)
    return np.asarray(rgb, dtype=np.uint8), np.asarray(covered, dtype=np.uint8) > 250


def flow_between(one: Rgb, other: Rgb) -> Array:
    """H x W x 2: where each pixel of `one` (H x W, grey) lies in `other`, less its own place."""
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)  # type: ignore[attr-defined]
    return np.asarray(search.calc(one, other, None), dtype=np.float32)


def left_over(first: Rgb, laid_original: Rgb, covered: Mask) -> Matrix:
    """By which affine map, in pixels of the frame, a laid original is still off; near the identity.

    first, laid_original: H x W, grey, of like tone. Most of the picture decides: a part that was pushed does not.
    """
    shrink = min(1.0, FLOW_SIDE / max(first.shape))
    size = (max(16, round(first.shape[1] * shrink)), max(16, round(first.shape[0] * shrink)))
    here, there = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (first, laid_original))
    flow = flow_between(np.asarray(there, dtype=np.uint8), np.asarray(here, dtype=np.uint8))
    inside = cv2.resize(covered.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    slope = np.hypot(cv2.Sobel(there, cv2.CV_32F, 1, 0), cv2.Sobel(there, cv2.CV_32F, 0, 1))
    clear = np.asarray(inside, dtype=np.bool_) & (slope > max(12.0, float(np.quantile(slope, 0.6))))
    ys, xs = np.nonzero(clear)
    if len(xs) < LEAST_CLEAR:
        return np.eye(3)
    from_points = np.column_stack([xs, ys]).astype(np.float64)
    fitted = _affine(from_points, from_points + flow[ys, xs])
    onto = scaled(size[0] / first.shape[1], size[1] / first.shape[0])
    found = np.linalg.inv(onto) @ fitted @ onto
    corners = np.array([[0, 0], [first.shape[1], 0], [0, first.shape[0]], first.shape[::-1]], dtype=np.float64)
    off = float(np.abs(moved(found, corners) - corners).max())
    return np.asarray(found, dtype=np.float64) if off < FARTHEST * max(first.shape) else np.eye(3)


def _affine(here: NDArray[np.float64], there: NDArray[np.float64]) -> Matrix:
    """Least squares, reweighted so that a minority that moves otherwise loses its say (Tukey's biweight)."""
    middle, side = here.mean(axis=0), max(1.0, float(here.std()))
    terms = np.column_stack([(here - middle) / side, np.ones(len(here))])
    weight, found = np.ones(len(here)), np.zeros((3, 2))
    for _ in range(8):
        normal = (terms * weight[:, None]).T
        found = np.linalg.solve(normal @ terms + 1e-6 * np.eye(3), normal @ there)
        off = np.linalg.norm(there - terms @ found, axis=1)
        spread = max(0.02, 1.5 * float(np.median(off)))
        weight = np.clip(1 - (off / (4 * spread)) ** 2, 0, 1) ** 2 + 1e-9
    linear = found[:2].T / side
    return np.vstack([np.column_stack([linear, found[2] - linear @ middle]), [0.0, 0.0, 1.0]])
