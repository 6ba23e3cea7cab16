"""The policy: what beats what, and what is never said."""

from __future__ import annotations

import itertools
from dataclasses import replace

from detector.observation import Bearing, Observation, Outcome, Status, Strength
from detector.verdict import POLICY_VERSION, Retouching, VerdictCode, judge


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


BOUND = {"share": 0.0085, "alarms": 3, "photos": 1062, "sources": 30, "confidence": 0.95}


def told(strength: Strength, *, score: float = 0.97, share: float | None = BOUND["share"]) -> Outcome:
    """A detector that takes the pixels for generated, with a bound on its false alarms or none."""
    details = {"bound": {**BOUND, "share": share}} if share is not None else {}
    found = outcome(seen(Bearing.GENERATED, strength, "d.generated"), score=score)
    return replace(found, details=details)


def test_pixels_without_a_bound_on_false_alarms_never_say_generated() -> None:
    below_declared = [Strength.WEAK, Strength.MODERATE, Strength.STRONG]
    for bearing, strength in itertools.product(Bearing, below_declared):
        for score in (0.01, 0.5, 0.99):
            verdict = judge([outcome(seen(bearing, strength), score=score)], pixels_read=True)
            assert verdict.code not in {VerdictCode.GENERATED, VerdictCode.DECLARED_GENERATED}


def test_generated_is_said_only_by_a_strong_finding_with_a_low_bound_that_all_evidence_supports() -> None:
    verdict = judge([told(Strength.STRONG)], pixels_read=True)
    assert verdict.code is VerdictCode.GENERATED
    assert verdict.bound == BOUND
    assert verdict.reasons == ("d.generated",)
    for weaker in (
        told(Strength.MODERATE),
        told(Strength.STRONG, share=0.0101),
        told(Strength.STRONG, share=None),
        told(Strength.STRONG, score=0.85),
    ):
        doubted = judge([weaker], pixels_read=True)
        assert doubted.code is VerdictCode.INCONCLUSIVE
        assert doubted.bound is None


def test_other_evidence_can_outvote_the_pixels() -> None:
    against = Outcome(detector="e", version=1, status=Status.CLEAR, score=0.02)
    assert judge([told(Strength.STRONG), against], pixels_read=True).code is VerdictCode.INCONCLUSIVE


def test_a_signed_capture_is_not_accused_by_statistics() -> None:
    captured = outcome(seen(Bearing.CAPTURED, Strength.CONCLUSIVE, "captured"))
    verdict = judge([told(Strength.STRONG), captured], pixels_read=True)
    assert verdict.code is VerdictCode.VERIFIED_CAPTURE
    assert "d.generated" in verdict.reasons


def test_generated_is_graver_than_retouched() -> None:
    retouched = outcome(seen(Bearing.RETOUCHED, Strength.MODERATE))
    assert judge([told(Strength.STRONG), retouched], pixels_read=True).code is VerdictCode.GENERATED


def test_a_lenient_opening_tolerates_retouching_and_says_so() -> None:
    for strength in (Strength.WEAK, Strength.MODERATE, Strength.STRONG):
        outcomes = [LOOKED, outcome(seen(Bearing.RETOUCHED, strength))]
        strict = judge(outcomes, pixels_read=True)
        lenient = judge(outcomes, pixels_read=True, retouching=Retouching.LENIENT)
        assert strict.code is (VerdictCode.INCONCLUSIVE if strength is Strength.WEAK else VerdictCode.RETOUCHED)
        assert lenient.code is VerdictCode.NOTHING_FOUND
        assert ("tolerates" in lenient.summary) == (strength is not Strength.WEAK)
        assert lenient.score == strict.score
        assert lenient.to_json()["policy"] == {"version": POLICY_VERSION, "retouching": "lenient"}


def test_what_a_file_declares_of_its_retouching_counts_for_every_opening() -> None:
    declared = [LOOKED, outcome(seen(Bearing.RETOUCHED, Strength.CONCLUSIVE))]
    for policy in Retouching:
        assert judge(declared, pixels_read=True, retouching=policy).code is VerdictCode.RETOUCHED


def test_leniency_about_retouching_is_none_about_generators() -> None:
    for found in (told(Strength.STRONG), told(Strength.WEAK), outcome(seen(Bearing.GENERATED, Strength.CONCLUSIVE))):
        codes = {judge([found], pixels_read=True, retouching=policy).code for policy in Retouching}
        assert len(codes) == 1


def test_a_verdict_says_what_would_change_it_unless_nothing_could() -> None:
    captured = outcome(seen(Bearing.CAPTURED, Strength.CONCLUSIVE))
    assert judge([LOOKED, captured], pixels_read=True).would_change == ()
    assert any("original" in change for change in judge([told(Strength.STRONG)], pixels_read=True).would_change)
    blind = outcome(status=Status.NOT_APPLICABLE)
    assert any("clearer file" in change for change in judge([LOOKED, blind], pixels_read=True).would_change)
    assert not any("clearer file" in change for change in judge([LOOKED], pixels_read=True).would_change)


def test_the_evidence_behind_the_score_is_handed_over() -> None:
    against = Outcome(detector="e", version=1, status=Status.CLEAR, score=0.4)
    verdict = judge([against, told(Strength.STRONG)], pixels_read=True).to_json()
    assert [(one["detector"], one["speaks_for"]) for one in verdict["evidence"]] == [
        ("d", "generated"),
        ("e", "camera"),
    ]
    assert judge([outcome()], pixels_read=True).evidence == ()


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
