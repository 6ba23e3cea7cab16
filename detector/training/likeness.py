"""Measures the optional likeness score: `python -m detector.training.likeness MANIFEST`; writes likeness.json and card.

The pairs of one person are those of two lists of public figures, all of whose photos were grouped by eye: pairs that
the network itself had found would make it look better than it is. Descriptors stay in memory; counts are written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector import likeness
from detector.bounds import clopper_pearson_upper
from detector.likeness import Band, band_of
from detector.observation import NotApplicable
from detector.training.booth_pairs import persons
from detector.training.manifest import Row, read_manifest, self_reported
from detector.training.signs import write
from detector.training.tables import share, table

GROUPED = "facelib"  # the sources (detector.training.manifest.SISTERS) all of whose photos were grouped by eye
KNOWN_APART = "webmorph_london"  # every photo is of another person, who reported something of themselves
# The network tells East Asian faces apart worse than others (Grother et al., 2019, NISTIR 8280, found that of many
# networks): the speakers of two conferences in China and Korea stand for people who look alike to it.
ALIKE = frozenset({"jsconf_cn", "jsconf_korea"})
ALIKE_SIMILAR = 0.005  # of pairs of these people that may fall into "similar"
UNLIKE = 0.60  # the distance that the network's author gives as the limit
COPY = 0.15  # nearer pairs are one picture twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    row: Row
    person: str
    numbers: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A pair and its distance."""

    one: Described
    other: Described
    distance: float

    @property
    def same(self) -> bool:
        return self.one.person == self.other.person

    def both(self, group: Callable[[Row], bool]) -> bool:
        return group(self.one.row) and group(self.other.row)


def describe(rows: Sequence[Row], same: Mapping[Path, str]) -> list[Described]:
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        numbers = pool.imap(_describe, rows, chunksize=4)
        return [
            Described(row=row, person=same.get(row.path, str(row.path)), numbers=found)
            for row, found in zip(rows, numbers, strict=True)
            if found is not None
        ]


def _describe(row: Row) -> NDArray[np.float64] | None:
    try:
        chip = likeness.face_chip(row.path.read_bytes(), "photo")
    except NotApplicable:
        return None
    return likeness.described(likeness.load(), chip)


def pairs_of(known: Sequence[Described]) -> list[Apart]:
    """Pairs of which it is known whether they show one person: of different sources, or of sources that are known."""
    found = []
    for one, other in combinations(known, 2):
        units = {one.row.unit, other.row.unit}
        certain = len(units) > 1 or units == {GROUPED} or {one.row.group, other.row.group} == {KNOWN_APART}
        alike = {one.row.group, other.row.group} <= ALIKE
        if certain or alike:
            distance = float(np.linalg.norm(one.numbers - other.numbers))
            if distance > COPY:
                found.append(Apart(one=one, other=other, distance=distance))
    return found


def fit(pairs: Sequence[Apart]) -> dict[str, Any]:
    """The bands' limits, and how many pairs fall into each."""
    same = [pair.distance for pair in pairs if pair.same]
    other = [pair.distance for pair in pairs if not pair.same]
    alike = [pair.distance for pair in pairs if not pair.same and pair.both(lambda row: row.group in ALIKE)]
    similar = float(np.floor(100 * np.quantile(alike, ALIKE_SIMILAR)) / 100)
    limits = {"similar": similar, "unlike": UNLIKE}
    return limits | {
        name: counted(distances, limits)
        for name, distances in (("same", same), ("different", other), ("different_alike", alike))
    }


def counted(distances: Sequence[float], limits: Mapping[str, float]) -> dict[str, Any]:
    bands = [band_of(distance, limits) for distance in distances]
    found: dict[str, Any] = {"pairs": len(bands)}
    for band in Band:
        hits = bands.count(band)
        found[band.value] = {
            "count": hits,
            "rate": round(hits / len(bands), 6),
            "at_most": round(clopper_pearson_upper(hits, len(bands)), 6),
        }
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    given = parser.parse_args(arguments)
    rows = [row for row in read_manifest(given.manifest) if row.clean_real]
    known = describe(rows, persons(given.manifest, rows))
    pairs = pairs_of(known)
    measured = fit(pairs)
    date = dt.datetime.now(dt.UTC).date().isoformat()
    write(likeness.PATH, {"date": date, **measured})
    card = _card(date, measured, pairs, len(known), self_reported(given.manifest))
    likeness.PATH.with_suffix(".md").write_text(card, encoding="utf-8")
    return 0


def _card(
    date: str,
    measured: Mapping[str, Any],
    pairs: Sequence[Apart],
    photos: int,
    said: Mapping[tuple[str, str], Mapping[str, str]],
) -> str:
    names = {
        "same": "one person (two lists of public figures, grouped by eye)",
        "different": "different people",
        "different_alike": "of these: speakers of two conferences in China and Korea",
    }
    rows = [
        [words, *(_cell(measured[name], band) for band in Band), str(measured[name]["pairs"])]
        for name, words in names.items()
    ]
    people = len({pair.one.person for pair in pairs if pair.same})
    return f"""# Model card: likeness.json

Date: {date}. Made by `python -m detector.training.likeness MANIFEST` from {photos} real photos, which stay outside the
repository.

**What it is.** The limits of three bands of the distance between two faces by dlib's face recognition network (King,
2017; the weights are in the public domain and are fetched by `make likeness`), and how many measured pairs fall into
each. “similar” below {measured["similar"]}: at most {ALIKE_SIMILAR:.1%} of pairs of different people who look alike to
the network; “unlike” above {measured["unlike"]}, as the network's author has it.

**What it is for.** A hint beside two pictures that a person looks at, after the candidate has released it. It must not
be used alone, decides nothing, and is never kept as a number.

| pairs of photos of | similar | between | unlike | pairs |
|---|---|---|---|---|
{chr(10).join("| " + " | ".join(row) + " |" for row in rows)}

Share of the pairs, and the highest share that the count supports (95 %, exact, as if pairs were independent, which
pairs of one person are not: the pairs of one person are of {people} people).

**People who say the same of themselves** (all photos are of different people):

{_by_answer(measured, pairs, said)}
**Limits.** The network sees the faces of people of colour, of East Asia above all, as more alike than others: for them
“similar” says less, and “between” is where most errors would fall. The pairs of one person are adults photographed
professionally within some years, mostly of light skin; children, twins, ageing over decades and heavy make-up were not
measured. Faces are cut out by our own mesh, not by the predictor that it was trained with.
"""


def _cell(counts: Mapping[str, Any], band: Band) -> str:
    one = counts[band.value]
    return f"{100 * one['rate']:.3g} % (at most {100 * one['at_most']:.3g} %)"


def _by_answer(
    measured: Mapping[str, Any], pairs: Sequence[Apart], said: Mapping[tuple[str, str], Mapping[str, str]]
) -> str:
    found: dict[str, list[Band]] = {}
    for pair in pairs:
        answers = [said.get((one.row.group, one.row.person), {}) for one in (pair.one, pair.other)]
        for question in answers[0].keys() & answers[1].keys():
            if answers[0][question] == answers[1][question]:
                name = f"{question}: {answers[0][question]}"
                found.setdefault(name, []).append(band_of(pair.distance, measured))
    rows = [
        [name, *(share(bands.count(band), len(bands)) for band in (Band.SIMILAR, Band.BETWEEN))]
        for name, bands in sorted(found.items())
    ]
    return table(["self-reported", "similar", "between"], rows)


if __name__ == "__main__":
    sys.exit(main())
