"""Voices together: what each counts, and what it counts beside the others."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import pytest

from detector.observation import Outcome, Status
from detector.registry import detectors
from detector.weighing import FUSION, TOGETHER, log_odds, probability, trained_for, weigh

PATTERNS: dict[str, Any] = json.loads(FUSION.read_text(encoding="utf-8"))["patterns"]


def voice(name: str, score: float | None, **details: object) -> Outcome:
    return Outcome(detector=name, version=1, title=name.title(), status=Status.CLEAR, score=score, details=details)


def test_without_a_voice_the_odds_are_even() -> None:
    assert weigh([]).score == 0.5
    assert weigh([voice("eyes", None)]).voices == ()


def test_every_trained_set_is_of_installed_detectors_with_weights_above_nothing() -> None:
    installed = {detector.name for detector in detectors()}
    for key, trained in PATTERNS.items():
        assert set(key.split(TOGETHER)) == trained["weights"].keys()
        assert trained["weights"].keys() <= installed
        assert all(0 < weight < 2 for weight in trained["weights"].values())


def test_voices_that_were_trained_together_do_not_count_in_full() -> None:
    assert any(len(trained["weights"]) > 1 for trained in PATTERNS.values())
    for trained in PATTERNS.values():
        if len(names := list(trained["weights"])) > 1:
            together = weigh([voice(name, 0.9) for name in names]).score
            assert together < probability(len(names) * log_odds(0.9))


def test_a_stranger_counts_in_full_and_a_pack_as_much_as_its_calibration_found() -> None:
    known = voice("network", 0.7)
    alone = log_odds(weigh([known]).score)
    for details, weight in (({}, 1.0), ({"weight": 0.25}, 0.25), ({"weight": "much"}, 1.0), ({"weight": 7}, 1.0)):
        both = log_odds(weigh([known, voice("pack_other", 0.8, **details)]).score)
        assert both - alone == pytest.approx(weight * log_odds(0.8))


def test_the_largest_trained_set_is_taken() -> None:
    patterns = {"a": {"weights": {"a": 1}}, "a+b": {"weights": {"a": 0.5, "b": 0.5}}, "c": {"weights": {"c": 1}}}
    assert trained_for(patterns, ["b", "a", "x"]) == patterns["a+b"]
    assert trained_for(patterns, ["c"]) == patterns["c"]
    assert trained_for(patterns, ["x"])["weights"] == {}


def test_evidence_is_named_by_how_much_of_it_counts_heaviest_first() -> None:
    voices = weigh([voice("x", 0.55), voice("y", 0.98), voice("z", 0.03)]).voices
    assert [one.detector for one in voices] == ["y", "z", "x"]
    assert [one.words for one in voices] == ["strong", "strong", ""]
    assert [one.to_json()["speaks_for"] for one in voices] == ["generated", "camera", "generated"]
    assert voices[0].log10_ratio == pytest.approx(math.log10(0.98 / 0.02), abs=1e-3)
    assert voices[0].title == "Y"


def test_the_order_of_voices_does_not_matter() -> None:
    parts = [voice("network", 0.8), voice("skin", 0.6), voice("pack_x", 0.3, weight=0.4)]
    assert len({weigh(order) for order in itertools.permutations(parts)}) == 1
