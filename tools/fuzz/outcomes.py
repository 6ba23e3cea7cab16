"""What became of one file, and what is a failure: a crash, an outcome without words, too long, too much memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SECONDS = 10.0  # of the processor that one file may take: examining is one thread, and a machine may be busy
CLOCK = 40.0  # seconds by the clock, after which nothing more is waited for
BYTES = 1_000_000_000  # that the process which examines it may hold
OWN_ERROR = "stopped with an error of its own"
CRASHED, TOO_LONG, NOT_BUILT = "crashed", "took too long", "not built"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """outcome: in a word or two. seconds, peak: of that file, peak in bytes of its process. complaints: failures."""

    number: int
    kind: str
    outcome: str
    seconds: float = 0.0
    peak: int = 0
    complaints: tuple[str, ...] = field(default=())

    @property
    def failed(self) -> bool:
        return bool(self.complaints)


def judged(number: int, kind: str, told: Mapping[str, Any]) -> Fate:
    """The fate by what the child told of the file."""
    complaints = list(told["complaints"])
    if told["seconds"] > SECONDS:
        complaints.append(f"took {told['seconds']:.1f} s")
    if told["peak"] > BYTES:
        complaints.append(f"held {told['peak'] / 1e6:.0f} MB")
    return Fate(
        number=number,
        kind=kind,
        outcome=told["outcome"],
        seconds=told["seconds"],
        peak=told["peak"],
        complaints=tuple(complaints),
    )


def outcome_of(result: Mapping[str, Any], refusal: str) -> str:
    """refusal: what the upload was told, "" where it was taken."""
    if refusal:
        return "refused at upload"
    if result["error"]:
        return "taken, no pixels"
    return "examined, cut off" if result["truncated"] else "examined"


def complaints_about(result: Mapping[str, Any], refusal: str) -> Iterator[str]:
    """What the page could not say, or the database could not keep. result: Examination.to_json()."""
    for what, words in (("the refusal", refusal), ("the error", result["error"] or "")):
        if words and not _sentence(words):
            yield f"{what} is no sentence: {words!r}"
    if not result["verdict"]["summary"]:
        yield "the verdict has no words"
    for outcome in result["outcomes"]:
        name, note = outcome["detector"], outcome.get("note") or ""
        if outcome["status"] in {"failed", "not-applicable"} and not note:
            yield f"{name} says nothing of why it did not look"
        if OWN_ERROR in note:
            yield f"{name} {OWN_ERROR}"
        if any(not seen["summary"] for seen in outcome["observations"]):
            yield f"{name} saw something and has no words for it"
    yield from _unkeepable(result)


def _sentence(words: str) -> bool:
    return len(words) > 10 and words[-1] in ".!?" and words[:1].upper() == words[:1]


def _unkeepable(result: Mapping[str, Any]) -> Iterator[str]:
    """PostgreSQL takes no NUL and no half of a surrogate pair in JSON, and nobody takes NaN."""
    try:
        text = json.dumps(result, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (ValueError, TypeError) as error:
        yield f"the result cannot be kept: {error}"
        return
    if "\\u0000" in text:
        yield "the result has a NUL in it"
