"""The voices of a manifest, all held out: what the signs measured, what the networks said, and both together."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detector.signal import medium
from detector.training import crops, fusion
from detector.training.calibration import Calibrated, calibrate, measured
from detector.training.crops import CROPS
from detector.training.features import Item, sign_modules
from detector.training.features import measured as signs_measured
from detector.training.fitting import Fit, fit_sign
from detector.training.fusion import Case
from detector.training.manifest import Row, capped, folds
from detector.training.traces import TRACES, Trace, traced

CAP = 60  # pictures a group, drawn by hash: one large source must not become the model
FEATURES = Path("var/training/signs.jsonl")
Fitted = Mapping[str, tuple[Sequence[Item], Fit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where measurements are kept, so that they are made once. features: of the signs. cuts: packed heads."""

    features: Path = FEATURES
    cuts: Path = CROPS
    traces: Path = TRACES


@dataclass(frozen=True, slots=True, kw_only=True)
class Voices:
    """signs: name -> its measurements and its fit. networks: calibrated and judged. traces: every one, also refused.
    cases: every picture under every condition, with all voices."""

    rows: Sequence[Row]
    signs: Fitted
    networks: Calibrated
    traces: Sequence[Trace]
    cases: Sequence[Case]

    @property
    def fusion(self) -> dict[str, Any]:
        """The parameters of detector.weighing."""
        return fusion.fit_fusion(self.cases)


def chosen(rows: Sequence[Row]) -> list[Row]:
    """The rows that train and measure the signs: at most CAP a group."""
    return capped(rows, CAP, lambda row: row.group, lambda row: row.path.name)


def fit_signs(rows: Sequence[Row], names: Sequence[str], features: Path) -> dict[str, tuple[list[Item], Fit]]:
    """Every sign's measurements and its fit."""
    items = signs_measured(rows, features, names, say=_say)
    dealt = folds(rows)
    by_sign = {name: [item for item in items if item.sign == name] for name in names}
    return {name: (mine, fit_sign(sign_modules()[name].MODEL, mine, dealt)) for name, mine in by_sign.items()}


def gather(rows: Sequence[Row], kept: Kept) -> Voices:
    """All voices of all rows; what was measured before is taken from the files of `kept`."""
    return listen(rows, kept.features, _traces(rows, kept))


def listen(rows: Sequence[Row], features: Path, traces: Sequence[Trace]) -> Voices:
    """All voices of all rows, of whose heads the networks left these traces."""
    signs = fit_signs(chosen(rows), sorted(sign_modules()), features)
    networks = calibrate(measured(traces, _painted(signs)), folds(rows))
    cases = fusion.cases({name: fit for name, (_, fit) in signs.items()}, networks.heard)
    return Voices(rows=rows, signs=signs, networks=networks, traces=traces, cases=cases)


def _traces(rows: Sequence[Row], kept: Kept) -> list[Trace]:
    crops.pack(rows, kept.cuts)
    mine = {row.picture for row in rows}
    return [one for one in traced(kept.cuts, kept.traces, say=_say) if one.picture in mine]


def _painted(signs: Fitted) -> set[tuple[tuple[str, str], str]]:
    """What the gate against paintings turned away."""
    every = (item for items, _ in signs.values() for item in items)
    return {(item.picture, item.condition) for item in every if item.refused == medium.PAINTED}


def _say(words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201 - a command
