"""What the fingerprint's log-odds mean and may say: fitted on held-out traces (detector.training.traces).

A trace is always of a network that never saw its source. The calibration is Platt's, groups weighing the same; the
limits are the lowest scores that few enough real photos reach, under every condition and in every larger source; and
the bound that is shown counts the alarms of each eighth of the sources at limits set on the other seven.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.bounds import clopper_pearson_upper
from detector.fingerprint.network import calibrated, passed, widened
from detector.observation import Strength
from detector.training.fitting import FULL, LEAST_RATIO
from detector.training.laundering import CONDITIONS
from detector.training.manifest import FOLDS
from detector.training.metrics import balanced_weights, wilson
from detector.training.retouch import RETOUCHES
from detector.training.traces import FRAMED, Trace

Array = NDArray[np.float64]

RIDGE = 1.0
UNKNOWN = tuple(round(0.02 * step, 2) for step in range(16))  # shares of generated pictures that look like photos
STEPS = 25  # of Fisher scoring; it stands still after a dozen
LEAST_EYES = 24.0  # pixels between the eyes below which nothing is said; docs/accuracy.md has the figures by size
CONFIDENCE = 0.95
# Where limits must hold: also for a face framed as tightly as an avatar, which a network can take for a sign in itself.
LIMITED = (*CONDITIONS, FRAMED)
# Shares of held-out real photos that may reach a limit, under each of these.
REACHES = {Strength.WEAK: 0.06, Strength.MODERATE: 0.02}
ACCUSED = 0.0075  # the bound (Clopper and Pearson, 1934) that the limit of "strong" is set for
WORST_SOURCE, LARGE_SOURCE = 0.03, 30  # alarms in any source of so many photos
RETOUCHED = 0.01  # of real photos retouched by code


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One trace, judged. score: calibrated. least, most: those of the twins that speak least and most for a generator.
    strength: what would be said. at_most: what would be said if all twins spoke as the one that speaks most."""

    trace: Trace
    score: float
    least: float
    most: float
    strength: Strength | None
    at_most: Strength | None

    @property
    def unsteady(self) -> bool:
        """Whether it depends on the twin if anything is said, as in detector.fingerprint.network.look."""
        return self.strength is None and self.at_most not in {None, Strength.WEAK}


def measured(traces: Sequence[Trace], painted: Collection[tuple[tuple[str, str], str]]) -> list[Trace]:
    """Those that the detector would judge. painted: (picture, condition) that look like a painting."""
    return [
        one for one in traces if one.logits and one.eyes >= LEAST_EYES and (one.picture, one.condition) not in painted
    ]


def counted(trace: Trace) -> bool:
    """Whether figures are counted on it: generated, or a camera's, in an ordinary condition."""
    return trace.condition in CONDITIONS and (trace.label == "ai" or trace.clean_real)


def fit_calibration(traces: Sequence[Trace]) -> dict[str, float]:
    """Slope, intercept and unknown share of detector.fingerprint.network.widened, and so of calibrated."""
    learnt = [one for one in traces if counted(one)]
    labels = np.array([one.label == "ai" for one in learnt], float)
    weights = balanced_weights(list(labels > 0), [one.group for one in learnt], FULL)
    mean = np.array([np.mean(one.logits) for one in learnt])
    spread = np.array([np.var(one.logits) for one in learnt])
    slope, intercept, unknown = 1.0, 0.0, 0.0
    for _ in range(4):  # the widening depends on the slope
        x = mean / np.sqrt(1 + math.pi / 8 * slope**2 * spread)
        fitted = [(*_fit_doubted(x, labels, weights, share), share) for share in UNKNOWN]
        _, slope, intercept, unknown = max(fitted)
    return {"slope": round(slope, 4), "intercept": round(intercept, 4), "unknown": unknown}


def _fit_doubted(x: Array, labels: Array, weights: Array, unknown: float) -> tuple[float, float, float]:
    """Log-likelihood, slope and intercept of network.doubted on N log-odds, by Fisher scoring."""
    design, beta = np.column_stack([x, np.ones(len(x))]), np.zeros(2)
    for _ in range(STEPS):
        known = (1 - unknown) * np.exp(np.clip(design @ beta, -30, 30))
        ratio = unknown + known
        p, moves = ratio / (1 + ratio), known / ratio
        gradient = design.T @ (weights * moves * (labels - p)) - RIDGE * np.array([beta[0], 0.0])
        hessian = (design * (weights * moves**2 * p * (1 - p))[:, None]).T @ design + np.diag([RIDGE, 1e-6])
        beta += np.linalg.solve(hessian, gradient)
    p = np.clip(p, 1e-9, 1 - 1e-9)
    likelihood = float(np.sum(weights * (labels * np.log(p) + (1 - labels) * np.log(1 - p))))
    return likelihood, float(beta[0]), float(beta[1])


def hear(traces: Sequence[Trace], calibration: Mapping[str, float], limits: Mapping[str, float]) -> list[Heard]:
    """Every trace judged as the detector does."""
    heard = []
    for one in traces:
        scores = [calibrated(calibration, logit) for logit in one.logits]
        least = min(scores)
        heard.append(
            Heard(
                trace=one,
                score=widened(calibration, one.logits),
                least=least,
                most=max(scores),
                strength=passed(limits, least),
                at_most=passed(limits, max(scores)),
            )
        )
    return heard


def fit_limits(heard: Sequence[Heard]) -> dict[str, float]:
    """Strength -> score that a photo and all its twins must reach; what the figures do not carry is absent."""
    known = _lowest_limits(heard)
    return {word.value: limit for word, limit in known.items() if _ratio(heard, limit) >= LEAST_RATIO[word]}


def _lowest_limits(heard: Sequence[Heard]) -> dict[Strength, float]:
    """The lowest limits that few enough real photos reach, whether or not generated ones do."""
    demands: dict[Strength, Callable[[float], bool]] = {
        word: lambda limit, share=share: _reached(heard, limit, share) for word, share in REACHES.items()
    } | {Strength.STRONG: lambda limit: _accuses_few(heard, limit)}
    values = sorted({round(one.least, 4) for one in heard})
    found = {word: _lowest(values, holds) for word, holds in demands.items()}
    return {word: limit for word, limit in found.items() if limit is not None}


def _lowest(values: Sequence[float], holds: Callable[[float], bool]) -> float | None:
    """The lowest value from which on the demand holds; it holds for all above one for which it does (bisection)."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(values[middle] + 1e-4) else (middle + 1, high)
    return round(values[low] + 1e-4, 4) if low < len(values) else None


def _real(heard: Sequence[Heard], condition: str) -> list[Heard]:
    return [one for one in heard if one.trace.condition == condition and one.trace.clean_real]


def _reached(heard: Sequence[Heard], limit: float, share: float) -> bool:
    return all(
        sum(one.least >= limit for one in real) <= share * len(real)
        for real in (_real(heard, condition) for condition in LIMITED)
    )


def _accuses_few(heard: Sequence[Heard], limit: float) -> bool:
    for condition in LIMITED:
        real = _real(heard, condition)
        if not real:
            continue
        alarms = [one for one in real if one.least >= limit]
        if clopper_pearson_upper(len(alarms), len(real), CONFIDENCE) > ACCUSED:
            return False
        sizes, wrong = (Counter(one.trace.group for one in part) for part in (real, alarms))
        if any(wrong[group] > WORST_SOURCE * size for group, size in sizes.items() if size >= LARGE_SOURCE):
            return False
    retouched = [one for one in heard if one.trace.condition in RETOUCHES]
    return sum(one.least >= limit for one in retouched) <= RETOUCHED * len(retouched)


def _ratio(heard: Sequence[Heard], limit: float) -> float:
    """The likelihood ratio of reaching the limit, lower by upper bound: mean of the conditions.

    A photo counts once, however many conditions it was seen under.
    """
    seen, alarms = (
        [one for one in heard if counted(one.trace) and one.trace.clean_real is real] for real in (False, True)
    )
    (hits, generated), (wrong, photos) = (
        (sum(one.least >= limit for one in part) / len(CONDITIONS), round(len(part) / len(CONDITIONS)))
        for part in (seen, alarms)
    )
    return wilson(hits, generated)[0] / max(wilson(wrong, photos)[1], 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """parameters: what goes into fingerprint.json. heard: every trace, judged with what was fitted on the other folds
    of sources."""

    parameters: dict[str, Any]
    heard: list[Heard]


def calibrate(traces: Sequence[Trace], dealt: Mapping[str, int]) -> Calibrated:
    """Fits all of it, and judges every trace held out once more. dealt: unit -> fold of FOLDS."""
    calibration = fit_calibration(traces)
    limits = fit_limits(hear(traces, calibration, {}))
    heard = [one for fold in range(FOLDS) for one in _held_out(traces, dealt, fold, limits)]
    return Calibrated(
        parameters={
            "calibration": calibration,
            "limits": limits,
            "bound": bound(heard),
            "false_alarms": {word: _worst(heard, Strength(word)) for word in limits},
            "measured": {"least_eyes": LEAST_EYES},
        },
        heard=heard,
    )


def _held_out(traces: Sequence[Trace], dealt: Mapping[str, int], fold: int, words: Collection[str]) -> list[Heard]:
    """One fold's traces, judged with what the others set; `words` are those that may be said at all."""
    mine, others = ([one for one in traces if (dealt[one.unit] == fold) is keep] for keep in (True, False))
    calibration = fit_calibration(others)
    limits = _lowest_limits(hear(others, calibration, {}))
    return hear(mine, calibration, {word.value: limit for word, limit in limits.items() if word.value in words})


def bound(heard: Sequence[Heard]) -> dict[str, Any]:
    """How many real photos at most are called generated: under the condition where that is most."""
    worst: dict[str, Any] = {"share": 0.0}
    for condition in LIMITED:
        real = _real(heard, condition)
        if not real:
            continue
        alarms = sum(one.strength is Strength.STRONG for one in real)
        share = clopper_pearson_upper(alarms, len(real), CONFIDENCE)
        if share > worst["share"]:
            sources = len({one.trace.group for one in real})
            worst = {"share": round(share, 5), "alarms": alarms, "photos": len(real), "sources": sources}
    return worst | {"confidence": CONFIDENCE}


def _worst(heard: Sequence[Heard], word: Strength) -> str:
    """Share of real photos that reach a strength, in words: under the condition where it is most."""
    worst = (0, 1)
    for condition in LIMITED:
        real = _real(heard, condition)
        reached = sum(one.strength is not None and one.strength.rank >= word.rank for one in real)
        worst = max(worst, (reached, len(real)), key=lambda pair: pair[0] / max(pair[1], 1))
    return f"{100 * worst[0] / worst[1]:.1f} %" if worst[0] else "none"
