"""Trains the fingerprint: `python -m detector.training.fingerprint MANIFEST [--minutes N] [--start WEIGHTS]`.

Packs the heads (detector.training.crops), trains one network a fold, each without that fold's sources, and exports them
as ONNX into detector/weights. Needs requirements-training.txt; nothing of it is imported at run time. Seeded; stops at
its time limit, and called again with a larger one it goes on from its checkpoints. `make train` then fits what the
scores mean and may say.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from detector.fingerprint.crop import INPUT
from detector.fingerprint.ensemble import WEIGHTS
from detector.training import crops, export
from detector.training.crops import CROPS, Cut
from detector.training.degrade import degraded
from detector.training.manifest import folds, read_manifest
from detector.training.networks import Fingerprint, load_published, published
from detector.training.traces import MODEL, NETWORKS, usable

Rgb = NDArray[np.uint8]
Array = NDArray[np.float64]

RUNS = Path("var/training/fingerprint")
BATCH = 32
RATE, HEAD_RATE = 1.5e-4, 7.5e-4  # AdamW, at the start of a cosine that ends at LAST of it
LAST = 0.03
WARM = 60  # steps
DECAY = 0.03
FROZEN = 2  # stages, with the stem: what edges and colours are is known from ImageNet
SMOOTHED = 0.05  # label smoothing (Szegedy et al., 2016): half of it from either side
MIXED, MIX = 0.5, 0.2  # share of batches that are mixed (Zhang et al., 2018, "mixup"), and the mixture's parameter
AVERAGED = 0.998  # of the weights' running average, which is what is kept
CLIPPED = 5.0
CAP, POWER = 60, 0.6  # a group counts by its size to this power, and no further than the cap
# Chance of a tight framing. Face generators make tightly framed heads and nothing else (a fifth of the generated ones),
# so real photos get more of it: otherwise the frame alone speaks for a generator, and accuses everybody's avatar.
TIGHT = {True: 0.1, False: 0.3}
SAVED_EVERY = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Pictures:
    """What one fold trains on. cuts: encoded. chances: of being drawn; classes weigh the same, groups nearly so."""

    cuts: Sequence[bytes]
    generated: NDArray[np.bool_]
    chances: Array


def pictures(folder: Path, left_out: int, dealt: Mapping[str, int]) -> Pictures:
    """Every usable cut of the condition "clean" but those of the fold's units."""
    found = [
        (cut, data)
        for cut, data in crops.read(folder, "clean")
        if usable(cut) and dealt[cut.unit] != left_out and (cut.label == "ai" or cut.clean_real)
    ]
    generated = np.array([cut.label == "ai" for cut, _ in found])
    return Pictures([data for _, data in found], generated, _chances([cut for cut, _ in found], generated))


def _chances(cuts: Sequence[Cut], generated: NDArray[np.bool_]) -> Array:
    sizes = Counter((cut.label, cut.group) for cut in cuts)
    chances = np.array([min(sizes[key], CAP) ** POWER / sizes[key] for key in ((c.label, c.group) for c in cuts)])
    for side in (generated, ~generated):
        chances[side] /= 2 * chances[side].sum()
    return chances


def fit(learnt: Pictures, *, seed: int, minutes: float, start: Path | None, checkpoint: Path) -> int:
    """Trains one network up to `minutes` in all, counting what the checkpoint has behind it; hands back its steps."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(seed)
    network = Fingerprint().to(memory_format=torch.channels_last)
    if start:
        load_published(network, published(start))
    for part in (network.stem, *network.stages[:FROZEN]):
        part.requires_grad_(requires_grad=False)
    optimiser = _optimiser(network)
    averaged, step, behind = deepcopy(network), 0, 0.0
    if checkpoint.is_file():
        known = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(known["network"])
        averaged.load_state_dict(known["averaged"])
        if "optimiser" in known:
            optimiser.load_state_dict(known["optimiser"])
        step, behind = known["step"], known["minutes"]
    begun = saved = time.monotonic()
    while (spent := behind + (time.monotonic() - begun) / 60) < minutes:
        _rate(optimiser, step, spent / minutes)
        # Seeded by the step, so that a run which goes on draws what it would have drawn.
        _step(network, optimiser, learnt, np.random.default_rng((seed, step)))
        _average(averaged, network, step)
        step += 1
        if time.monotonic() - saved > SAVED_EVERY:
            _save(checkpoint, network, averaged, optimiser, step, spent)
            saved = time.monotonic()
    _save(checkpoint, network, averaged, optimiser, step, max(behind, minutes))
    return step


def _optimiser(network: Fingerprint) -> torch.optim.AdamW:
    heads = list(network.heads.parameters())
    known = {id(one) for one in heads}
    body = [one for one in network.parameters() if one.requires_grad and id(one) not in known]
    return torch.optim.AdamW(
        [{"params": body, "lr": RATE, "full": RATE}, {"params": heads, "lr": HEAD_RATE, "full": HEAD_RATE}],
        weight_decay=DECAY,
    )


def _rate(optimiser: torch.optim.Optimizer, step: int, share: float) -> None:
    now = min(1.0, step / WARM) * (LAST + (1 - LAST) * 0.5 * (1 + math.cos(math.pi * min(1.0, share))))
    for group in optimiser.param_groups:
        group["lr"] = group["full"] * now


def _step(network: Fingerprint, optimiser: torch.optim.Optimizer, learnt: Pictures, draw: np.random.Generator) -> None:
    chosen = draw.choice(len(learnt.cuts), BATCH, p=learnt.chances)
    x = tensor([_drawn(learnt, one, draw) for one in chosen])
    y = torch.tensor(learnt.generated[chosen], dtype=torch.float32) * (1 - 2 * SMOOTHED) + SMOOTHED
    if draw.random() < MIXED:
        share, order = float(draw.beta(MIX, MIX)), torch.tensor(draw.permutation(BATCH))
        x, y = share * x + (1 - share) * x[order], share * y + (1 - share) * y[order]
    network.train()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(network(x)[0], y)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_([one for one in network.parameters() if one.requires_grad], CLIPPED)
    optimiser.step()


def _drawn(learnt: Pictures, one: int, draw: np.random.Generator) -> Rgb:
    return degraded(crops.decoded(learnt.cuts[one]), INPUT, draw, TIGHT[bool(learnt.generated[one])])


def _average(averaged: Fingerprint, network: Fingerprint, step: int) -> None:
    keep = min(AVERAGED, (1 + step) / (10 + step))
    with torch.no_grad():
        for mean, now in zip(averaged.parameters(), network.parameters(), strict=True):
            mean.lerp_(now, 1 - keep)


def _save(
    path: Path,
    network: Fingerprint,
    averaged: Fingerprint,
    optimiser: torch.optim.Optimizer,
    step: int,
    minutes: float,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".half")
    state = {"network": network.state_dict(), "averaged": averaged.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save(state | {"step": step, "minutes": minutes}, half)
    half.rename(path)


def tensor(heads: Sequence[Rgb]) -> Tensor:
    """N x 3 x S x S in 0..255."""
    stacked = torch.from_numpy(np.stack(heads)).permute(0, 3, 1, 2).float()
    return stacked.contiguous(memory_format=torch.channels_last)


def export_all(runs: Path, weights: Path, dealt: Mapping[str, int], learnt_on: Mapping[str, int]) -> None:
    """The checkpoints as ONNX in `weights`, with what each did not see."""
    weights.mkdir(parents=True, exist_ok=True)
    steps = {}
    for number, name in enumerate(NETWORKS):
        known = torch.load(runs / f"fold-{number}.pt", weights_only=True)
        network = Fingerprint()
        network.load_state_dict(known["averaged"])
        steps[name] = known["step"]
        export.write(network.eval(), weights / name)
    trained = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "pictures": dict(learnt_on),
        "steps": steps,
        "torch": torch.__version__.split("+")[0],
        "held_out": dict(sorted(dealt.items())),
    }
    known_before: dict[str, Any] = json.loads((weights / MODEL).read_text()) if (weights / MODEL).is_file() else {}
    whole = known_before | {"networks": list(NETWORKS), "trained": trained}
    (weights / MODEL).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--minutes", type=float, default=30.0, help="of training for each network")
    parser.add_argument("--start", type=Path, help="published ImageNet weights (.pth); the package's by default")
    parser.add_argument("--cuts", type=Path, default=CROPS)
    parser.add_argument("--runs", type=Path, default=RUNS, help="checkpoints")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="where the ONNX files go")
    parser.add_argument("--fold", type=int, help="train this one alone, and export nothing")
    given = parser.parse_args(arguments)
    rows = read_manifest(given.manifest)
    dealt = {unit: fold % len(NETWORKS) for unit, fold in folds(rows).items()}
    if given.fold is not None:
        learnt = pictures(given.cuts, given.fold, dealt)
        start = given.start or export.imagenet()
        checkpoint = given.runs / f"fold-{given.fold}.pt"
        steps = fit(learnt, seed=given.fold, minutes=given.minutes, start=start, checkpoint=checkpoint)
        print(f"network {given.fold}: {len(learnt.cuts)} pictures, {steps} steps", flush=True)  # noqa: T201 - a command
        return 0
    crops.pack(rows, given.cuts)
    _fit_each(sys.argv[1:] if arguments is None else list(arguments))
    counts = Counter(row.label for row in rows if row.label == "ai" or row.clean_real)
    export_all(given.runs, given.weights, dealt, counts)
    return 0


def _fit_each(arguments: Sequence[str]) -> None:
    """One process a fold, as many at a time as there are cores. Raises CalledProcessError."""
    waiting = [
        [sys.executable, "-m", "detector.training.fingerprint", *arguments, "--fold", str(number)]
        for number in range(len(NETWORKS))
    ]
    running: list[subprocess.Popen[bytes]] = []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            running.append(subprocess.Popen(waiting.pop(0)))  # noqa: S603 - this very program
        first = running.pop(0)
        if first.wait():
            raise subprocess.CalledProcessError(first.returncode, first.args)


if __name__ == "__main__":
    sys.exit(main())
