"""Texture of the background close to the person's outline, against the same background farther out.

Around the person lies a fan of sectors. In each, fine contrast (what blur takes first) of a band just outside the
outline is held against that of a band farther out. Depth of field blurs a backdrop by its distance, not by how close
it lies to the outline in the picture, so on a photo the two hardly differ in the median over the sectors.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.surroundings import SIZE, Surroundings

Mask = NDArray[np.bool_]

NEAR, FAR = (0.15, 0.45), (0.7, 1.4)  # eye distances from the outline: the two bands
SECTORS = 24
LEAST = 60  # pixels of each band in a sector
FEWEST = 6  # sectors; with fewer, the gaps of a mural passed for melting
FINE, COARSE = 1.0, 2.5  # pixels: Gaussians between which the detail lies
SAME_BACKDROP = 30.0  # LAB units (8 bit) between the bands: beyond it they show different things
QUIET = 0.4  # grey levels: what remains of a flat wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Halo:
    """Fine contrast close to the outline against that farther out.

    lost: by how much it is less close by in at least three of four sectors, natural logarithm of the ratio.
    lost_coarse: the same of contrast a few times coarser. texture, texture_coarse: the contrast farther out, natural
    logarithm of grey levels, median over the sectors. sectors: how many were compared.
    where: SIZE x SIZE, True on the inner band of those sectors that show so little contrast.
    """

    lost: float
    lost_coarse: float
    texture: float
    texture_coarse: float
    sectors: int
    where: Mask


def halo(view: Surroundings) -> Halo | None:
    """None where too few sectors show the same backdrop in both bands."""
    soft, softer = (cv2.GaussianBlur(view.light, (0, 0), sigma) for sigma in (FINE, COARSE))
    details = np.stack([np.abs(view.light - soft), np.abs(soft - softer)], axis=-1)
    lab = np.asarray(cv2.cvtColor(view.rgb, cv2.COLOR_RGB2LAB), dtype=np.float32)
    bands = [view.background & (view.away > low) & (view.away < high) for low, high in (NEAR, FAR)]
    members = [_by_sector(band) for band in bands]
    used, near, far = [], [], []
    for sector, (inner, outer) in enumerate(zip(*members, strict=True)):
        if min(len(inner), len(outer)) < LEAST:
            continue
        tones = [np.median(lab.reshape(-1, 3)[rows], axis=0) for rows in (inner, outer)]
        if np.linalg.norm(tones[0] - tones[1]) < SAME_BACKDROP:
            used.append(sector)
            near.append(np.median(details.reshape(-1, 2)[inner], axis=0))
            far.append(np.median(details.reshape(-1, 2)[outer], axis=0))
    if len(used) < FEWEST:
        return None
    texture = np.log(np.array(far) + QUIET)
    lost = texture - np.log(np.array(near) + QUIET)
    typical = np.quantile(lost, 0.25, axis=0)
    usual = np.log(np.median(np.array(far)[:, 0]) + QUIET)
    flat = [np.log(np.median(details.reshape(-1, 2)[rows, 0]) + QUIET) if len(rows) else usual for rows in members[0]]
    where = bands[0] & (np.array(flat) <= usual - typical[0] / 2)[SECTOR]
    return Halo(
        lost=float(typical[0]),
        lost_coarse=float(typical[1]),
        texture=float(np.median(texture[:, 0])),
        texture_coarse=float(np.median(texture[:, 1])),
        sectors=len(used),
        where=where,
    )


def _by_sector(band: Mask) -> list[NDArray[np.intp]]:
    """The band's pixels (flat indices) in each sector."""
    rows = np.nonzero(band.ravel())[0]
    order = np.argsort(SECTOR.ravel()[rows], kind="stable")
    bounds = np.searchsorted(SECTOR.ravel()[rows][order], np.arange(SECTORS + 1))
    return [rows[order[low:high]] for low, high in itertools.pairwise(bounds)]


def _sectors() -> NDArray[np.int8]:
    y, x = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    return np.asarray(np.floor((np.arctan2(y, x) / (2 * np.pi) + 0.5) * SECTORS) % SECTORS, dtype=np.int8)


SECTOR = _sectors()
