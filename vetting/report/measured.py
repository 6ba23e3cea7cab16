"""Numbers and sentences out of a stored result: checked, and in the words in which page and report say them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MOST_LETTERS = 300  # of a name or a sentence out of a stored result


def number(value: Any, least: float, most: float) -> float | None:
    """As a float; None for what is no number, not finite or not from least to most."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if least <= value <= most else None


def count(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
    return value if is_count else None


def sentence(value: Any) -> str:
    return value.strip()[:MOST_LETTERS] if isinstance(value, str) else ""


def listed(value: Any, most: int) -> list[Any]:
    return value[:most] if isinstance(value, list) else []


def score_words(score: float) -> str:
    """Two digits, three near the ends; never 0 or 1, which would be a certainty."""
    if not 0.0005 <= score <= 0.9995:
        return "under 0.001" if score < 0.5 else "over 0.999"
    return f"{score:.2f}" if 0.01 <= score < 0.995 else f"{score:.3f}"


def percent(share: float) -> str:
    """0.0085 -> 0.85 %: two digits that count, rounded up, as a bound must not look smaller than it is."""
    value = share * 100
    digits = max(0, 1 - math.floor(math.log10(value)))
    return f"{math.ceil(value * 10**digits - 1e-6) / 10**digits:.{digits}f} %"


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def details_of(result: Mapping[str, Any], detector: str) -> Mapping[str, Any]:
    """What a detector handed back beside its observations; empty where it did not look, or broke."""
    return mapping(outcome_of(result, detector).get("details"))


def outcome_of(result: Mapping[str, Any], detector: str) -> Mapping[str, Any]:
    outcomes = (mapping(outcome) for outcome in listed(result.get("outcomes"), 200))
    return next((outcome for outcome in outcomes if outcome.get("detector") == detector), {})
