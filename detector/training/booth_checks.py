"""Checks the booth comparison on planted changes: `python -m detector.training.booth_checks MANIFEST`; prints Markdown.

Alignment: portraits are turned, resized and shifted by a known amount; where their landmarks come to lie on the sheet
is held against where the known change says. Differences: a portrait beside itself, saved again, with a slimmed jaw,
smoothed skin, bleached hair: the right difference must be beyond what is usual, and no other.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.booth import WORDS, differences, measured_face
from detector.face import FaceMap, find_face
from detector.face_measures import HAIR_COLOUR, HAIR_LIGHT, HAIR_LINE, TEXTURE, FaceMeasures, stable_of
from detector.observation import CouldNotLook, NotApplicable
from detector.portrait import read_portrait
from detector.scene import Scene
from detector.signal.face_alignment import CORNERS, SIZE, UNIT, align
from detector.signal.head import on_window
from detector.signal.pyramid import Pyramid, apply
from detector.training.edits import slim_jaw
from detector.training.laundering import jpeg
from detector.training.manifest import Row, capped, read_manifest
from detector.training.retouch import smooth_skin
from detector.training.tables import share, table
from detector.trust import TrustLists

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]

PER_GROUP = 5  # portraits of a group
TURNS = (-30.0, -15.0, -5.0, 5.0, 15.0, 30.0)  # degrees
SIZES = (0.4, 0.6, 1.0, 1.6)
BLEACHED = (14.0, 4.0, 16.0)  # CIE units added to hair: lighter and more golden
LEAST_ALIGNED = 0.03  # eye distances
LEAST_LEFT = 40.0  # pixels between the eyes that a shrunk portrait must still have
# What a change may move beyond what is usual: the thing itself, and what stands on the same pixels.
# What the soft brush on the jaw does not reach; the sides of the nose it drags along by 2 to 7 per cent.
FAR_FROM_JAW = frozenset({"proportions.eye_gap", "proportions.nose_length"})
MEANT: Mapping[str, frozenset[str]] = {
    "jaw slimmed": frozenset({*(code for code in WORDS if "proportions" in code)} - FAR_FROM_JAW),
    "skin smoothed": frozenset({TEXTURE}),
    "hair bleached": frozenset({HAIR_COLOUR, HAIR_LIGHT, HAIR_LINE}),
    "saved again (JPEG 70)": frozenset(),
    "80 % of the size": frozenset(),
}
FIRST: Mapping[str, str] = {
    "jaw slimmed": "proportions.jaw_width",
    "skin smoothed": TEXTURE,
    "hair bleached": HAIR_COLOUR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """errors: of the eyes' corners on the sheet, in eye distances, a change each. beyond: change -> codes that were
    measured, and those beyond what is usual."""

    errors: Sequence[float]
    beyond: Mapping[str, tuple[frozenset[str], frozenset[str]]]


def check(rows: Sequence[Row]) -> list[Checked]:
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        return [one for one in pool.imap(_check, rows, chunksize=2) if one]


def _check(row: Row) -> Checked | None:
    data = row.path.read_bytes()
    rgb = read_portrait(data).rgb
    try:
        mine = _measure(data)
        errors = alignment_errors(rgb, np.random.default_rng(len(data)))
    except (NotApplicable, CouldNotLook):
        return None
    return Checked(errors=errors, beyond={name: _beyond(mine, changed) for name, changed in changes(rgb).items()})


def _measure(data: bytes) -> FaceMeasures:
    return measured_face(Scene(read_portrait(data), TrustLists()), live=False)


def changes(rgb: Rgb) -> dict[str, bytes]:
    """Name -> the portrait changed, saved at a quality that leaves skin its texture."""
    face = find_face(read_portrait(jpeg(Image.fromarray(rgb), 95)))
    smaller = (round(0.8 * rgb.shape[1]), round(0.8 * rgb.shape[0]))
    found = {
        "jaw slimmed": jpeg(Image.fromarray(slim_jaw(rgb, face, rgb).rgb), 95),
        "skin smoothed": jpeg(Image.fromarray(smooth_skin(rgb, face, 1.0)), 95),
        "saved again (JPEG 70)": jpeg(Image.fromarray(rgb), 70),
        "80 % of the size": jpeg(Image.fromarray(rgb).resize(smaller, Image.Resampling.LANCZOS), 90),
    }
    if not face.head.doubt:
        found["hair bleached"] = jpeg(Image.fromarray(lighten_hair(rgb, face)), 95)
    return found


def lighten_hair(rgb: Rgb, face: FaceMap, by: tuple[float, float, float] = BLEACHED) -> Rgb:
    """The hair bleached by a few shades, its light and shade kept: a colour that hair has, unlike loud dye."""
    where = on_window(face.head.square, face.head.hair.astype(np.float32), (0, 0, rgb.shape[1], rgb.shape[0]))
    soft = cv2.GaussianBlur(where.astype(np.float32), (0, 0), max(0.7, 0.02 * face.inter_ocular))[..., None]
    lab = np.asarray(cv2.cvtColor(rgb.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB), dtype=np.float32)
    lab += soft * np.array(by, dtype=np.float32)
    lab[..., 0] = np.clip(lab[..., 0], 0, 100)
    return np.asarray(np.rint(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * 255), dtype=np.uint8)


def _beyond(mine: FaceMeasures, changed: bytes) -> tuple[frozenset[str], frozenset[str]]:
    try:
        found, _ = differences(_measure(changed), mine)
    except NotApplicable:
        return frozenset(), frozenset()
    return frozenset(one.code for one in found), frozenset(one.code for one in found if one.beyond)


def alignment_errors(rgb: Rgb, draw: np.random.Generator) -> list[float]:
    """For known turns and sizes: how far the corners of the eyes lie from where they belong on the sheet, in eye
    distances (the mean of the four), when the changed picture is laid onto the unchanged one."""
    pyramid = Pyramid(rgb)
    face = find_face(read_portrait(jpeg(Image.fromarray(rgb), 95)))
    mine = stable_of(pyramid, face)
    found = []
    for turn in TURNS:
        size = SIZES[int(draw.integers(0, len(SIZES)))]
        if size * face.inter_ocular < LEAST_LEFT:
            size = 1.0
        matrix, changed = moved(rgb, turn, size, draw)
        other = Pyramid(changed)
        theirs = stable_of(other, find_face(read_portrait(jpeg(Image.fromarray(changed), 95))))
        first, second = align((pyramid, mine), (other, theirs))
        # The same points of the unchanged picture, once by its own way to the sheet, once through the known change.
        corners = face.landmarks[list(CORNERS), :2]
        apart = second.onto_sheet(apply(matrix, corners)) - first.onto_sheet(corners)
        found.append(float(np.hypot(*apart.T).mean()) / UNIT)
    return found


def moved(rgb: Rgb, turn: float, size: float, draw: np.random.Generator) -> tuple[Array, Rgb]:
    """The picture turned, resized and shifted, nothing of it cut off; and the 2 x 3 matrix that did it."""
    height, width = rgb.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), turn, size), dtype=np.float32)
    corners = apply(matrix, np.array([[0, 0], [width, 0], [0, height], [width, height]], dtype=np.float32))
    low, high = corners.min(axis=0), corners.max(axis=0)
    matrix[:, 2] += -low + draw.uniform(0, 0.1 * (high - low))
    out = np.ceil(1.1 * (high - low)).astype(int)
    soft = cv2.GaussianBlur(rgb, (0, 0), 0.5 / size) if size < 1 else rgb
    flags = cv2.INTER_LINEAR if size < 1 else cv2.INTER_CUBIC
    warped = cv2.warpAffine(soft, matrix, (int(out[0]), int(out[1])), flags=flags, borderValue=(128, 128, 128))
    return matrix, np.asarray(warped, dtype=np.uint8)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    given = parser.parse_args(arguments)
    real = [row for row in read_manifest(given.manifest) if row.clean_real]
    checked = check(capped(real, PER_GROUP, lambda row: row.group, lambda row: row.path.name))
    print(_report(checked))  # noqa: T201 - a command
    return 0


def _report(checked: Sequence[Checked]) -> str:
    errors = np.array([error for one in checked for error in one.errors])
    middle, most, worst = np.quantile(errors, (0.5, 0.95, 1.0))
    within = share(int((errors < LEAST_ALIGNED).sum()), len(errors))
    rows = []
    for name in MEANT:
        mine = [one.beyond[name] for one in checked if name in one.beyond]
        first = [FIRST[name] in over for measured, over in mine if name in FIRST and FIRST[name] in measured]
        other = [code in over for measured, over in mine for code in measured - MEANT[name]]
        clean = [not (over - MEANT[name]) for measured, over in mine if measured]
        cells = (first, other, clean)
        rows.append([name, f"`{FIRST[name]}`" if name in FIRST else "-", *(share(sum(c), len(c)) for c in cells)])
    head = ["planted in one of two copies", "meant", "meant is beyond", "others beyond", "pairs without another beyond"]
    today = dt.datetime.now(dt.UTC).date()
    return f"""Measured on {today} on {len(checked)} real portraits, at most {PER_GROUP} a source.

Alignment error of the eyes' corners over {len(errors)} known turns ({TURNS[0]:g} to {TURNS[-1]:g} degrees), sizes
({SIZES[0]:g} to {SIZES[-1]:g}) and shifts, on a sheet of {SIZE} pixels with {UNIT:.0f} between the eyes: median
{middle:.2%} of the distance of the eyes, 95th percentile {most:.2%}, worst {worst:.2%};
under {LEAST_ALIGNED:.0%}: {within}.

{table(head, rows)}"""


if __name__ == "__main__":
    sys.exit(main())
