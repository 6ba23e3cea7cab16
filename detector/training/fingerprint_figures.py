"""The figures of the learned fingerprint alone, for docs/accuracy.md and its model card."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from detector.observation import Strength
from detector.training.calibration import CONFIDENCE, LEAST_EYES, Heard, hear
from detector.training.fitting import is_ai, is_camera
from detector.training.laundering import CONDITIONS
from detector.training.manifest import PROCESSED
from detector.training.metrics import auc, tpr_at
from detector.training.rates import by_condition, separation
from detector.training.retouch import RETOUCHES
from detector.training.tables import share, table
from detector.training.traces import FRAMED, SMALLEST, Trace
from detector.training.voices import Voices

# Pixels between the eyes: below the least that is judged, then by steps of about the same ratio.
SIZES = (SMALLEST, LEAST_EYES, 40.0, 64.0, 100.0, 160.0, math.inf)
WORDS = (Strength.WEAK, Strength.MODERATE, Strength.STRONG)


def fingerprint_section(voices: Voices) -> str:
    """Markdown of the networks' figures."""
    heard, parameters = voices.networks.heard, voices.networks.parameters
    return f"""## Learned fingerprint

The networks alone, on every picture of the list. A score is that of the network which never saw the picture's source,
calibrated on the other sources; the product averages all four networks on a source that none of them knows, and should
do no worse there.

{protocol(voices)}
### By size of the head

Pixels between the eyes, all conditions. Below {LEAST_EYES:g} pixels nothing is said; that row shows why.

{by_size(voices)}
### What it says

A strength is said where a photo and all its delivery twins (saved again in seven harmless ways) reach the limit.

{limits(parameters)}
{by_strength(heard)}
The bound on false accusations: {bound_words(parameters["bound"])}

### How steady it is

How far the twins' log-odds lie from each other (standard deviation; even odds are 0), how often all twins are given
the same strength, and how often the photo is called unsteady: some twin would say "moderate" or more, another nothing.

{steadiness(heard)}
### The fingerprint by source of real photos

{by_group(heard, "real")}
### The fingerprint by generator

{by_group(heard, "ai")}"""


def protocol(voices: Voices) -> str:
    """AUC, macro AUC and TPR under each condition, and what was judged of how many."""
    heard = voices.networks.heard
    scored = [(one.trace, one.score) for one in heard]

    def judged(condition: str) -> list[str]:
        cells = []
        for keep in (is_ai, is_camera):
            mine = [one for one in heard if one.trace.condition == condition and keep(one.trace)]
            asked = [one for one in voices.traces if one.condition == condition and keep(one)]
            cells.append(share(len(mine), len(asked)))
        return cells

    return by_condition(scored, judged, ["judged: generated", "judged: real"])


def _too_small(voices: Voices) -> list[Heard]:
    """What would be heard below the size from which on anything is said."""
    small = [one for one in voices.traces if one.logits and one.eyes < LEAST_EYES]
    return hear(small, voices.networks.parameters["calibration"], {})


def by_size(voices: Voices) -> str:
    """The protocol's figures by pixels between the eyes."""
    heard, rows = [*voices.networks.heard, *_too_small(voices)], []
    for low, high in pairwise(SIZES):
        mine = [(one.trace, one.score) for one in heard if low <= one.trace.eyes < high]
        ai, real = (sum(keep(item) for item, _ in mine) for keep in (is_ai, is_camera))
        words = f"{low:g} up" if math.isinf(high) else f"{low:g}-{high:g}"
        rows.append([words, str(ai), str(real), *(separation(mine) if ai and real else ["-"] * 5)])
    head = ["pixels between the eyes", "generated", "real", "AUC", "macro AUC over generators"]
    return table([*head, "TPR at 5 % FPR", "TPR at 1 % FPR", "TPR at 0.5 % FPR"], rows)


def limits(parameters: Mapping[str, Any]) -> str:
    """The score that each strength needs, and the worst condition's share of held-out real photos that reach it."""
    rows = [[word, f"{limit:.4f}", parameters["false_alarms"][word]] for word, limit in parameters["limits"].items()]
    if not rows:
        return "No strength is carried by the figures: the fingerprint says nothing.\n"
    return table(["strength", "score that all twins must reach", "real photos that do, worst condition"], rows)


def by_strength(heard: Sequence[Heard]) -> str:
    """Shares that reach each strength or a higher one: by condition, framed tightly, and retouched by code."""
    rows = []
    for name, keep in (("generated", is_ai), ("real", is_camera)):
        for condition in CONDITIONS:
            mine = [one for one in heard if one.trace.condition == condition and keep(one.trace)]
            rows.append([name, condition, *_reaching(mine)])
    framed = [one for one in heard if one.trace.condition == FRAMED]
    rows.append(["generated", FRAMED, *_reaching([one for one in framed if one.trace.label == "ai"])])
    rows.append(["real", FRAMED, *_reaching([one for one in framed if one.trace.clean_real])])
    for condition in RETOUCHES:
        rows.append(["real, retouched", condition, *_reaching([o for o in heard if o.trace.condition == condition])])
    return table(["pictures", "condition", *(f"{word.value} or more" for word in WORDS)], rows)


def _reaching(part: Sequence[Heard]) -> list[str]:
    ranks = [one.strength.rank if one.strength else 0 for one in part]
    return [share(sum(rank >= word.rank for rank in ranks), len(part)) for word in WORDS]


def bound_words(bound: Mapping[str, Any]) -> str:
    """A sentence: how many held-out real photos were called generated, and how high the rate can be."""
    if not bound.get("photos"):
        return "none was measured."
    return (
        f"at limits set on seven eighths of the sources, {bound['alarms']} of {bound['photos']} real photos of "
        f"{bound['sources']} sources in the rest reached “strong” under the condition where that was most; the rate is "
        f"at most {100 * bound['share']:.2f} % with {100 * CONFIDENCE:g} % confidence (Clopper and Pearson)."
    )


def steadiness(heard: Sequence[Heard]) -> str:
    """The twins' spread, and how often all of them agree."""
    rows = []
    for condition in CONDITIONS:
        for name, keep in (("generated", is_ai), ("real", is_camera)):
            mine = [one for one in heard if one.trace.condition == condition and keep(one.trace)]
            spread = [_spread(one.trace) for one in mine]
            middle, most = np.quantile(spread, (0.5, 0.9)) if spread else (math.nan, math.nan)
            steady, unsteady = sum(one.strength == one.at_most for one in mine), sum(one.unsteady for one in mine)
            shares = [share(part, len(mine)) for part in (steady, unsteady)]
            rows.append([condition, name, f"{middle:.2f}", f"{most:.2f}", *shares])
    head = ["condition", "pictures", "spread: median", "spread: 9 in 10 below", "steady", "called unsteady"]
    return table(head, rows)


def _spread(trace: Trace) -> float:
    return float(np.std(trace.logits))


def by_group(heard: Sequence[Heard], label: str) -> str:
    """Shares that reach each strength by group, all conditions; for generators also the AUC against all real photos."""
    known = [one for one in heard if one.trace.condition in CONDITIONS]
    real = [one.score for one in known if is_camera(one.trace)]
    mine = [one for one in known if one.trace.label == label]
    rows = []
    for group in sorted({one.trace.group for one in mine}):
        part = [one for one in mine if one.trace.group == group]
        scores = [one.score for one in part]
        area = [f"{auc(scores, real):.3f}", f"{tpr_at(scores, real, 0.05):.2f}"] if label == "ai" else []
        name = group + (" (processed, not counted)" if group in PROCESSED else "")
        rows.append([name, str(len({one.trace.picture for one in part})), *area, *_reaching(part)])
    area = ["AUC", "TPR at 5 % FPR"] if label == "ai" else []
    return table(["group", "pictures judged", *area, *(f"{word.value} or more" for word in WORDS)], rows)
