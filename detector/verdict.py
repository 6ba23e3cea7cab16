"""Outcomes -> Verdict: a pure function of what was seen and a versioned policy.

The order of the rules is the order of certainty: what the file declares about itself beats everything; a capture is
believed only from a recognised signer on intact bytes (docs/detectors.md#content_credentials); what the pixels seem to
say never reaches "generated" before its error rates on held-out sources are known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from detector.observation import Bearing, Observation, Outcome, Status, Strength

POLICY_VERSION = 2

FUSION = Path(__file__).resolve().parent / "weights" / "verdict.json"  # by detector.training.signs

# What a declaration is worth as odds: some declarations are wrong (a file re-used under an old label, a jest).
DECLARED_PROBABILITY = 0.99
# A signed capture on intact bytes can still show a screen or a print.
CAPTURED_PROBABILITY = 0.02
# Even prior odds, and nothing seen that speaks for or against.
NO_OPINION = 0.5


class VerdictCode(StrEnum):
    """The seven verdicts, gravest first: an applicant's page leads with the first that any of the photos has."""

    DECLARED_GENERATED = "declared-generated"
    GENERATED = "generated"
    RETOUCHED = "retouched"
    INCONCLUSIVE = "inconclusive"
    UNEXAMINED = "unexamined"
    NOTHING_FOUND = "nothing-found"
    VERIFIED_CAPTURE = "verified-capture"

    @property
    def rank(self) -> int:
        """1 for the gravest up to 7."""
        return list(VerdictCode).index(self) + 1


SUMMARIES = {
    VerdictCode.DECLARED_GENERATED: "The file itself says that a generator made this picture.",
    VerdictCode.GENERATED: "Several independent traces speak for a generated picture.",
    VerdictCode.RETOUCHED: "The picture shows signs of retouching.",
    VerdictCode.INCONCLUSIVE: "What was seen does not settle how this picture was made.",
    VerdictCode.UNEXAMINED: "The picture could not be examined.",
    VerdictCode.NOTHING_FOUND: "Nothing was seen that speaks against this picture. That does not prove its origin.",
    VerdictCode.VERIFIED_CAPTURE: "A recognised camera signed this picture, and it has not changed since.",
}

# Nothing found, yet something shown: what does not speak against the picture must not be read as nothing seen.
NOTED = "Nothing of what was noted speaks against this picture. That does not prove its origin."

# Inconclusive for want of a look, not for something seen.
NOBODY_LOOKED = "No check could judge the pixels of this picture."


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the outcomes amount to.

    score: probability in 0..1, at even prior odds, that a generator made the picture; None where no pixel was read.
    strength: how firmly the verdict stands; None where there is nothing to be firm about.
    reasons: codes of the observations that carry it, heaviest first.
    settle: what would settle it, a sentence; empty where nothing is open.
    """

    code: VerdictCode
    score: float | None
    strength: Strength | None
    summary: str
    reasons: tuple[str, ...] = ()
    settle: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code.value,
            "score": None if self.score is None else round(self.score, 4),
            "strength": self.strength.value if self.strength else None,
            "summary": self.summary,
            "reasons": list(self.reasons),
            "settle": self.settle,
        }


def judge(outcomes: Sequence[Outcome], *, pixels_read: bool, whole: bool = True) -> Verdict:
    """Weighs the outcomes under policy POLICY_VERSION. Pure: equal outcomes give an equal verdict.

    pixels_read: whether any pixel could be decoded. whole: False where the file broke off before the last one.
    """
    seen = sorted(
        (observation for outcome in outcomes for observation in outcome.observations),
        key=lambda observation: -observation.strength.rank,
    )
    code, carried_by = _code(seen, outcomes, pixels_read)
    if code is VerdictCode.NOTHING_FOUND and not whole:
        code = VerdictCode.INCONCLUSIVE
    return Verdict(
        code=code,
        score=_score(code, outcomes) if pixels_read else None,
        strength=max((o.strength for o in carried_by), key=lambda s: s.rank, default=None),
        summary=_summary(code, carried_by, outcomes),
        reasons=tuple(dict.fromkeys(o.code for o in [*carried_by, *seen])),
        settle=_settle(code, whole),
    )


def _code(
    seen: Sequence[Observation], outcomes: Sequence[Outcome], pixels_read: bool
) -> tuple[VerdictCode, list[Observation]]:
    declared = _bearing(seen, Bearing.GENERATED, Strength.CONCLUSIVE)
    captured = _bearing(seen, Bearing.CAPTURED, Strength.CONCLUSIVE)
    retouched = _bearing(seen, Bearing.RETOUCHED, Strength.MODERATE)
    doubtful = [
        o
        for o in seen
        if o.bearing is Bearing.GENERATED
        or (o.bearing is Bearing.RETOUCHED and o not in retouched)
        or (o.bearing is Bearing.NEUTRAL and o.strength.rank >= Strength.MODERATE.rank)
    ]
    if declared:
        return VerdictCode.DECLARED_GENERATED, declared
    if not pixels_read:
        return VerdictCode.UNEXAMINED, []
    if retouched:
        return VerdictCode.RETOUCHED, retouched
    if captured:
        return VerdictCode.VERIFIED_CAPTURE, captured
    if doubtful or not _looked_at_pixels(outcomes):
        return VerdictCode.INCONCLUSIVE, doubtful
    return VerdictCode.NOTHING_FOUND, []


def _summary(code: VerdictCode, carried_by: Sequence[Observation], outcomes: Sequence[Outcome]) -> str:
    if code is VerdictCode.INCONCLUSIVE and not carried_by and not _looked_at_pixels(outcomes):
        return NOBODY_LOOKED
    if code is VerdictCode.NOTHING_FOUND and any(outcome.observations for outcome in outcomes):
        return NOTED
    return SUMMARIES[code]


def _bearing(seen: Iterable[Observation], bearing: Bearing, least: Strength) -> list[Observation]:
    return [o for o in seen if o.bearing is bearing and o.strength.rank >= least.rank]


def _looked_at_pixels(outcomes: Iterable[Outcome]) -> bool:
    """Whether any detector that judges the pixels could do its work: those alone give a score."""
    return any(o.score is not None and o.status in {Status.FOUND, Status.CLEAR} for o in outcomes)


def _score(code: VerdictCode, outcomes: Iterable[Outcome]) -> float:
    """The detectors' log-odds, weighed: they look at the same pixels, and one trace must not count several times."""
    if code is VerdictCode.DECLARED_GENERATED:
        return DECLARED_PROBABILITY
    if code is VerdictCode.VERIFIED_CAPTURE:
        return CAPTURED_PROBABILITY
    odds = {o.detector: math.log(o.score / (1 - o.score)) for o in outcomes if o.score and o.score < 1}
    if not odds:
        return NO_OPINION
    fusion = _fusion()
    trained = fusion["intercept"] if odds.keys() & fusion["weights"].keys() else 0.0
    return 1 / (1 + math.exp(-trained - sum(value * fusion["weights"].get(name, 1.0) for name, value in odds.items())))


@cache
def _fusion() -> dict[str, Any]:
    """What each detector's log-odds weigh; one that was not trained with the others counts in full."""
    loaded: dict[str, Any] = json.loads(FUSION.read_text(encoding="utf-8"))
    return loaded


def _settle(code: VerdictCode, whole: bool) -> str:
    if code in {VerdictCode.VERIFIED_CAPTURE, VerdictCode.DECLARED_GENERATED}:
        return ""
    if not whole:
        return "The file broke off before its end. Sent again in full, it can be examined in full."
    return "The camera original, or an export with Content Credentials, would settle this."
