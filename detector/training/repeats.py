"""How well copies are told from other pictures: `python -m detector.training.repeats MANIFEST`; prints Markdown.

Every pair of different files is compared, and every pair that counts as a repeat is named, to be looked at: labelled
headshots hold true copies too. Copies are planted: saved again, cropped, mirrored; other people before one background.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from detector.picture_hashes import PictureHash, hash_bytes
from detector.portrait import read_portrait
from detector.repeats import (
    LEAST_QUALITY,
    LIMITS,
    MIRROR_LIMITS,
    Kind,
    Match,
    Part,
    bits_of,
    distances,
    judge,
    mirrored_bits,
)
from detector.signal.masks import person_mask
from detector.training.laundering import jpeg
from detector.training.manifest import Row, capped, read_manifest
from detector.training.tables import share, table

SAMPLE = 4  # pictures a group that copies are made of
FARTHER = 20  # bits beyond a limit up to which the nearest other pair is looked for
BEHIND = "another person before the same background"
Hashes = Mapping[str, PictureHash]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """copies: name of the change -> hashes of the changed picture."""

    row: Row
    hashes: Hashes
    copies: Mapping[str, Hashes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    one: Row
    other: Row
    found: Match


def compare(one: Hashes, other: Hashes) -> Match | None:
    """As the site compares two photos."""
    both = one.keys() & other.keys()
    return judge({Part(p): ((one[p].value, one[p].quality), (other[p].value, other[p].quality)) for p in sorted(both)})


def copies(picture: Image.Image) -> Iterator[tuple[str, bytes]]:
    """Name of the change and the changed file."""
    wide, tall = picture.size
    yield "JPEG 75", jpeg(picture, 75)
    yield "half the size", jpeg(picture.resize((max(1, wide // 2), max(1, tall // 2)), Image.Resampling.LANCZOS), 85)
    yield "brighter by a quarter", jpeg(ImageEnhance.Brightness(picture).enhance(1.25), 85)
    yield "in grey", jpeg(picture.convert("L").convert("RGB"), 85)
    yield "with a small text over it", jpeg(_with_text(picture), 85)
    yield "lying on its side, with the tag", _lying(picture)
    yield "10 % cut off", jpeg(_cropped(picture, 0.05, 0.05, 0.95, 0.95), 85)
    yield "25 % cut off all around", jpeg(_cropped(picture, 0.125, 0.125, 0.875, 0.875), 85)
    yield "25 % cut off on two sides", jpeg(_cropped(picture, 0.25, 0.0, 1.0, 0.75), 85)
    yield "in a white frame", jpeg(ImageOps.expand(picture, round(0.1 * max(wide, tall)), "white"), 85)
    yield "mirrored", jpeg(ImageOps.mirror(picture), 85)
    yield "mirrored, 10 % cut off", jpeg(ImageOps.mirror(_cropped(picture, 0.05, 0.05, 0.95, 0.95)), 85)


def _with_text(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    drawing = ImageDraw.Draw(copy)
    drawing.rectangle((0, copy.height * 0.93, copy.width * 0.5, copy.height), fill="white")
    drawing.text((copy.width * 0.02, copy.height * 0.94), "Studio, 2026", fill="black")
    return copy


def _lying(picture: Image.Image) -> bytes:
    exif, data = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    picture.rotate(90, expand=True).save(data, "JPEG", quality=85, exif=exif.tobytes())
    return data.getvalue()


def _cropped(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    wide, tall = picture.size
    return picture.crop((round(left * wide), round(top * tall), round(right * wide), round(bottom * tall)))


def _before(background: Image.Image, stranger: Image.Image) -> bytes:
    """The stranger, cut out, laid over the picture: its background with somebody else before it."""
    laid = np.asarray(stranger.resize(background.size))
    sure = Image.fromarray(np.asarray(np.rint(person_mask(laid) * 255), dtype=np.uint8))
    return jpeg(Image.composite(Image.fromarray(laid), background, sure), 75)


def hashed(rows: Sequence[Row]) -> list[Hashed]:
    """All rows; a sample of each group also as copies, each with the next row's person before its background."""
    sample = {row.path for row in capped(rows, SAMPLE, lambda row: row.group, lambda row: row.path.name)}
    jobs = [(row, rows[(at + 1) % len(rows)] if row.path in sample else None) for at, row in enumerate(rows)]
    with multiprocessing.get_context("spawn").Pool(
        os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        return list(pool.imap(_hashed, jobs, chunksize=4))


def _hashed(job: tuple[Row, Row | None]) -> Hashed:
    row, stranger = job
    data, made = row.path.read_bytes(), {}
    if stranger is not None:
        picture, other = (
            Image.fromarray(read_portrait(one).rgb).convert("RGB") for one in (data, stranger.path.read_bytes())
        )
        made = {name: hash_bytes(copy) for name, copy in copies(picture)}
        made[BEHIND] = hash_bytes(_before(picture, other))
    return Hashed(row=row, hashes=hash_bytes(data), copies=made)


def repeats(known: Sequence[Hashed]) -> tuple[list[Pair], dict[str, tuple[int, int, str]]]:
    """All pairs that count as repeats; and by part the pictures that can be compared, and the nearest other pair."""
    near: set[tuple[int, int]] = set()
    seen: dict[str, tuple[int, int, str]] = {}
    for part in Part:
        ids = [at for at, one in enumerate(known) if _worth(one.hashes, part)]
        bits = bits_of([known[at].hashes[part].value for at in ids])
        beyond: list[tuple[int, int, int]] = []
        for at in range(len(ids)):
            for turned, limits in ((bits[at : at + 1], LIMITS), (mirrored_bits(bits[at : at + 1]), MIRROR_LIMITS)):
                if part == Part.BACKGROUND and limits is MIRROR_LIMITS:
                    continue
                apart = distances(turned, bits[at + 1 :])
                for place in np.flatnonzero(apart <= limits[part] + FARTHER):
                    pair = (ids[at], ids[at + 1 + int(place)])
                    if apart[place] <= limits[part]:
                        near.add(pair)
                    else:
                        beyond.append((int(apart[place]), *pair))
        others = sorted(one for one in beyond if one[1:] not in near)
        names = f"{_name(known[others[0][1]].row)} and {_name(known[others[0][2]].row)}" if others else ""
        seen[part] = (len(ids), others[0][0] if others else LIMITS[part] + FARTHER, names)
    pairs = []
    for one, other in sorted(near):
        if found := compare(known[one].hashes, known[other].hashes):
            pairs.append(Pair(one=known[one].row, other=known[other].row, found=found))
    return pairs, seen


def _worth(hashes: Hashes, part: Part) -> bool:
    return part in hashes and hashes[part].quality >= LEAST_QUALITY[part]


def _name(row: Row) -> str:
    return f"{row.group}/{row.path.name}"


def _hits(known: Sequence[Hashed]) -> list[list[str]]:
    """For each change how many copies are found, and as what."""
    found: dict[str, Counter[str]] = {}
    for one in known:
        for name, hashes in one.copies.items():
            if name == BEHIND and not (_worth(one.hashes, Part.BACKGROUND) and _worth(hashes, Part.BACKGROUND)):
                continue
            match = compare(one.hashes, hashes)
            found.setdefault(name, Counter())[match.kind.value if match else ""] += 1
    return [
        [name, share(counts.total() - counts[""], counts.total()), *(str(counts[kind.value]) for kind in Kind)]
        for name, counts in found.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    given = parser.parse_args(arguments)
    known = hashed(read_manifest(given.manifest))
    pairs, seen = repeats(known)
    total = len(known) * (len(known) - 1) // 2
    print(f"Measured on {dt.datetime.now(dt.UTC).date()} on {len(known)} pictures, {total:,} pairs.\n")  # noqa: T201
    parts = [[p.value, str(n), f"{n * (n - 1) // 2:,}", str(LIMITS[p]), str(d), who] for p, (n, d, who) in _of(seen)]
    print(table(["part", "pictures", "pairs", "limit", "nearest other pair", "which"], parts))  # noqa: T201
    print(table(["change", "found", *(kind.value for kind in Kind)], _hits(known)))  # noqa: T201
    named = [[pair.found.kind.value, str(pair.found.distance), _name(pair.one), _name(pair.other)] for pair in pairs]
    print(table(["pairs that count as repeats", "bits", "one", "other"], named))  # noqa: T201
    return 0


def _of(seen: Mapping[str, tuple[int, int, str]]) -> list[tuple[Part, tuple[int, int, str]]]:
    return [(part, seen[part]) for part in Part]


if __name__ == "__main__":
    sys.exit(main())
