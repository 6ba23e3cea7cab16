"""Voices as training hears them, drawn instead of measured: no picture, no network, no file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from detector.observation import Strength
from detector.training import fusion
from detector.training.calibration import calibrate, measured
from detector.training.features import Item, retouched_by_code
from detector.training.fitting import Fit, Judged
from detector.training.laundering import CONDITIONS
from detector.training.manifest import Row, folds
from detector.training.retouch import RETOUCHES
from detector.training.traces import Trace
from detector.training.voices import Voices

TWINS = 8
CODE = "eyes.retouched"  # what the drawn sign finds


def rows(folder: Path = Path("list"), *, generators: int = 9, sources: int = 16) -> list[Row]:
    """Groups of 20 generated and of 30 real pictures; one more of each sort that is not counted."""
    groups = [("ai", f"generator{n}", 20) for n in range(generators)]
    groups += [("real", f"source{n}", 30) for n in range(sources)] + [("real", "film_codeformer", 6)]
    return [
        Row(path=folder / f"{group}-{number}.jpg", label=label, group=group, person=f"{number}")
        for label, group, size in groups
        for number in range(size)
    ]


def traces(listed: Sequence[Row], *, apart: float = 3.2, jitter: float = 0.3, seed: int = 3) -> list[Trace]:
    """apart: log-odds by which the classes' means lie off 0. jitter: of a photo's twins."""
    draw = np.random.default_rng(seed)
    again = set(retouched_by_code(listed))
    found = []
    for row in listed:
        middle = draw.normal(apart if row.label == "ai" else -apart, 1.5)
        eyes, tone = draw.lognormal(4.5, 0.6), draw.choice([2.0, 20.0], p=[0.1, 0.9])
        for condition in (*CONDITIONS, *(RETOUCHES if row in again else ())):
            found.append(
                Trace(
                    file=row.path.name,
                    label=row.label,
                    group=row.group,
                    unit=row.unit,
                    person=row.person,
                    clean_real=row.clean_real,
                    condition=condition,
                    refused="" if eyes >= 16 else "small",
                    eyes=float(eyes),
                    tone=float(tone),
                    logits=tuple(float(x) for x in draw.normal(middle, jitter, TWINS)) if eyes >= 16 else (),
                )
            )
    return found


def sign(listed: Sequence[Row]) -> tuple[list[Item], Fit]:
    """A sign called "eyes" that finds retouching in every fifth real photo, and has no opinion."""
    items = [
        Item(
            file=row.path.name,
            label=row.label,
            group=row.group,
            unit=row.unit,
            person=row.person,
            clean_real=row.clean_real,
            condition=condition,
            sign="eyes",
            version=1,
            variant="any",
            values={"level": 1.0},
        )
        for row in listed
        for condition in CONDITIONS
    ]
    judged = [
        Judged(
            item=item,
            surprise={CODE: 1.0},
            strength={CODE: Strength.MODERATE} if item.label == "real" and item.person.endswith(("0", "5")) else {},
            score=0.5,
        )
        for item in items
    ]
    norm = {"bearing": "retouched", "limits": {"weak": 1.0, "moderate": 2.0}, "ratios": {"weak": 20.0}}
    return items, Fit(
        parameters={"variants": {"any": {"norms": {CODE: norm}, "logistic": None}}},
        judged=judged,
        opinion={"any": (0.5, 0.4, 0.6)},
    )


def voices(listed: Sequence[Row], left: Sequence[Trace], *, with_sign: bool = True) -> Voices:
    """What voices.listen would make of them."""
    signs = {"eyes": sign(listed)} if with_sign else {}
    networks = calibrate(measured(left, set()), folds(listed))
    cases = fusion.cases({name: fit for name, (_, fit) in signs.items()}, networks.heard)
    return Voices(rows=listed, signs=signs, networks=networks, traces=left, cases=cases)
