"""docs/accuracy.md: what the verdict does with held-out outcomes, the probes, the charts and the page."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from detector.fingerprint import ensemble
from detector.observation import Strength
from detector.training import accuracy, cards, charts, probes
from detector.training.containers import Container, container
from detector.training.fingerprint_figures import fingerprint_section
from detector.training.laundering import CONDITIONS
from detector.training.manifest import Row
from detector.training.policy import Decided, decide
from detector.training.verdict_figures import verdict_section
from detector.training.voices import FEATURES, Voices
from detector.verdict import MOST_ACCUSED, VerdictCode
from tests.detector import heard_voices


@pytest.fixture(scope="module")
def heard() -> Voices:
    listed = heard_voices.rows()
    return heard_voices.voices(listed, heard_voices.traces(listed))


@pytest.fixture(scope="module")
def decided(heard: Voices) -> list[Decided]:
    return decide(heard)


def codes(found: Sequence[Decided], label: str, condition: str = "clean") -> list[VerdictCode]:
    return [one.code for one in found if one.label == label and one.condition == condition]


def with_bound(heard: Voices, share: float) -> Voices:
    parameters = heard.networks.parameters
    bound = parameters["bound"] | {"share": share}
    return replace(heard, networks=replace(heard.networks, parameters=parameters | {"bound": bound}))


# --- the policy, measured


def test_a_strong_fingerprint_with_a_low_bound_is_called_generated(heard: Voices, decided: list[Decided]) -> None:
    assert heard.networks.parameters["bound"]["share"] <= MOST_ACCUSED
    strong = {one.trace.picture for one in heard.networks.heard if one.strength is Strength.STRONG}
    called = {one.picture for one in decided if one.code is VerdictCode.GENERATED}
    assert called
    assert called <= strong
    assert len(called) > 0.9 * len(strong)


def test_without_a_bound_nothing_is_called_generated(heard: Voices) -> None:
    found = decide(with_bound(heard, 2 * MOST_ACCUSED))
    assert VerdictCode.GENERATED not in {one.code for one in found}
    assert VerdictCode.INCONCLUSIVE in codes(found, "ai")


def test_what_a_sign_found_goes_into_the_verdict(decided: list[Decided]) -> None:
    retouched = {one.row.person[-1] for one in decided if one.code is VerdictCode.RETOUCHED}
    assert retouched == {"0", "5"}


def test_a_photo_that_no_voice_could_judge_stays_in_the_count_and_is_inconclusive(decided: list[Decided]) -> None:
    mute = [one for one in decided if one.score is None]
    assert mute
    assert all(one.code in {VerdictCode.INCONCLUSIVE, VerdictCode.RETOUCHED} for one in mute)
    assert all(
        len([one for one in decided if one.condition == name]) == len(pictures_of(decided)) for name in CONDITIONS
    )


def pictures_of(found: Sequence[Decided]) -> set[tuple[str, str]]:
    return {one.picture for one in found}


def test_a_photo_whose_twins_disagree_is_inconclusive() -> None:
    listed = heard_voices.rows()
    shaky = heard_voices.voices(listed, heard_voices.traces(listed, jitter=2.5), with_sign=False)
    unsteady = {(one.trace.picture, one.trace.condition) for one in shaky.networks.heard if one.unsteady}
    found = {(one.picture, one.condition): one.code for one in decide(shaky)}
    assert len(unsteady) > 20
    assert {found[key] for key in unsteady if key[1] in CONDITIONS} == {VerdictCode.INCONCLUSIVE}


def test_few_real_photos_are_called_generated_and_many_generated_ones_are(decided: list[Decided]) -> None:
    real, ai = (codes(decided, label) for label in ("real", "ai"))
    assert ai.count(VerdictCode.GENERATED) > 0.2 * len(ai)
    assert ai.count(VerdictCode.GENERATED) / len(ai) > 30 * real.count(VerdictCode.GENERATED) / len(real)


# --- the fingerprint


def test_limits_rise_with_the_strength_and_few_held_out_photos_reach_them(heard: Voices) -> None:
    limits = heard.networks.parameters["limits"]
    assert list(limits) == ["weak", "moderate", "strong"]
    assert limits["weak"] < limits["moderate"] < limits["strong"]
    assert heard.networks.parameters["bound"]["photos"] > 400


def test_networks_that_separate_nothing_may_say_nothing() -> None:
    listed = heard_voices.rows()
    deaf = heard_voices.voices(listed, heard_voices.traces(listed, apart=0.0), with_sign=False)
    assert deaf.networks.parameters["limits"] == {}
    assert "says nothing" in fingerprint_section(deaf)
    assert {one.code for one in decide(deaf)} == {VerdictCode.NOTHING_FOUND, VerdictCode.INCONCLUSIVE}


# --- probes


def saved(width: int, height: int, kind: str = "JPEG", seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


def test_a_container_says_nothing_of_the_pixels() -> None:
    row = heard_voices.rows()[0]
    one, other = (container(row, "clean", saved(64, 96, "PNG", seed)) for seed in (1, 2))
    assert one.values == pytest.approx(other.values, abs=0.01)
    assert one.values["PNG"] == one.values["whole width"] == 1.0
    assert one.values["JPEG"] == one.values["whole height"] == one.values["quantisation"] == 0.0
    assert container(row, "clean", saved(64, 96)).values["quantisation"] > 0


def files(listed: Sequence[Row], *, telling: bool) -> list[Container]:
    """telling: generated pictures are PNGs of whole sizes; otherwise files of both classes are alike."""
    draw = np.random.default_rng(9)
    kinds = {
        True: [container(listed[0], "clean", saved(64 * n, 64 * n, "PNG")) for n in (2, 3, 4)],
        False: [container(listed[0], "clean", saved(61 + 30 * n, 99 + 40 * n)) for n in (1, 2, 3)],
    }
    return [
        replace(
            kinds[telling and row.label == "ai"][draw.integers(3)],
            row=row,
            condition=condition,
            pixels=int(draw.lognormal(13, 0.6)),
        )
        for condition in probes.PROBED
        for row in listed
    ]


def test_a_container_that_gives_the_list_away_is_told_of_plainly(heard: Voices, decided: list[Decided]) -> None:
    away = probes.probes(decided, files(heard.rows, telling=True))
    assert away.count("does not beat the container") == len(probes.PROBED)
    alike = probes.probes(decided, files(heard.rows, telling=False))
    assert "does not beat" not in alike
    assert alike.count("beats the container") == len(probes.PROBED)


def size_auc(page: str) -> list[float]:
    part = page.split("follow the size")[1].split("###")[0]
    return [float(line.split("|")[-2]) for line in part.splitlines() if line.startswith("| ") and "AUC" not in line]


def test_a_score_that_follows_the_size_is_found_out(heard: Voices, decided: list[Decided]) -> None:
    known = files(heard.rows, telling=False)
    assert size_auc(probes.probes(decided, known)) == pytest.approx([0.5] * 4, abs=0.1)
    pixels = {one.row.picture: one.pixels for one in known if one.condition == "clean"}
    follows = [replace(one, score=1 - 1e5 / (1e5 + pixels[one.picture])) for one in decided]
    assert size_auc(probes.probes(follows, known)) == pytest.approx([1.0] * 4)


# --- charts


def drawing(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own
    assert root.get("role") == "img"
    assert not re.search(r"<style|<script|\sstyle=", svg)
    names = {child.tag.split("}")[1] for child in root}
    assert {"title", "desc"} <= names
    return root


def test_the_roc_of_a_perfect_score_lies_above_that_of_a_guess() -> None:
    draw = np.random.default_rng(2)
    guess = (draw.random(400).tolist(), draw.random(400).tolist())
    root = drawing(charts.roc({"perfect": ([0.9] * 400, [0.1] * 400), "guess": guess}))
    perfect, guessed = (
        [float(pair.split()[1]) for pair in path.attrib["d"].removeprefix("M").split("L")]
        for path in root.iter("{http://www.w3.org/2000/svg}path")
    )
    assert set(perfect) == {charts.TOP}
    assert all(a >= b for a, b in pairwise(guessed))  # never falls; upwards is less
    assert guessed[0] > charts.BOTTOM - 10


def test_a_calibrated_score_lies_on_the_diagonal_within_its_intervals() -> None:
    draw = np.random.default_rng(4)
    scores = draw.random(4000)
    labels = (draw.random(4000) < scores).tolist()
    bins = charts.binned(scores.tolist(), labels, np.ones(4000), [("g", str(n)) for n in range(4000)])
    assert sum(one.pictures for one in bins) == 4000
    assert sum(one.interval[0] <= one.score <= one.interval[1] for one in bins) >= 8
    drawing(charts.reliability(bins))


def test_versions_of_one_picture_count_once() -> None:
    bins = charts.binned([0.55] * 8, [True] * 8, np.ones(8), [("g", str(n // 4)) for n in range(8)])
    assert [one.pictures for one in bins] == [0, 0, 0, 0, 0, 2, 0, 0, 0, 0]
    drawing(charts.reliability(bins))


# --- the page


def test_every_part_of_the_protocol_is_on_the_page(heard: Voices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "containers", lambda rows, conditions: files(rows, telling=False))
    said = {("source0", "3"): {"age": "30 up"}}
    written = accuracy.report(heard, said, dt.date(2031, 5, 17))
    page = written[""]
    assert page.startswith("# How good is this?\n\nUnder the condition where it was most, ")
    assert "Measured on 2031-05-17 with `make accuracy` on 180 generated headshots of 9 generators" in page
    parts = ["The score at a glance", "How it was measured", "Versions measured", "The verdict", "Learned fingerprint"]
    parts += ["Probes", "The floor, and the open detectors", "The signs"]
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == parts
    assert "age: 30 up" in page
    assert "film_codeformer (processed, not counted)" in page
    assert all(f"| {name} |" in page for name in ("generator0", "source15", "16-24", "160 up", "black-and-white"))
    assert "nan" not in page
    assert {f"]({name})" in page for name in written if name} == {True}


def test_false_accusations_come_with_their_bound(heard: Voices, decided: list[Decided]) -> None:
    part = verdict_section(decided, {}).split("### False accusations")[1].split("###")[0]
    rows = [line.split(" | ") for line in part.splitlines() if line.startswith(tuple(f"| {n} " for n in CONDITIONS))]
    assert len(rows) == len(CONDITIONS)
    for _, alarms, photos, bound, *_ in rows:
        assert 100 * int(alarms) / int(photos) < float(bound.split()[0])


def test_a_part_of_the_list_is_measured_apart_from_the_whole() -> None:
    whole, part = (accuracy.kept(FEATURES, limit) for limit in (None, 400))
    assert whole.features == part.features
    assert whole.cuts != part.cuts
    assert whole.traces != part.traces
    listed = heard_voices.rows()
    assert len(accuracy.thinned(listed, 60)) == 60
    assert {row.label for row in accuracy.thinned(listed, 60)} == {"ai", "real"}
    assert accuracy.thinned(listed, None) == listed


def test_the_command_refuses_too_small_a_part(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        accuracy.main(["list.csv", "--out", "page.md", "--limit", "10"])
    assert "fewer pictures leave folds without one of the classes" in capsys.readouterr().err


def test_the_model_card_says_what_it_was_trained_on_and_what_it_is_not_for(
    heard: Voices, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = {
        "date": "2031-05-16",
        "pictures": {"ai": 180, "real": 480},
        "steps": {"fingerprint-0.onnx": 1234},
        "torch": "2.9.0",
        "held_out": {"generator0": 2},
    }
    monkeypatch.setattr(ensemble, "parameters", lambda: {"trained": trained})
    card = cards.fingerprint_card(heard, "2031-05-17")
    assert "Trained on 2031-05-16" in card
    assert "fingerprint-0.onnx 1234 steps (seed 0)" in card
    assert "must not be used alone" in card.replace("\n", " ")
    assert re.search(r"\| ai \| generator0 \| 20 \| \d+ \| 2 \|", card)
    assert re.search(r"\| real \| source0 \| 30 \| \d+ \| none \|", card)
