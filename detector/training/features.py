"""Manifest -> the skin's measurements of every picture under every condition, kept in one file of JSON lines."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import cv2
from PIL import Image

from detector.face import find_face
from detector.observation import NotApplicable
from detector.portrait import PictureError, Portrait, read_portrait
from detector.signs import skin
from detector.training.laundering import CONDITIONS, jpeg, launder
from detector.training.manifest import Row, capped
from detector.training.retouch import STRENGTHS, smooth_skin

# Pictures a group that are retouched by code: enough for a rate, few enough for an evening.
RETOUCHED_PER_GROUP = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One picture under one condition at one scale; refused: why it could not be measured or judged, values then {}.

    primary: True for the scale that the detector itself would use.
    """

    file: str
    label: str
    group: str
    unit: str
    clean_real: bool
    condition: str
    scale: float = 0.0
    primary: bool = True
    refused: str | None = None
    level: float = 0.0
    has_colour: bool = False
    values: dict[str, float]


def measured(rows: Sequence[Row], kept: Path, *, say: Callable[[str], None]) -> list[Measured]:
    """The measurements of all rows; those that stand in the file `kept` are taken from there, others added to it."""
    known: dict[tuple[str, str], list[Measured]] = {}
    if kept.is_file():
        with kept.open(encoding="utf-8") as lines:
            for line in lines:
                one = Measured(**json.loads(line))
                known.setdefault((one.group, one.file), []).append(one)
    missing = [row for row in rows if (row.group, row.path.name) not in known]
    if missing:
        chosen = {row.path for row in _retouchable(rows)}
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("a", encoding="utf-8") as out:
            for number, found in enumerate(_in_parallel([(row, row.path in chosen) for row in missing]), start=1):
                known[found[0].group, found[0].file] = found
                out.writelines(json.dumps(asdict(one)) + "\n" for one in found)
                if number % 100 == 0:
                    say(f"{number} of {len(missing)} pictures measured")
    return [one for row in rows for one in settled(known[row.group, row.path.name])]


def settled(found: Sequence[Measured]) -> list[Measured]:
    """One picture's measurements under the gates as they are now, and which scale the detector would take.

    Gates may have been tightened since the file was written; after loosening them, measure anew.
    """
    gated = [
        replace(one, refused=one.refused or (skin.refusal(one.values, 0.0) if one.values else None)) for one in found
    ]
    done: list[Measured] = []
    for condition in dict.fromkeys(one.condition for one in gated):
        mine = [one for one in gated if one.condition == condition]
        chosen = next((one for one in mine if one.refused is None), mine[-1])
        done += [replace(one, primary=one is chosen) for one in mine]
    return done


def _retouchable(rows: Sequence[Row]) -> list[Row]:
    real = [row for row in rows if row.clean_real]
    return capped(real, RETOUCHED_PER_GROUP, lambda row: row.group, lambda row: row.path.name)


def _in_parallel(jobs: list[tuple[Row, bool]]) -> Iterator[list[Measured]]:
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        yield from pool.imap(_all_conditions, jobs, chunksize=4)


def _all_conditions(job: tuple[Row, bool]) -> list[Measured]:
    row, retouched = job
    data = row.path.read_bytes()
    found: list[Measured] = []
    for condition in CONDITIONS:
        found += _measured(row, condition, partial(_laundered, data, condition))
    if retouched:
        for condition, strength in STRENGTHS.items():
            found += _measured(row, condition, partial(_retouched, data, strength))
    return found


def _laundered(data: bytes, condition: str) -> Portrait:
    return read_portrait(launder(data, condition))


def _retouched(data: bytes, strength: float) -> Portrait:
    """Retouched, and saved as most photos are: quality 90."""
    portrait = read_portrait(data)
    rgb = smooth_skin(portrait.rgb, find_face(portrait), strength)
    return read_portrait(jpeg(Image.fromarray(rgb), 90))


def _measured(row: Row, condition: str, picture: Callable[[], Portrait]) -> list[Measured]:
    try:
        portrait = picture()
        face = find_face(portrait)
    except (NotApplicable, PictureError) as reason:
        return [_one(row, condition, None, 0.0, refused=str(reason))]
    found: list[Measured] = []
    for scale in skin.SCALES:
        try:
            measure = skin.measure_skin(portrait, face, scale)
        except NotApplicable as reason:
            if scale == skin.SCALES[-1] and not found:
                found.append(_one(row, condition, None, 0.0, refused=str(reason)))
            continue
        refused = skin.refusal(measure.values, face.yaw) or skin.covered(portrait, face, measure)
        found.append(_one(row, condition, measure, scale, refused=refused))
    return found


def _one(
    row: Row,
    condition: str,
    measure: skin.SkinMeasure | None,
    scale: float,
    *,
    refused: str | None,
) -> Measured:
    return Measured(
        file=row.path.name,
        label=row.label,
        group=row.group,
        unit=row.unit,
        clean_real=row.clean_real,
        condition=condition,
        scale=scale,
        refused=refused,
        level=measure.level if measure else 0.0,
        has_colour=measure.has_colour if measure else False,
        values=dict(measure.values) if measure else {},
    )
