"""What real photos usually show: a sign speaks only of what lies far outside it.

A norm expects one measure of a picture from the picture's own circumstances (sharpness, size, compression): a linear
model fitted on real photos, every source weighing the same. How many spreads a measure lies beyond it is its surprise;
beyond limits that next to no held-out real photo passes, it is found. The parameters are trained by
`detector.training.signs` and stand in detector/weights, each file with a model card.
(After normative modelling: Marquand et al., 2016, "Understanding heterogeneity in clinical cohorts using normative
models".)
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from detector.observation import Bearing, CouldNotLook, Observation, Sighting, Strength

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
REACH = 3.0  # spreads of the training data beyond which an input counts no further: a model must not extrapolate


class Measured(Protocol):
    """What a sign measured on one face.

    values: every number the models look at, by name; a name that is absent could not be measured here.
    variant: which set of parameters judges it, for signs that measure at several scales.
    not_judged: part of the sign -> why it could not be judged on this face, one sentence.
    """

    @property
    def values(self) -> Mapping[str, float]: ...

    @property
    def variant(self) -> str: ...

    @property
    def not_judged(self) -> Mapping[str, str]: ...


M = TypeVar("M", bound=Measured)
Telling = Callable[[M, "Reading"], Observation | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """One thing that a sign may find.

    code: of the observation. level: the measure's name. given: names of the circumstances it is expected from.
    side: +1 where more than expected is found, -1 where less. bearing: what it speaks for, where its figures allow
    that; they may hold it back to neutral.
    """

    code: str
    level: str
    given: tuple[str, ...] = ()
    side: int = 1
    bearing: Bearing = Bearing.GENERATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measure beside its norm. expected: what real photos show. surprise: spreads beyond that, above 0 towards the
    norm's side. strength: None within the limits. bearing: what the figures let it speak for."""

    level: float
    expected: float
    surprise: float
    strength: Strength | None
    bearing: Bearing

    @property
    def found(self) -> Strength:
        """The strength of what was found. Raises ValueError within the limits."""
        if self.strength is None:
            raise ValueError("nothing was found")
        return self.strength


@dataclass(frozen=True, slots=True, kw_only=True)
class SignModel:
    """The trained side of one sign. name: of its weights' file. score_inputs: what its calibrated score looks at."""

    name: str
    norms: tuple[Norm, ...]
    score_inputs: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        return WEIGHTS / f"{self.name}.json"

    def inputs(self) -> dict[str, list[str]]:
        """What each set of parameters was made for; weights made for other inputs are refused."""
        return {norm.code: [norm.level, *norm.given] for norm in self.norms} | {"score": list(self.score_inputs)}

    def weights(self) -> dict[str, Any]:
        """The trained parameters. Raises CouldNotLook where their file is missing or made for other inputs."""
        loaded = _loaded(self.path)
        if loaded.get("inputs") != self.inputs():
            raise CouldNotLook(
                f"The weights of “{self.name}” are of another version. To mend it, install Candid again."
            )
        return loaded

    def read(self, code: str, measured: Measured, level: float | None = None) -> Reading | None:
        """The measure of `code` beside its norm; None where it was not measured or no norm is known for it.

        level: another value to hold against the same norm (one part of the face, say). Raises CouldNotLook.
        """
        norm = next(norm for norm in self.norms if norm.code == code)
        parameters = self.weights()["variants"].get(measured.variant, {}).get("norms", {}).get(code)
        if parameters is None or any(name not in measured.values for name in (norm.level, *norm.given)):
            return None
        value = measured.values[norm.level] if level is None else level
        expected = expectation(parameters, norm, measured.values)
        beyond = norm.side * (value - expected) / float(parameters["spread"])
        passed = [word for word, limit in parameters["limits"].items() if beyond > limit]
        return Reading(
            level=value,
            expected=expected,
            surprise=beyond,
            strength=max(map(Strength, passed), key=lambda strength: strength.rank, default=None),
            bearing=Bearing(parameters["bearing"]),
        )

    def sighting(self, measured: M, told: Mapping[str, Telling[M]], *, clear: str, **details: Any) -> Sighting:
        """What the sign says of one face. Raises CouldNotLook.

        told: code -> what words it, or hands back None where it cannot point at what it found. clear: the note where
        nothing was found. details: kept with the outcome, besides every surprise and what was not judged.
        """
        readings = {norm.code: reading for norm in self.norms if (reading := self.read(norm.code, measured))}
        worded = [told[code](measured, reading) for code, reading in readings.items() if reading.strength is not None]
        seen = tuple(observation for observation in worded if observation is not None)
        details["surprises"] = {code: round(reading.surprise, 2) for code, reading in readings.items()}
        details["not_judged"] = dict(measured.not_judged)
        return Sighting(observations=seen, score=self.score(measured), note="" if seen else clear, details=details)

    def score(self, measured: Measured) -> float | None:
        """Calibrated probability, at even priors, that a generator made the picture; None where the sign's measures
        were found to separate nothing. Raises CouldNotLook."""
        logistic = self.weights()["variants"].get(measured.variant, {}).get("logistic")
        return probability(logistic, self.score_inputs, measured.values) if logistic else None


def expectation(parameters: Mapping[str, Any], norm: Norm, values: Mapping[str, float]) -> float:
    """What real photos show in these circumstances. parameters: intercept, coefficients, low, high."""
    given = zip(norm.given, parameters["coefficients"], parameters["low"], parameters["high"], strict=True)
    total = sum(c * min(max(values[name], low), high) for name, c, low, high in given)
    return float(parameters["intercept"] + total)


def probability(logistic: Mapping[str, Any], names: tuple[str, ...], values: Mapping[str, float]) -> float:
    """The logistic regression's probability; an input that was not measured counts as average."""
    odds = float(logistic["intercept"])
    for name, mean, scale, weight in zip(
        names, logistic["mean"], logistic["scale"], logistic["coefficients"], strict=True
    ):
        if name in values:
            odds += weight * min(max((values[name] - mean) / scale, -REACH), REACH)
    return 1 / (1 + math.exp(-odds))


@cache
def _loaded(path: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CouldNotLook(f"The weights of “{path.stem}” are missing. To mend it, install Candid again.") from None
    return loaded
