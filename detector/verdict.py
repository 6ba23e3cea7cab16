"""Outcomes -> Verdict: a pure function of what was seen and a versioned policy.

The order of the rules is the order of certainty: what the file declares about itself beats everything; a capture is
believed only from a recognised signer on intact bytes (docs/detectors.md#content_credentials); the pixels alone say
"generated" only through a detector whose false alarms on held-out sources are bounded, and only while all evidence
together agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from detector.observation import Bearing, Observation, Outcome, Status, Strength
from detector.weighing import Voice, weigh

POLICY_VERSION = 3

# "Generated" is said only where the 95 % bound on how many real photos are called so is at most this...
MOST_ACCUSED = 0.01
# ...and only while all voices together say it as firmly: the one that says it must not be outvoted.
AGREED = 0.9

# What a declaration is worth as odds: some declarations are wrong (a file re-used under an old label, a jest).
DECLARED_PROBABILITY = 0.99
# A signed capture on intact bytes can still show a screen or a print.
CAPTURED_PROBABILITY = 0.02


class Retouching(StrEnum):
    """What an opening thinks of retouching: the policy on top of what was seen."""

    STRICT = "strict"  # casting: the picture must match the person who walks in
    LENIENT = "lenient"  # an office: ordinary retouching is no matter

    @property
    def from_strength(self) -> Strength:
        """Of retouching, from which on it is a verdict of its own; a file that declares it does so in any case."""
        return Strength.MODERATE if self is Retouching.STRICT else Strength.CONCLUSIVE


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
    VerdictCode.GENERATED: (
        "The pixels carry traces that generated pictures show and real photos hardly ever do. It can be wrong."
    ),
    VerdictCode.RETOUCHED: "The picture shows signs of retouching.",
    VerdictCode.INCONCLUSIVE: "What was seen does not settle how this picture was made.",
    VerdictCode.UNEXAMINED: "The picture could not be examined.",
    VerdictCode.NOTHING_FOUND: "Nothing was seen that speaks against this picture. That does not prove its origin.",
    VerdictCode.VERIFIED_CAPTURE: "A recognised camera signed this picture, and it has not changed since.",
}

# Nothing found, yet something shown: what does not speak against the picture must not be read as nothing seen.
NOTED = "Nothing of what was noted speaks against this picture. That does not prove its origin."

# Under a lenient policy.
TOLERATED = "The picture shows signs of retouching, which this opening tolerates. Nothing else speaks against it."

# Inconclusive for want of a look, not for something seen.
NOBODY_LOOKED = "No check could judge the pixels of this picture."


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the outcomes amount to.

    score: probability in 0..1, at even prior odds, that a generator made the picture; None where no pixel was read.
    strength: how firmly the verdict stands; None where there is nothing to be firm about.
    reasons: codes of the observations that carry it, heaviest first.
    settle: what would settle it, a sentence; empty where nothing is open.
    retouching: the policy it was made under. evidence: the voices behind the score, heaviest first.
    bound: how many real photos at most are called generated, where the pixels say so (share, alarms, photos, sources,
    confidence). would_change: sentences, what could turn this verdict into another.
    """

    code: VerdictCode
    score: float | None
    strength: Strength | None
    summary: str
    reasons: tuple[str, ...] = ()
    settle: str = ""
    retouching: Retouching = Retouching.STRICT
    evidence: tuple[Voice, ...] = ()
    bound: Mapping[str, Any] | None = None
    would_change: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code.value,
            "score": None if self.score is None else round(self.score, 4),
            "strength": self.strength.value if self.strength else None,
            "summary": self.summary,
            "reasons": list(self.reasons),
            "settle": self.settle,
            "policy": {"version": POLICY_VERSION, "retouching": self.retouching.value},
            "evidence": [voice.to_json() for voice in self.evidence],
            "bound": dict(self.bound) if self.bound else None,
            "would_change": list(self.would_change),
        }


def judge(
    outcomes: Sequence[Outcome],
    *,
    pixels_read: bool,
    whole: bool = True,
    retouching: Retouching = Retouching.STRICT,
) -> Verdict:
    """Weighs the outcomes under policy POLICY_VERSION. Pure: equal outcomes give an equal verdict.

    pixels_read: whether any pixel could be decoded. whole: False where the file broke off before the last one.
    """
    seen = sorted(
        (observation for outcome in outcomes for observation in outcome.observations),
        key=lambda observation: -observation.strength.rank,
    )
    weighed = weigh(outcomes)
    bounds = _bounds(outcomes) if weighed.score >= AGREED else {}
    code, carried_by = _code(seen, outcomes, pixels_read, retouching, bounds)
    if code is VerdictCode.NOTHING_FOUND and not whole:
        code = VerdictCode.INCONCLUSIVE
    bound = min((bounds[o.code] for o in carried_by if o.code in bounds), key=lambda b: b["share"], default=None)
    return Verdict(
        code=code,
        score=_score(code, weighed.score) if pixels_read else None,
        strength=max((o.strength for o in carried_by), key=lambda s: s.rank, default=None),
        summary=_summary(code, carried_by, outcomes, retouching),
        reasons=tuple(dict.fromkeys(o.code for o in [*carried_by, *seen])),
        settle=_settle(code, whole),
        retouching=retouching,
        evidence=weighed.voices if pixels_read else (),
        bound=bound if code is VerdictCode.GENERATED else None,
        would_change=_would_change(code, outcomes, whole, retouching),
    )


def _code(
    seen: Sequence[Observation],
    outcomes: Sequence[Outcome],
    pixels_read: bool,
    retouching: Retouching,
    bounds: Mapping[str, Any],
) -> tuple[VerdictCode, list[Observation]]:
    declared = _bearing(seen, Bearing.GENERATED, Strength.CONCLUSIVE)
    captured = _bearing(seen, Bearing.CAPTURED, Strength.CONCLUSIVE)
    generated = [o for o in _bearing(seen, Bearing.GENERATED, Strength.STRONG) if o.code in bounds]
    retouched = _bearing(seen, Bearing.RETOUCHED, retouching.from_strength)
    doubtful = [o for o in seen if _casts_doubt(o, retouching) and o not in retouched]
    if declared:
        return VerdictCode.DECLARED_GENERATED, declared
    if not pixels_read:
        return VerdictCode.UNEXAMINED, []
    if generated and not captured:
        return VerdictCode.GENERATED, generated
    if retouched:
        return VerdictCode.RETOUCHED, retouched
    if captured:
        return VerdictCode.VERIFIED_CAPTURE, captured
    if doubtful or not _looked_at_pixels(outcomes):
        return VerdictCode.INCONCLUSIVE, doubtful
    return VerdictCode.NOTHING_FOUND, []


def _casts_doubt(observation: Observation, retouching: Retouching) -> bool:
    if observation.bearing is Bearing.RETOUCHED:
        return retouching is Retouching.STRICT
    if observation.bearing is Bearing.NEUTRAL:
        return observation.strength.rank >= Strength.MODERATE.rank
    return observation.bearing is Bearing.GENERATED


def _bounds(outcomes: Iterable[Outcome]) -> dict[str, Mapping[str, Any]]:
    """Observation code -> its detector's bound on false alarms, where that is low enough to say "generated"."""
    found: dict[str, Mapping[str, Any]] = {}
    for outcome in outcomes:
        bound = outcome.details.get("bound")
        if isinstance(bound, Mapping) and bound["share"] <= MOST_ACCUSED:
            found |= {o.code: bound for o in outcome.observations if o.bearing is Bearing.GENERATED}
    return found


def _summary(
    code: VerdictCode, carried_by: Sequence[Observation], outcomes: Sequence[Outcome], retouching: Retouching
) -> str:
    if code is VerdictCode.INCONCLUSIVE and not carried_by and not _looked_at_pixels(outcomes):
        return NOBODY_LOOKED
    seen = [o for outcome in outcomes for o in outcome.observations]
    if code is VerdictCode.NOTHING_FOUND and seen:
        tolerated = retouching is Retouching.LENIENT and _bearing(seen, Bearing.RETOUCHED, Strength.MODERATE)
        return TOLERATED if tolerated else NOTED
    return SUMMARIES[code]


def _bearing(seen: Iterable[Observation], bearing: Bearing, least: Strength) -> list[Observation]:
    return [o for o in seen if o.bearing is bearing and o.strength.rank >= least.rank]


def _looked_at_pixels(outcomes: Iterable[Outcome]) -> bool:
    """Whether any detector that judges the pixels could do its work: those alone give a score."""
    return any(o.score is not None and o.status in {Status.FOUND, Status.CLEAR} for o in outcomes)


def _score(code: VerdictCode, weighed: float) -> float:
    if code is VerdictCode.DECLARED_GENERATED:
        return DECLARED_PROBABILITY
    return CAPTURED_PROBABILITY if code is VerdictCode.VERIFIED_CAPTURE else weighed


def _settle(code: VerdictCode, whole: bool) -> str:
    if code in {VerdictCode.VERIFIED_CAPTURE, VerdictCode.DECLARED_GENERATED}:
        return ""
    if not whole:
        return "The file broke off before its end. Sent again in full, it can be examined in full."
    return "The camera original, or an export with Content Credentials, would settle this."


def _would_change(
    code: VerdictCode, outcomes: Sequence[Outcome], whole: bool, retouching: Retouching
) -> tuple[str, ...]:
    if code is VerdictCode.VERIFIED_CAPTURE:
        return ()
    if code is VerdictCode.DECLARED_GENERATED:
        return ("Another file of the same picture, signed by a camera that is on a trust list.",)
    changes = ["The camera original with Content Credentials from a signer on a trust list: a verified capture."]
    if code is not VerdictCode.GENERATED:
        changes.append("Content Credentials, metadata or a watermark that name a generator: declared as generated.")
    if code is VerdictCode.RETOUCHED and retouching is Retouching.STRICT:
        changes.append("An unretouched photo of the same sitting.")
    if any(o.status is Status.NOT_APPLICABLE for o in outcomes) or not whole:
        changes.append("A larger or clearer file: some checks could not judge this one.")
    if code in {VerdictCode.GENERATED, VerdictCode.INCONCLUSIVE}:
        changes.append("Meeting the person: a picture from the casting call beside this one.")
    return tuple(changes)
