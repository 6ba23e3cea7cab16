"""FaceMap: where the face, eyes, irises, skin and person are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from detector import face_models
from detector.face import FaceMap, find_face
from detector.observation import CouldNotLook, NotApplicable
from detector.signal import masks, nets
from tests.detector.astronaut import as_portrait, astronaut, enlarged
from tests.detector.needs import face_models_here

Rgb = NDArray[np.uint8]

# Centres of the astronaut's irises, read off the picture.
LEFT_IRIS, RIGHT_IRIS = (203.5, 100.8), (246.5, 103.5)

pytestmark = face_models_here


def found(rgb: Rgb) -> FaceMap:
    return find_face(as_portrait(rgb))


def centre(face: FaceMap) -> tuple[float, float]:
    x, y, width, height = face.box
    return x + width / 2, y + height / 2


def test_the_irises_lie_where_the_eyes_are() -> None:
    face = found(astronaut())
    assert (face.left.x, face.left.y) == pytest.approx(LEFT_IRIS, abs=2)
    assert (face.right.x, face.right.y) == pytest.approx(RIGHT_IRIS, abs=2)
    assert face.inter_ocular == pytest.approx(np.hypot(face.right.x - face.left.x, face.right.y - face.left.y))
    assert 0.08 * face.inter_ocular < face.left.radius < 0.3 * face.inter_ocular


def test_box_landmarks_and_count_describe_one_upright_face() -> None:
    face = found(astronaut())
    assert face.count == 1
    assert face.score > 0.9
    assert face.landmarks.shape == (468, 3)
    assert face.landmarks.dtype == np.float32
    assert abs(face.roll) < 15
    assert abs(face.yaw) < 30


def test_skin_is_skin_and_not_eyes_lips_or_suit() -> None:
    face, rgb = found(astronaut()), astronaut()
    left, top, right, bottom = face.window
    assert face.skin.shape == face.person.shape == (bottom - top, right - left)
    _, _, width, height = face.box
    assert 0.3 * width * height < np.count_nonzero(face.skin) < 0.8 * width * height
    for iris in (face.left, face.right):
        assert not face.skin[int(iris.y) - top, int(iris.x) - left]
    red, green, blue = rgb[top:bottom, left:right][face.skin].reshape(-1, 3).mean(axis=0)
    assert red > green > blue
    mouth = masks.filled(face.skin.shape, face.landmarks[:, :2] - np.array([left, top], dtype=np.float32), [masks.LIPS])
    assert np.count_nonzero(face.skin & mouth) < 0.1 * np.count_nonzero(mouth)


def test_the_person_covers_the_face_and_not_the_wall() -> None:
    face = found(astronaut())
    assert np.count_nonzero(face.person & face.skin) > 0.95 * np.count_nonzero(face.skin)
    assert not np.all(face.person)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photo_that_lies_on_its_side_or_head_is_mapped_too(turns: int) -> None:
    upright = found(astronaut())
    turned = found(np.ascontiguousarray(np.rot90(astronaut(), turns)))
    assert turned.inter_ocular == pytest.approx(upright.inter_ocular, rel=0.1)
    assert abs((turned.roll + 90 * turns - upright.roll + 180) % 360 - 180) < 8
    assert turned.left.x <= turned.right.x


@pytest.mark.parametrize("angle", [-40, 25, 40])
def test_a_tilted_head_keeps_its_measures(angle: int) -> None:
    size = astronaut().shape[0]
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), -angle, 1.0)
    tilted = np.asarray(cv2.warpAffine(astronaut(), matrix, (size, size)), dtype=np.uint8)
    upright, face = found(astronaut()), found(tilted)
    assert face.roll - upright.roll == pytest.approx(angle, abs=6)
    assert face.inter_ocular == pytest.approx(upright.inter_ocular, rel=0.1)


def test_black_and_white_is_mapped_in_the_same_place() -> None:
    grey = np.repeat(np.asarray(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY), dtype=np.uint8)[..., None], 3, axis=2)
    assert centre(found(grey)) == pytest.approx(centre(found(astronaut())), abs=6)


def test_two_faces_count_as_two_and_the_larger_one_is_mapped() -> None:
    large = enlarged(astronaut()[:300, 80:380], 1.5)
    small = astronaut()[:300, 80:380]
    canvas = np.full((450, 900, 3), 128, np.uint8)
    canvas[:, :450] = large
    canvas[75:375, 520:820] = small
    face = found(canvas)
    assert face.count == 2
    assert centre(face)[0] < 450


def test_a_small_face_in_a_large_picture_is_found() -> None:
    canvas = np.full((2000, 3000, 3), 200, np.uint8)
    canvas[1300:1812, 2200:2712] = astronaut()
    face = found(canvas)
    assert centre(face) == pytest.approx(
        (2200 + centre(found(astronaut()))[0], 1300 + centre(found(astronaut()))[1]), abs=8
    )


def test_measures_grow_with_the_picture() -> None:
    once, thrice = found(astronaut()), found(enlarged(astronaut(), 3))
    assert thrice.inter_ocular == pytest.approx(3 * once.inter_ocular, rel=0.05)
    assert thrice.left.radius == pytest.approx(3 * once.left.radius, rel=0.2)


def test_a_face_in_a_panorama_of_forty_thousand_pixels_breaks_nothing() -> None:
    canvas = np.full((600, 40_000, 3), 200, np.uint8)
    canvas[40:552, 39_000:39_512] = astronaut()
    try:
        assert centre(found(canvas))[0] > 39_000
    except NotApplicable as reason:
        assert "No face" in str(reason)  # noqa: PT017 - a face of a hundredth of the width may be missed, without a crash


@pytest.mark.parametrize("name", ["coffee", "brick", "coins"])
def test_a_picture_without_a_face_says_so(name: str) -> None:
    picture = np.asarray(getattr(skimage.data, name)(), dtype=np.uint8)
    rgb = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    with pytest.raises(NotApplicable, match="No face was found in this picture"):
        found(rgb)


def test_a_picture_of_one_pixel_has_no_face() -> None:
    with pytest.raises(NotApplicable):
        found(np.zeros((1, 1, 3), np.uint8))


def test_missing_models_name_the_command_that_mends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(nets, "FOLDER", tmp_path)
    nets._net.cache_clear()
    with pytest.raises(CouldNotLook, match=f"run `{face_models.COMMAND}`"):
        found(astronaut())
    nets._net.cache_clear()


def test_fifty_megapixels_stay_below_700_megabytes(tmp_path: Path) -> None:
    """In a process of its own, as peak memory never falls again."""
    file = tmp_path / "large.jpg"
    Image.fromarray(astronaut()).resize((7070, 7070), Image.Resampling.BILINEAR).save(file, quality=80)
    script = """
import pathlib, re, resource, sys
from detector.face import find_face
from detector.portrait import read_portrait
face = find_face(read_portrait(open(sys.argv[1], "rb").read()))
assert face.inter_ocular > 400
# Linux's ru_maxrss starts at that of the process which forked this one; VmHWM is this program's own.
status = pathlib.Path("/proc/self/status")
if status.exists():
    print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) // 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 // 1024)
"""
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 700


def test_importing_the_face_module_loads_no_network() -> None:
    """A worker forks after the import; a network or thread pool made before would not survive it."""
    script = "import detector.face, detector.signal.nets as nets; print(nets._net.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
