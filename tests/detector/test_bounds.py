"""The exact bound on a rate: held against known values and against binomial sums in whole numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from detector.bounds import clopper_pearson_upper, needed


def at_most(hits: int, n: int, rate: float) -> float:
    """P(X <= hits), without a rounding error: in fractions."""
    p = Fraction(rate)
    return float(sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(hits + 1)))


def test_299_photos_without_an_alarm_support_one_percent_and_298_do_not() -> None:
    assert 0.0099 < clopper_pearson_upper(0, 299) <= 0.01
    assert 0.01 < clopper_pearson_upper(0, 298) < 0.0101


@pytest.mark.parametrize(
    ("hits", "n", "bound"),
    [(0, 59, 0.049508), (1, 10, 0.394163), (1, 473, 0.009990), (5, 100, 0.102253), (50, 100, 0.586378)],
)
def test_known_values(hits: int, n: int, bound: float) -> None:
    """Quantiles of Beta(hits + 1, n - hits) at .95, as tables of the beta distribution have them."""
    assert clopper_pearson_upper(hits, n) == pytest.approx(bound, abs=2e-6)


@pytest.mark.parametrize(("hits", "n"), [(0, 1), (0, 59), (1, 2), (3, 40), (7, 200), (39, 40), (90, 120)])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
def test_at_the_bound_so_few_hits_have_the_probability_that_is_left(hits: int, n: int, confidence: float) -> None:
    bound = clopper_pearson_upper(hits, n, confidence)
    assert at_most(hits, n, bound) == pytest.approx(1 - confidence, rel=1e-9)


def test_large_numbers_stay_exact() -> None:
    """For rare hits among many the Poisson bound is near: 7.7537 is half the .95 quantile of chi-square with 8."""
    assert clopper_pearson_upper(3, 1_000_000) == pytest.approx(7.7537e-6, rel=1e-4)
    assert clopper_pearson_upper(0, 10**9) == pytest.approx(-math.log(0.05) / 1e9, rel=1e-6)


def test_nothing_tried_and_nothing_but_hits_bound_nothing() -> None:
    assert clopper_pearson_upper(0, 0) == 1.0
    assert clopper_pearson_upper(7, 7) == 1.0


def test_more_photos_lower_the_bound_and_more_alarms_raise_it() -> None:
    assert clopper_pearson_upper(2, 400) < clopper_pearson_upper(2, 300) < clopper_pearson_upper(3, 300)
    assert clopper_pearson_upper(2, 300, 0.9) < clopper_pearson_upper(2, 300, 0.99)


@pytest.mark.parametrize(
    ("limit", "photos"), [(0.05, (59, 93, 124)), (0.03, (99, 157, 208)), (0.01, (299, 473, 628)), (0.005, (598, 947))]
)
def test_how_many_are_needed(limit: float, photos: tuple[int, ...]) -> None:
    assert tuple(needed(hits, limit) for hits in range(len(photos))) == photos


@pytest.mark.parametrize("hits", [0, 1, 4, 25])
@pytest.mark.parametrize("limit", [0.9, 0.2, 0.05, 0.01, 0.005])
def test_needed_is_the_smallest_that_will_do(hits: int, limit: float) -> None:
    n = needed(hits, limit)
    assert clopper_pearson_upper(hits, n) <= limit
    assert n - 1 < hits or clopper_pearson_upper(hits, n - 1) > limit


@pytest.mark.parametrize(("hits", "n", "confidence"), [(-1, 5, 0.95), (6, 5, 0.95), (0, -1, 0.95), (1, 5, 1.0)])
def test_what_cannot_be_is_refused(hits: int, n: int, confidence: float) -> None:
    with pytest.raises(ValueError, match=r"cannot be|confidence"):
        clopper_pearson_upper(hits, n, confidence)


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1])
def test_a_limit_of_nothing_or_of_everything_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="limit"):
        needed(0, limit)
