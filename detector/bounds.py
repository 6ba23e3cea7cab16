"""How large a rate may be, after it was seen a few times in many tries: exact one-sided bounds, without tables."""

from __future__ import annotations

import math

HALVINGS = 200  # far more than a float can be halved to any effect


def clopper_pearson_upper(hits: int, n: int, confidence: float = 0.95) -> float:
    """The highest rate that `hits` in `n` independent tries still support: a one-sided upper bound, 0..1.

    Exact, so never too low: whatever the true rate, at least `confidence` of all series get a bound at or above it. It
    is the rate at which `hits` or fewer have the probability 1 - confidence, which is the quantile of Beta(hits + 1,
    n - hits) at `confidence`. 1.0 where nothing was tried. Raises ValueError for counts that cannot be.

    Source: Clopper and Pearson, 1934, "The use of confidence or fiducial limits illustrated in the case of the
    binomial".
    """
    _demand_counts(hits, n, confidence)
    if hits == n:
        return 1.0
    if hits == 0:
        return -math.expm1(math.log1p(-confidence) / n)
    low, high = hits / n, 1.0  # above the observed rate, as confidence is above a half
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _at_most(hits, n, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def needed(hits: int, limit: float, confidence: float = 0.95) -> int:
    """The smallest n for which clopper_pearson_upper(hits, n, confidence) is at most `limit`.

    limit: a rate above 0 and below 1. Raises ValueError otherwise.
    """
    if not 0 < limit < 1:
        raise ValueError("limit must lie between 0 and 1")
    few, enough = hits, max(2 * hits, 1)
    _demand_counts(hits, enough, confidence)
    while not _supports(hits, enough, limit, confidence):
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        if _supports(hits, middle, limit, confidence):
            enough = middle
        else:
            few = middle
    return enough


def _supports(hits: int, n: int, limit: float, confidence: float) -> bool:
    return clopper_pearson_upper(hits, n, confidence) <= limit


def _at_most(hits: int, n: int, rate: float) -> float:
    """P(X <= hits) for X binomial with n tries at `rate`: the terms through their logarithms, added without loss."""
    hit, miss = math.log(rate), math.log1p(-rate)
    whole = math.lgamma(n + 1)
    return math.fsum(
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * hit + (n - k) * miss)
        for k in range(hits + 1)
    )


def _demand_counts(hits: int, n: int, confidence: float) -> None:
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} hits in {n} tries cannot be")
    if not 0.5 <= confidence < 1:
        raise ValueError("confidence must be at least a half and below 1")
