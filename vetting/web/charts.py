"""Where the parts of the charts stand, as percentages of their width: so that they fit any page without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vetting.report.deliveries import Deliveries, Delivery, Limit
from vetting.report.weighing import Voice, Weighing

EDGE = 2.0  # percent of the width that stays free at both ends
LEAST_POWER = 1.0  # of ten: what half the width stands for at least, so that a weak voice looks weak


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something at a score. leans: the side of it where its words stand, as SVG calls it."""

    x: float
    original: bool = False
    words: str = ""
    leans: str = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The scores of a photo's delivery twins on an axis from 0 to 1; the original last, above the others."""

    deliveries: Deliveries
    marks: tuple[Mark, ...]
    limit: Mark | None
    doubt: Mark | None
    start: float = EDGE
    end: float = 100 - EDGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One voice to the left or the right of the middle: all that it says, and how much of that counts."""

    voice: Voice
    left: float
    width: float
    counted_left: float
    counted_width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What stands under a verdict: the voices as bars, and the rest of the weighing."""

    weighing: Weighing
    bars: tuple[Bar, ...]


def strip_of(deliveries: Deliveries) -> Strip:
    twins = sorted(deliveries.twins, key=lambda twin: twin.original)
    return Strip(
        deliveries=deliveries,
        marks=tuple(mark for twin in twins if (mark := _twin(twin))),
        limit=_limit(deliveries.limit),
        doubt=_limit(deliveries.doubt),
    )


def balance_of(weighing: Weighing) -> Balance:
    return Balance(weighing=weighing, bars=tuple(_bar(voice, weighing.voices) for voice in weighing.voices))


def _twin(twin: Delivery) -> Mark | None:
    return None if twin.score is None else Mark(x=_place(twin.score), original=twin.original)


def _limit(limit: Limit | None) -> Mark | None:
    if limit is None:
        return None
    return Mark(x=_place(limit.score), words=limit.words, leans="end" if limit.score > 0.5 else "start")


def _place(score: float) -> float:
    return round(EDGE + score * (100 - 2 * EDGE), 2)


def _bar(voice: Voice, voices: Sequence[Voice]) -> Bar:
    reach = max(LEAST_POWER, *(abs(each.log10_ratio) for each in voices))
    width = round(50 * abs(voice.log10_ratio) / reach, 2)
    counted = round(50 * abs(voice.counted) / reach, 2)
    left = voice.log10_ratio < 0
    return Bar(
        voice=voice,
        left=50 - width if left else 50,
        width=width,
        counted_left=50 - counted if left else 50,
        counted_width=counted,
    )
