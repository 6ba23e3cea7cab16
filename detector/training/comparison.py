"""How well a comparison tells what was changed: `python -m detector.training.comparison MANIFEST`.

Real portraits are edited by code (edits.py), and only copied (plain_copies.py), and each is compared with what it was
made of. The limits were set on the sources named in DEVELOPED_ON; all figures come from the others, but for photos of
one sitting, of which the list has one source.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from detector.comparison import Comparison, Relation, compare_pictures, frame_of
from detector.face import find_face
from detector.observation import CouldNotLook, NotApplicable
from detector.portrait import read_portrait
from detector.signal.alignment import align, moved
from detector.signal.masks import person_mask
from detector.signal.outline import filled_polygon
from detector.signal.pyramid import Pyramid
from detector.training.edits import EDITS, Edited, visible
from detector.training.manifest import Row, capped, read_manifest
from detector.training.plain_copies import COPIES, resized, saved
from detector.training.tables import share, table

DEVELOPED_ON = frozenset(
    {
        *("congress", "djangocon_us", "exif_samples", "lab", "photog_hutchinson", "pycon_sk_2019"),
        *("rladies_team", "samples_human", "tmpl_creativetim"),
    }
)
SITTING = "samples_human"  # several photos each of two persons, of one sitting each
ORIGINAL = 95  # JPEG quality of what is called the original
HALF = ", at half the size"
OVERLAP = 0.3  # intersection over union that the task asks for
TURNS = ((-9.0, 0.5), (4.0, 0.8), (15.0, 1.0), (-2.5, 0.35))  # degrees and scale of the known placements


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One comparison. kind: of the edit, copy or pair. overlap: of the planted region with what was found in its part,
    None where nothing was. error: of the alignment, in eye distances. seconds: with decoding."""

    group: str
    kind: str
    relation: str
    changes: tuple[str, ...]
    wanted: str = ""
    overlap: float | None = None
    error: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """row: the portrait. other: gives another background, another person. copies, edits, turns: what to make of it."""

    row: Row
    other: Row
    copies: tuple[str, ...]
    edits: tuple[str, ...]
    turns: tuple[tuple[float, float], ...]


def measure(job: Job) -> list[Measured]:
    """Every edit and copy of one portrait, compared with it; empty where it shows no face."""
    portrait = read_portrait(job.row.path.read_bytes())
    rgb, other = portrait.rgb, read_portrait(job.other.path.read_bytes()).rgb
    try:
        face = find_face(portrait)
    except (NotApplicable, CouldNotLook):
        return []
    picture, found = Image.fromarray(rgb), []
    original = saved(picture, quality=ORIGINAL)
    for name in job.copies:
        found.append(_compared(job.row, name, COPIES[name](picture), original)[0])
    for name in job.edits:
        edited = EDITS[name](rgb, face, other)
        if not visible(rgb, edited):
            continue
        found += [_edited(job.row, name + words, edited, scale, original) for words, scale in (("", 1.0), (HALF, 0.5))]
    stranger = _before(picture, Image.fromarray(other))
    found.append(_compared(job.row, "another person before the same background", stranger, original)[0])
    found.append(_compared(job.row, "another person", saved(Image.fromarray(other)), original)[0])
    found += [_placed(job.row, original, *turn) for turn in job.turns]
    return found


def _compared(row: Row, kind: str, first: bytes, original: bytes) -> tuple[Measured, Comparison]:
    began = time.perf_counter()
    one = compare_pictures(first, original)
    seconds = time.perf_counter() - began
    parts = tuple(change.part for change in one.changes)
    return Measured(group=row.group, kind=kind, relation=one.relation.value, changes=parts, seconds=seconds), one


def _edited(row: Row, kind: str, edited: Edited, scale: float, original: bytes) -> Measured:
    found, one = _compared(row, kind, saved(resized(Image.fromarray(edited.rgb), scale)), original)
    return Measured(
        group=row.group,
        kind=kind,
        relation=found.relation,
        changes=found.changes,
        wanted=edited.part,
        overlap=overlap_of(one, edited, scale),
        seconds=found.seconds,
    )


def overlap_of(found: Comparison, edited: Edited, scale: float = 1.0) -> float | None:
    """Intersection over union, 0..1, of the planted region with the one named for its part; None where none is.

    scale: of the compared picture, by the one that the edit was planted in.
    """
    regions = [change.region for change in found.changes if change.part == edited.part]
    if not regions:
        return None
    mine = filled_polygon(np.array(regions[0].points, dtype=np.float32) / np.float32(scale), edited.where.shape[:2])
    return float((mine & edited.where).sum()) / max(1.0, float((mine | edited.where).sum()))


def alignment_error(original: bytes, degrees: float, scale: float) -> float | None:
    """Of where the iris centres of the original are said to lie in a turned and scaled copy: the larger distance from
    where they lie, in eye distances. None where the two cannot be aligned. Raises NotApplicable without a face."""
    there = read_portrait(original)
    face = find_face(there)
    size = (round(there.width * scale), round(there.height * scale))
    turn = cv2.getRotationMatrix2D((there.width / 2, there.height / 2), degrees, scale)
    turn[:, 2] = turn[:, 2] + np.array(size) / 2 - np.array([there.width, there.height]) / 2
    soft = cv2.GaussianBlur(there.rgb, (0, 0), 0.5 * np.sqrt(scale**-2 - 1)) if scale < 1 else there.rgb
    copy = cv2.warpAffine(soft, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    here = read_portrait(saved(Image.fromarray(np.asarray(copy, dtype=np.uint8))))
    mine, theirs = Pyramid(here.rgb), Pyramid(there.rgb)
    found, _ = align(mine, theirs)
    if found is None:
        return None
    frame = frame_of(here, mine, theirs, found)
    eyes = np.array([[iris.x, iris.y] for iris in (face.left, face.right)])
    shrink = frame.first.shape[1] / here.width
    wanted = (eyes @ turn[:, :2].T + turn[:, 2] + 0.5) * shrink - 0.5
    off = np.linalg.norm(moved(frame.matrix, eyes) - wanted, axis=1)
    return float(off.max() / (face.inter_ocular * scale * shrink))


def _placed(row: Row, original: bytes, degrees: float, scale: float) -> Measured:
    kind = f"turned by {degrees:g} degrees, scale {scale:g}"
    error = alignment_error(original, degrees, scale)
    return Measured(group=row.group, kind=kind, relation="" if error is None else "aligned", changes=(), error=error)


def _before(background: Image.Image, stranger: Image.Image) -> bytes:
    laid = stranger.resize(background.size)
    sure = Image.fromarray(np.asarray(np.rint(person_mask(np.asarray(laid)) * 255), dtype=np.uint8))
    return saved(Image.composite(laid, background, sure))


def sittings(rows: Sequence[Row]) -> list[Measured]:
    """Each photo of one sitting against each other one."""
    mine = [row for row in rows if row.group == SITTING]
    return [
        _compared(one, "another photo of the same sitting", one.path.read_bytes(), other.path.read_bytes())[0]
        for one, other in itertools.permutations(mine, 2)
    ]


def jobs_of(rows: Sequence[Row], portraits: int, copies: int, edits: int) -> list[Job]:
    """portraits: how many, as evenly over the sources as they allow. copies, edits: made of each
    portrait, all kinds in turn."""
    known = [row for row in rows if row.clean_real and row.unit not in DEVELOPED_ON]
    most = next(n for n in itertools.count(1) if n > len(known) or len(_capped(known, n)) >= portraits)
    chosen = _capped(known, most)[:portraits]
    names, kinds = itertools.cycle(COPIES), itertools.cycle(EDITS)
    return [
        Job(
            row=row,
            other=chosen[(at + len(chosen) // 2) % len(chosen)],
            copies=tuple(itertools.islice(names, min(copies, len(COPIES)))),
            edits=tuple(itertools.islice(kinds, min(edits, len(EDITS)))),
            turns=(TURNS[at % len(TURNS)],),
        )
        for at, row in enumerate(chosen)
    ]


def _capped(rows: Sequence[Row], most: int) -> list[Row]:
    return capped(rows, most, lambda row: row.group, lambda row: row.path.name)


def report(found: Sequence[Measured]) -> str:
    """Markdown tables."""
    edits = [name + words for name in EDITS for words in ("", HALF)]
    return "\n".join(
        (
            table(
                [
                    *("planted edit", "found", f"overlap over {OVERLAP:g}, of those found"),
                    *("overlap: lowest tenth, median", "other parts named, too"),
                ],
                _edit_rows(found, edits),
            ),
            table(["only copied", "called changed", "not called the same picture"], _copy_rows(found)),
            table(["pair", "another picture", "cannot say", "the same picture"], _pair_rows(found)),
            _alignment_words(found),
        )
    )


def _of(found: Iterable[Measured], kind: str) -> list[Measured]:
    return [one for one in found if one.kind == kind]


def _edit_rows(found: Sequence[Measured], names: Sequence[str]) -> Iterable[list[str]]:
    for name in names:
        mine = _of(found, name)
        hits = [one.overlap for one in mine if one.overlap is not None]
        low, middle = np.quantile(hits, (0.1, 0.5)) if hits else (0.0, 0.0)
        beside = sum(any(part != one.wanted for part in one.changes) for one in mine)
        yield [
            name,
            share(len(hits), len(mine)),
            f"{sum(hit > OVERLAP for hit in hits)} of {len(hits)}",
            f"{low:.2f}, {middle:.2f}",
            f"{beside} of {len(mine)}",
        ]


def _copy_rows(found: Sequence[Measured]) -> Iterable[list[str]]:
    for name in (*COPIES, "all"):
        mine = [one for one in found if one.kind in COPIES] if name == "all" else _of(found, name)
        changed = sum(bool(one.changes) for one in mine)
        apart = sum(one.relation != Relation.SAME for one in mine)
        yield [name, share(changed, len(mine)), share(apart, len(mine))]


def _pair_rows(found: Sequence[Measured]) -> Iterable[list[str]]:
    kinds = [one.kind for one in found if one.relation and not one.wanted and one.error is None]
    for kind in dict.fromkeys(kind for kind in kinds if kind not in COPIES):
        counts = Counter(one.relation for one in _of(found, kind))
        order = (Relation.DIFFERENT, Relation.CANNOT_SAY, Relation.SAME)
        yield [kind, *(share(counts[relation.value], counts.total()) for relation in order)]


def _alignment_words(found: Sequence[Measured]) -> str:
    tried = [one for one in found if one.kind.startswith("turned by") and one.kind not in COPIES]
    errors = [100 * one.error for one in tried if one.error is not None]
    seconds = [one.seconds for one in found if one.seconds]
    if not errors or not seconds:
        return ""
    low, high, most = np.quantile(errors, (0.5, 0.95, 1.0))
    return (
        f"Alignment of {len(errors)} of {len(tried)} portraits turned and scaled by a known amount: off by {low:.2f} % "
        f"of the eye distance in the median, {high:.2f} % in 95 of 100, {most:.2f} % at most.\n\n"
        f"A comparison took {np.median(seconds):.2f} s in the median, {np.max(seconds):.2f} s at most, on one core.\n"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--portraits", type=int, default=104)
    parser.add_argument("--copies", type=int, default=len(COPIES), help="made of each portrait, all kinds in turn")
    parser.add_argument("--edits", type=int, default=len(EDITS), help="made of each portrait, all kinds in turn")
    parser.add_argument("--out", type=Path, help="a Markdown file for the tables, besides printing them")
    given = parser.parse_args(arguments)
    rows = read_manifest(given.manifest)
    jobs = jobs_of(rows, given.portraits, given.copies, given.edits)
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        found = [one for many in pool.imap(measure, jobs) for one in many]
    found += sittings(rows)
    words = f"Measured on {dt.datetime.now(dt.UTC).date()} on {len(jobs)} portraits.\n\n{report(found)}"
    print(words)  # noqa: T201 - a command
    if given.out:
        given.out.write_text(words, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
