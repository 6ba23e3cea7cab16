"""The policy: what beats what, and what is never said."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from detector.observation import Bearing, Observation, Outcome, Status, Strength
from detector.registry import detectors_by_wing
from detector.verdict import FUSION, VerdictCode, judge


def seen(bearing: Bearing, strength: Strength, code: str = "a.b") -> Observation:
    return Observation(code=code, bearing=bearing, strength=strength, summary="Seen.", caveat="Not meant.")


def outcome(*observations: Observation, score: float | None = None, status: Status | None = None) -> Outcome:
    status = status or (Status.FOUND if observations else Status.CLEAR)
    return Outcome(detector="d", version=1, status=status, score=score, observations=observations)


LOOKED = outcome(score=0.4)


def test_a_declaration_beats_everything() -> None:
    declared = outcome(seen(Bearing.GENERATED, Strength.CONCLUSIVE, "declared"))
    captured = outcome(seen(Bearing.CAPTURED, Strength.CONCLUSIVE, "captured"))
    verdict = judge([captured, LOOKED, declared], pixels_read=True)
    assert verdict.code is VerdictCode.DECLARED_GENERATED
    assert verdict.reasons[0] == "declared"
    assert "captured" in verdict.reasons  # what contradicts is kept
    assert verdict.score is not None
    assert verdict.score > 0.9


def test_a_declaration_stands_even_where_the_pixels_cannot_be_read() -> None:
    declared = outcome(seen(Bearing.GENERATED, Strength.CONCLUSIVE))
    verdict = judge([declared], pixels_read=False)
    assert verdict.code is VerdictCode.DECLARED_GENERATED
    assert verdict.score is None


def test_a_capture_is_believed_only_when_conclusive() -> None:
    for strength in Strength:
        verdict = judge([LOOKED, outcome(seen(Bearing.CAPTURED, strength))], pixels_read=True)
        assert (verdict.code is VerdictCode.VERIFIED_CAPTURE) == (strength is Strength.CONCLUSIVE)


def test_a_signed_capture_that_was_retouched_is_retouched() -> None:
    both = [outcome(seen(Bearing.CAPTURED, Strength.CONCLUSIVE)), outcome(seen(Bearing.RETOUCHED, Strength.STRONG))]
    assert judge([*both, LOOKED], pixels_read=True).code is VerdictCode.RETOUCHED


def test_pixels_alone_never_say_generated_under_this_policy() -> None:
    below_declared = [Strength.WEAK, Strength.MODERATE, Strength.STRONG]
    for bearing, strength in itertools.product(Bearing, below_declared):
        for score in (0.01, 0.5, 0.99):
            verdict = judge([outcome(seen(bearing, strength), score=score)], pixels_read=True)
            assert verdict.code not in {VerdictCode.GENERATED, VerdictCode.DECLARED_GENERATED}


def test_something_that_speaks_for_a_generator_is_never_called_nothing() -> None:
    assert judge([LOOKED, outcome(seen(Bearing.GENERATED, Strength.WEAK))], pixels_read=True).code == "inconclusive"


def test_nothing_found_needs_somebody_who_looked_at_the_pixels() -> None:
    assert judge([LOOKED], pixels_read=True).code is VerdictCode.NOTHING_FOUND
    blind = outcome(status=Status.NOT_APPLICABLE)
    unjudged = judge([blind, outcome()], pixels_read=True)
    assert unjudged.code is VerdictCode.INCONCLUSIVE
    assert "No check could judge" in unjudged.summary
    assert judge([], pixels_read=False).code is VerdictCode.UNEXAMINED


def test_ordinary_neutral_facts_do_not_cast_doubt() -> None:
    assert judge([LOOKED, outcome(seen(Bearing.NEUTRAL, Strength.WEAK))], pixels_read=True).code == "nothing-found"
    assert judge([LOOKED, outcome(seen(Bearing.NEUTRAL, Strength.MODERATE))], pixels_read=True).code == "inconclusive"


def test_the_score_grows_with_the_detectors_scores_and_is_even_without_any() -> None:
    scores = [judge([outcome(score=s)], pixels_read=True).score or 0 for s in (0.1, 0.5, 0.9)]
    assert scores == sorted(scores)
    assert scores[0] < scores[2]
    assert judge([outcome()], pixels_read=True).score == 0.5


def test_signs_that_repeat_each_other_do_not_count_in_full() -> None:
    weights = json.loads(FUSION.read_text(encoding="utf-8"))["weights"]
    assert set(weights) <= {detector.name for detector in detectors_by_wing()["signs"]}
    assert all(0 < weight < 1.5 for weight in weights.values())
    for name, weight in weights.items():
        strange = Outcome(detector="never trained with the others", version=1, status=Status.CLEAR, score=0.8)
        alone, naive = (judge([one], pixels_read=True).score or 0 for one in (replace(strange, detector=name), strange))
        assert (alone < naive) == (weight < 1) or alone == pytest.approx(naive, abs=0.1)


def test_nothing_found_is_never_worded_as_authentic() -> None:
    summary = judge([LOOKED], pixels_read=True).summary.lower()
    assert "authentic" not in summary
    assert "does not prove" in summary


def test_what_was_noted_is_not_called_nothing_seen() -> None:
    noted = judge([LOOKED, outcome(seen(Bearing.NEUTRAL, Strength.WEAK))], pixels_read=True)
    assert noted.code is VerdictCode.NOTHING_FOUND
    assert "noted" in noted.summary
    assert "Nothing was seen" not in noted.summary
    assert "does not prove" in noted.summary


def test_the_order_of_outcomes_does_not_matter() -> None:
    parts = [
        LOOKED,
        outcome(seen(Bearing.RETOUCHED, Strength.MODERATE)),
        outcome(seen(Bearing.CAPTURED, Strength.WEAK)),
    ]
    verdicts = [judge(order, pixels_read=True) for order in itertools.permutations(parts)]
    assert len({(verdict.code, round(verdict.score or 0, 9)) for verdict in verdicts}) == 1
