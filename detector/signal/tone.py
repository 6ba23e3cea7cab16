"""Which change of tone the whole picture went through: brightness, contrast, white balance, saturation, grey.

One polynomial from the colours of one picture to those of the other, fitted on their shrunk, aligned copies by
iteratively reweighted least squares with Tukey's biweight (Holland and Welsch, 1977), begun from several parts of the
picture; of the fits that gives, the one stays that most of the picture follows (Torr and Zisserman, 2000, "MLESAC", as
a bounded cost). So what does not follow it (another background, dyed hair) has no say, even where it is
large. The model has few terms on purpose, so that a local change cannot hide in it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIDE = 160  # pixels of the longer side of the copies that are fitted
ROUNDS, FIRST_ROUNDS = 12, 3  # of the fit that stays, and of those it is chosen from
MOST = 6000  # pixels that are fitted
FEWEST = 100
FOLLOW = 0.4  # of the pixels by which the noise is known: the others may have been changed
FOLLOWS = 8.0  # grey levels within which a pixel speaks for a fit
KNOTS = (0.33, 0.67)  # of the curves, 0..1: presets bend shadows and highlights apart
TUKEY = 4.685  # spreads at which a pixel loses its say: 95 % efficient on plain noise
FLOOR = 2.0  # grey levels of spread that are always allowed
RIDGE = 1e-5  # keeps a picture of one colour solvable
Colours = NDArray[np.float64]


def fitted_tone(first: Array, original: Array, trusted: Mask) -> Callable[[Array], Array]:
    """A function that gives pictures of the original the first photo's tone.

    first, original: H x W x 3, 0..255, aligned. trusted: H x W, where the two are taken to show the same.
    """
    shrink = min(1.0, SIDE / max(first.shape[:2]))
    size = (max(8, round(first.shape[1] * shrink)), max(8, round(first.shape[0] * shrink)))
    here, there = (cv2.resize(one, size, interpolation=cv2.INTER_AREA).reshape(-1, 3) for one in (first, original))
    weight = cv2.resize(trusted.astype(np.float32), size, interpolation=cv2.INTER_AREA).reshape(-1) > 0.9
    # Clipped colours say nothing about the curve below them.
    weight &= (here.min(axis=1) > 2) | (there.max(axis=1) < 60)
    weight &= (here.max(axis=1) < 253) | (there.min(axis=1) > 200)
    if np.count_nonzero(weight) < FEWEST:
        return lambda picture: picture
    places = np.flatnonzero(weight)
    places = places[:: max(1, len(places) // MOST)]
    wanted = here[places].astype(np.float64)
    terms = [_terms(there[places], channel) for channel in range(3)]
    fits = _best(terms, wanted, places // size[0] / size[1], places % size[0] / size[0])

    def toned(picture: Array) -> Array:
        flat = picture.reshape(-1, 3)
        planes = [_terms(flat, channel) @ fit for channel, fit in enumerate(fits)]
        return np.asarray(np.clip(np.column_stack(planes), 0, 255).reshape(picture.shape), dtype=np.float32)

    return toned


def _terms(colours: NDArray[np.generic], channel: int) -> Colours:
    """N x 8: one, the three channels, and a cubic spline of the wanted one: a curve for each channel, and a mixing of
    the three. More would let dyed hair pass for a change of tone."""
    values = colours.astype(np.float64) / 255
    own = values[:, channel : channel + 1]
    bends = [np.maximum(own - knot, 0) ** 3 for knot in KNOTS]
    return np.concatenate([np.ones((len(values), 1)), values, own**2, own**3, *bends], axis=1)


def _best(terms: list[Colours], wanted: Colours, down: Colours, across: Colours) -> list[Colours]:
    """down, across: where each pixel lies, 0..1: fits begin from thirds of the picture, its middle, and all of it."""
    thirds = [(place >= low) & (place < low + 0.34) for place in (down, across) for low in (0.0, 0.33, 0.66)]
    starts = [np.ones(len(wanted), np.bool_), *thirds, thirds[1] & thirds[4]]
    fits = [_fitted(terms, wanted, start.astype(np.float64), FIRST_ROUNDS) for start in starts if start.sum() >= FEWEST]
    best = min(fits, key=lambda fit: float(np.minimum(_off(terms, wanted, fit) / FOLLOWS, 1.0).mean()))
    return _fitted(terms, wanted, _weight(_off(terms, wanted, best)), ROUNDS)


def _off(terms: list[Colours], wanted: Colours, fit: list[Colours]) -> Colours:
    made = np.column_stack([each @ one for each, one in zip(terms, fit, strict=True)])
    return np.asarray(np.linalg.norm(wanted - made, axis=1), dtype=np.float64)


def _weight(off: Colours) -> Colours:
    spread = max(FLOOR, 1.5 * float(np.quantile(off, FOLLOW)))
    return np.asarray(np.clip(1 - (off / (TUKEY * spread)) ** 2, 1e-6, 1) ** 2, dtype=np.float64)


def _fitted(terms: list[Colours], wanted: Colours, weight: Colours, rounds: int) -> list[Colours]:
    """One vector of eight for each channel; a pixel loses its say in all of them together."""
    found: list[Colours] = []
    for _ in range(rounds):
        found = [_solved(each, wanted[:, channel], weight, channel) for channel, each in enumerate(terms)]
        weight = _weight(_off(terms, wanted, found))
    return found


def _solved(terms: Colours, wanted: Colours, weight: Colours, channel: int) -> Colours:
    """Weighted least squares, pulled a little towards no change."""
    plain = np.zeros(terms.shape[1])
    plain[1 + channel] = 255.0
    weighted = terms * weight[:, None]
    normal = weighted.T @ terms / weight.sum() + np.eye(terms.shape[1]) * RIDGE
    step = np.linalg.solve(normal, weighted.T @ (wanted - terms @ plain) / weight.sum())
    return np.asarray(plain + step, dtype=np.float64)
