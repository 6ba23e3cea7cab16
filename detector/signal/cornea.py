"""What the cornea mirrors and what lies behind it: catchlights and the pupil's outline.

Everything is measured in the eye's own square (detector.signal.iris), in radii of its iris, so that two eyes can be
laid over each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.iris import Eye

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

DISC = 48  # pixels of the aligned iris' side
RADIUS = (DISC - 1) / 2  # of the iris, in them

REACH = 0.8  # radii around the centre that are looked at: farther out are the sclera's glints and the lids' shadow
LOW = 0.45  # radii below the centre: the lower lid's wet edge glitters there, and lamps are seldom below the eyes
GLINT = 45.0  # grey levels (CIE L, 0..255) by which a catchlight outshines its iris; noise and fibres reach 35
BROAD = 21  # pixels of the aligned iris: what is wider is a bright iris or a veil, no catchlight
HALF = 0.5  # of the highest contrast: what is brighter belongs to a catchlight
CRUMB = 0.004  # of the iris' area: smaller is noise
LEAST_SEEN = 0.1  # of the aligned square: with less the lids are as good as closed

RAYS = 48  # along which the pupil's edge is sought
STEP = 0.25  # pixels along a ray
INNER, RING, OUTER = 0.35, 0.45, 0.72  # radii: surely pupil where it is dark; surely iris; no pupil beyond
FAINT_GLINT, HALO = 0.25, 5  # of a catchlight's contrast, pixels: what a catchlight brightens around it
LEAST_INNER, LEAST_RING = 40, 60  # pixels of either that must be free
SEEN_RAYS = 0.5  # share of the rays that must meet the edge freely
NORMAL = 1.4826  # standard deviations in a median absolute deviation of normal noise
ORDER = 2  # of the Fourier series: place, size and the oval of a pupil seen askew


@dataclass(frozen=True, slots=True, kw_only=True)
class Glints:
    """The catchlights of one eye.

    plane: DISC x DISC, 0..1, how far each pixel outshines the iris around it, aligned to the iris. seen: True where
    the lids leave it free. contrast: of the brightest, in grey levels. spots: n x 3, x and y in radii from the iris'
    centre and area as a share of the iris', largest first.
    """

    plane: Array
    seen: Mask
    contrast: float
    spots: Array

    @property
    def count(self) -> int:
        return len(self.spots)

    @property
    def area(self) -> float:
        return float(self.spots[:, 2].sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """The pupil's outline, in radii of the iris.

    x, y: its middle, from the iris' centre. radii: RAYS distances from there, nan where a lid or a catchlight hides
    the edge. size: their median. rough: how far they lie from the best oval, as a share of the size. contrast: grey
    levels between pupil and iris.
    """

    x: float
    y: float
    radii: Array
    size: float
    rough: float
    contrast: float


def aligned(eye: Eye, plane: Array) -> Array:
    """A plane of the eye's square, cut to its iris: DISC x DISC, from -1 to 1 radii."""
    step = eye.radius / RADIUS
    matrix = np.array([[step, 0, eye.x - eye.radius], [0, step, eye.y - eye.radius]], dtype=np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(plane, matrix, (DISC, DISC), flags=flags), dtype=np.float32)


def glints(eye: Eye) -> Glints:
    """The catchlights: spots in the iris that outshine what surrounds them by GLINT at least."""
    light, seen = aligned(eye, eye.light), aligned(eye, eye.opening.astype(np.float32)) > 0.5
    seen &= _far() < REACH
    seen[round(RADIUS * (1 + LOW)) :] = False
    none = np.zeros((0, 3), np.float32)
    if np.count_nonzero(seen) < LEAST_SEEN * DISC**2:
        return Glints(plane=np.zeros((DISC, DISC), np.float32), seen=seen, contrast=0.0, spots=none)
    rise = _above_surroundings(light, seen)
    contrast = float(rise.max())
    if contrast < GLINT:
        return Glints(plane=np.zeros((DISC, DISC), np.float32), seen=seen, contrast=contrast, spots=none)
    plane = rise / np.float32(contrast)
    return Glints(plane=plane, seen=seen, contrast=contrast, spots=_spots(plane))


def overlap(one: Glints, other: Glints, across: int, down: int) -> float:
    """Overlap of the two eyes' catchlights, 0..1 (soft intersection over union), the best of all shifts by so
    many pixels at most.

    After Hu, Li and Lyu, 2020, "Exposing GAN-generated faces using inconsistent corneal specular highlights",
    arXiv:2009.11924, who binarise; at irises of a dozen pixels a threshold would decide instead of the light.
    """
    both = (one.seen & other.seen).astype(np.float32)
    best = 0.0
    for dy in range(-down, down + 1):
        for dx in range(-across, across + 1):
            moved = np.roll(other.plane, (dy, dx), axis=(0, 1))
            low, high = np.minimum(one.plane, moved) * both, np.maximum(one.plane, moved) * both
            best = max(best, float(low.sum() / max(float(high.sum()), 1e-6)))
    return best


def pupil(eye: Eye, glint: Glints) -> Pupil | None:
    """The pupil's outline where it can be told from the iris; None where it cannot.

    After Guo et al., 2021, "Eyes tell all: irregular pupil shapes reveal GAN-generated faces", arXiv:2109.00162, with
    the outline sought along rays in place of their segmentation network.
    """
    light = aligned(eye, eye.light)
    halo = cv2.dilate((glint.plane > FAINT_GLINT).astype(np.uint8), np.ones((HALO, HALO), np.uint8)) > 0
    free = glint.seen & ~halo
    inner, ring = free & (_far() < INNER), free & (_far() > RING)
    if np.count_nonzero(inner) < LEAST_INNER or np.count_nonzero(ring) < LEAST_RING:
        return None
    dark, bright = float(np.quantile(light[inner], 0.2)), float(np.median(light[ring]))
    level = (dark + bright) / 2
    middle = _largest(free & (light < level) & (_far() < OUTER))
    if middle is None:
        return None
    found = _edge(light, free, middle, level)
    known = ~np.isnan(found)
    if known.mean() < SEEN_RAYS:
        return None
    size = float(np.median(found[known]))
    x, y = (middle / RADIUS - 1).tolist()
    return Pupil(x=x, y=y, radii=found, size=size, rough=_rough(found, known) / size, contrast=bright - dark)


def _far() -> Array:
    """Distance of the aligned plane's pixels from the iris' centre, in radii."""
    line = np.linspace(-1, 1, DISC, dtype=np.float32)
    return np.asarray(np.hypot(line[None], line[:, None]), dtype=np.float32)


def _above_surroundings(light: Array, seen: Mask) -> Array:
    """How far each seen pixel outshines the iris around it (a top-hat, so that a bright half of the iris counts for
    nothing), 0 elsewhere."""
    base = np.float32(np.median(light[seen]))
    within = np.where(seen, light, base)
    around = cv2.morphologyEx(within, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BROAD, BROAD)))
    return np.asarray(np.clip(light - np.maximum(around, base), 0, None) * seen, dtype=np.float32)


def _spots(plane: Array) -> Array:
    _, _, stats, centres = cv2.connectedComponentsWithStats((plane > HALF).astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA] / (np.pi * RADIUS**2)
    spots = np.column_stack([centres[1:] / RADIUS - 1, areas])[areas > CRUMB]
    return np.asarray(spots[np.argsort(-spots[:, 2], kind="stable")], dtype=np.float32)


def _largest(mask: Mask) -> NDArray[np.float64] | None:
    """Middle (x, y) of the largest connected part."""
    count, _, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return None
    return np.asarray(centres[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))], dtype=np.float64)


def _edge(light: Array, free: Mask, middle: NDArray[np.float64], level: float) -> Array:
    """Where each ray from the middle first rises above the level, in radii; nan where that is hidden."""
    angle = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    reach = np.arange(2.0, OUTER * RADIUS + 4, STEP)
    px = (middle[0] + np.outer(np.cos(angle), reach)).astype(np.float32)
    py = (middle[1] + np.outer(np.sin(angle), reach)).astype(np.float32)
    along = cv2.remap(cv2.GaussianBlur(light, (0, 0), 0.8), px, py, cv2.INTER_LINEAR)
    hidden = cv2.remap(free.astype(np.uint8), px, py, cv2.INTER_NEAREST) == 0
    above = along > level
    first = above.argmax(axis=1)
    until = np.where(hidden.any(axis=1), hidden.argmax(axis=1), len(reach))
    met = above.any(axis=1) & (first + 2 < until)  # two steps on: a hidden pixel beside the edge has shaped it
    return np.where(met, reach[first] / RADIUS, np.nan).astype(np.float32)


def _rough(found: Array, known: Mask) -> float:
    """Spread (from the median, so that a lash across a few rays counts for little) of what the best oval leaves of the
    outline, in radii of the iris."""
    angle = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    waves = [wave(order * angle) for order in range(1, ORDER + 1) for wave in (np.cos, np.sin)]
    design = np.stack([np.ones(RAYS), *waves], axis=1)[known]
    fit, *_ = np.linalg.lstsq(design, found[known], rcond=None)
    return float(NORMAL * np.median(np.abs(found[known] - design @ fit)))
