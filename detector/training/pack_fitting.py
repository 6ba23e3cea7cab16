"""What a model pack's answers are worth: calibration, limits and weight from labelled pictures, sources held out.

A pure function of readings. Every picture is read as it is and as a web copy, encoded alike in both classes, so that
the file's format cannot give the class away. Groups weigh the same; figures come from groups that the fit never saw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.observation import Strength
from detector.packs.calibration import Calibration, Limit
from detector.training.fitting import LEAST_RATIO, PASSES, WORTH, macro_auc
from detector.training.manifest import folds
from detector.training.metrics import balanced_weights, weighted_logistic, weighted_quantile, wilson
from detector.verdict import POLICY_VERSION

Array = NDArray[np.float64]

LEAST_PICTURES, LEAST_GROUPS = 100, 4  # of each class; fewer support no rate of 1 %, and no claim about other sources
FOLDS = 5
AS_IS, COPY = "clean", "web"  # conditions of detector.training.laundering
FULL = 10  # readings from which on a group weighs as a whole one: five pictures, each read twice
RIDGE = 1.0  # pseudo-readings that keep a perfect separation finite
WEIGHT_RIDGE = 5.0  # as for the signs' weights (fusion.py)
FALSE_ALARMS = {**PASSES, Strength.STRONG: 0.0}


class NoUse(Exception):  # noqa: N818 - an answer, not an error
    """The model is worth nothing on these pictures, or there are too few; the text is a sentence for the operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the model said of one picture under one condition.

    odds: its log-odds, not calibrated. own: log-odds of Candid's verdict; None where the file itself had declared how
    it was made, so that no pixel was asked.
    """

    picture: str
    label: str
    group: str
    unit: str
    condition: str
    odds: float
    own: float | None

    @property
    def generated(self) -> bool:
        return self.label == "ai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a calibration comes from: its date, and the SHA-256 of card and manifest."""

    date: str
    card: str
    manifest: str


def demand_enough(readings: Sequence[Reading]) -> None:
    """Raises NoUse that says what is missing."""
    lacking = [
        words for label, name in (("real", "real"), ("ai", "generated")) for words in _lacking(readings, label, name)
    ]
    if lacking:
        raise NoUse(
            f"There are too few labelled pictures that the model could look at: {' and '.join(lacking)} are needed "
            f"({LEAST_PICTURES} pictures of each kind, from {LEAST_GROUPS} groups)."
        )


def calibrated(readings: Sequence[Reading], origin: Origin) -> Calibration:
    """The calibration of one model. Raises NoUse."""
    demand_enough(readings)
    dealt = folds(readings, FOLDS)
    slope, intercept = _platt(readings)
    _demand_the_right_way_round(slope, readings)
    floor, ceiling = -_certainty(readings, generated=True), _certainty(readings, generated=False)
    evidence = np.clip(_held_out(readings, dealt), floor, ceiling)
    auc = {condition: _auc(readings, evidence, condition) for condition in (AS_IS, COPY)}
    if auc[COPY][1] <= WORTH:
        raise NoUse(_separates_nothing(auc[COPY]))
    return Calibration(
        date=origin.date,
        card=origin.card,
        manifest=origin.manifest,
        photos=len(_pictures(readings, "real")),
        generated=len(_pictures(readings, "ai")),
        photo_sources=len(_groups(readings, "real")),
        generated_sources=len(_groups(readings, "ai")),
        slope=round(slope, 6),
        intercept=round(intercept, 6),
        floor=round(floor, 4),
        ceiling=round(ceiling, 4),
        weight=round(added_weight(readings, evidence), 4),
        auc=(round(auc[COPY][0], 4), round(auc[COPY][1], 4), round(auc[COPY][2], 4)),
        auc_as_is=round(auc[AS_IS][0], 4),
        limits=_limits(readings, evidence),
        policy=POLICY_VERSION,
    )


# --- calibration


def _platt(readings: Sequence[Reading]) -> tuple[float, float]:
    """Slope and intercept of the log-odds at even priors. Source: Platt, 1999, "Probabilistic outputs for SVMs"."""
    odds, weights = _odds(readings), _weights(readings)
    mean = float(np.average(odds, weights=weights))
    spread = max(float(np.sqrt(np.average((odds - mean) ** 2, weights=weights))), 1e-6)
    slopes, intercept = weighted_logistic(((odds - mean) / spread)[:, None], _labels(readings), weights, RIDGE)
    slope = float(slopes[0]) / spread
    return slope, intercept - slope * mean


def _held_out(readings: Sequence[Reading], dealt: Mapping[str, int]) -> Array:
    """Evidence on every reading by a calibration that never saw its group or the group's sisters."""
    evidence = np.zeros(len(readings))
    for fold in range(FOLDS):
        others = [reading for reading in readings if dealt[reading.unit] != fold]
        mine = np.array([dealt[reading.unit] == fold for reading in readings])
        if len({reading.label for reading in others}) < 2:
            raise NoUse(
                "The groups cannot be held out in turn: too many of them hold both real and generated pictures."
            )
        slope, intercept = _platt(others)
        evidence[mine] = intercept + slope * _odds(readings)[mine]
    return evidence


def _certainty(readings: Sequence[Reading], *, generated: bool) -> float:
    """The log-odds that the pictures of the other side can support: one more of them could have contradicted."""
    return math.log(1 + _effective([reading for reading in readings if reading.generated is generated]))


def _demand_the_right_way_round(slope: float, readings: Sequence[Reading]) -> None:
    if slope > 0:
        return
    if _auc(readings, _odds(readings), COPY)[2] < 1 - WORTH:
        raise NoUse(
            "The model gives real photos the higher values: its card probably names the opposite meaning of its output."
        )
    raise NoUse(_separates_nothing(_auc(readings, _odds(readings), COPY)))


def _separates_nothing(auc: tuple[float, float, float]) -> str:
    value, low, high = auc
    return (
        f"On these pictures the model does not tell generated from real: AUC {value:.2f} ({low:.2f} to {high:.2f}) on "
        f"web copies with sources held out; the lower end has to be above {WORTH:.2f}."
    )


def _auc(readings: Sequence[Reading], evidence: Array, condition: str) -> tuple[float, float, float]:
    pairs = zip(readings, evidence.tolist(), strict=True)
    return macro_auc([(reading, value) for reading, value in pairs if reading.condition == condition])


# --- limits


def _limits(readings: Sequence[Reading], evidence: Array) -> dict[Strength, Limit]:
    """From which evidence on each strength may be given, as far as the figures carry it: the false alarms of the signs,
    their likelihood ratios, and calibrated evidence of at least that ratio itself."""
    kept: dict[Strength, Limit] = {}
    for strength, share in FALSE_ALARMS.items():
        limit = round(max(_passed_by(readings, evidence, share), math.log(LEAST_RATIO[strength])), 4)
        measured = _measured(readings, evidence, limit)
        if measured.ratio < LEAST_RATIO[strength]:
            break
        kept[strength] = measured
    return kept


def _passed_by(readings: Sequence[Reading], evidence: Array, share: float) -> float:
    """The limit that at most `share` of the real photos pass under either condition; next to none for a share of 0."""
    limits = []
    for condition in (AS_IS, COPY):
        mine = [place for place, r in enumerate(readings) if not r.generated and r.condition == condition]
        chosen = [readings[place] for place in mine]
        limits.append(weighted_quantile(evidence[mine], _weights(chosen), 1 - share) if share else evidence[mine].max())
    return float(max(limits))


def _measured(readings: Sequence[Reading], evidence: Array, limit: float) -> Limit:
    found, (low, _) = _share(readings, evidence, limit, generated=True)
    false, (_, high) = _share(readings, evidence, limit, generated=False)
    return Limit(
        evidence=limit,
        generated=round(found, 4),
        real=round(false, 4),
        real_at_most=round(high, 4),
        ratio=round(low / high, 2),
    )


def _share(
    readings: Sequence[Reading], evidence: Array, limit: float, *, generated: bool
) -> tuple[float, tuple[float, float]]:
    """What passes the limit, groups weighing the same, and its 95 % interval; a picture's two readings count as one."""
    mine = [place for place, reading in enumerate(readings) if reading.generated is generated]
    chosen = [readings[place] for place in mine]
    share = float(np.average(evidence[mine] > limit, weights=_weights(chosen)))
    n = round(_effective(chosen))
    return share, wilson(share * n, n)


def _effective(readings: Sequence[Reading]) -> float:
    """How many equally weighing pictures these are worth. Source: Kish, 1965, "Survey Sampling"."""
    by_picture: dict[str, float] = {}
    for reading, weight in zip(readings, _weights(readings).tolist(), strict=True):
        by_picture[reading.picture] = by_picture.get(reading.picture, 0.0) + weight
    masses = np.array(list(by_picture.values()))
    return float(masses.sum() ** 2 / (masses**2).sum())


# --- beside Candid's own verdict


def added_weight(readings: Sequence[Reading], evidence: Array) -> float:
    """How much of the evidence to add to the log-odds of Candid's own verdict: 0..1.

    A logistic regression with the verdict's log-odds as a fixed offset, so that what both voices hear counts once. The
    slope of its likelihood falls with the weight, so halving finds the place where it is 0.
    """
    asked = [place for place, reading in enumerate(readings) if reading.own is not None]
    chosen = [readings[place] for place in asked]
    if len({reading.label for reading in chosen}) < 2:
        return 0.0
    own = np.array([reading.own for reading in chosen], dtype=np.float64)
    heard, labels, weights = evidence[asked], _labels(chosen), _weights(chosen)

    def slope(weight: float) -> float:
        p = 1 / (1 + np.exp(-np.clip(own + weight * heard, -30, 30)))
        return float((weights * heard * (labels - p)).sum()) - WEIGHT_RIDGE * weight

    low, high = 0.0, 1.0
    if slope(low) <= 0:
        return low
    if slope(high) >= 0:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


# --- readings as arrays


def _odds(readings: Sequence[Reading]) -> Array:
    return np.array([reading.odds for reading in readings], dtype=np.float64)


def _labels(readings: Sequence[Reading]) -> Array:
    return np.array([reading.generated for reading in readings], dtype=np.float64)


def _weights(readings: Sequence[Reading]) -> Array:
    return balanced_weights([r.generated for r in readings], [r.group for r in readings], FULL)


def _pictures(readings: Sequence[Reading], label: str) -> set[str]:
    return {reading.picture for reading in readings if reading.label == label}


def _groups(readings: Sequence[Reading], label: str) -> set[str]:
    return {reading.unit for reading in readings if reading.label == label}


def _lacking(readings: Sequence[Reading], label: str, name: str) -> list[str]:
    pictures = LEAST_PICTURES - len(_pictures(readings, label))
    groups = LEAST_GROUPS - len(_groups(readings, label))
    lacking = [f"{pictures} more {name} pictures"] if pictures > 0 else []
    return lacking + ([f"{groups} more groups of {name} pictures"] if groups > 0 else [])
