"""What the trainer decides: norms, limits, what a code may say, whether a sign has an opinion, what it weighs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from detector.observation import Bearing, CouldNotLook, Strength
from detector.signal import norm
from detector.signal.norm import Norm, SignModel
from detector.training import fusion
from detector.training.features import Item
from detector.training.fitting import Fit, fit_sign
from detector.training.laundering import CONDITIONS
from detector.training.manifest import FOLDS, Row, folds
from detector.training.metrics import calibration_error

GROUPS, PICTURES = 2 * FOLDS, 40


class Measured:
    variant = "any"
    not_judged: Mapping[str, str] = {}

    def __init__(self, **values: float) -> None:
        self.values = values


def model(bearing: Bearing = Bearing.GENERATED) -> SignModel:
    rule = Norm(code="probe.odd", level="level", given=("sharpness",), bearing=bearing)
    return SignModel(name="probe", norms=(rule,), score_inputs=("level", "sharpness"))


def pictures(*, shift: float, separate: float, sign: str = "probe") -> list[Item]:
    """Synthetic measurements: cameras' level is twice the sharpness; generated ones lie `shift` above in one picture
    of `separate`."""
    draw = np.random.default_rng(5)
    found = []
    for label in ("real", "ai"):
        for group in range(GROUPS):
            for number in range(PICTURES):
                sharpness = draw.normal()
                odd = label == "ai" and draw.random() < separate
                level = 2 * sharpness + 0.5 * draw.normal() + (shift if odd else 0.0)
                found.append(
                    Item(
                        file=f"{number}",
                        label=label,
                        group=f"{label}{group}",
                        unit=f"{label}{group}",
                        person="",
                        clean_real=label == "real",
                        condition=CONDITIONS[number % len(CONDITIONS)],
                        sign=sign,
                        version=1,
                        variant="any",
                        values={"level": level, "sharpness": sharpness},
                    )
                )
    return found


def fitted(items: list[Item], bearing: Bearing = Bearing.GENERATED) -> Fit:
    dealt = folds([Row(path=Path(item.file), label=item.label, group=item.group) for item in items])
    return fit_sign(model(bearing), items, dealt)


def code(fit: Fit) -> dict[str, object]:
    return dict(fit.parameters["variants"]["any"]["norms"]["probe.odd"])


def test_a_norm_learns_what_cameras_show_in_their_circumstances() -> None:
    found = code(fitted(pictures(shift=5.0, separate=0.5)))
    assert found["coefficients"] == pytest.approx([2.0], abs=0.1)
    assert found["spread"] == pytest.approx(0.5, abs=0.05)


def test_the_limits_let_next_to_no_real_photo_pass_and_strong_none() -> None:
    fit = fitted(pictures(shift=5.0, separate=0.5))
    real = [one for one in fit.judged if one.item.label == "real"]
    assert np.mean([bool(one.strength) for one in real]) <= 0.0125
    assert not any(one.strongest is Strength.STRONG for one in real)
    assert any(one.strongest is Strength.STRONG for one in fit.judged if one.item.label == "ai")


def test_a_code_that_separates_may_speak_for_a_generator() -> None:
    found = code(fitted(pictures(shift=5.0, separate=0.5)))
    assert found["bearing"] == "generated"
    assert list(found["limits"]) == ["weak", "moderate", "strong"]  # type: ignore[call-overload]


def test_a_code_that_separates_nothing_is_shown_as_neutral_and_weak() -> None:
    found = code(fitted(pictures(shift=0.0, separate=0.0)))
    assert found["bearing"] == "neutral"
    assert list(found["limits"]) == ["weak"]  # type: ignore[call-overload]


def test_a_sign_that_separates_nothing_has_no_opinion() -> None:
    assert fitted(pictures(shift=0.0, separate=0.0)).parameters["variants"]["any"]["logistic"] is None
    assert fitted(pictures(shift=2.0, separate=0.5)).parameters["variants"]["any"]["logistic"]


def test_too_few_photos_give_no_norm() -> None:
    few = [item for item in pictures(shift=5.0, separate=0.5) if int(item.file) < 3]
    assert fitted(few).parameters["variants"]["any"]["norms"] == {}


def test_the_shipped_reading_is_the_trained_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted(pictures(shift=5.0, separate=0.5))
    monkeypatch.setattr(norm, "WEIGHTS", tmp_path)
    (tmp_path / "probe.json").write_text(json.dumps(fit.parameters))
    usual, odd = (model().read("probe.odd", Measured(level=level, sharpness=1.0)) for level in (2.0, 6.0))
    assert usual is not None
    assert odd is not None
    assert usual.strength is None
    assert odd.strength is Strength.STRONG
    assert odd.expected == pytest.approx(2.0, abs=0.1)
    assert model().read("probe.odd", Measured(sharpness=1.0)) is None
    low, high = (model().score(Measured(level=level, sharpness=1.0)) or 0 for level in (2.0, 6.0))
    assert low < 0.5 < high


def test_weights_for_other_inputs_are_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(norm, "WEIGHTS", tmp_path)
    with pytest.raises(CouldNotLook, match="missing"):
        model().weights()
    (tmp_path / "other.json").write_text('{"inputs": {}}')
    with pytest.raises(CouldNotLook, match="another version"):
        SignModel(name="other", norms=(Norm(code="a.b", level="c"),)).weights()


def test_a_sign_seen_twice_counts_once() -> None:
    items = pictures(shift=2.0, separate=0.5)
    fit = fitted(items)
    patterns = fusion.fit_fusion(fusion.cases({"one": fit, "two": fit}, []))["patterns"]
    alone, both = patterns["one"]["weights"]["one"], patterns["one+two"]["weights"]
    assert both["one"] == pytest.approx(alone / 2, abs=0.1)
    assert sum(both.values()) == pytest.approx(alone, abs=0.1)


def test_a_calibrated_score_has_next_to_no_calibration_error() -> None:
    draw = np.random.default_rng(3)
    scores = draw.random(20000)
    labels = (draw.random(20000) < scores).astype(float)
    assert calibration_error(scores, labels, np.ones(20000)) < 0.02
    assert calibration_error(np.ones(100), np.zeros(100), np.ones(100)) == pytest.approx(1.0)
