"""Probes that show whether a figure rests on the pixels: docs/accuracy.md holds them beside the verdict's score.

A list of pictures gives its classes away by size, format and compression. A score that is worth anything beats what the
container alone gives on the same split, and does not follow the size that a picture once had.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from detector.signal.norm import probability
from detector.training.containers import FORMATS, GRID, Container, containers
from detector.training.fitting import fit_weighted, is_ai, is_camera
from detector.training.laundering import CONDITIONS
from detector.training.manifest import FOLDS, folds
from detector.training.metrics import auc
from detector.training.policy import Decided
from detector.training.rates import PROTOCOL, macro, separation, sides
from detector.training.tables import table

PROBED = ("clean", "web")
INPUTS = ("width", "height", "square", "whole width", "whole height", "bytes", "quantisation", *FORMATS)
RIDGE = 5.0
MEGAPIXELS = (0.0, 0.125, 0.25, 0.5, 1.0, 2.0, math.inf)  # of the file as it came: strata of like size
LEAST = 20  # pictures of either class below which a stratum says nothing

Pixels = Mapping[tuple[str, str], int]


def probes_section(decided: Sequence[Decided]) -> str:
    """Markdown; reads every file of the list, and lays it out anew for the condition "web"."""
    rows = list(dict.fromkeys(one.row for one in decided))
    return probes(decided, containers(rows, PROBED))


def probes(decided: Sequence[Decided], files: Sequence[Container]) -> str:
    """The same, of files that were measured."""
    pixels = {one.row.picture: one.pixels for one in files if one.condition == "clean"}
    return f"""## Probes

### What the container alone gives

Width, height, whether they are equal or multiples of {GRID}, format, bytes per pixel and the mean of the JPEG luma
table, no pixels: a logistic regression on the same split, beside the verdict's score. It must be beaten, or a figure
means nothing.

{_containers(decided, files)}
### Does the score follow the size that a photo once had?

AUC of the verdict's score for telling real photos above the median of {_median(decided, pixels) / 1e6:.2f} megapixels
(of the file as it came) from those below: 0.5 is none. Above 0.5, large photos are taken for generated ones more often;
below, small ones.

{_original_size(decided, pixels)}
### Pictures of like size

AUC within strata of the file's size, as it came, so that size cannot tell the classes apart; strata with at least
{LEAST} pictures of either class. "Mean" weighs strata by their generated pictures.

{_strata(decided, pixels)}"""


def held_out(files: Sequence[Container]) -> list[tuple[Container, float]]:
    """What the probe says of every file, trained without the file's unit and its fold."""
    dealt = folds([one.row for one in files])
    scored = []
    for fold in range(FOLDS):
        learnt = [one for one in files if dealt[one.unit] != fold and (is_ai(one) or is_camera(one))]
        values, labels = [one.values for one in learnt], [one.label == "ai" for one in learnt]
        model = fit_weighted(INPUTS, values, labels, [one.group for one in learnt], RIDGE)
        scored += [(one, probability(model, INPUTS, one.values)) for one in files if dealt[one.unit] == fold]
    return scored


def _containers(decided: Sequence[Decided], files: Sequence[Container]) -> str:
    rows, words = [], []
    for condition in PROBED:
        probed = held_out([one for one in files if one.condition == condition])
        known = {one.row.picture for one, _ in probed}
        mine = [
            (one, one.score)
            for one in decided
            if one.condition == condition and one.score is not None and one.picture in known
        ]
        rows += [[condition, "container alone", *separation(probed)], [condition, "verdict's score", *separation(mine)]]
        words.append(_beaten(condition, macro(*sides(probed))[0], macro(*sides(mine))[0]))
    return table(["condition", "score", *PROTOCOL], rows) + "\n" + "\n".join(f"- {word}" for word in words) + "\n"


def _beaten(condition: str, probe: float, ours: float) -> str:
    gap = f"macro AUC {ours:.3f} against {probe:.3f}"
    if ours > probe:
        return f"Under “{condition}” the verdict's score beats the container: {gap}."
    return f"Under “{condition}” the verdict's score does not beat the container: {gap}. Files give this list away."


def _median(decided: Sequence[Decided], pixels: Pixels) -> float:
    return float(np.median([pixels[p] for p in {one.picture for one in decided if is_camera(one)} if p in pixels]))


def _original_size(decided: Sequence[Decided], pixels: Pixels) -> str:
    middle = _median(decided, pixels)
    rows = []
    for condition in CONDITIONS:
        real = [one for one in decided if one.condition == condition and is_camera(one) and one.picture in pixels]
        small, large = (
            [one.score for one in real if one.score is not None and (pixels[one.picture] > middle) is keep]
            for keep in (False, True)
        )
        rows.append([condition, str(len(large)), str(len(small)), f"{auc(large, small):.3f}"])
    return table(["condition", "larger photos", "smaller photos", "AUC of the score for size"], rows)


def _strata(decided: Sequence[Decided], pixels: Pixels) -> str:
    rows, areas = [], dict[str, list[tuple[float, int]]]()
    for low, high in pairwise(MEGAPIXELS):
        cells, counts = [], []
        for condition in CONDITIONS:
            mine = [one for one in decided if one.condition == condition and one.score is not None]
            inside = [one for one in mine if low <= pixels.get(one.picture, -1) / 1e6 < high]
            ai, real = ([one.score or 0.0 for one in inside if keep(one)] for keep in (is_ai, is_camera))
            counts.append((len(ai), len(real)))
            if min(len(ai), len(real)) >= LEAST:
                areas.setdefault(condition, []).append((auc(ai, real), len(ai)))
                cells.append(f"{areas[condition][-1][0]:.3f}")
            else:
                cells.append("-")
        words = f"{low:g} up" if math.isinf(high) else f"{low:g}-{high:g}"
        rows.append([words, *map(str, counts[0]), *cells])
    rows.append(["mean", "", "", *(_mean(areas.get(condition, [])) for condition in CONDITIONS)])
    return table(["megapixels", "generated", "real", *CONDITIONS], rows)


def _mean(areas: Sequence[tuple[float, int]]) -> str:
    whole = sum(weight for _, weight in areas)
    return f"{sum(area * weight for area, weight in areas) / whole:.3f}" if whole else "-"
