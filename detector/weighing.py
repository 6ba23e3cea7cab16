"""Outcomes -> one calibrated probability: each voice's log-odds, weighed so that a trace heard twice counts once.

Detectors that look at the same pixels depend on each other; which weights their log-odds get was fitted on held-out
pictures for each set of voices that can come together (`detector.training.fusion`; weights/verdict.json). A model pack
brings its own weight, found when it was calibrated; a voice that was never heard with the others counts in full.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from detector.observation import Outcome, Strength

FUSION = Path(__file__).resolve().parent / "weights" / "verdict.json"
TOGETHER = "+"  # between the names of voices that are weighed as one set
NO_OPINION = 0.5  # even prior odds, and nothing heard

# Powers of ten from which evidence is called so: likelihood ratios of 2, 10 and 30, as for observations.
WORDS = ((math.log10(30), Strength.STRONG), (1.0, Strength.MODERATE), (math.log10(2), Strength.WEAK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one detector says of "generated", alone, and how much of it counts.

    log10_ratio: powers of ten by which its evidence speaks for a generator (negative: for a camera).
    shared: the share of it that counts beside the other voices.
    """

    detector: str
    title: str
    log10_ratio: float
    shared: float

    @property
    def counted(self) -> float:
        return self.log10_ratio * self.shared

    @property
    def words(self) -> str:
        return next((word.value for least, word in WORDS if abs(self.counted) >= least), "")

    def to_json(self) -> dict[str, Any]:
        return {
            "detector": self.detector,
            "title": self.title,
            "speaks_for": "generated" if self.log10_ratio > 0 else "camera",
            "log10_ratio": round(self.log10_ratio, 3),
            "words": self.words,
            "shared": round(self.shared, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """score: probability in 0..1, at even prior odds, that a generator made the picture. voices: heaviest first."""

    score: float
    voices: tuple[Voice, ...]


def weigh(outcomes: Iterable[Outcome]) -> Weighed:
    """All voices that have an opinion, together. Pure: equal outcomes give an equal result, in whatever order."""
    heard = {o.detector: o for o in outcomes if o.score is not None}
    odds = {name: log_odds(o.score) for name, o in heard.items() if o.score is not None}
    if not odds:
        return Weighed(score=NO_OPINION, voices=())
    trained = trained_for(_fusion()["patterns"], odds)
    weights = {name: trained["weights"].get(name, _own_weight(heard[name])) for name in odds}
    total = trained["intercept"] + math.fsum(weights[name] * odds[name] for name in sorted(odds))
    voices = [
        Voice(
            detector=name,
            title=heard[name].title or name,
            log10_ratio=value / math.log(10),
            shared=weights[name],
        )
        for name, value in odds.items()
    ]
    voices.sort(key=lambda voice: (-abs(voice.counted), voice.detector))
    return Weighed(score=probability(total), voices=tuple(voices))


def log_odds(score: float) -> float:
    """Natural logarithm of the odds, of a probability kept off 0 and 1."""
    bounded = min(max(score, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def probability(odds: float) -> float:
    """The probability of natural log-odds."""
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))


def _own_weight(outcome: Outcome) -> float:
    weight = outcome.details.get("weight")
    return float(weight) if isinstance(weight, int | float) and 0 <= weight <= 1 else 1.0


def trained_for(patterns: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, Any]:
    """Intercept and weights of the largest trained set of voices among the names; none where no such set was trained.

    patterns: names joined by TOGETHER -> {"intercept", "weights"}.
    """
    heard = set(names)
    fitting = [key for key in patterns if set(key.split(TOGETHER)) <= heard]
    best = max(fitting, key=lambda key: (len(key.split(TOGETHER)), key), default=None)
    known: Mapping[str, Any] = patterns[best] if best else {"intercept": 0.0, "weights": {}}
    return known


@cache
def _fusion() -> Mapping[str, Any]:
    loaded: dict[str, Any] = json.loads(FUSION.read_text(encoding="utf-8"))
    return loaded
