"""Measures how good the signs are: `python -m detector.training.accuracy MANIFEST --out docs/accuracy.md [--limit N]`.

Every sign is a section of its own. Figures are held-out ones: groups and their sisters never judge themselves.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from detector.observation import Bearing
from detector.training import fusion
from detector.training.features import Item, sign_modules
from detector.training.fitting import Fit, is_ai, is_camera
from detector.training.laundering import CONDITIONS
from detector.training.manifest import PROCESSED, Row, folds, self_reported
from detector.training.metrics import balanced_weights, calibration_error
from detector.training.signs import CAP, FEATURES, chosen, fits
from detector.training.tables import by_code, by_condition, by_group, by_person, by_retouching

LEAST_PICTURES = 300


def section(name: str, items: Sequence[Item], fit: Fit, said: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    """Markdown of one sign's figures."""
    module = sign_modules()[name]
    opinions = [bool(variant["logistic"]) for variant in fit.parameters["variants"].values()]
    worth = (
        "Its score counts in the verdict."
        if all(opinions)
        else "Its score counts in the verdict at some face scales only."
        if any(opinions)
        else "It separates too little: it is shown to the reviewer and is worth nothing in the verdict. AUC and TPR "
        "below are of the score that it would have."
    )
    retouched = "".join(
        f"### Real photos retouched by code: `{norm.code}`\n\n{by_retouching(fit.judged, norm.code)}\n"
        for norm in module.MODEL.norms
        if norm.bearing is Bearing.RETOUCHED
    )
    return f"""## {name}

{module.DETECTOR.question} Sign version {module.DETECTOR.version} (`detector/signs/{name}.py`, model card
`detector/weights/{name}.md`). {worth}

{by_condition(items, fit.judged)}
{by_code(fit)}
### False alarms of {name}, by source of real photos

{by_group(fit.judged, "real")}
### False alarms of {name}, by what persons reported of themselves

{by_person(fit.judged, said)}
### Generated pictures seen by {name}, by generator

{by_group(fit.judged, "ai")}
{retouched}"""


def together(rows: Sequence[Row], fitted: Mapping[str, tuple[Sequence[Item], Fit]]) -> str:
    """Markdown of the verdict's score: all signs with an opinion, weighed."""
    names = sorted(fitted)
    known = fusion.cases({name: fit for name, (_, fit) in fitted.items()})
    judged = fusion.held_out(names, known, folds(rows))
    counted = [one for one in judged if one.score is not None and (is_camera(one.item) or is_ai(one.item))]
    labels = [one.item.label == "ai" for one in counted]
    weights = balanced_weights(labels, [one.item.group for one in counted])
    error = calibration_error(np.array([one.score for one in counted]), np.array(labels, float), weights)
    shares = ", ".join(f"{name} {weight:.2f}" for name, weight in fusion.fit_fusion(names, known)["weights"].items())
    every = fitted[names[0]][0]  # each sign was asked about every picture
    return f"""## All signs together

The verdict's score: the signs' log-odds, weighed ({shares}; `detector/weights/verdict.json`). "Found" is any
observation of any sign, "strong" one of that strength. Expected calibration error at even priors: {error:.3f}.

{by_condition(every, judged)}
### Real photos in which any sign found something, by source

{by_group(judged, "real")}
### Generated pictures in which any sign found something, by generator

{by_group(judged, "ai")}"""


def thinned(rows: Sequence[Row], limit: int | None) -> list[Row]:
    """Every k-th row, so that about `limit` remain."""
    if not limit or limit >= len(rows):
        return list(rows)
    return [rows[number * len(rows) // limit] for number in range(limit)]


def report(rows: Sequence[Row], manifest: Path, features: Path, today: dt.date) -> str:
    """The whole page."""
    ai, real = (sum(row.label == label for row in rows) for label in ("ai", "real"))
    groups = len({row.group for row in rows})
    fitted = fits(rows, sorted(sign_modules()), features)
    said = self_reported(manifest)
    head = f"""# How accurate the signs are

Measured on {today.isoformat()} with `make accuracy` on {ai} generated and {real} real headshots ({groups} groups,
at most {CAP} pictures a group), which stay outside the repository.

Conditions ({", ".join(CONDITIONS)}), applied to both classes alike so that format and size cannot give the class away:
the file as it is; at most 768 px, JPEG 60; 512 px, JPEG 40; centre square of 400 px, JPEG 80. Whole sources and
generators are held out together with their sisters (eight folds). Rates carry 95 % Wilson intervals; pictures of one
group resemble each other, so the true uncertainty is larger. "Found" is any observation of the sign. "Macro" is the
mean over generators.

What a code may say is decided by its figures: a strength needs a likelihood ratio (share found among generated, or
retouched, pictures by share found among real ones; lower by upper bound) of at least 2 for weak, 10 for moderate, 30
for strong; a code below 2 speaks for nothing and is shown as neutral.

Real photos that went through somebody's network are listed, and not counted as false alarms:
{", ".join(sorted(PROCESSED))}.
"""
    sections = [section(name, *fitted[name], said) for name in fitted]
    return "\n".join([head, together(rows, fitted), *sections])


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
    rows = thinned(chosen(given.manifest), given.limit)
    given.out.write_text(report(rows, given.manifest, given.features, dt.datetime.now(dt.UTC).date()), encoding="utf-8")
    print(f"written: {given.out}")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
