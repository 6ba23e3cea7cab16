"""The list of labelled headshots that training and evaluation read.

A CSV with a header and at least: file (relative to the manifest's folder), label (ai|real|retouched), group.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")

# Real photos that went through somebody's network (make-up transfer, attribute transfer, restoration): no clean camera.
PROCESSED = frozenset({"makeup_beautygan", "celebahq_stargan", "film_codeformer"})
# Groups that share persons, a site or a generator: they stay on one side of every split.
SISTERS = {
    "gov_18f_team": "gov",
    "gov_pif": "gov",
    "congress_film": "congress",
    "congress_voteview": "congress",
    "gdg_cz": "gdg",
    "gdg_ukraine": "gdg",
    "jsconf_cn": "jsconf",
    "jsconf_is": "jsconf",
    "jsconf_korea": "jsconf",
    "jsconf_us_2018": "jsconf",
    "cityjsconf_2019": "jsconf",
    "facelib_ageitgey": "facelib",
    "facelib_deepface": "facelib",
    "facelib_misc": "facelib",
    "webmorph_3dsk": "webmorph",
    "webmorph_london": "webmorph",
    "lab_greene": "lab",
    "lab_visdesign": "lab",
    "facechain_poses": "facechain",
    "facechain_sd15_lora": "facechain",
    "flux1_dev": "flux1",
    "flux1_schnell": "flux1",
    "sd35": "sd3",
    "sd3_replicate": "sd3",
    "stylegan1_140k_256": "stylegan1",
    "stylegan1_1m_fake_faces": "stylegan1",
    "stylegan2_fakefaces512": "stylegan2",
    "stylegan2_tpdne": "stylegan2",
}
FOLDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled picture."""

    path: Path
    label: str
    group: str
    person: str = ""

    @property
    def picture(self) -> tuple[str, str]:
        return self.group, self.path.name

    @property
    def clean_real(self) -> bool:
        """A camera's picture as far as the list knows: what a false alarm is counted on."""
        return self.label == "real" and self.group not in PROCESSED

    @property
    def unit(self) -> str:
        """The group and its sisters: what is held out together."""
        return SISTERS.get(self.group, self.group)


class OfRow:
    """What is known of a row under some condition: it answers as the row does."""

    __slots__ = ()
    row: Row

    @property
    def label(self) -> str:
        return self.row.label

    @property
    def group(self) -> str:
        return self.row.group

    @property
    def unit(self) -> str:
        return self.row.unit

    @property
    def clean_real(self) -> bool:
        return self.row.clean_real

    @property
    def picture(self) -> tuple[str, str]:
        return self.row.picture


class Dealt(Protocol):
    """What is dealt out: its label, and what it must not be parted from."""

    @property
    def label(self) -> str: ...

    @property
    def unit(self) -> str: ...


def read_manifest(path: Path) -> list[Row]:
    """All rows of ai and real pictures, in the file's order."""
    with path.open(newline="", encoding="utf-8") as handle:
        rows = [
            Row(path=path.parent / row["file"], label=row["label"], group=row["group"], person=row.get("person") or "")
            for row in csv.DictReader(handle)
        ]
    return [row for row in rows if row.label in {"ai", "real"}]


def self_reported(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """(group, person) -> what persons said of themselves; empty where no such list stands beside the manifest."""
    listed = path.parent / "london_info.csv"
    if not listed.is_file():
        return {}
    with listed.open(newline="", encoding="utf-8") as handle:
        return {
            ("webmorph_london", row["face_id"]): {
                "gender": row["face_gender"],
                "ethnicity": row["face_eth"],
                "age": "not said"
                if not row["face_age"].isdigit()
                else "under 30"
                if int(row["face_age"]) < 30
                else "30 up",
            }
            for row in csv.DictReader(handle)
        }


def capped(items: Sequence[T], most: int, group: Callable[[T], str], name: Callable[[T], str]) -> list[T]:
    """At most `most` items a group, drawn by the hash of their name: the same ones every time."""
    kept: dict[str, list[T]] = {}
    for item in sorted(items, key=lambda item: hashlib.sha256(name(item).encode()).hexdigest()):
        members = kept.setdefault(group(item), [])
        if len(members) < most:
            members.append(item)
    return [item for members in kept.values() for item in members]


def folds(rows: Sequence[Dealt], number: int = FOLDS) -> dict[str, int]:
    """Unit -> fold, 0..number-1; units of each label are dealt out by size, so that every fold has both classes."""
    sizes: dict[tuple[str, str], int] = {}
    for row in rows:
        sizes[row.label, row.unit] = sizes.get((row.label, row.unit), 0) + 1
    dealt: dict[str, int] = {}
    for label in ("ai", "real"):
        units = sorted((unit for known, unit in sizes if known == label), key=lambda unit: (-sizes[label, unit], unit))
        for place, unit in enumerate(units):
            lap, step = divmod(place, number)
            dealt[unit] = step if lap % 2 == 0 else number - 1 - step
    return dealt
