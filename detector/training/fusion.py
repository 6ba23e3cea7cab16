"""Weighs the voices into one score: a logistic regression on their held-out log-odds, for each set of voices.

Detectors look at the same face, so their scores depend on each other; adding log-odds as if they did not would count
the same trace twice. Which voices have an opinion differs from photo to photo, hence a regression for each set.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from detector.fingerprint.network import CODE, DETECTOR
from detector.observation import Strength
from detector.training.calibration import Heard
from detector.training.features import Item
from detector.training.fitting import FULL, Fit, is_ai, is_camera
from detector.training.manifest import FOLDS
from detector.training.metrics import balanced_weights, weighted_logistic
from detector.training.traces import Trace
from detector.weighing import TOGETHER, log_odds, probability, trained_for

RIDGE = 5.0
LEAST = 60  # pictures of either class, with all voices of a set, below which the set is not fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One picture under one condition. odds: log-odds, held out, of each voice that has an opinion. strength: of every
    code that was found. heard: what the networks said."""

    item: Item | Trace
    odds: dict[str, float] = field(default_factory=dict)
    strength: dict[str, Strength] = field(default_factory=dict)
    heard: Heard | None = None


def cases(fits: Mapping[str, Fit], heard: Iterable[Heard]) -> list[Case]:
    """What all voices together said of every picture under every condition that any of them could judge."""
    found: dict[tuple[Any, ...], Case] = {}
    for one in heard:
        strength = {CODE: one.strength} if one.strength else {}
        odds = {DETECTOR.name: log_odds(one.score)}
        found[one.trace.picture, one.trace.condition] = Case(item=one.trace, odds=odds, strength=strength, heard=one)
    for name, fit in fits.items():
        for judged in fit.judged:
            case = found.setdefault((judged.item.picture, judged.item.condition), Case(item=judged.item))
            case.strength.update(judged.strength)
            if judged.score is not None and fit.parameters["variants"][judged.item.variant]["logistic"]:
                case.odds[name] = log_odds(judged.score)
    return list(found.values())


def fit_fusion(known: Iterable[Case]) -> dict[str, Any]:
    """Set of voices -> intercept and the weight of each voice's log-odds."""
    learnt = [case for case in known if case.odds and (is_camera(case.item) or is_ai(case.item))]
    patterns: dict[str, Any] = {}
    for key in sorted(
        {TOGETHER.join(sorted(case.odds)) for case in learnt} | {name for c in learnt for name in c.odds}
    ):
        names = key.split(TOGETHER)
        mine = [case for case in learnt if case.odds.keys() >= set(names)]
        generated = sum(is_ai(case.item) for case in mine)
        if min(generated, len(mine) - generated) >= LEAST:
            patterns[key] = _fit(names, mine)
    return {"patterns": patterns}


def _fit(names: Sequence[str], learnt: Sequence[Case]) -> dict[str, Any]:
    x = np.array([[case.odds[name] for name in names] for case in learnt])
    labels = [is_ai(case.item) for case in learnt]
    weights = balanced_weights(labels, [case.item.group for case in learnt], FULL)
    coefficients, intercept = weighted_logistic(x, np.array(labels, float), weights, RIDGE)
    # A voice that would count against its own opinion only repeats another: beside those it is worth nothing.
    kept = [name for name, weight in zip(names, coefficients, strict=True) if weight > 0]
    if kept and len(kept) < len(names):
        fitted = _fit(kept, learnt)
        return fitted | {"weights": {name: fitted["weights"].get(name, 0.0) for name in names}}
    shares = {name: round(max(float(weight), 0.0), 4) for name, weight in zip(names, coefficients, strict=True)}
    return {"intercept": round(intercept, 4), "weights": shares}


def fused(parameters: Mapping[str, Any], odds: Mapping[str, float]) -> float:
    """The probability that all voices together give; as in detector.weighing one that was not fitted counts in full."""
    trained = trained_for(parameters["patterns"], odds)
    return probability(
        trained["intercept"] + math.fsum(trained["weights"].get(name, 1.0) * odds[name] for name in odds)
    )


def held_out(known: Sequence[Case], dealt: Mapping[str, int]) -> list[tuple[Case, float]]:
    """Every case in which any voice has an opinion, with its probability by the weights of the other folds."""
    by_fold = [fit_fusion(case for case in known if dealt[case.item.unit] != fold) for fold in range(FOLDS)]
    return [(case, fused(by_fold[dealt[case.item.unit]], case.odds)) for case in known if case.odds]
