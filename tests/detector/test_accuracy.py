"""What training and evaluation stand on: the figures, the splits, the re-encoding."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector.training.laundering import CONDITIONS, launder
from detector.training.manifest import FOLDS, Row, capped, folds, read_manifest
from detector.training.metrics import auc, balanced_weights, tpr_at, weighted_logistic, weighted_quantile, wilson
from tests.detector.astronaut import as_portrait, astronaut


def row(name: str, label: str, group: str) -> Row:
    return Row(path=Path(name), label=label, group=group)


def test_auc_is_one_half_for_the_same_scores_and_one_for_separated_ones() -> None:
    assert auc([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == pytest.approx(0.5)
    assert auc([4.0, 5.0], [1.0, 2.0, 3.0]) == 1.0
    assert auc([1.0], [2.0]) == 0.0


def test_tpr_lets_no_more_negatives_pass_than_it_says() -> None:
    negative = list(np.linspace(0, 1, 100))
    assert tpr_at([0.97, 0.93, 0.5], negative, 0.05) == pytest.approx(1 / 3)
    assert tpr_at([0.97, 0.93, 0.5], negative, 0.1) == pytest.approx(2 / 3)


def test_the_interval_holds_the_share_and_narrows_with_n() -> None:
    few, many = wilson(3, 10), wilson(300, 1000)
    assert few[0] < many[0] < 0.3 < many[1] < few[1]
    assert wilson(0, 50)[0] == 0.0


def test_groups_weigh_the_same_whatever_their_size() -> None:
    weights = balanced_weights([True, True, True, False, False], ["a", "a", "b", "c", "c"])
    assert weights[:2].sum() == pytest.approx(weights[2])
    assert weights[:3].sum() == pytest.approx(weights[3:].sum())


def test_a_group_of_a_few_pictures_does_not_weigh_as_a_whole_one() -> None:
    weights = balanced_weights([True] * 11, ["large"] * 10 + ["tiny"], full=10)
    assert weights[:10].sum() == pytest.approx(10 * weights[10])


def test_a_weighted_quantile_ignores_what_weighs_nothing() -> None:
    values, weights = np.array([1.0, 2.0, 3.0, 100.0]), np.array([1.0, 1.0, 1.0, 0.0])
    assert weighted_quantile(values, weights, 0.99) == 3.0


def test_the_logistic_regression_recovers_what_made_the_data() -> None:
    generator = np.random.default_rng(7)
    x = generator.normal(size=(4000, 2))
    y = (generator.random(4000) < 1 / (1 + np.exp(-(1.5 * x[:, 0] - 0.7 * x[:, 1] + 0.3)))).astype(float)
    coefficients, intercept = weighted_logistic(x, y, np.ones(4000), ridge=0.1)
    assert [*coefficients, intercept] == pytest.approx([1.5, -0.7, 0.3], abs=0.15)


def test_sister_groups_stay_on_one_side_of_every_split() -> None:
    rows = [row(f"{n}", "real", group) for n in range(3) for group in ("gov_pif", "gov_18f_team", "juliacon")]
    dealt = folds([*rows, row("x", "ai", "flux1_dev"), row("y", "ai", "flux1_schnell")])
    assert rows[0].unit == rows[1].unit != rows[2].unit
    assert set(dealt) == {"gov", "juliacon", "flux1"}
    assert all(0 <= fold < FOLDS for fold in dealt.values())


def test_the_cap_takes_the_same_pictures_in_any_order() -> None:
    rows = [row(f"{n}.jpg", "real", "a" if n % 3 else "b") for n in range(30)]
    first = capped(rows, 5, lambda one: one.group, lambda one: one.path.name)
    again = capped(rows[::-1], 5, lambda one: one.group, lambda one: one.path.name)
    assert {one.path for one in first} == {one.path for one in again}
    assert len(first) == 10


def test_the_manifest_leaves_out_what_is_neither_real_nor_generated(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("file,label,group\na.jpg,ai,g\nb.jpg,retouched,h\nc.jpg,real,makeup_beautygan\n")
    generated, processed = read_manifest(tmp_path / "m.csv")
    assert generated.path == tmp_path / "a.jpg"
    assert not processed.clean_real


def test_every_condition_hides_size_and_format() -> None:
    data = as_portrait(astronaut()).data
    wide = io.BytesIO()
    Image.fromarray(astronaut()).resize((1600, 900)).save(wide, "WEBP")
    for condition, longest in (("web", 768), ("hard", 512), ("avatar", 400)):
        for source in (data, wide.getvalue()):
            with Image.open(io.BytesIO(launder(source, condition))) as picture:
                assert picture.format == "JPEG"
                assert max(picture.size) <= longest
                assert not picture.getexif()
    assert launder(data, CONDITIONS[0]) == data
