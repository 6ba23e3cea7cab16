"""Fits one sign: its norms on real photos, limits and bearing from held-out pictures, a calibrated score.

Whole groups and their sisters are held out together (manifest.folds). Everything that decides - limits, whether a code
may speak for "generated", whether the sign gets a score at all - is taken from held-out pictures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.observation import Bearing, Strength
from detector.signal.norm import REACH, Norm, SignModel, expectation, probability
from detector.training.features import Item
from detector.training.laundering import CONDITIONS
from detector.training.manifest import FOLDS
from detector.training.metrics import (
    auc,
    balanced_weights,
    weighted_least_squares,
    weighted_logistic,
    weighted_quantile,
    wilson,
)

Array = NDArray[np.float64]

RIDGE = 20.0  # pseudo-pictures that hold the logistic coefficients down; 5..80 gave the same held-out AUC to +-0.01
# Shares of held-out real photos, groups weighing the same, that may pass a limit.
PASSES = {Strength.WEAK: 0.01, Strength.MODERATE: 0.003}
BEYOND_ALL = 1.15  # times the most surprising held-out real photo: the limit of "strong", which none of them reaches
# Likelihood ratio, as the lower end of its 95 % interval, that a strength needs (ENFSI, 2015, first steps).
LEAST_RATIO = {Strength.WEAK: 2.0, Strength.MODERATE: 10.0, Strength.STRONG: 30.0}
LEAST_REAL = 60  # measured real photos below which no norm is fitted; their four versions make a share of 1 % visible
MANY_REAL = 300  # in a part of them, from which on it sets limits by itself: of fewer, 1 % is one odd picture
LEAST_AI = 60  # measured generated pictures below which no score is fitted
FULL = 20  # measured items from which on a group weighs as a whole one: five pictures under four conditions
WORTH = 0.55  # macro AUC, lower end over resampled groups, below which a sign has no opinion
CLAMP = (0.01, 0.99)  # quantiles of a circumstance in training beyond which it counts no further


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One measurement, judged by models that never saw its group or the group's sisters.

    surprise: code -> spreads beyond the norm. strength: code -> what the sign would say. score: calibrated, also where
    the sign is not allowed an opinion for want of separation; None where it could not be fitted.
    """

    item: Item
    surprise: Mapping[str, float]
    strength: Mapping[str, Strength]
    score: float | None

    @property
    def strongest(self) -> Strength | None:
        return max(self.strength.values(), key=lambda strength: strength.rank, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """parameters: as they go into detector/weights. judged: every measured item, held out. opinion: macro AUC of the
    score with its interval over groups, by variant."""

    parameters: Mapping[str, Any]
    judged: Sequence[Judged]
    opinion: Mapping[str, tuple[float, float, float]]


def fit_sign(model: SignModel, items: Sequence[Item], dealt: Mapping[str, int]) -> Fit:
    """The parameters of one sign, and its items judged by the other folds' models."""
    variants: dict[str, Any] = {}
    judged: list[Judged] = []
    opinion: dict[str, tuple[float, float, float]] = {}
    for variant in sorted({item.variant for item in items if item.values}):
        mine = [item for item in items if item.variant == variant and item.values]
        norms, surprises = {}, {}
        for norm in model.norms:
            fitted = _fit_code(norm, mine, dealt)
            if fitted:
                norms[norm.code], surprises[norm.code] = fitted
        scores, logistic, figures = _fit_score(model, mine, dealt)
        opinion[variant] = figures
        variants[variant] = {"norms": norms, "logistic": logistic}
        judged += [_judge(item, norms, surprises, scores) for item in mine]
    return Fit(parameters={"inputs": model.inputs(), "variants": variants}, judged=judged, opinion=opinion)


class Delivered(Protocol):
    """A labelled picture under one condition."""

    @property
    def label(self) -> str: ...

    @property
    def clean_real(self) -> bool: ...

    @property
    def condition(self) -> str: ...


def is_camera(item: Delivered) -> bool:
    """A real photo as far as the list knows, in an ordinary condition: what a false alarm is counted on."""
    return item.clean_real and item.condition in CONDITIONS


def is_ai(item: Delivered) -> bool:
    return item.label == "ai" and item.condition in CONDITIONS


def _judge(
    item: Item,
    norms: Mapping[str, Any],
    surprises: Mapping[str, Mapping[int, float]],
    scores: Mapping[int, float],
) -> Judged:
    mine = {code: beyond[id(item)] for code, beyond in surprises.items() if id(item) in beyond}
    strength = {}
    for code, beyond in mine.items():
        passed = [Strength(word) for word, limit in norms[code]["limits"].items() if beyond > limit]
        if passed:
            strength[code] = max(passed, key=lambda word: word.rank)
    return Judged(item=item, surprise=mine, strength=strength, score=scores.get(id(item)))


# --- norms


def _fit_code(
    norm: Norm, items: Sequence[Item], dealt: Mapping[str, int]
) -> tuple[dict[str, Any], dict[int, float]] | None:
    """Parameters of one norm and the held-out surprise of every item that has its measures; None for too few."""
    names = (norm.level, *norm.given)
    mine = [item for item in items if all(name in item.values for name in names)]
    real = [item for item in mine if is_camera(item)]
    if len({item.picture for item in real}) < LEAST_REAL:
        return None
    by_fold = [fit_norm(norm, [item for item in real if dealt[item.unit] != fold]) for fold in range(FOLDS)]
    surprise = {id(item): surprise_of(norm, by_fold[dealt[item.unit]], item.values) for item in mine}
    limits = _limits(real, surprise)
    positives = _positives(norm, mine)
    bearing, kept, ratios = _allowed(norm.bearing, limits, real, positives, surprise)
    return fit_norm(norm, real) | {"bearing": bearing.value, "limits": kept, "ratios": ratios}, surprise


def fit_norm(norm: Norm, real: Sequence[Item]) -> dict[str, Any]:
    """What cameras show: a linear model of the level given its circumstances, every group weighing the same."""
    weights = balanced_weights([False] * len(real), [item.group for item in real], FULL)
    x = np.array([[item.values[name] for name in norm.given] for item in real]).reshape(len(real), len(norm.given))
    y = np.array([item.values[norm.level] for item in real])
    low, high = ([weighted_quantile(column, weights, share) for column in x.T] for share in CLAMP)
    x = np.clip(x, low, high) if norm.given else x
    coefficients, intercept = weighted_least_squares(x, y, weights, ridge=1.0)
    rest = y - x @ coefficients - intercept
    spread = float(np.sqrt(np.average(rest**2, weights=weights)))
    return {
        "coefficients": _rounded(coefficients),
        "intercept": round(intercept, 5),
        "low": _rounded(low),
        "high": _rounded(high),
        "spread": round(max(spread, 1e-6), 6),
    }


def surprise_of(norm: Norm, parameters: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """Spreads beyond the norm, towards its side."""
    return float(norm.side * (values[norm.level] - expectation(parameters, norm, values)) / parameters["spread"])


def _limits(real: Sequence[Item], surprise: Mapping[int, float]) -> dict[Strength, float]:
    """Limits that hold in every part of the real photos, not only on average over all."""
    limits = dict.fromkeys(PASSES, -math.inf)
    for mine in (real, *(part for part in _parts(real) if len(part) >= MANY_REAL)):
        weights = balanced_weights([False] * len(mine), [item.group for item in mine], FULL // len(CONDITIONS))
        beyond = np.array([surprise[id(item)] for item in mine])
        limits = {
            word: max(limits[word], weighted_quantile(beyond, weights, 1 - share)) for word, share in PASSES.items()
        }
    most = max(surprise[id(item)] for item in real)
    return limits | {Strength.STRONG: max(BEYOND_ALL * most, limits[Strength.MODERATE] + 1.0)}


def _parts(real: Sequence[Item]) -> list[list[Item]]:
    """The photos of each condition, as originals must not pay for copies, and of each quarter by lightness, as nobody
    must pay for the tone of their skin or hair."""
    parts = [[item for item in real if item.condition == condition] for condition in CONDITIONS]
    known = sorted((item for item in real if "lightness" in item.values), key=lambda item: item.values["lightness"])
    return parts + [known[len(known) * k // 4 : len(known) * (k + 1) // 4] for k in range(4)]


def _allowed(
    wanted: Bearing,
    limits: Mapping[Strength, float],
    real: Sequence[Item],
    positives: Sequence[Sequence[Item]],
    surprise: Mapping[int, float],
) -> tuple[Bearing, dict[str, float], dict[str, float]]:
    """Bearing and limits as far as the likelihood ratios carry them, and the ratios' lower ends."""
    kept, ratios = {}, {}
    for word, limit in limits.items():
        best = max((likelihood_ratio(limit, real, positive, surprise) for positive in positives), default=0.0)
        ratios[word.value] = round(best, 2)
        if word is not Strength.WEAK and ratios[word.value] < LEAST_RATIO[word]:
            break
        kept[word.value] = round(limit, 4)
        if ratios[word.value] < LEAST_RATIO[word]:  # too little for a bearing: shown, and worth nothing
            return Bearing.NEUTRAL, kept, ratios
    return wanted, kept, ratios


def likelihood_ratio(
    limit: float, real: Sequence[Item], positive: Sequence[Item], surprise: Mapping[int, float]
) -> float:
    """Lower end of the ratio of shares beyond the limit: positives' lower by reals' upper Wilson bound.

    Groups weigh the same; the four versions of one picture count as one, as they resemble each other.
    """
    low = _bounds(limit, positive, surprise)[0]
    high = _bounds(limit, real, surprise)[1]
    return low / max(high, 1e-9)


def _bounds(limit: float, items: Sequence[Item], surprise: Mapping[int, float]) -> tuple[float, float]:
    if not items:
        return 0.0, 1.0
    weights = balanced_weights([False] * len(items), [item.group for item in items], FULL)
    share = float(np.average([surprise[id(item)] > limit for item in items], weights=weights))
    n = len({item.picture for item in items})
    return wilson(share * n, n)


def _positives(norm: Norm, items: Sequence[Item]) -> list[list[Item]]:
    """What a code is to be found in: generated pictures; or any one kind of retouching, as no trace is left by all."""
    if norm.bearing is not Bearing.RETOUCHED:
        return [[item for item in items if is_ai(item)]]
    kinds = sorted({item.condition for item in items if item.clean_real} - set(CONDITIONS))
    return [[item for item in items if item.clean_real and item.condition == kind] for kind in kinds]


# --- the score


def _fit_score(
    model: SignModel, items: Sequence[Item], dealt: Mapping[str, int]
) -> tuple[dict[int, float], dict[str, Any] | None, tuple[float, float, float]]:
    """Held-out scores by item, the parameters (None where they separate nothing), macro AUC with its interval."""
    learnt = [item for item in items if is_camera(item) or is_ai(item)]
    if not model.score_inputs or len({item.picture for item in learnt if is_ai(item)}) < LEAST_AI:
        return {}, None, (math.nan, math.nan, math.nan)
    by_fold = [
        fit_logistic(model.score_inputs, [item for item in learnt if dealt[item.unit] != fold]) for fold in range(FOLDS)
    ]
    scores = {id(item): probability(by_fold[dealt[item.unit]], model.score_inputs, item.values) for item in items}
    figures = macro_auc([(item, scores[id(item)]) for item in learnt])
    return scores, fit_logistic(model.score_inputs, learnt) if figures[1] > WORTH else None, figures


def fit_logistic(names: Sequence[str], items: Sequence[Item]) -> dict[str, Any]:
    """The calibrated probability of `generated`; classes weigh the same (even priors), groups within a class too."""
    return fit_weighted(
        names, [item.values for item in items], [item.label == "ai" for item in items], [item.group for item in items]
    )


def fit_weighted(
    names: Sequence[str],
    values: Sequence[Mapping[str, float]],
    labels: Sequence[bool],
    groups: Sequence[str],
    ridge: float = RIDGE,
) -> dict[str, Any]:
    """The same for any two classes; a value that is absent counts as average."""
    x = np.array([[known.get(name, math.nan) for name in names] for known in values])
    weights = balanced_weights(labels, groups, FULL)
    known = ~np.isnan(x)
    filled = np.where(known, x, 0.0)
    mass = np.maximum((weights[:, None] * known).sum(axis=0), 1e-9)
    mean = (weights[:, None] * filled).sum(axis=0) / mass
    scale = np.sqrt((weights[:, None] * known * (filled - mean) ** 2).sum(axis=0) / mass)
    scale = np.maximum(scale, 1e-6)
    z = np.where(known, np.clip((filled - mean) / scale, -REACH, REACH), 0.0)
    coefficients, intercept = weighted_logistic(z, np.array(labels, float), weights, ridge)
    return {
        "mean": _rounded(mean),
        "scale": _rounded(scale),
        "coefficients": _rounded(coefficients),
        "intercept": round(intercept, 5),
    }


class Grouped(Protocol):
    """A labelled picture of a group: a source of photos, or a generator."""

    @property
    def label(self) -> str: ...

    @property
    def group(self) -> str: ...


def macro_auc(scored: Sequence[tuple[Grouped, float]], draws: int = 200) -> tuple[float, float, float]:
    """Mean over generators of the AUC against all real photos, with its 95 % interval over resampled groups."""
    groups: dict[tuple[bool, str], list[float]] = {}
    for item, score in scored:
        groups.setdefault((item.label == "ai", item.group), []).append(score)
    ai = [np.array(values) for (generated, _), values in groups.items() if generated]
    real = [np.array(values) for (generated, _), values in groups.items() if not generated]
    if not ai or not real:
        return math.nan, math.nan, math.nan
    draw = np.random.default_rng(7)
    resampled = sorted(
        _macro(
            [ai[k] for k in draw.integers(len(ai), size=len(ai))],
            [real[k] for k in draw.integers(len(real), size=len(real))],
        )
        for _ in range(draws)
    )
    return _macro(ai, real), resampled[int(0.025 * draws)], resampled[int(0.975 * draws)]


def _macro(ai: Sequence[Array], real: Sequence[Array]) -> float:
    everyone = np.concatenate(real)
    return float(np.mean([auc(values, everyone) for values in ai]))


def _rounded(values: Iterable[float]) -> list[float]:
    return [round(float(value), 6) for value in values]
