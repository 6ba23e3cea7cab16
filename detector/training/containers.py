"""What a file's container alone gives away, without its pixels: measured for the probe that must be beaten."""

from __future__ import annotations

import io
import math
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from detector.observation import CouldNotLook
from detector.portrait import PictureError
from detector.training.laundering import launder
from detector.training.manifest import OfRow, Row

FORMATS = ("JPEG", "PNG", "WEBP")  # any other is none of them
GRID = 64  # pixels: sides of pictures as generators give them out are multiples of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Container(OfRow):
    """One picture's file under one condition. values: what the probe looks at. pixels: width times height."""

    row: Row
    condition: str
    pixels: int
    values: Mapping[str, float]


def containers(rows: Sequence[Row], conditions: Sequence[str]) -> list[Container]:
    """Of every row under every condition; those that cannot be opened are left out."""
    jobs = [(row, condition) for condition in conditions for row in rows]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        return [one for one in pool.imap(_container, jobs, chunksize=16) if one]


def _container(job: tuple[Row, str]) -> Container | None:
    row, condition = job
    try:
        return container(row, condition, launder(row.path.read_bytes(), condition))
    except (OSError, PictureError, CouldNotLook):
        return None


def container(row: Row, condition: str, data: bytes) -> Container:
    """Of a file's bytes. Raises OSError where they are no picture."""
    with Image.open(io.BytesIO(data)) as opened:
        width, height = opened.size
        tables: Mapping[int, Sequence[int]] = getattr(opened, "quantization", {})
        values = {
            "width": math.log(width),
            "height": math.log(height),
            "bytes": math.log(len(data) / (width * height)),
            "quantisation": float(np.mean(tables[0])) if tables.get(0) else 0.0,
            "square": float(width == height),
            "whole width": float(width % GRID == 0),
            "whole height": float(height % GRID == 0),
        } | {name: float(opened.format == name) for name in FORMATS}
    return Container(row=row, condition=condition, pixels=width * height, values=values)
