"""How the evidence adds up: the voices behind a verdict's score, its error rate, its policy, what would change it.

All of it out of the `verdict` of a stored result; one of an earlier policy has none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detector.observation import Strength
from detector.verdict import VerdictCode
from vetting.report.measured import count, listed, number, percent, sentence

MOST_VOICES, MOST_CHANGES = 20, 8
MOST_POWERS = 12.0  # of ten, that a voice may weigh before it counts as broken
AS_COMMON = 1.25  # a ratio below it is no difference worth a number
COUNTS = ((0.95, ""), (0.66, "Most of it counts"), (0.4, "About half of it counts"), (0.1, "A little of it counts"))
HARDLY = "Hardly any of it counts"
RETOUCHING = {"strict": "retouching is not tolerated", "lenient": "ordinary retouching is tolerated"}
# Verdicts whose score is what a declaration or a signature is worth, not a measurement of the pixels.
NOT_MEASURED = {VerdictCode.DECLARED_GENERATED, VerdictCode.VERIFIED_CAPTURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One check's evidence.

    log10_ratio: how many powers of ten more common among generated pictures than among real ones; negative for the
    other way round. shared: how much of that counts, as checks that look at the same thing must not count twice.
    """

    title: str
    speaks_for: str
    strength: str
    log10_ratio: float
    shared: float
    ratio_words: str
    counts_words: str

    @property
    def counted(self) -> float:
        return self.log10_ratio * self.shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How many real photos at most are called generated at the limit in force."""

    share: float
    confidence: float
    alarms: int | None
    photos: int | None
    sources: int | None
    sentence: str
    short: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    version: int
    retouching: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """score_words: what the score means in frequencies; empty where it is no measurement."""

    policy: Policy | None
    voices: tuple[Voice, ...]
    score_words: str
    bound: Bound | None
    would_change: tuple[str, ...]


def weighing_of(result: Mapping[str, Any]) -> Weighing | None:
    """Out of a whole stored result; None where its verdict says nothing of this."""
    verdict = result.get("verdict")
    if not isinstance(verdict, Mapping):
        return None
    voices = tuple(v for raw in listed(verdict.get("evidence"), MOST_VOICES) if (v := _voice(raw)))
    changes = (sentence(raw) for raw in listed(verdict.get("would_change"), MOST_CHANGES))
    weighing = Weighing(
        policy=_policy(verdict.get("policy")),
        voices=voices,
        score_words=_score_words(verdict) if voices else "",
        bound=bound_of(verdict.get("bound")),
        would_change=tuple(filter(None, changes)),
    )
    return weighing if weighing.policy or voices or weighing.bound or weighing.would_change else None


def bound_of(raw: Any) -> Bound | None:
    if not isinstance(raw, Mapping):
        return None
    share, confidence = number(raw.get("share"), 1e-6, 1), number(raw.get("confidence"), 0.5, 1)
    if share is None or confidence is None:
        return None
    alarms, photos, sources = (count(raw.get(key)) for key in ("alarms", "photos", "sources"))
    measured = f"{round(confidence * 100)} % confidence"
    if alarms is not None and photos:
        of = f" from {sources:,} sources" if sources else ""
        measured += f"; {alarms:,} of {photos:,} photos{of} {'was' if alarms == 1 else 'were'}"
    called = f"at most {percent(share)} of real photos are called generated"
    return Bound(
        share=share,
        confidence=confidence,
        alarms=alarms,
        photos=photos,
        sources=sources,
        sentence=f"In held-out tests, {called} at the limit in force ({measured}).",
        short=f"At the limit in force, {called} in held-out tests.",
    )


def _policy(raw: Any) -> Policy | None:
    version = count(raw.get("version")) if isinstance(raw, Mapping) else None
    if version is None:
        return None
    retouching = raw.get("retouching")
    retouching = retouching if isinstance(retouching, str) and retouching in RETOUCHING else ""
    tolerated = f": {RETOUCHING[retouching]}" if retouching else ""
    return Policy(version=version, retouching=retouching, sentence=f"Judged under policy {version}{tolerated}.")


def _voice(raw: Any) -> Voice | None:
    if not isinstance(raw, Mapping):
        return None
    ratio = number(raw.get("log10_ratio"), -MOST_POWERS, MOST_POWERS)
    if ratio is None:
        return None
    shared, strength, side = number(raw.get("shared"), 0, 1), raw.get("words"), raw.get("speaks_for")
    shared = 1.0 if shared is None else shared
    return Voice(
        title=sentence(raw.get("title")) or sentence(raw.get("detector")) or "A check",
        speaks_for="retouched" if side == "retouched" else "generated" if ratio > 0 else "camera",
        strength=strength if isinstance(strength, str) and strength in set(Strength) else "",
        log10_ratio=ratio,
        shared=shared,
        ratio_words=ratio_words(ratio),
        counts_words=_counts_words(shared),
    )


def ratio_words(log10_ratio: float) -> str:
    """0.92 -> About 8 times as common among generated pictures as among real ones."""
    times = 10 ** abs(log10_ratio)
    if times < AS_COMMON:
        return "About as common among generated pictures as among real ones."
    often, rare = ("generated pictures", "real ones") if log10_ratio > 0 else ("real pictures", "generated ones")
    return f"{_times(times)} as common among {often} as among {rare}."


def _times(times: float) -> str:
    if times >= 1000:
        return "More than 1,000 times"
    digits = 1 if times < 1.95 else 0 if times < 20 else -1 if times < 200 else -2
    return f"About {round(times, digits):g} times"


def _counts_words(shared: float) -> str:
    words = next((words for least, words in COUNTS if shared >= least), HARDLY)
    return f"{words}; the rest, others have said already." if words else ""


def _score_words(verdict: Mapping[str, Any]) -> str:
    score = number(verdict.get("score"), 0, 1)
    if score is None or verdict.get("code") in NOT_MEASURED:
        return ""
    if 0.05 <= score <= 0.95:
        tenths = min(max(round(score * 10), 1), 9)
        many = f"about {tenths} in ten"
    else:
        many = "fewer than 1 in 20" if score < 0.5 else "more than 19 in 20"
    verb = "is" if " 1 in " in many else "are"
    return f"Of photos scored like this, {many} of a balanced set {verb} generated."
