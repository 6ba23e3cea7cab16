"""How hair ends: lightness and colour along short lines that cross its outline towards the backdrop.

A lens and strands leave an uneven transition about as wide as the picture is sharp, with single hairs beyond it. A
cut-out is equally sharp all along, or wears a seam of constant width; hair that was never photographed may dissolve.
(Profiles across an edge: after ISO 12233's edge spread function.)
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.head import BACKGROUND
from detector.signal.strands import Plate

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

REACH = 0.6  # eye distances that a line runs to either side of the outline
SEARCH = 0.22  # eye distances by which the true edge may lie off the mask's border
OUT = 0.55  # eye distances beyond the outline where there must be backdrop; dissolving hair has a wide border
STEP = 0.04  # eye distances between two lines
LEAST_LINES = 40  # 1.6 eye distances of outline
INSIDE, OUTSIDE = (-0.5, -0.28), (0.32, 0.55)  # where a line is in the hair, and in the backdrop, for sure
SEAM = (0.03, 0.2)  # beyond the edge, where a halo lies
LEAST_STEP = 14.0  # grey levels (colour counts) between hair and backdrop; less has no edge to be measured
FLOOR = 0.25  # grey levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Fringe:
    """One value a line, in order along the outline, NaN where hair and backdrop are alike.

    seam: grey levels by which the seam just outside leaves the way from hair to backdrop, brighter or darker or
    otherwise coloured, as a share of the step between them. melt: logarithm of the transition's width in eye distances,
    less half that of the contrast along the outline within it, as a share of the step: wide, and crossed by no strand.
    spots: N x 2 on the plate, of the edge. normal: N x 2, outwards.
    """

    seam: Array
    melt: Array
    spots: Array
    normal: Array


def measure(plate: Plate) -> Fringe | None:
    """Lines across the outline of the hair; None where too little of it stands against a backdrop."""
    spots, normal = _outline(plate)
    if len(spots) < LEAST_LINES:
        return None
    pixels = round(REACH * plate.scale)
    along = np.arange(-pixels, pixels + 1, dtype=np.float32)
    lines = _lines(plate.planes, spots, normal, along)
    offset = _edge(lines, along, SEARCH * plate.scale)
    spots = (spots + normal * offset[:, None]).astype(np.float32)
    lines = _lines(plate.planes, spots, normal, along)
    return _measured(lines, along / np.float32(plate.scale), spots, normal)


def _outline(plate: Plate) -> tuple[Array, Array]:
    """Spots on the person's outline where hair meets a backdrop, a step apart, and their outward normals."""
    smooth = np.asarray(cv2.GaussianBlur(plate.person, (0, 0), 0.1 * plate.scale), dtype=np.float32)
    contours, _ = cv2.findContours((plate.person > 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    spots = max(contours, key=len).reshape(-1, 2)[:: max(1, round(STEP * plate.scale))].astype(np.float32)
    slope = [_at(np.asarray(cv2.Sobel(smooth, cv2.CV_32F, *way), dtype=np.float32), spots) for way in ((1, 0), (0, 1))]
    normal = -np.stack(slope, axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    hair = np.asarray(cv2.GaussianBlur(plate.hair.astype(np.float32), (0, 0), 0.03 * plate.scale), dtype=np.float32)
    deep = [_at(hair, spots - normal * np.float32(reach * plate.scale)) > 0.5 for reach in (0.3, 0.45)]
    out = _at(plate.person, spots + normal * np.float32(OUT * plate.scale)) < BACKGROUND
    seen = _at(plate.seen.astype(np.float32), spots + normal * np.float32(REACH * plate.scale)) > 0.9
    kept = np.all([*deep, out, seen, _within(plate, spots, normal)], axis=0)
    return spots[kept], normal[kept].astype(np.float32)


def _within(plate: Plate, spots: Array, normal: Array) -> Mask:
    end = spots + normal * np.float32(REACH * plate.scale)
    size = np.array([plate.person.shape[1], plate.person.shape[0]], dtype=np.float32)
    return np.asarray(((end > 1) & (end < size - 2)).all(axis=1), dtype=np.bool_)


def _at(plane: Array, spots: Array) -> Array:
    x, y = (np.ascontiguousarray(spots[:, axis], dtype=np.float32).reshape(-1, 1) for axis in (0, 1))
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderValue=0), dtype=np.float32).reshape(-1)


def _lines(planes: Array, spots: Array, normal: Array, along: Array) -> Array:
    """N x samples x 3."""
    x, y = (spots[:, None, axis] + normal[:, None, axis] * along[None] for axis in (0, 1))
    return np.asarray(
        cv2.remap(
            planes, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        dtype=np.float32,
    )


def _edge(lines: Array, along: Array, search: float) -> Array:
    """Where each line's steepest step lies, kept close to its neighbours'."""
    smooth = cv2.GaussianBlur(lines.reshape(len(lines), -1, 3), (0, 0), sigmaX=1.5, sigmaY=1.0)
    slope = np.linalg.norm(np.gradient(smooth, axis=1), axis=2)
    slope = np.where(np.abs(along)[None] <= search, slope * np.exp(-0.5 * (along / search)[None] ** 2), -1)
    found = along[slope.argmax(axis=1)].astype(np.float32)
    return np.asarray(_median(found, 7), dtype=np.float32)


def _median(values: Array, width: int) -> Array:
    padded = np.pad(values, width // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1), dtype=np.float32)


def _measured(lines: Array, at: Array, spots: Array, normal: Array) -> Fringe:
    hair, backdrop = _mean(lines, at, INSIDE), _mean(lines, at, OUTSIDE)
    way = backdrop - hair
    step = np.linalg.norm(way, axis=1)
    unclear = step < LEAST_STEP
    direction = way / np.maximum(step, 1e-3)[:, None]
    share = ((lines - hair[:, None]) * direction[:, None]).sum(axis=2) / np.maximum(step, 1e-3)[:, None]
    ripple = np.abs(np.diff(lines[..., 0], n=2, axis=0, prepend=lines[:1, :, 0], append=lines[-1:, :, 0]))
    across = _mean(ripple[..., None], at, (-0.1, 0.2))[:, 0]
    blank = np.float32(np.nan)
    width = np.where(unclear, blank, np.log(_width(share, at))).astype(np.float32)
    crossing = np.where(unclear, blank, np.log((across + FLOOR) / np.maximum(step, 1))).astype(np.float32)
    seam = np.where(unclear, blank, _seam(lines, at, hair, backdrop, direction, step)).astype(np.float32)
    return Fringe(
        seam=seam,
        melt=_running(width - 0.5 * crossing, 11),
        spots=spots,
        normal=normal,
    )


def _mean(lines: Array, at: Array, band: tuple[float, float]) -> Array:
    chosen = (at >= band[0]) & (at <= band[1])
    return np.asarray(lines[:, chosen].mean(axis=1), dtype=np.float32)


def _width(share: Array, at: Array) -> Array:
    """Eye distances from the last place that is hair to the first that is backdrop (20 % and 80 % of the step)."""
    pixel = float(at[1] - at[0])
    smooth = np.asarray(cv2.GaussianBlur(share, (0, 0), sigmaX=0.6, sigmaY=1.0), dtype=np.float32)
    between = (smooth > 0.2) & (smooth < 0.8)
    chosen = (at >= -0.45) & (at <= 0.45)
    return np.asarray(np.maximum(between[:, chosen].sum(axis=1), 0.5) * pixel, dtype=np.float32)


def _seam(lines: Array, at: Array, hair: Array, backdrop: Array, direction: Array, step: Array) -> Array:
    """How far the seam's colour lies off the straight way from the hair's to the backdrop's."""
    seam = _mean(lines, at, SEAM) - hair
    on_way = np.clip((seam * direction).sum(axis=1), 0, step)
    off = seam - direction * on_way[:, None]
    return np.asarray(np.linalg.norm(off, axis=1) / np.maximum(step, 1e-3), dtype=np.float32)


def _running(values: Array, width: int) -> Array:
    """The mean over `width` neighbours, of those that are known; NaN where fewer than half are."""
    known = np.isfinite(values)
    box = np.ones(width, np.float32)
    count = np.convolve(known.astype(np.float32), box, mode="same")
    total = np.convolve(np.where(known, values, 0).astype(np.float32), box, mode="same")
    return np.where(count > width / 2, total / np.maximum(count, 1), np.nan).astype(np.float32)
