"""Own networks beside the shipped ones: `python -m detector.training.compare MANIFEST WEIGHTS`.

Both judge the same packed heads, each source by a network that never saw it. A source that the shipped networks were
trained on is held out by their own folds, one that they do not know is judged by all four.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detector.signal.norm import WEIGHTS
from detector.training import crops
from detector.training.calibration import counted, measured
from detector.training.fitting import macro_auc
from detector.training.laundering import CONDITIONS
from detector.training.manifest import read_manifest
from detector.training.metrics import auc, tpr_at
from detector.training.tables import table
from detector.training.traces import TRACES, Trace, traced


def figures(name: str, traces: Sequence[Trace]) -> list[list[str]]:
    """One row a condition: AUC, macro AUC over generators with its interval over groups, TPR at 5 % and 1 %."""
    rows = []
    for condition in CONDITIONS:
        scored = [(one, float(np.mean(one.logits))) for one in traces if one.condition == condition and counted(one)]
        ai, real = ([score for one, score in scored if (one.label == "ai") is side] for side in (True, False))
        macro, low, high = macro_auc(scored)
        rates = [f"{tpr_at(ai, real, rate):.2f}" for rate in (0.05, 0.01)]
        rows.append([name, condition, f"{auc(ai, real):.3f}", f"{macro:.3f} ({low:.3f}-{high:.3f})", *rates])
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("weights", type=Path, help="folder of own networks, as `make fingerprint WEIGHTS=...` wrote it")
    parser.add_argument("--cuts", type=Path, default=crops.CROPS)
    given = parser.parse_args(arguments)
    rows = read_manifest(given.manifest)
    crops.pack(rows, given.cuts)
    mine = {row.picture for row in rows}
    found = []
    for name, weights in (("shipped", WEIGHTS), ("own", given.weights)):
        every = traced(given.cuts, TRACES, weights, say=lambda words: print(words, file=sys.stderr))  # noqa: T201
        found += figures(name, measured([one for one in every if one.picture in mine], ()))
    head = ["networks", "condition", "AUC", "macro AUC", "TPR at 5 %", "TPR at 1 %"]
    print(table(head, found))  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
