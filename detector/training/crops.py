"""Packs the heads of labelled photos: `python -m detector.training.crops MANIFEST [--out FOLDER] [--limit N]`.

A photo is decoded and its face mapped once a condition; what the networks are trained on is the cut of
detector.fingerprint.crop alone. A part is a ZIP of JPEGs of one quality (both classes alike) with an index, small
enough to be carried elsewhere; a part that stands is not made again, so that a run cut off goes on where it was.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.fingerprint.crop import crop
from detector.observation import CouldNotLook, NotApplicable
from detector.portrait import PictureError
from detector.scene import Scene
from detector.signal.head import unit_of
from detector.training.features import delivered, retouched_by_code
from detector.training.laundering import CONDITIONS
from detector.training.manifest import Row, read_manifest
from detector.training.retouch import RETOUCHES
from detector.trust import TrustLists

CROPS = Path("var/training/crops")
QUALITY = 97  # JPEG without chroma subsampling: far above what any condition leaves
PART = 400  # photos: about 35 MB a part
INDEX = "index.json"

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One photo under one condition. refused: why it has no cut. width: of the photo. eyes: pixels between them."""

    file: str
    label: str
    group: str
    unit: str
    person: str
    clean_real: bool
    condition: str
    refused: str = ""
    width: int = 0
    height: int = 0
    eyes: float = 0.0
    rival: float = 0.0

    @property
    def picture(self) -> tuple[str, str]:
        return self.group, self.file

    @property
    def member(self) -> str:
        return f"{self.group}/{self.file}.jpg"


def pack(rows: Sequence[Row], folder: Path) -> None:
    """Writes FOLDER/CONDITION-NNN.zip for all rows; those that stand are left as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {key: list(rows) for key in CONDITIONS} | {key: retouched_by_code(rows) for key in RETOUCHES}
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        for condition, mine in wanted.items():
            for number, start in enumerate(range(0, len(mine), PART)):
                path = folder / f"{condition.replace(' ', '_')}-{number:03d}.zip"
                if path.is_file():
                    continue
                jobs = [(row, condition) for row in mine[start : start + PART]]
                _write(path, pool.imap(_cut, jobs, chunksize=4))
                print(f"written: {path}", flush=True)  # noqa: T201 - a command


def read(folder: Path, condition: str) -> Iterator[tuple[Cut, bytes]]:
    """Every photo of the condition with its cut, still encoded: ten times the pictures fit into memory so.

    Empty where it has none. Raises FileNotFoundError without parts.
    """
    parts = sorted(folder.glob(f"{condition.replace(' ', '_')}-*.zip"))
    if not parts:
        raise FileNotFoundError(f"No cuts of “{condition}” in {folder}. Pack them: python -m detector.training.crops")
    for path in parts:
        with zipfile.ZipFile(path) as archive:
            for one in json.loads(archive.read(INDEX)):
                cut = Cut(**one)
                yield cut, b"" if cut.refused else archive.read(cut.member)


def decoded(data: bytes) -> Rgb:
    """S x S x 3."""
    with Image.open(io.BytesIO(data)) as opened:
        return np.asarray(opened.convert("RGB"))


def _write(path: Path, found: Iterator[tuple[Cut, bytes]]) -> None:
    half = path.with_suffix(".half")
    with zipfile.ZipFile(half, "w") as archive:
        cuts = []
        for cut, data in found:
            cuts.append(asdict(cut))
            if data:
                archive.writestr(cut.member, data)
        archive.writestr(INDEX, json.dumps(cuts))
    half.rename(path)


def _cut(job: tuple[Row, str]) -> tuple[Cut, bytes]:
    row, condition = job
    known = Cut(
        file=row.path.name,
        label=row.label,
        group=row.group,
        unit=row.unit,
        person=row.person,
        clean_real=row.clean_real,
        condition=condition,
    )
    try:
        scene = Scene(delivered(row, condition), TrustLists())
        face = scene.face
    except (NotApplicable, CouldNotLook, PictureError) as reason:
        return replace(known, refused=str(reason)), b""
    buffer = io.BytesIO()
    Image.fromarray(crop(scene.pyramid, face)).save(buffer, "JPEG", quality=QUALITY, subsampling=0)
    size = (scene.portrait.width, scene.portrait.height)
    eyes = unit_of(face.landmarks)
    return replace(known, width=size[0], height=size[1], eyes=eyes, rival=face.rival), buffer.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, default=CROPS)
    parser.add_argument("--limit", type=int, help="take the first N pictures only")
    given = parser.parse_args(arguments)
    pack(read_manifest(given.manifest)[: given.limit], given.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
