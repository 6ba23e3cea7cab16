"""Delivery twins: how the learned fingerprint judged the photo as it came and saved again in harmless ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vetting.report.measured import listed, number, score_words, sentence

NETWORK = "network"  # the detector whose details hold them
AS_IT_CAME = "as it came"
MOST = 24  # that are shown; a photo has six to nine
NOT_JUDGED = "could not be judged"
STEADY = {
    True: ": the judgement is steady.",
    False: ": the judgement changes, so it counts as inconclusive.",
    None: ".",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One way in which the same photo might have arrived. score: 0..1, None where it could not be judged."""

    name: str
    score: float | None
    score_words: str
    original: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A score from which something may be said, in words."""

    score: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """limit: from where "generated" may be said; doubt: from where the verdict is inconclusive."""

    twins: tuple[Delivery, ...]
    stable: bool | None
    limit: Limit | None
    doubt: Limit | None
    sentence: str


def deliveries_of(result: Mapping[str, Any]) -> Deliveries | None:
    """Out of a whole stored result; None where the learned fingerprint did not look, or before there was one."""
    details = next((o.get("details") for o in result.get("outcomes", ()) if o.get("detector") == NETWORK), None)
    if not isinstance(details, Mapping):
        return None
    twins = tuple(_delivery(raw) for raw in listed(details.get("twins"), MOST) if isinstance(raw, Mapping))
    stable = details.get("stable")
    stable = stable if isinstance(stable, bool) else None
    limit, doubt = (number(details.get(key), 0, 1) for key in ("limit", "doubt"))
    return (
        Deliveries(
            twins=twins,
            stable=stable,
            limit=None if limit is None else Limit(score=limit, words=f"“generated” from {score_words(limit)} on"),
            doubt=None if doubt is None else Limit(score=doubt, words=f"inconclusive from {score_words(doubt)} on"),
            sentence=_sentence(twins, stable),
        )
        if twins
        else None
    )


def _delivery(raw: Mapping[str, Any]) -> Delivery:
    name, score = sentence(raw.get("name")) or "another way", number(raw.get("score"), 0, 1)
    words = NOT_JUDGED if score is None else score_words(score)
    return Delivery(name=name, score=score, score_words=words, original=name.lower() == AS_IT_CAME)


def _sentence(twins: Sequence[Delivery], stable: bool | None) -> str:
    again = [twin for twin in twins if not twin.original]
    scores = [twin.score for twin in twins if twin.score is not None]
    ways = f"{len(again)} harmless way{'' if len(again) == 1 else 's'}"
    if len(scores) < 2 or not again:
        return f"The photo was saved again in {ways}; too few could be judged to compare them."
    least, most = score_words(min(scores)), score_words(max(scores))
    judged = f"at {least} each time" if least == most else f"between {least} and {most}"
    return f"Saved again in {ways}, the photo was judged {judged}{STEADY[stable]}"
