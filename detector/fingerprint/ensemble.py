"""The trained networks, run by OpenCV: several of one kind, each trained without another part of the sources.

Loaded once a process and only when first asked (nothing may touch OpenCV before a worker forks). What they are and what
they were trained on: detector/weights/fingerprint.md; trained by `detector.training.fingerprint`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.fingerprint.crop import head_of
from detector.observation import CouldNotLook

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
MENDED = "Install Candid again."

_one_at_a_time = Lock()  # a cv2.dnn.Net keeps its last input; two threads must not share it


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the networks say of N pictures. logits: N, natural log-odds, not calibrated, mean of the networks.
    map: F x F of the first picture; positive where it speaks for a generator, its mean is about the first logit."""

    logits: Array
    map: Array


@cache
def parameters() -> Mapping[str, Any]:
    """fingerprint.json: names of the networks, calibration, limits, what they were measured on. Raises CouldNotLook."""
    try:
        loaded: dict[str, Any] = json.loads((WEIGHTS / "fingerprint.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CouldNotLook(f"The weights of “fingerprint” are missing. {MENDED}") from None
    return loaded


def read(cuts: Sequence[Rgb]) -> Reading:
    """All networks on cuts of one photo (each S x S x 3, S may differ). Raises CouldNotLook without weights."""
    return run([_net(name) for name in parameters()["networks"]], cuts)


def run(nets: Sequence[cv2.dnn.Net], cuts: Sequence[Rgb]) -> Reading:
    """The given networks on cuts of one photo, each cut N x N x 3, as one batch."""
    batch = blob([head_of(cut) for cut in cuts])
    logits, maps = zip(*(_forward(net, batch) for net in nets), strict=True)
    return Reading(logits=np.mean(logits, axis=0), map=np.mean([one[0, 0] for one in maps], axis=0))


def blob(heads: Sequence[Rgb]) -> Array:
    """N x 3 x INPUT x INPUT, float32, 0..255, RGB."""
    return np.ascontiguousarray(np.stack(heads).transpose(0, 3, 1, 2), dtype=np.float32)


def _forward(net: cv2.dnn.Net, batch: Array) -> tuple[Array, Array]:
    with _one_at_a_time:
        net.setInput(batch)
        logits, maps = net.forward(["logit", "map"])
        return np.array(logits, dtype=np.float32).reshape(len(batch)), np.array(maps, dtype=np.float32)


@cache
def _net(name: str) -> cv2.dnn.Net:
    return load(WEIGHTS / name)


def load(path: Path) -> cv2.dnn.Net:
    """A network's file. Raises CouldNotLook where it is missing or broken."""
    if not path.is_file():
        raise CouldNotLook(f"The network {path.name} is missing. {MENDED}")
    try:
        return cv2.dnn.readNetFromONNX(str(path))
    except cv2.error:
        raise CouldNotLook(f"The network {path.name} cannot be read. {MENDED}") from None
