"""Photos of one person, and of different people, measured and paired: what the booth check's limits stand on."""

from __future__ import annotations

import csv
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.booth import NODDED, TURNED, alike, gaps, measured_face, turn_of
from detector.face_measures import FaceMeasures, measure_face
from detector.observation import NotApplicable
from detector.portrait import read_portrait
from detector.scene import Scene, unfit
from detector.signal.proportions import frontal
from detector.signal.steady_mesh import steady_mesh
from detector.training.laundering import jpeg
from detector.training.manifest import Row
from detector.trust import TrustLists

Array = NDArray[np.float32]

SAME_PERSON = Path(__file__).with_name("same_person.csv")
COPIES = ((1.0, 75), (0.8, 85), (1.25, 85), (1.0, 60), (0.6, 80))  # size and JPEG quality of copies
OTHERS_MOST = 4000  # pairs of different people that are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One photo, measured. mesh: 468 x 3, frontal, in eye distances; in memory alone, for what a near camera does.

    light: median lightness of the skin, 0..100.
    """

    row: Row
    face: FaceMeasures
    mesh: Array
    light: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two photos: who is on them ("" for two people), what differs (freed of pose), degrees between the poses."""

    person: str
    one: Seen
    other: Seen
    gaps: Mapping[str, float]
    turn: float


def copied(rows: Sequence[Row], known: Mapping[str, Any]) -> list[tuple[dict[str, float], float]]:
    """For every photo saved and resized in a few ways: what differs from itself, and how far eyes and nose agree."""
    jobs = [(row, known) for row in rows]
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        return [one for found in pool.imap(_copied, jobs, chunksize=2) for one in found]


def _copied(job: tuple[Row, Mapping[str, Any]]) -> list[tuple[dict[str, float], float]]:
    row, known = job
    picture = Image.fromarray(read_portrait(row.path.read_bytes()).rgb)
    found: list[tuple[dict[str, float], float]] = []
    try:
        mine = measured_face(Scene(read_portrait(jpeg(picture, 95)), TrustLists()), live=False)
        for size, quality in COPIES:
            small = picture.resize(
                (round(size * picture.width), round(size * picture.height)), Image.Resampling.LANCZOS
            )
            other = measured_face(Scene(read_portrait(jpeg(small, quality)), TrustLists()), live=False)
            found.append((gaps(other, mine, known)[0], alike(other, mine)))
    except NotApplicable:  # a copy that is too small ends it
        pass
    return found


def persons(manifest: Path, rows: Sequence[Row]) -> dict[Path, str]:
    """File -> person, for persons with several photos."""
    with SAME_PERSON.open(newline="", encoding="utf-8") as handle:
        found = {manifest.parent / row["file"]: row["person"] for row in csv.DictReader(handle)}
    found |= {row.path: f"{row.group} {row.person}" for row in rows if row.person}
    names = list(found.values())
    return {path: name for path, name in found.items() if names.count(name) > 1}


def see(rows: Sequence[Row]) -> list[Seen]:
    """Every photo whose face could be compared."""
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        return [one for one in pool.imap(_see, rows, chunksize=4) if one]


def _see(row: Row) -> Seen | None:
    scene = Scene(read_portrait(row.path.read_bytes()), TrustLists())
    try:
        face = scene.face
        if unfit(scene.portrait, face):
            return None
        measured = measure_face(scene)
    except NotApplicable:
        return None
    if abs(measured.pose["yaw"]) > TURNED or abs(measured.pose["pitch"]) > NODDED:
        return None
    left, top, right, bottom = face.window
    skin = scene.portrait.rgb[top:bottom, left:right][face.skin]
    lab = (
        cv2.cvtColor(np.median(skin, axis=0).astype(np.uint8).reshape(1, 1, 3), cv2.COLOR_RGB2LAB)
        if len(skin)
        else None
    )
    light = float(lab[0, 0, 0]) / 2.55 if lab is not None else 50.0
    mesh = frontal(steady_mesh(scene.pyramid, face.landmarks))
    return Seen(row=row, face=measured, mesh=mesh, light=light)


def paired(seen: Sequence[Seen], same: Mapping[Path, str], known: Mapping[str, Any]) -> list[Pair]:
    """Every pair of photos of one person."""
    by_person: dict[str, list[Seen]] = {}
    for one in seen:
        if one.row.path in same:
            by_person.setdefault(same[one.row.path], []).append(one)
    return [
        pair(name, one, other, known) for name, members in by_person.items() for one, other in combinations(members, 2)
    ]


def strangers(seen: Sequence[Seen], same: Mapping[Path, str], known: Mapping[str, Any]) -> list[Pair]:
    """Pairs of different people, drawn at random, the same ones every time."""
    draw = np.random.default_rng(1)
    found: list[Pair] = []
    while len(found) < OTHERS_MOST:
        one, other = (seen[int(at)] for at in draw.integers(0, len(seen), 2))
        names = [same.get(each.row.path, str(each.row.path)) for each in (one, other)]
        if names[0] != names[1]:
            found.append(pair("", one, other, known))
    return found


def pair(name: str, one: Seen, other: Seen, known: Mapping[str, Any]) -> Pair:
    apart, _ = gaps(one.face, other.face, known)
    return Pair(person=name, one=one, other=other, gaps=apart, turn=turn_of(one.face, other.face))
