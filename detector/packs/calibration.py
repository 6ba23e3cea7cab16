"""What a pack's answer is worth on this site: measured when it was added, on pictures that its operator labelled."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from detector.observation import Strength

STRENGTHS = (Strength.WEAK, Strength.MODERATE, Strength.STRONG)  # what a pack may say at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From which evidence on a strength is given, and what passed that limit with sources held out.

    evidence: calibrated log-odds. generated, real: shares that passed. real_at_most: upper end of its 95 % interval.
    ratio: lower end of how many times more often generated pictures pass than real ones.
    """

    evidence: float
    generated: float
    real: float
    real_at_most: float
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """slope, intercept: from the model's log-odds to calibrated ones at even prior odds, which are kept within
    floor..ceiling, as few pictures cannot make anybody certain. weight: 0..1, how much of the calibrated log-odds may
    be added to those of Candid's own verdict. auc: with its 95 % interval, sources held out, on copies that were
    encoded alike. card, manifest: SHA-256 of the files. policy: of the verdict whose score the weight was fitted to.
    """

    date: str
    card: str
    manifest: str
    photos: int
    generated: int
    photo_sources: int
    generated_sources: int
    slope: float
    intercept: float
    floor: float
    ceiling: float
    weight: float
    auc: tuple[float, float, float]
    auc_as_is: float
    limits: Mapping[Strength, Limit]
    policy: int

    def evidence(self, odds: float) -> float:
        """Calibrated log-odds at even prior odds."""
        return min(max(self.intercept + self.slope * odds, self.floor), self.ceiling)

    def strength(self, evidence: float) -> Strength | None:
        """The highest strength whose limit the evidence passes; None where it passes none."""
        passed = [strength for strength, limit in self.limits.items() if evidence > limit.evidence]
        return max(passed, key=lambda strength: strength.rank, default=None)

    @property
    def figures(self) -> str:
        """How good it was, in one line."""
        value, low, high = self.auc
        return (
            f"AUC {value:.2f} ({low:.2f} to {high:.2f}), measured on {self.photos} real photos from "
            f"{self.photo_sources} sources and {self.generated} generated pictures from {self.generated_sources}"
        )

    def facts(self) -> dict[str, Any]:
        """What is kept with each outcome."""
        return {
            "date": self.date,
            "photos": self.photos,
            "generated": self.generated,
            "sources": self.photo_sources + self.generated_sources,
        }

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True, allow_nan=False).encode() + b"\n"


def probability(evidence: float) -> float:
    return 1 / (1 + math.exp(-evidence))


def read_calibration(data: bytes) -> Calibration:
    """The reverse of to_json. Raises ValueError for anything else."""
    try:
        given = json.loads(data)
        limits = {Strength(word): Limit(**limit) for word, limit in given.pop("limits").items()}
        found = Calibration(**(given | {"auc": tuple(given["auc"])}), limits=limits)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("not a calibration") from error
    figures = [found.slope, found.intercept, found.floor, found.ceiling, found.weight, *found.auc]
    figures += [value for limit in limits.values() for value in asdict(limit).values()]
    if not all(isinstance(value, int | float) and math.isfinite(value) for value in figures):
        raise ValueError("not a calibration: a figure is missing")
    if not 0 <= found.weight <= 1 or found.slope <= 0 or not set(limits) <= set(STRENGTHS):
        raise ValueError("not a calibration: a figure is out of its range")
    return found
