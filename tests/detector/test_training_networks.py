"""Training the fingerprint: packing, re-encoding, and, where training's own packages are, the network itself."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.fingerprint import ensemble
from detector.fingerprint.crop import INPUT, SIZE, crop, head_of
from detector.scene import Scene
from detector.training import crops
from detector.training.degrade import degraded
from detector.training.manifest import Row
from detector.training.traces import usable
from detector.trust import TrustLists
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here

pytestmark = face_models_here


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos packed: one with a face, one without."""
    folder = tmp_path_factory.mktemp("photos")
    for name, rgb in (("face.png", astronaut()), ("none.png", np.full((200, 200, 3), 90, np.uint8))):
        Image.fromarray(rgb).save(folder / name)
    rows = [Row(path=folder / name, label="real", group="made") for name in ("face.png", "none.png")]
    crops.pack(rows, folder / "cuts")
    return folder / "cuts"


def test_a_packed_head_is_the_one_that_the_detector_cuts(packed: Path) -> None:
    found = {cut.file: (cut, data) for cut, data in crops.read(packed, "clean")}
    cut, data = found["face.png"]
    scene = Scene(as_portrait(astronaut()), TrustLists())
    assert usable(cut)
    assert np.abs(crops.decoded(data).astype(float) - crop(scene.pyramid, scene.face)).mean() < 1.0
    assert (cut.width, cut.height) == (512, 512)


def test_a_photo_without_a_face_is_kept_as_a_reason(packed: Path) -> None:
    refused = [(cut, data) for cut, data in crops.read(packed, "web") if cut.file == "none.png"]
    assert [(cut.refused, data) for cut, data in refused] == [("No face was found in this picture.", b"")]
    assert not usable(refused[0][0])


def test_photos_retouched_by_code_are_packed_too_and_what_stands_is_not_made_again(packed: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in packed.glob("*.zip")}
    assert any(name.startswith("smoothed") for name in before)
    crops.pack([Row(path=Path("elsewhere.png"), label="real", group="made")], packed)
    assert {path.name: path.stat().st_mtime_ns for path in packed.glob("*.zip")} == before


def test_a_folder_without_cuts_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"detector\.training\.crops"):
        list(crops.read(tmp_path, "clean"))


def test_degrading_is_drawn_by_the_seed_and_keeps_the_head() -> None:
    scene = Scene(as_portrait(enlarged(astronaut(), 2)), TrustLists())
    cut = crop(scene.pyramid, scene.face)
    first, again, other = (degraded(cut, INPUT, np.random.default_rng(seed), 0.3) for seed in (1, 1, 2))
    assert first.shape == (INPUT, INPUT, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    small = [degraded(cut, 24, np.random.default_rng(seed), 0.0) for seed in range(8)]
    upright, mirrored = head_of(cut, 24), head_of(cut, 24)[:, ::-1]
    for one in small:
        assert max(_alike(one, upright), _alike(one, mirrored)) > 0.5


def test_a_tight_frame_leaves_hardly_more_than_the_face() -> None:
    scene = Scene(as_portrait(enlarged(astronaut(), 2)), TrustLists())
    cut = crop(scene.pyramid, scene.face)
    shown = [[degraded(cut, INPUT, np.random.default_rng(s), tight) for s in range(6)] for tight in (0.0, 1.0)]
    wide, tight = ([float((one > 20).any(axis=2).mean()) for one in part] for part in shown)
    assert max(tight) < min(0.5, sum(wide) / len(wide))


def _alike(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _encoded(rgb: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="training's packages are not installed (requirements-training.txt)")


def test_an_exported_network_says_in_opencv_what_it_says_in_torch(torch: Any, tmp_path: Path) -> None:
    from detector.training import export
    from detector.training.networks import Fingerprint

    torch.manual_seed(1)
    network = Fingerprint().eval()
    export.write(network, tmp_path / "one.onnx")
    heads = np.random.default_rng(1).integers(0, 255, (3, SIZE, SIZE, 3), dtype=np.uint8)
    found = ensemble.run([ensemble.load(tmp_path / "one.onnx")], list(heads))
    with torch.no_grad():
        logits, maps = network(torch.from_numpy(ensemble.blob([head_of(one) for one in heads])))
    assert found.logits == pytest.approx(logits.numpy(), abs=0.02)
    assert found.map == pytest.approx(maps[0, 0].numpy(), abs=0.05)
    assert (tmp_path / "one.onnx").stat().st_size < 3_000_000


def test_training_goes_on_where_it_stopped(torch: Any, tmp_path: Path) -> None:
    from detector.training.fingerprint import Pictures, fit

    draw = np.random.default_rng(1)
    cuts = [_encoded(np.full((SIZE, SIZE, 3), 60 + 100 * (number % 2), np.uint8)) for number in range(8)]
    learnt = Pictures(cuts, np.arange(8) % 2 == 1, np.full(8, 1 / 8))
    checkpoint = tmp_path / "fold-0.pt"
    first = fit(learnt, seed=int(draw.integers(9)), minutes=0.05, start=None, checkpoint=checkpoint)
    again = fit(learnt, seed=1, minutes=0.05, start=None, checkpoint=checkpoint)
    more = fit(learnt, seed=1, minutes=0.1, start=None, checkpoint=checkpoint)
    assert 0 < first == again < more


def test_published_weights_are_the_start(torch: Any) -> None:
    from detector.training import export
    from detector.training.networks import Fingerprint, load_published, published

    network = Fingerprint()
    state = published(export.imagenet())
    load_published(network, state)
    assert torch.equal(network.stem.conv.weight, state["stem.conv.weight"])
    with pytest.raises(ValueError, match="do not fit"):
        load_published(network, {"other": torch.zeros(1)})
