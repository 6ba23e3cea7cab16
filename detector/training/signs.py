"""Trains the signs: `python -m detector.training.signs MANIFEST [--sign NAME]`.

Writes detector/weights/NAME.json and its model card NAME.md for each sign, and, when all are trained, verdict.json:
what each sign's score weighs in the verdict's.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from detector.observation import Bearing
from detector.signal.norm import WEIGHTS
from detector.training import fusion
from detector.training.features import Item, measured, sign_modules
from detector.training.fitting import Fit, fit_sign
from detector.training.manifest import Row, capped, folds, read_manifest
from detector.training.tables import by_code, by_condition, by_retouching, table

CAP = 60  # pictures a group, drawn by hash: one large source must not become the model
FEATURES = Path("var/training/signs.jsonl")


def chosen(manifest: Path) -> list[Row]:
    """The rows that train and measure: at most CAP a group."""
    return capped(read_manifest(manifest), CAP, lambda row: row.group, lambda row: row.path.name)


def fits(rows: Sequence[Row], names: Sequence[str], features: Path) -> dict[str, tuple[list[Item], Fit]]:
    """Every sign's measurements and its fit."""
    items = measured(rows, features, names, say=lambda words: print(words, file=sys.stderr))  # noqa: T201 - a command
    dealt = folds(rows)
    by_sign = {name: [item for item in items if item.sign == name] for name in names}
    return {name: (mine, fit_sign(sign_modules()[name].MODEL, mine, dealt)) for name, mine in by_sign.items()}


def card(name: str, rows: Sequence[Row], items: Sequence[Item], fit: Fit, date: str) -> str:
    """The model card that stands beside the weights."""
    module = sign_modules()[name]
    counts = Counter((row.label, row.group) for row in rows)
    opinions = ", ".join(
        f"{variant}: {area:.2f} ({low:.2f}-{high:.2f})"
        + ("" if fit.parameters["variants"][variant]["logistic"] else ", too little for a score: it has none")
        for variant, (area, low, high) in fit.opinion.items()
    )
    retouched = "".join(
        f"\n{by_retouching(fit.judged, norm.code)}" for norm in module.MODEL.norms if norm.bearing is Bearing.RETOUCHED
    )
    return f"""# Model card: {name}.json

Date: {date}. Made by `python -m detector.training.signs MANIFEST` from labelled headshots, which stay outside the
repository; only the numbers in {name}.json were kept. Sign version {module.DETECTOR.version}.

**What it is.** {module.DETECTOR.question} For each code a linear norm of one measure given its circumstances, fitted on
real photos (groups weigh the same), with limits that 1 % (weak), 0.3 % (moderate) and none (strong) of held-out real
photos pass; and a logistic calibration of {len(module.MODEL.score_inputs)} measures into the probability of "generated"
at even priors. Inputs and what they are: `detector/signs/{name}.py`.

**What its figures allow.** A code whose likelihood ratio is too low speaks for nothing (neutral, weak).

{by_code(fit)}
Macro AUC of the score over generators, all conditions, with its 95 % interval over resampled groups: {opinions}.

{by_condition(items, fit.judged)}{retouched}
**Training.** Every picture under four conditions (as it is; 768 px, JPEG 60; 512 px, JPEG 40; centre square 400 px,
JPEG 80), both classes alike; at most {CAP} pictures a group; whole groups and their sister sites or generators held
out, eight folds. File facts are no inputs.

**Limits.** Real groups are mostly staff pages, conferences and official portraits of the 2010s; few phone selfies with
today's built-in processing. The newest large generators are few. Must not be used alone.

**Data by group** (after the cap):

{table(["label", "group", "pictures"], [[label, group, str(n)] for (label, group), n in sorted(counts.items())])}"""


def write(path: Path, parameters: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path.name}")  # noqa: T201 - a command


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--sign", action="append", choices=sorted(sign_modules()), help="only this one (repeatable)")
    parser.add_argument("--features", type=Path, default=FEATURES, help="measurements are kept here and used again")
    given = parser.parse_args(arguments)
    names = given.sign or sorted(sign_modules())
    rows, date = chosen(given.manifest), dt.datetime.now(dt.UTC).date().isoformat()
    fitted = fits(rows, names, given.features)
    for name, (items, fit) in fitted.items():
        write(WEIGHTS / f"{name}.json", {"date": date, **fit.parameters})
        (WEIGHTS / f"{name}.md").write_text(card(name, rows, items, fit, date), encoding="utf-8")
    if len(names) == len(sign_modules()):
        known = fusion.cases({name: fit for name, (_, fit) in fitted.items()})
        write(WEIGHTS / "verdict.json", {"date": date, **fusion.fit_fusion(names, known)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
