"""Held-out scores -> the protocol's figures, one row a condition: AUC, macro AUC, what passes at few false alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

import numpy as np

from detector.training.fitting import FULL, Delivered, Grouped, is_ai, is_camera, macro_auc
from detector.training.laundering import CONDITIONS
from detector.training.metrics import auc, balanced_weights, calibration_error, tpr_at
from detector.training.tables import LEAST, table

FALSE_ALARMS = (0.05, 0.01, 0.005)  # shares of real photos that may pass, at which the share of generated is told
PROTOCOL = ("AUC", "macro AUC over generators", *(f"TPR at {100 * share:g} % FPR" for share in FALSE_ALARMS))


class Labelled(Delivered, Grouped, Protocol):
    """A labelled picture of a group under one condition."""


L = TypeVar("L", bound=Labelled)
Scored = tuple[L, float]


def sides(scored: Iterable[Scored[L]]) -> tuple[list[Scored[L]], list[Scored[L]]]:
    """Generated ones, and those of cameras; the others are left out."""
    every = list(scored)
    return [one for one in every if is_ai(one[0])], [one for one in every if is_camera(one[0])]


def separation(scored: Iterable[Scored[L]]) -> list[str]:
    """The cells of PROTOCOL; the interval is over resampled generators and sources."""
    ai, real = sides(scored)
    a, r = ([score for _, score in part] for part in (ai, real))
    return [f"{auc(a, r):.3f}", interval(macro(ai, real)), *(f"{tpr_at(a, r, share):.2f}" for share in FALSE_ALARMS)]


def macro(ai: Sequence[Scored[L]], real: Sequence[Scored[L]]) -> tuple[float, float, float]:
    """Mean AUC over generators of at least LEAST pictures, with its 95 % interval."""
    sizes = Counter(item.group for item, _ in ai)
    return macro_auc([*(one for one in ai if sizes[one[0].group] >= LEAST), *real])


def interval(figures: tuple[float, float, float]) -> str:
    """`0.851 (0.803-0.890)`."""
    middle, low, high = figures
    return f"{middle:.3f} ({low:.3f}-{high:.3f})"


def calibration(scored: Iterable[Scored[L]]) -> float:
    """Expected calibration error at even priors; groups weigh the same, the smallest by their size, as in training."""
    ai, real = sides(scored)
    every = [*ai, *real]
    labels = [is_ai(item) for item, _ in every]
    weights = balanced_weights(labels, [item.group for item, _ in every], FULL // len(CONDITIONS))
    return calibration_error(np.array([score for _, score in every]), np.array(labels, float), weights)


def by_condition(scored: Sequence[Scored[L]], more: Callable[[str], Sequence[str]], head: Sequence[str]) -> str:
    """PROTOCOL under each condition, with the calibration's error, and the cells of `more`, headed by `head`."""
    rows = []
    for condition in CONDITIONS:
        mine = [one for one in scored if one[0].condition == condition]
        rows.append([condition, *separation(mine), f"{calibration(mine):.3f}", *more(condition)])
    return table(["condition", *PROTOCOL, "calibration error", *head], rows)
