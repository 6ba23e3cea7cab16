"""What the fingerprint's networks say of every packed head and its delivery twins, held out: kept as JSON lines.

A source that a network was trained on is judged by the network that never saw it; one that no network knows, by all.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.fingerprint import ensemble
from detector.fingerprint.twins import cropped, twins
from detector.scene import RIVAL
from detector.signal.medium import off_tone
from detector.signal.norm import WEIGHTS
from detector.training import crops
from detector.training.crops import Cut
from detector.training.laundering import CONDITIONS
from detector.training.retouch import RETOUCHES

Rgb = NDArray[np.uint8]

NETWORKS = tuple(f"fingerprint-{number}.onnx" for number in range(4))
MODEL = "fingerprint.json"
TRACES = Path("var/training/traces.jsonl")
FRAMED = "framed tightly"  # a condition: only the face is left of the photo, as in avatars, and beyond is black
TIGHTLY = 0.16  # of the cut's side, that detector.fingerprint.twins.cropped takes away
SMALLEST = 16.0  # pixels between the eyes below which nothing is trained on or measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One photo under one condition. logits: not calibrated, by twin, the photo itself first; empty where refused.

    eyes: pixels between them. tone: LAB units off one tone (black-and-white below signal.medium.COLOURLESS). made_by:
    mark of the networks.
    """

    file: str
    label: str
    group: str
    unit: str
    person: str
    clean_real: bool
    condition: str
    refused: str
    eyes: float
    tone: float
    logits: tuple[float, ...]
    made_by: str = ""

    @property
    def picture(self) -> tuple[str, str]:
        return self.group, self.file


def usable(cut: Cut) -> bool:
    """Whether a head can be trained on, or measured: there is one, it is large enough, and nobody's is as large."""
    return not cut.refused and cut.rival <= RIVAL and cut.eyes >= SMALLEST


def digest(weights: Path, numbers: Sequence[int]) -> str:
    """Marks the networks that made a trace: the start of the SHA-256 of their files."""
    return hashlib.sha256(b"".join((weights / NETWORKS[number]).read_bytes() for number in numbers)).hexdigest()[:16]


def traced(folder: Path, kept: Path, weights: Path = WEIGHTS, *, say: Callable[[str], None]) -> list[Trace]:
    """The traces of all packed heads, under CONDITIONS, FRAMED and RETOUCHES.

    Taken from the file `kept` where the same networks made them, or measured and added to it: a run that was cut off
    goes on where it was.
    """
    known = {(one.picture, one.condition, one.made_by): one for one in _lines(kept)}
    judges = _judges(weights)
    found: list[Trace] = []
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (
        multiprocessing.get_context("spawn").Pool(os.cpu_count(), initializer=cv2.setNumThreads, initargs=(1,)) as pool,
        kept.open("a", encoding="utf-8") as out,
    ):
        for condition in (*CONDITIONS, FRAMED, *RETOUCHES):
            missing = []
            for packed, data in crops.read(folder, CONDITIONS[0] if condition == FRAMED else condition):
                cut = replace(packed, condition=condition)
                numbers, mark = judges(cut.unit)
                if (cut.picture, cut.condition, mark) in known:
                    found.append(known[cut.picture, cut.condition, mark])
                else:
                    missing.append((cut, data, weights, numbers, mark))
            for one in pool.imap(_trace, missing, chunksize=8):
                found.append(one)
                out.write(json.dumps(asdict(one)) + "\n")
            out.flush()
            say(f"{condition}: {len(missing)} heads traced")
    return found


def _lines(kept: Path) -> Iterator[Trace]:
    if kept.is_file():
        with kept.open(encoding="utf-8") as lines:
            for line in lines:
                known = json.loads(line)
                yield Trace(**known | {"logits": tuple(known["logits"])})


def _judges(weights: Path) -> Callable[[str], tuple[tuple[int, ...], str]]:
    """Unit -> the networks that never saw it, and their mark."""
    held_out: Mapping[str, int] = json.loads((weights / MODEL).read_text(encoding="utf-8"))["trained"]["held_out"]
    every = tuple(range(len(NETWORKS)))
    marks = {numbers: digest(weights, numbers) for numbers in (*((number,) for number in every), every)}

    def judges(unit: str) -> tuple[tuple[int, ...], str]:
        numbers = (held_out[unit],) if unit in held_out else every
        return numbers, marks[numbers]

    return judges


_NETS: dict[Path, cv2.dnn.Net] = {}  # of this process


def _trace(job: tuple[Cut, bytes, Path, Sequence[int], str]) -> Trace:
    cut, data, weights, numbers, mark = job
    known = {field.name: getattr(cut, field.name) for field in fields(Cut) if field.name in Trace.__slots__}
    if not usable(cut):
        return Trace(**known | {"refused": cut.refused or "small"}, tone=0.0, logits=(), made_by=mark)
    rgb = crops.decoded(data)
    if cut.condition == FRAMED:
        rgb = cropped(rgb, TIGHTLY)
    nets = [_net(weights / NETWORKS[number]) for number in numbers]
    logits = ensemble.run(nets, list(twins(rgb).values())).logits
    rounded = tuple(round(float(value), 4) for value in logits)
    return Trace(**known, tone=_tone(rgb), logits=rounded, made_by=mark)


def _net(path: Path) -> cv2.dnn.Net:
    if path not in _NETS:
        _NETS[path] = ensemble.load(path)
    return _NETS[path]


def _tone(rgb: Rgb) -> float:
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).astype(np.float32)
    return round(off_tone(lab[rgb.any(axis=2)]), 2)
