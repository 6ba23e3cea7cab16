"""Trains the skin sign: `python -m detector.training.skin MANIFEST`; writes detector/weights/skin.json and skin.md."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.signs import skin
from detector.training.card import skin_card
from detector.training.features import Measured, measured
from detector.training.laundering import CONDITIONS
from detector.training.manifest import FOLDS, capped, folds, read_manifest
from detector.training.metrics import balanced_weights, weighted_least_squares, weighted_logistic, weighted_quantile

Array = NDArray[np.float64]

CAP = 60  # pictures a group, drawn by hash: one large source must not become the model
RIDGE = 20.0  # pseudo-pictures that hold the logistic coefficients down; 5..80 gave the same held-out AUC to +-0.01
# Shares of real photos, groups weighing the same, that may be called smooth, and clearly smooth (moderate strength).
FALSE_ALARMS, CLEAR_FALSE_ALARMS = 0.01, 0.003
FEATURES = Path("var/training/skin.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One measurement, judged by models that never saw its group or the group's sisters.

    score: None for black-and-white.
    """

    item: Measured
    surprise: float
    found: bool
    score: float | None


def applicable(item: Measured) -> bool:
    """Whether the detector would judge it."""
    return item.refused is None and bool(item.values)


def usable(items: Sequence[Measured], scale: float) -> list[Measured]:
    """What a scale's models learn from: clean real and generated pictures, every condition, none retouched by code."""
    return [
        item
        for item in items
        if item.scale == scale
        and applicable(item)
        and item.condition in CONDITIONS
        and (item.clean_real or item.label == "ai")
    ]


def fit_camera(real: Sequence[Measured]) -> dict[str, Any]:
    """What texture a camera leaves: a linear model of the level on real photos, every group weighing the same."""
    x = np.array([[item.values[name] for name in skin.CAMERA_INPUTS] for item in real])
    y = np.array([item.level for item in real])
    weights = balanced_weights([False] * len(real), [item.group for item in real])
    coefficients, intercept = weighted_least_squares(x, y, weights)
    rest = y - x @ coefficients - intercept
    spread = float(np.sqrt(np.average(rest**2, weights=weights)))
    return {"coefficients": coefficients.tolist(), "intercept": intercept, "spread": spread}


def fit_logistic(items: Sequence[Measured]) -> dict[str, Any]:
    """The calibrated probability of `generated`; classes weigh the same (even priors), groups within a class too."""
    coloured = [item for item in items if item.has_colour]
    x = np.array([[item.values[name] for name in skin.SCORE_INPUTS] for item in coloured])
    labels = [item.label == "ai" for item in coloured]
    weights = balanced_weights(labels, [item.group for item in coloured])
    mean = np.average(x, axis=0, weights=weights)
    scale = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=weights))
    z = np.clip((x - mean) / scale, -3.0, 3.0)
    coefficients, intercept = weighted_logistic(z, np.array(labels, float), weights, RIDGE)
    return {
        "mean": mean.tolist(),
        "scale": scale.tolist(),
        "coefficients": coefficients.tolist(),
        "intercept": intercept,
    }


def limits(real: Sequence[Measured], surprises: Array) -> tuple[float, float]:
    """The surprise above which skin is called smooth, and clearly smooth, from held-out surprises of real photos."""
    weights = balanced_weights([False] * len(real), [item.group for item in real])
    return (
        weighted_quantile(surprises, weights, 1 - FALSE_ALARMS),
        weighted_quantile(surprises, weights, 1 - CLEAR_FALSE_ALARMS),
    )


def held_out(
    items: Sequence[Measured], scale: float, dealt: Mapping[str, int]
) -> tuple[list[Judged], tuple[float, float]]:
    """Every measurement at `scale` judged by models of the other folds, and the limits from all held-out photos."""
    learnt = usable(items, scale)
    mine = [item for item in items if item.scale == scale and applicable(item)]
    models = []
    for fold in range(FOLDS):
        others = [item for item in learnt if dealt[item.unit] != fold]
        models.append({"camera": fit_camera([o for o in others if o.clean_real]), "logistic": fit_logistic(others)})
    surprise = {id(item): skin.smoothness(models[dealt[item.unit]], item.values, item.level) for item in mine}
    real = [item for item in learnt if item.clean_real]
    limit_of = {}
    for fold in range(FOLDS):
        others = [item for item in real if dealt[item.unit] != fold]
        limit_of[fold] = limits(others, np.array([surprise[id(item)] for item in others]))[0]
    judged = [
        Judged(
            item=item,
            surprise=surprise[id(item)],
            found=surprise[id(item)] > limit_of[dealt[item.unit]],
            score=skin.probability(models[dealt[item.unit]], item.values) if item.has_colour else None,
        )
        for item in mine
    ]
    return judged, limits(real, np.array([surprise[id(item)] for item in real]))


def trained(items: Sequence[Measured], dealt: Mapping[str, int]) -> dict[str, Any]:
    """The parameters as they stand in detector/weights/skin.json."""
    scales = {}
    for scale in skin.SCALES:
        learnt = usable(items, scale)
        _, (limit, clear) = held_out(items, scale, dealt)
        scales[f"{scale:.0f}"] = {
            "camera": fit_camera([item for item in learnt if item.clean_real]),
            "limit": limit,
            "clear_limit": clear,
            "logistic": fit_logistic(learnt),
        }
    return {"camera_inputs": list(skin.CAMERA_INPUTS), "score_inputs": list(skin.SCORE_INPUTS), "scales": scales}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--features", type=Path, default=FEATURES, help="measurements are kept here and used again")
    given = parser.parse_args(arguments)
    rows = capped(read_manifest(given.manifest), CAP, lambda row: row.group, lambda row: row.path.name)
    items = measured(rows, given.features, say=lambda words: print(words, file=sys.stderr))  # noqa: T201 - a command
    dealt = folds(rows)
    parameters = {"date": dt.datetime.now(dt.UTC).date().isoformat(), **trained(items, dealt)}
    skin.WEIGHTS.parent.mkdir(exist_ok=True)
    skin.WEIGHTS.write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")
    judged = [one for scale in skin.SCALES for one in held_out(items, scale, dealt)[0]]
    skin.WEIGHTS.with_suffix(".md").write_text(skin_card(rows, items, judged, parameters), encoding="utf-8")
    print(f"written: {skin.WEIGHTS.name} and its card")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
