"""Manifest -> every sign's measurements of every picture under every condition, kept in a file of JSON lines.

A picture is decoded and its face mapped once a condition, then all signs measure. What stands in the file for a sign's
present version is taken from there; after changing how a sign measures, raise its version or delete the file.
"""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import cv2
from PIL import Image

from detector import signs
from detector.observation import Bearing, NotApplicable
from detector.portrait import PictureError, Portrait, read_portrait
from detector.scene import Scene
from detector.training.laundering import CONDITIONS, jpeg, launder
from detector.training.manifest import Row, capped
from detector.training.retouch import RETOUCHES
from detector.trust import TrustLists

# Pictures a group that are retouched by code: enough for a rate, few enough for an evening.
RETOUCHED_PER_GROUP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one sign measured of one picture under one condition; refused: why it could not, values then {}."""

    file: str
    label: str
    group: str
    unit: str
    person: str
    clean_real: bool
    condition: str
    sign: str
    version: int
    variant: str = ""
    refused: str | None = None
    values: dict[str, float]

    @property
    def picture(self) -> tuple[str, str]:
        return self.group, self.file


@cache
def sign_modules() -> dict[str, ModuleType]:
    """Name -> module of every sign that is judged by trained norms."""
    found = (importlib.import_module(f"detector.signs.{info.name}") for info in pkgutil.iter_modules(signs.__path__))
    return {module.MODEL.name: module for module in found if hasattr(module, "MODEL")}


def measured(rows: Sequence[Row], kept: Path, names: Sequence[str], *, say: Callable[[str], None]) -> list[Item]:
    """The measurements of all rows by the signs called `names`: taken from the file `kept`, or made and added to it."""
    versions = {name: sign_modules()[name].DETECTOR.version for name in names}
    known: dict[tuple[tuple[str, str], str, str], Item] = {}
    if kept.is_file():
        with kept.open(encoding="utf-8") as lines:
            for line in lines:
                one = Item(**json.loads(line))
                if versions.get(one.sign) == one.version:
                    known[one.picture, one.condition, one.sign] = one
    wanted = [
        (row, condition, name)
        for row, conditions in _conditions(rows).items()
        for condition in conditions
        for name in names
        if condition in CONDITIONS or _judges_retouching(name)
    ]
    missing: dict[tuple[Row, str], list[str]] = {}
    for row, condition, name in wanted:
        if (row.picture, condition, name) not in known:
            missing.setdefault((row, condition), []).append(name)
    if missing:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("a", encoding="utf-8") as out:
            for number, found in enumerate(_in_parallel([(*key, who) for key, who in missing.items()]), start=1):
                known |= {(one.picture, one.condition, one.sign): one for one in found}
                out.writelines(json.dumps(asdict(one)) + "\n" for one in found)
                if number % 200 == 0:
                    say(f"{number} of {len(missing)} pictures measured")
    return [known[row.picture, condition, name] for row, condition, name in wanted]


def _judges_retouching(name: str) -> bool:
    return any(norm.bearing is Bearing.RETOUCHED for norm in sign_modules()[name].MODEL.norms)


def retouched_by_code(rows: Sequence[Row]) -> list[Row]:
    """Those real photos that are retouched by code too."""
    real = [row for row in rows if row.clean_real]
    return capped(real, RETOUCHED_PER_GROUP, lambda row: row.group, lambda row: row.path.name)


def _conditions(rows: Sequence[Row]) -> dict[Row, tuple[str, ...]]:
    chosen = set(retouched_by_code(rows))
    return {row: (*CONDITIONS, *(RETOUCHES if row in chosen else ())) for row in rows}


def _in_parallel(jobs: Sequence[tuple[Row, str, list[str]]]) -> Iterator[list[Item]]:
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        yield from pool.imap(_measured, jobs, chunksize=4)


def _measured(job: tuple[Row, str, list[str]]) -> list[Item]:
    row, condition, names = job
    try:
        scene = Scene(delivered(row, condition), TrustLists())
    except (NotApplicable, PictureError) as reason:
        return [_item(row, condition, name, refused=str(reason)) for name in names]
    found = []
    for name in names:
        try:
            measure = sign_modules()[name].measure(scene)
        except NotApplicable as reason:
            found.append(_item(row, condition, name, refused=str(reason)))
        else:
            values = {key: round(float(value), 5) for key, value in measure.values.items()}
            found.append(_item(row, condition, name, values=values, variant=measure.variant))
    return found


def delivered(row: Row, condition: str) -> Portrait:
    """The photo as the condition delivers it: one of CONDITIONS, or of RETOUCHES.

    Raises NotApplicable where there is no face to retouch, CouldNotLook or PictureError where nothing can be decoded.
    """
    data = row.path.read_bytes()
    if condition in CONDITIONS:
        return read_portrait(launder(data, condition))
    # Retouched, and saved as most photos are: quality 90.
    scene = Scene(read_portrait(data), TrustLists())
    return read_portrait(jpeg(Image.fromarray(RETOUCHES[condition](scene.portrait.rgb, scene.subject)), 90))


def _item(
    row: Row,
    condition: str,
    name: str,
    *,
    refused: str | None = None,
    values: dict[str, float] | None = None,
    variant: str = "",
) -> Item:
    return Item(
        file=row.path.name,
        label=row.label,
        group=row.group,
        unit=row.unit,
        person=row.person,
        clean_real=row.clean_real,
        condition=condition,
        sign=name,
        version=sign_modules()[name].DETECTOR.version,
        variant=variant,
        refused=refused,
        values=values or {},
    )
