"""Model packs made by code: a card, a network that only sees blue, and labelled pictures to calibrate it on."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.packs import read_card
from detector.training.pack_fitting import AS_IS, COPY, Origin, Reading, calibrated
from tests.onnx_file import blue_means_generated
from tests.pictures import encoded

REAL_BLUE, GENERATED_BLUE = 90, 170  # mean of the blue channel; red and green have 128
SPREAD = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What an operator holds in hands: a model's file and its card's file."""

    model: Path
    card: Path


def card(model: bytes, **changes: Any) -> dict[str, Any]:
    """A right card of the blue network; a change of None leaves the key out."""
    whole: dict[str, Any] = {
        "name": "blue",
        "title": "Blue Detector 2",
        "licence": "MIT",
        "source": "https://example.org/blue",
        "sha256": hashlib.sha256(model).hexdigest(),
        "input": {"fed": "picture", "size": [8, 8]},
        "output": {"meaning": "generated-probability"},
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def offered(folder: Path, model: bytes | None = None, **changes: Any) -> Offered:
    """The two files, written to `folder`."""
    data = blue_means_generated() if model is None else model
    folder.mkdir(parents=True, exist_ok=True)
    files = Offered(model=folder / "offered.onnx", card=folder / "offered.json")
    files.model.write_bytes(data)
    files.card.write_text(json.dumps(card(data, **changes)))
    return files


def tinted(blue: float, seed: int = 0, side: int = 24) -> NDArray[np.uint8]:
    """Noise of grey, with another mean in the blue channel."""
    draw = np.random.default_rng(seed)
    means = np.array([128, 128, np.clip(blue, 20, 235)])
    return np.clip(means + draw.normal(0, 12, (side, side, 3)), 0, 255).astype(np.uint8)


def labelled(
    folder: Path, *, pictures: int = 100, groups: int = 4, blue: tuple[float, float] = (REAL_BLUE, GENERATED_BLUE)
) -> Path:
    """A manifest with as many small pictures of each label, the generated ones bluer; some of each are mistaken."""
    folder.mkdir(parents=True, exist_ok=True)
    draw, rows = np.random.default_rng(1), []
    for label, mean in zip(("real", "ai"), blue, strict=True):
        for number in range(pictures):
            name = f"{label}{number}.png"
            seed = number + (0 if label == "real" else 100_000)
            (folder / name).write_bytes(encoded(tinted(draw.normal(mean, SPREAD), seed), "PNG"))
            rows.append([name, label, f"{label}{number % groups}"])
    return write_manifest(folder / "manifest.csv", rows)


def write_manifest(
    path: Path, rows: Sequence[Sequence[str]], columns: Sequence[str] = ("file", "label", "group")
) -> Path:
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([columns, *rows])
    return path


def readings(
    *, apart: float, pictures: int = 100, groups: int = 5, own: float | None = 0.0, seed: int = 3, repeat: float = 0.0
) -> list[Reading]:
    """What a model would say whose log-odds of the two classes lie `apart` standard deviations apart.

    own: log-odds of Candid's verdict where it knows nothing; repeat: how much of what the model hears it hears, too.
    """
    draw, found = np.random.default_rng(seed), []
    for label, side in (("real", -1.0), ("ai", 1.0)):
        for number in range(pictures):
            heard = draw.normal(side * apart / 2)
            for condition in (AS_IS, COPY):
                group = f"{label}{number % groups}"
                found.append(
                    Reading(
                        picture=f"{label}{number}",
                        label=label,
                        group=group,
                        unit=group,
                        condition=condition,
                        odds=float(heard + draw.normal(0, 0.1)),
                        own=None if own is None else own + repeat * float(heard),
                    )
                )
    return found


def install(into: Path, *, apart: float = 4.0, pictures: int = 200, model: bytes | None = None, **changes: Any) -> Path:
    """A whole pack put into the folder, calibrated on what a model of that quality would have said."""
    data = blue_means_generated() if model is None else model
    written = json.dumps(card(data, **changes)).encode()
    origin = Origin(date="2026-11-20", card=hashlib.sha256(written).hexdigest(), manifest="0" * 64)
    place = into / read_card(written).name
    place.mkdir(parents=True)
    (place / "model.onnx").write_bytes(data)
    (place / "card.json").write_bytes(written)
    calibration = calibrated(readings(apart=apart, pictures=pictures), origin)
    (place / "calibration.json").write_bytes(calibration.to_json())
    return place
