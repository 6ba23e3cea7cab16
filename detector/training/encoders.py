"""Whose untouched files have which quantisation tables: `python -m detector.training.encoders MANIFEST`.

Writes detector/weights/encoders.json: for each camera maker the digests of tables in files that name it with an
exposure and are still laid out as a camera writes them (EXIF first, no JFIF header, no Adobe segment), and how many
files of the list each row of the table of encoders has, which says how ordinary it is. Files whose bytes were made anew
for the list (`derived`) count for nothing.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from detector.portrait import PictureError, Portrait, read_portrait
from detector.provenance.encoder_history import camera_maker
from detector.provenance.jpeg_structure import JpegStructure, read_structure
from detector.provenance.known_encoders import habits, identify
from detector.provenance.known_tables import LEARNT, fit
from detector.training.tables import table

CAMERAS_OWN = frozenset({"unknown", "scaled"})  # families of tables that no program of the list shares with a camera


def published(manifest: Path) -> Iterator[Path]:
    """The files of the list whose bytes are as they were published."""
    with manifest.open(newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            if not row.get("derived"):
                yield manifest.parent / row["file"]


def collect(files: Iterable[Path]) -> dict[str, Any]:
    """cameras: digest, maker, files; encoders: row of the table -> files; of: JPEG files read."""
    cameras: Counter[tuple[str, str]] = Counter()
    encoders: Counter[str] = Counter()
    for path in files:
        try:
            portrait = read_portrait(path.read_bytes())
        except PictureError:
            continue
        structure = read_structure(portrait.data)
        identity = identify(structure)
        if portrait.format != "JPEG" or identity is None:
            continue
        family = identity.encoder.family
        encoders["exif-layout" if family == "camera" else family] += 1  # as before anything was learnt
        if maker := _untouched_by(portrait, structure):
            cameras[structure.digest, maker] += 1
    return {
        "cameras": [{"digest": digest, "maker": maker, "files": n} for (digest, maker), n in sorted(cameras.items())],
        "encoders": dict(encoders.most_common()),
        "of": encoders.total(),
    }


def _untouched_by(portrait: Portrait, structure: JpegStructure) -> str:
    """The camera maker of a file that no program seems to have saved since; "" for others."""
    seen = habits(structure)
    if "exif-first" not in seen or seen & {"jfif", "adobe"} or fit(structure).family not in CAMERAS_OWN:
        return ""
    return camera_maker(portrait)


def card(counted: dict[str, Any]) -> str:
    """What stands beside the numbers, for whoever wants to know what they are and may be used for."""
    rows = [[family, str(files)] for family, files in counted["encoders"].items()]
    makers = ", ".join(f"{row['maker']} ({row['files']})" for row in counted["cameras"]) or "none"
    return f"""# Card: encoders.json

Date: {counted["date"]}. Made by `python -m detector.training.encoders MANIFEST` from headshots as they were published,
which stay outside the repository; only digests of quantisation tables and counts were kept.

**What it is.** Digests (ExifTool's JPEGDigest) of the tables of cameras' untouched files: {makers}. Beside them, how
many of {counted["of"]} JPEG files each row of `detector/provenance/known_encoders.py` takes.

**What it is for.** `encoder_history.camera_tables`, neutral and weak. Published headshots hardly ever come straight
from a camera; another list of files teaches more of them, with the same command.

{table(["row", "files"], rows)}"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    given = parser.parse_args(arguments)
    counted = {"date": dt.datetime.now(dt.UTC).date().isoformat(), **collect(published(given.manifest))}
    LEARNT.write_text(json.dumps(counted, indent=1) + "\n", encoding="utf-8")
    LEARNT.with_suffix(".md").write_text(card(counted).rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
