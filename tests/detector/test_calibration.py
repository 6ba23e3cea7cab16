"""What the networks' log-odds may say: on made-up traces whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.bounds import clopper_pearson_upper
from detector.observation import Strength
from detector.training.calibration import ACCUSED, REACHES, calibrate, fit_calibration, fit_limits, hear, measured
from detector.training.laundering import CONDITIONS
from detector.training.manifest import FOLDS
from detector.training.metrics import calibration_error
from detector.training.traces import Trace

GROUPS = 16
DEALT = {f"{label}{number}": number % FOLDS for label in ("ai", "real") for number in range(GROUPS)}


def traces(apart: float, *, each: int = 60, scale: float = 1.0, flips: float = 0.2) -> list[Trace]:
    """Groups of either class, their log-odds normal around +-apart / 2 and true but for `scale`."""
    draw = np.random.default_rng(1)
    found = []
    for label, side in (("ai", 1), ("real", -1)):
        for number in range(GROUPS):
            for picture in range(each):
                odds = draw.normal(side * apart / 2, np.sqrt(apart))
                for condition in CONDITIONS:
                    logits = (odds + draw.normal(0, flips, 8)) * scale
                    found.append(trace(label, number, picture, condition, logits))
    return found


def trace(label: str, number: int, picture: int, condition: str, logits: NDArray[np.float64]) -> Trace:
    return Trace(
        file=f"{picture}.jpg",
        label=label,
        group=f"{label}{number}",
        unit=f"{label}{number}",
        person="",
        clean_real=label == "real",
        condition=condition,
        refused="",
        eyes=80.0,
        tone=20.0,
        logits=tuple(float(value) for value in logits),
    )


def test_the_calibration_finds_the_scale_of_the_log_odds() -> None:
    for scale in (0.5, 2.0):
        found = fit_calibration(traces(4.0, scale=scale, flips=0.01))
        assert found["slope"] == pytest.approx(1 / scale, rel=0.15)
        assert abs(found["intercept"]) < 0.3


def test_scores_mean_what_they_say() -> None:
    known = traces(4.0, scale=3.0)
    heard = hear(known, fit_calibration(known), {})
    scores, labels = np.array([one.score for one in heard]), np.array([one.trace.label == "ai" for one in heard], float)
    assert calibration_error(scores, labels, np.ones(len(scores))) < 0.03


@pytest.fixture(scope="module")
def apart() -> list[Trace]:
    return traces(7.0)


def test_few_real_photos_reach_a_limit_and_stronger_ones_are_higher(apart: list[Trace]) -> None:
    calibration = fit_calibration(apart)
    limits = fit_limits(hear(apart, calibration, {}))
    heard = hear(apart, calibration, limits)
    assert list(limits) == ["weak", "moderate", "strong"]
    assert sorted(limits.values()) == list(limits.values())
    for condition in CONDITIONS:
        real = [one for one in heard if one.trace.clean_real and one.trace.condition == condition]
        for word, share in REACHES.items():
            assert sum(one.strength is not None and one.strength.rank >= word.rank for one in real) <= share * len(real)
        accused = sum(one.strength is Strength.STRONG for one in real)
        assert clopper_pearson_upper(accused, len(real)) <= ACCUSED


def test_the_bound_counts_alarms_at_limits_that_other_sources_set(apart: list[Trace]) -> None:
    found = calibrate(apart, DEALT)
    bound = found.parameters["bound"]
    assert bound["photos"] == GROUPS * 60
    assert bound["sources"] == GROUPS
    assert bound["share"] == pytest.approx(clopper_pearson_upper(bound["alarms"], bound["photos"]), abs=1e-5)
    assert len(found.heard) == len(apart)


def test_what_separates_nothing_may_say_nothing() -> None:
    known = traces(0.05, each=20)
    assert fit_limits(hear(known, fit_calibration(known), {})) == {}


def test_one_bad_source_raises_the_limit_for_all(apart: list[Trace]) -> None:
    calibration = fit_calibration(apart)
    before = fit_limits(hear(apart, calibration, {}))["strong"]
    odd = [_shifted(one) if one.group == "real3" and one.file in {"1.jpg", "2.jpg", "3.jpg"} else one for one in apart]
    after = fit_limits(hear(odd, calibration, {}))
    assert "strong" not in after or after["strong"] > before


def _shifted(one: Trace) -> Trace:
    return trace("real", 3, int(one.file.split(".")[0]), one.condition, np.array(one.logits) + 12)


def _small(one: Trace) -> Trace:
    return Trace(**{name: getattr(one, name) for name in Trace.__slots__} | {"eyes": 20.0})


def _refused(one: Trace) -> Trace:
    return Trace(**{name: getattr(one, name) for name in Trace.__slots__} | {"logits": (), "refused": "no face"})


@pytest.mark.parametrize("turned", [_small, _refused])
def test_what_the_detector_would_not_judge_is_not_counted(turned: Callable[[Trace], Trace]) -> None:
    known = traces(4.0, each=2)
    assert measured([turned(known[0]), *known[1:]], ()) == known[1:]
    assert measured(known, {(known[0].picture, known[0].condition)}) == known[1:]
