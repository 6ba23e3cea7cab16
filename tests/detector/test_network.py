"""The learned fingerprint: what it may look at, what it hands over, and what it never says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector import examine
from detector.bounds import clopper_pearson_upper
from detector.face import find_face
from detector.fingerprint import ensemble, network
from detector.fingerprint.crop import crop
from detector.fingerprint.network import calibrated, passed, widened
from detector.fingerprint.twins import TWINS
from detector.observation import Bearing, CouldNotLook, NotApplicable, RegionKind, Sighting, Strength
from detector.portrait import read_portrait
from detector.registry import wing_of
from detector.scene import Scene
from detector.training.manifest import read_manifest
from detector.training.metrics import auc
from detector.training.paint import KINDS as PAINTED
from detector.training.traces import MODEL, NETWORKS
from detector.trust import TrustLists
from detector.verdict import MOST_ACCUSED, VerdictCode
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here
from tests.pictures import encoded

Rgb = NDArray[np.uint8]
MANIFEST = Path(__file__).resolve().parents[3] / "shared" / "data" / "headshots" / "manifest.csv"
CALIBRATION = {"slope": 0.8, "intercept": -0.3, "unknown": 0.1}
LIMITS = {"weak": 0.6, "moderate": 0.8, "strong": 0.95}
pytestmark = face_models_here


def look(rgb: Rgb) -> Sighting:
    return network.DETECTOR.look(Scene(as_portrait(rgb), TrustLists()))


def grey(rgb: Rgb) -> Rgb:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def framed_tightly(rgb: Rgb) -> Rgb:
    """Cut as an avatar is: hardly more than the face."""
    left, top, width, height = find_face(as_portrait(rgb)).box
    rows = slice(max(0, int(top - 0.25 * height)), int(top + 1.15 * height))
    return np.ascontiguousarray(rgb[rows, int(left - 0.25 * width) : int(left + 1.25 * width)])


def shrunk(rgb: Rgb, factor: float) -> Rgb:
    return np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def test_it_is_a_fingerprint_of_the_installed_ones() -> None:
    assert wing_of(network.DETECTOR.name) == "fingerprint"


@pytest.mark.parametrize(
    "made",
    [np.copy, lambda rgb: enlarged(rgb, 2), grey, lambda rgb: np.ascontiguousarray(rgb[:, ::-1]), framed_tightly],
)
def test_a_real_photo_is_never_called_generated(made: Callable[[Rgb], Rgb]) -> None:
    found = examine(encoded(made(astronaut())))
    assert found.verdict.code is not VerdictCode.GENERATED
    assert found.verdict.score is not None
    assert found.verdict.score < 0.5


def test_it_hands_over_every_twin_and_how_far_they_lie_apart() -> None:
    details = look(astronaut()).details
    assert [twin["name"] for twin in details["twins"]][1:] == list(TWINS)
    assert all(0 <= twin["score"] <= 1 for twin in details["twins"])
    assert details["spread"] >= 0
    assert details["doubt"] < details["limit"]


def test_the_same_photo_gets_the_same_answer() -> None:
    assert look(astronaut()) == look(astronaut())


@pytest.mark.parametrize(
    ("rgb", "reason"),
    [
        (np.full((300, 300, 3), 120, np.uint8), "No face"),
        (shrunk(astronaut(), 0.4), "too small"),
        (np.ascontiguousarray(np.hstack([astronaut()[:, 64:384], astronaut()[:, 384:64:-1]])), "two faces"),
        (PAINTED["cartoon"](enlarged(astronaut(), 2), 84.0), "painting"),
    ],
)
def test_what_it_was_not_measured_on_it_does_not_judge(rgb: Rgb, reason: str) -> None:
    with pytest.raises(NotApplicable, match=reason):
        look(rgb)


def test_black_and_white_is_judged_as_it_was_measured() -> None:
    assert look(grey(astronaut())).score is not None


def test_a_network_that_is_missing_or_broken_is_no_verdict(tmp_path: Path) -> None:
    with pytest.raises(CouldNotLook, match="missing"):
        ensemble.load(tmp_path / "none.onnx")
    (tmp_path / "broken.onnx").write_bytes(b"not a network")
    with pytest.raises(CouldNotLook, match="cannot be read"):
        ensemble.load(tmp_path / "broken.onnx")


def test_a_batch_is_judged_as_its_pictures_alone() -> None:
    cut = crop((scene := Scene(as_portrait(astronaut()), TrustLists())).pyramid, scene.face)
    pictures = [cut, np.ascontiguousarray(cut[:, ::-1]), TWINS["JPEG 60"](cut)]
    alone = [float(ensemble.read([one]).logits[0]) for one in pictures]
    assert ensemble.read(pictures).logits == pytest.approx(alone, abs=1e-3)


def test_where_twins_differ_the_score_is_drawn_towards_even_odds() -> None:
    agreeing, differing = (widened(CALIBRATION, logits) for logits in ([3.0] * 8, [1.0, 5.0] * 4))
    assert agreeing == pytest.approx(calibrated(CALIBRATION, 3.0))
    assert 0.5 < differing < agreeing


def test_no_picture_looks_more_like_a_photo_than_unknown_generators_allow() -> None:
    least, even, most = (calibrated(CALIBRATION, logit) for logit in (-50.0, 0.3 / 0.8, 50.0))
    assert least == pytest.approx(0.1 / 1.1)
    assert even == pytest.approx(0.5)
    assert most > 0.999


def test_a_strength_is_reached_from_its_limit_on() -> None:
    reached = [passed(LIMITS, score) for score in (0.0, 0.59, 0.6, 0.8, 0.9499, 0.95, 1.0)]
    assert reached == [
        None,
        None,
        Strength.WEAK,
        Strength.MODERATE,
        Strength.MODERATE,
        Strength.STRONG,
        Strength.STRONG,
    ]
    assert passed({}, 1.0) is None


def _with_limits(monkeypatch: pytest.MonkeyPatch, **limits: float) -> None:
    """The weights as they are, with other limits: of parameters, not of code."""
    changed = {**ensemble.parameters(), "limits": limits, "false_alarms": dict.fromkeys(limits, "1.0 %")}
    monkeypatch.setattr(ensemble, "parameters", lambda: changed)


def test_a_finding_shows_where_the_trace_is_strongest(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_limits(monkeypatch, strong=0.0)
    seen = look(astronaut()).observations[0]
    assert (seen.code, seen.bearing, seen.strength) == (network.CODE, Bearing.GENERATED, Strength.STRONG)
    assert "1.0 %" in seen.caveat
    assert seen.region
    assert seen.region.kind is RegionKind.POLYGON
    assert seen.figure
    assert seen.figure.heat
    assert seen.figure.heat.corners == seen.region.points
    values = np.array(seen.figure.heat.values)
    assert values.shape == (12, 12)
    assert values.min() >= 0
    assert values.max() <= 1


def test_a_judgement_that_changes_between_twins_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = sorted(twin["score"] for twin in look(astronaut()).details["twins"])
    _with_limits(monkeypatch, weak=(scores[0] + scores[-1]) / 2, moderate=(scores[0] + scores[-1]) / 2)
    changed = look(astronaut())
    assert [one.code for one in changed.observations] == [network.UNSTEADY]
    assert changed.observations[0].bearing is Bearing.NEUTRAL
    assert not changed.details["stable"]
    assert examine(encoded(astronaut())).verdict.code is VerdictCode.INCONCLUSIVE


def test_the_shipped_weights_are_whole_small_and_bounded() -> None:
    known = json.loads((ensemble.WEIGHTS / MODEL).read_text(encoding="utf-8"))
    sizes = [(ensemble.WEIGHTS / name).stat().st_size for name in known["networks"]]
    assert tuple(known["networks"]) == NETWORKS
    assert sum(sizes) < 20_000_000
    assert (ensemble.WEIGHTS / "fingerprint.md").is_file()
    bound = known["bound"]
    assert bound["share"] <= MOST_ACCUSED
    assert bound["share"] == pytest.approx(clopper_pearson_upper(bound["alarms"], bound["photos"]), abs=1e-4)
    assert sorted(known["limits"].values()) == [known["limits"][word] for word in ("weak", "moderate", "strong")]
    assert set(known["trained"]["held_out"].values()) == set(range(len(NETWORKS)))


@pytest.mark.skipif(not MANIFEST.is_file(), reason="../shared is missing: no labelled headshots")
def test_it_tells_generators_from_sources_that_the_judging_network_never_saw() -> None:
    held_out = ensemble.parameters()["trained"]["held_out"]
    nets = [ensemble.load(ensemble.WEIGHTS / name) for name in NETWORKS]
    logits: dict[str, list[float]] = {"ai": [], "real": []}
    for row in read_manifest(MANIFEST)[::23]:
        if row.unit not in held_out or not (row.label == "ai" or row.clean_real):
            continue
        scene = Scene(read_portrait(row.path.read_bytes()), TrustLists())
        try:
            cut = crop(scene.pyramid, scene.face)
        except NotApplicable:
            continue
        logits[row.label].append(float(ensemble.run([nets[held_out[row.unit]]], [cut]).logits[0]))
    assert min(map(len, logits.values())) > 20
    assert auc(logits["ai"], logits["real"]) > 0.8
