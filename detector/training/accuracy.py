"""Measures how good the signs are: `python -m detector.training.accuracy MANIFEST --out docs/accuracy.md [--limit N]`.

Every sign is a section of its own. Figures are held-out ones: groups and their sisters never judge themselves.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from detector.signs import skin
from detector.training.card import by_condition, by_group, by_retouching
from detector.training.features import measured
from detector.training.manifest import PROCESSED, Row, capped, folds, read_manifest
from detector.training.skin import CAP, FEATURES, held_out

LEAST_PICTURES = 300
Section = Callable[[Sequence[Row], Path], str]


def skin_section(rows: Sequence[Row], features: Path) -> str:
    """Markdown of the skin sign's figures."""
    items = measured(rows, features, say=lambda words: print(words, file=sys.stderr))  # noqa: T201 - a command
    dealt = folds(rows)
    judged = [one for scale in skin.SCALES for one in held_out(items, scale, dealt)[0]]
    return f"""## skin

Texture of the skin against what a camera leaves at that scale and sharpness (`detector/signs/skin.py`,
`detector/weights/skin.md`). "Found smooth" is the observation `skin.smooth`, which bears on "retouched"; AUC and TPR
are of the sign's calibrated score for "generated".

{by_condition(items, judged)}
By itself this sign hardly tells generated from real: today's generators paint about as much fine texture as a camera
leaves at web sizes. It says "smoother than usual", rarely wrongly, and no more.

### False alarms, by source of real photos

{by_group(judged, "real")}
The twenty strongest were looked at: most do show smooth skin, of phone portraits with the phone's own filter,
fashion retouching, haze or noise reduction. That is why the sign says "smoother than usual" and bears on "retouched"
only.

### Generated pictures, by generator

{by_group(judged, "ai")}
### Skin smoothed by code, in real photos

How much retouching it takes before the sign speaks: an edge-keeping filter on the skin alone, mixed in at half and
full.

{by_retouching(items, judged)}"""


SECTIONS: Mapping[str, Section] = {"skin": skin_section}


def thinned(rows: Sequence[Row], limit: int | None) -> list[Row]:
    """Every k-th row, so that about `limit` remain."""
    if not limit or limit >= len(rows):
        return list(rows)
    return [rows[number * len(rows) // limit] for number in range(limit)]


def report(rows: Sequence[Row], features: Path, today: dt.date) -> str:
    """The whole page."""
    ai, real = (sum(row.label == label for row in rows) for label in ("ai", "real"))
    groups = len({row.group for row in rows})
    head = f"""# How accurate the signs are

Measured on {today.isoformat()} with `python -m detector.training.accuracy MANIFEST --out docs/accuracy.md` on
{ai} generated and {real} real headshots ({groups} groups, at most {CAP} pictures a group), which stay outside the
repository.

Conditions, applied to both classes alike so that format and size cannot give the class away: clean (the file as it is),
web (at most 768 px, JPEG 60), hard (512 px, JPEG 40), avatar (centre square of 400 px, JPEG 80). Whole sources and
generators are held out together with their sisters (eight folds). Rates carry 95 % Wilson intervals; pictures of one
group resemble each other, so the true uncertainty is larger.

Real photos that went through somebody's network are listed, and not counted as false alarms:
{", ".join(sorted(PROCESSED))}.
"""
    return "\n".join([head, *(section(rows, features) for section in SECTIONS.values())])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="take about N pictures only")
    parser.add_argument("--features", type=Path, default=FEATURES, help="measurements are kept here and used again")
    given = parser.parse_args(arguments)
    if given.limit is not None and given.limit < LEAST_PICTURES:
        parser.error(
            f"--limit must be at least {LEAST_PICTURES}: fewer pictures leave folds without one of the classes"
        )
    rows = capped(read_manifest(given.manifest), CAP, lambda row: row.group, lambda row: row.path.name)
    text = report(thinned(rows, given.limit), given.features, dt.datetime.now(dt.UTC).date())
    given.out.write_text(text, encoding="utf-8")
    print(f"written: {given.out}")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
