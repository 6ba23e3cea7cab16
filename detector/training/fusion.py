"""Weighs the signs' scores into one: a logistic regression on their held-out log-odds.

Signs look at the same face, so their scores depend on each other; adding log-odds as if they did not would count the
same trace twice. A sign that did not apply adds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from detector.observation import Strength
from detector.training.features import Item
from detector.training.fitting import Fit, Judged, is_ai, is_camera
from detector.training.manifest import FOLDS
from detector.training.metrics import balanced_weights, weighted_logistic

RIDGE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One picture under one condition. odds: log-odds, held out, of each sign that has an opinion. strength: of every
    code that any sign found."""

    item: Item
    odds: dict[str, float]
    strength: dict[str, Strength]


def cases(fits: Mapping[str, Fit]) -> list[Case]:
    """What the signs together saw of every picture under every condition that any of them could judge."""
    found: dict[tuple[Any, ...], Case] = {}
    for name, fit in fits.items():
        for one in fit.judged:
            key = (one.item.picture, one.item.condition)
            case = found.setdefault(key, Case(item=one.item, odds={}, strength={}))
            case.strength.update(one.strength)
            if one.score is not None and fit.parameters["variants"][one.item.variant]["logistic"]:
                case.odds[name] = log_odds(one.score)
    return list(found.values())


def log_odds(score: float) -> float:
    """Natural logarithm of the odds, of a probability kept off 0 and 1."""
    bounded = min(max(score, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def fit_fusion(names: Sequence[str], known: Iterable[Case]) -> dict[str, Any]:
    """Weight of each sign's log-odds, and the intercept."""
    learnt = [case for case in known if case.odds and (is_camera(case.item) or is_ai(case.item))]
    x = np.array([[case.odds.get(name, 0.0) for name in names] for case in learnt])
    labels = [case.item.label == "ai" for case in learnt]
    weights = balanced_weights(labels, [case.item.group for case in learnt])
    coefficients, intercept = weighted_logistic(x, np.array(labels, float), weights, RIDGE)
    # A sign that would count against its own opinion only repeats another: it is worth nothing here.
    kept = [name for name, weight in zip(names, coefficients, strict=True) if weight > 0]
    if len(kept) < len(names):
        return fit_fusion(kept, learnt)
    rounded = {name: round(float(weight), 4) for name, weight in zip(names, coefficients, strict=True)}
    return {"intercept": round(intercept, 4), "weights": rounded}


def fused(parameters: Mapping[str, Any], odds: Mapping[str, float]) -> float:
    """The probability that all signs together give."""
    total = parameters["intercept"] + sum(w * odds.get(name, 0.0) for name, w in parameters["weights"].items())
    return float(1 / (1 + math.exp(-total)))


def held_out(names: Sequence[str], known: Sequence[Case], dealt: Mapping[str, int]) -> list[Judged]:
    """Every case judged with weights of the other folds; score None where no sign has an opinion."""
    by_fold = [fit_fusion(names, [case for case in known if dealt[case.item.unit] != fold]) for fold in range(FOLDS)]
    return [
        Judged(
            item=case.item,
            surprise={},
            strength=case.strength,
            score=fused(by_fold[dealt[case.item.unit]], case.odds) if case.odds else None,
        )
        for case in known
    ]
