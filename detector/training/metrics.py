"""How well a score tells generated from real: AUC, rates at a threshold, bounds. No model here."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def auc(positive: Sequence[float] | Array, negative: Sequence[float] | Array) -> float:
    """Chance that a positive scores above a negative, ties counted half; nan where one side is empty."""
    first, second = np.asarray(positive, float), np.sort(np.asarray(negative, float))
    if not first.size or not second.size:
        return math.nan
    below = np.searchsorted(second, first, side="left") + np.searchsorted(second, first, side="right")
    return float(below.mean() / (2 * second.size))


def tpr_at(positive: Sequence[float] | Array, negative: Sequence[float] | Array, fpr: float) -> float:
    """Share of positives above the lowest threshold that lets at most `fpr` of the negatives pass."""
    first, second = np.asarray(positive, float), np.sort(np.asarray(negative, float))[::-1]
    if not first.size or not second.size:
        return math.nan
    return float((first > second[int(fpr * second.size)]).mean())


def calibration_error(scores: Array, labels: Array, weights: Array, bins: int = 10) -> float:
    """Expected calibration error: mean distance of score and share of positives over `bins` equal ranges of the score.

    scores: 0..1. labels: 0 or 1. Source: Naeini, Cooper and Hauskrecht, 2015, "Obtaining well calibrated probabilities
    using Bayesian binning".
    """
    places = np.minimum((scores * bins).astype(int), bins - 1)
    error = 0.0
    for place in range(bins):
        mine = places == place
        if weight := float(weights[mine].sum()):
            gap = np.average(scores[mine] - labels[mine], weights=weights[mine])
            error += weight * abs(float(gap))
    return error / float(weights.sum())


def wilson(hits: float, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson, 1927)."""
    if not n:
        return 0.0, 1.0
    z = 1.959964
    share, wide = hits / n, z * z / n
    middle = (share + wide / 2) / (1 + wide)
    half = z * math.sqrt(share * (1 - share) / n + wide / (4 * n)) / (1 + wide)
    return max(0.0, middle - half), min(1.0, middle + half)


def balanced_weights(labels: Sequence[bool], groups: Sequence[str], full: int = 1) -> Array:
    """A weight for each item so that each class weighs the same, and within a class each group; mean 1.

    full: a group of fewer items weighs in proportion, so that three pictures do not count as a whole generator.
    """
    keys = list(zip(labels, groups, strict=True))
    sizes = Counter(keys)
    mass = {key: min(1.0, size / full) for key, size in sizes.items()}
    whole = {label: sum(mass[key] for key in mass if key[0] == label) for label in set(labels)}
    weights = np.array([mass[key] / (sizes[key] * whole[key[0]]) for key in keys])
    return np.asarray(weights * len(keys) / weights.sum(), dtype=np.float64)


def weighted_logistic(x: Array, y: Array, weights: Array, ridge: float) -> tuple[Array, float]:
    """Coefficients and intercept of a ridge-penalised logistic regression, by Newton's method.

    x: N x K, standardised. y: 0 or 1. ridge: penalty on the squared coefficients (not the intercept), a pseudo-count.
    """
    design = np.column_stack([x, np.ones(len(x))])
    penalty = np.diag([*([ridge] * x.shape[1]), 1e-9])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weights * (y - p)) - penalty @ beta
        hessian = (design * (weights * p * (1 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(beta[:-1], dtype=np.float64), float(beta[-1])


def weighted_least_squares(x: Array, y: Array, weights: Array, ridge: float = 1e-3) -> tuple[Array, float]:
    """Coefficients and intercept of a weighted linear regression."""
    design = np.column_stack([x, np.ones(len(x))])
    normal = (design * weights[:, None]).T @ design + np.diag([*([ridge] * x.shape[1]), 0.0])
    beta = np.linalg.solve(normal, design.T @ (weights * y))
    return np.asarray(beta[:-1], dtype=np.float64), float(beta[-1])


def weighted_quantile(values: Array, weights: Array, share: float) -> float:
    """The smallest value at or below which `share` of the weight lies."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][min(int(np.searchsorted(total, share * total[-1])), len(values) - 1)])
