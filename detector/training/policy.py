"""What the policy would say of every labelled picture: detector.verdict.judge on held-out outcomes.

File facts are left out, as a generator's mark or a camera's signature says nothing about the pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from detector.fingerprint.network import CODE, DETECTOR, UNSTEADY
from detector.observation import Bearing, Observation, Outcome, Status, Strength
from detector.training.calibration import Heard
from detector.training.features import retouched_by_code
from detector.training.fitting import Fit, Judged
from detector.training.fusion import held_out
from detector.training.laundering import CONDITIONS
from detector.training.manifest import OfRow, Row, folds
from detector.training.retouch import RETOUCHES
from detector.training.voices import Voices, chosen
from detector.verdict import Retouching, VerdictCode, judge

# The voice that stands for all: its score is the one that all together give, so that judge() need not weigh again.
TOGETHER = "together"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(OfRow):
    """One picture under one condition. code: the verdict. score: of all voices, held out; None where none could judge.
    tone, eyes: as in Trace; None where no head was cut."""

    row: Row
    condition: str
    code: VerdictCode
    score: float | None
    tone: float | None = None
    eyes: float | None = None


def decide(voices: Voices, retouching: Retouching = Retouching.STRICT) -> list[Decided]:
    """The verdict on every picture that all checks were asked about, also where none could look."""
    scores = {
        (case.item.picture, case.item.condition): score for case, score in held_out(voices.cases, folds(voices.rows))
    }
    heard = {(one.trace.picture, one.trace.condition): one for one in voices.networks.heard}
    traces = {(one.picture, one.condition): one for one in voices.traces if one.logits}
    seen = _seen(voices)
    found = []
    for row, condition in _asked(voices.rows):
        key = (row.picture, condition)
        outcomes = _outcomes(seen.get(key, []), heard.get(key), voices.networks.parameters, scores.get(key))
        verdict = judge(outcomes, pixels_read=True, retouching=retouching)
        trace = traces.get(key)
        found.append(
            Decided(
                row=row,
                condition=condition,
                code=verdict.code,
                score=scores.get(key),
                tone=trace.tone if trace else None,
                eyes=trace.eyes if trace else None,
            )
        )
    return found


def _asked(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    mine = chosen(rows)
    again = set(retouched_by_code(mine))
    for row in mine:
        for condition in (*CONDITIONS, *(RETOUCHES if row in again else ())):
            yield row, condition


def _seen(voices: Voices) -> dict[tuple[tuple[str, str], str], list[Outcome]]:
    """Picture and condition -> the outcomes of the signs that could look."""
    found: dict[tuple[tuple[str, str], str], list[Outcome]] = {}
    for name, (_, fit) in voices.signs.items():
        for judged in fit.judged:
            found.setdefault((judged.item.picture, judged.item.condition), []).append(_sign(name, fit, judged))
    return found


def _sign(name: str, fit: Fit, judged: Judged) -> Outcome:
    norms = fit.parameters["variants"][judged.item.variant]["norms"]
    return _outcome(
        name, [_observation(code, Bearing(norms[code]["bearing"]), word) for code, word in judged.strength.items()]
    )


def _outcomes(
    signs: Sequence[Outcome], heard: Heard | None, parameters: dict[str, Any], score: float | None
) -> list[Outcome]:
    outcomes = list(signs)
    if heard:
        observations = [_observation(CODE, Bearing.GENERATED, heard.strength)] if heard.strength else []
        if heard.unsteady:
            observations.append(_observation(UNSTEADY, Bearing.NEUTRAL, Strength.MODERATE))
        outcomes.append(_outcome(DETECTOR.name, observations, bound=parameters["bound"]))
    if score is not None:
        outcomes.append(Outcome(detector=TOGETHER, version=0, status=Status.CLEAR, score=score))
    return outcomes


def _outcome(name: str, observations: Sequence[Observation], **details: Any) -> Outcome:
    status = Status.FOUND if observations else Status.CLEAR
    return Outcome(detector=name, version=0, status=status, observations=tuple(observations), details=details)


def _observation(code: str, bearing: Bearing, strength: Strength) -> Observation:
    return Observation(code=code, bearing=bearing, strength=strength, summary="", caveat="")
