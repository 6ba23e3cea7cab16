"""Whether the pixels were a JPEG before: steps of an older table that show through in the frequencies of the blocks.

A JPEG holds multiples of its table's steps. Saved again with another table, or as a PNG, the old multiples remain as a
comb in the histogram of each frequency: some values too often, others hardly ever (Lukáš and Fridrich 2003; Popescu and
Farid 2004). For each candidate table the expected comb is laid over the histograms of seven low frequencies, and the
likelihood of the comb is weighed against that of the smooth histogram which the other 63 positions of the 8 x 8 grid
give (calibration: Fridrich, Goljan and Hogea 2002). Where the comb stands on another position of the grid, the picture
was cropped in between (after Bianchi and Piva 2012).
Blind to: the same table again; an older save much finer than the present one; pictures resized, turned by other than
quarter turns or filtered in between; a crop by whole blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL.JpegPresets import presets

from detector.provenance.jpeg_structure import Table
from detector.provenance.known_tables import APPLE_LUMA, LUMA, MOZJPEG, scaled

Luma = NDArray[np.float32]  # H x W, 0..255, cut at a multiple of eight from the top left of the coded picture
Floats = NDArray[np.float64]

SIDE = 640  # pixels looked at in each direction: 6,400 blocks
SMALLEST = 96  # below that there are too few blocks to count
MODES = ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1))  # (vertical, horizontal): strong in every photo
REACH = 60  # values of a histogram on either side of nothing
COARSEST = 80  # steps of candidates: beyond, hardly two values of a histogram are met
CALIBRATION = ((4, 4), (3, 5), (5, 3), (4, 3), (2, 4), (4, 6))  # positions of the grid that no block of the file has
ROUNDING = 0.5  # spread of a coefficient after rounding to pixels and conversion to RGB and back
SMEAR = 0.3  # what each step of the present table adds to that at other positions of the grid
DOUBT = 0.1  # share of a histogram that keeps to no comb: clipped and flat blocks

# Natural logarithms of likelihood ratios; docs/detectors.md#encoder_history.
ALIGNED = 60.0
SHIFTED = 120.0
ALONE = 3.0  # times the evidence of the next best position: what a flat picture shows, it shows on many
SURE_OF_QUALITY = 300.0
EXPLAINED = 0.85  # of what the best step for each frequency by itself would give: else it was a table of another kind
AS_GOOD = 0.98  # of the best candidate's evidence: candidates that cannot be told from it


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSave:
    """An older JPEG grid. right, down: where its blocks begin, 0..7 pixels from those of the file (or of its corner).

    family: standard where a table of libjpeg's explains it, other elsewhere: seven frequencies do not tell the others'
    tables apart. quality: least and most of libjpeg's scale, None where unsure. evidence: log-likelihood ratio.
    """

    right: int
    down: int
    family: str
    quality: tuple[int, int] | None
    evidence: float

    @property
    def shifted(self) -> bool:
        return bool(self.right or self.down)


@cache
def candidates() -> tuple[tuple[str, int, Table], ...]:
    """(family, quality, table) of all that a first save may have used; quality 0 where there is no such number."""
    settings = cast("dict[str, dict[str, list[list[int]]]]", presets)
    adobe = {tuple(setting["quantization"][0]) for setting in settings.values()}
    apple = [tuple(max(round(step * part / 100), 1) for step in APPLE_LUMA) for part in (8, 10, 13, 16, 20, 25, 28, 40)]
    return (
        *(("standard", quality, scaled(LUMA, quality)) for quality in range(20, 99)),
        *(("mozjpeg", quality, scaled(MOZJPEG, quality)) for quality in range(50, 96)),
        *(("adobe", 0, table) for table in sorted(adobe)),
        *(("apple", 0, table) for table in apple),
    )


def earlier_save(luma: Luma, present: Table | None) -> EarlierSave | None:
    """The clearest older grid, None where there is none.

    present: the file's own table, None if it keeps pixels as they are. Other compressions cover the comb.
    """
    if min(luma.shape) < SMALLEST:
        return None
    maps = {mode: _coefficients(luma, mode) for mode in MODES}
    if present is None:
        return _anywhere(maps, ROUNDING, jpeg=False)
    steps = {(down, right): present[8 * down + right] for down, right in MODES}
    if min(steps.values()) < 1:
        return None
    smear = ROUNDING + SMEAR * sum(steps.values()) / len(steps)
    found = [_in_place(maps, steps), _anywhere(maps, round(smear, 1), jpeg=True)]
    return max((one for one in found if one), key=lambda one: one.evidence, default=None)


def _in_place(maps: Mapping[tuple[int, int], Luma], steps: Mapping[tuple[int, int], int]) -> EarlierSave | None:
    by_mode = []
    for mode, values in maps.items():
        own = _histogram(values[::8, ::8], steps[mode])[None]
        beside = sum(_histogram(values[down::8, right::8], steps[mode]) for down, right in CALIBRATION)
        by_mode.append(_evidence(own, own[0] + beside, mode, float(steps[mode]), ROUNDING)[0])
    return _best(np.array(by_mode), 0, ALIGNED)


def _anywhere(maps: Mapping[tuple[int, int], Luma], smear: float, *, jpeg: bool) -> EarlierSave | None:
    counted = {mode: _histograms(values) for mode, values in maps.items()}
    by_mode = np.array([_evidence(own, own.sum(axis=0), mode, 1.0, smear) for mode, own in counted.items()])
    by_place = by_mode.sum(axis=0).max(axis=1)
    if jpeg:  # rows and columns of the file's own grid show its own table where the picture is flat
        by_place.reshape(8, 8)[0], by_place.reshape(8, 8)[:, 0] = 0.0, 0.0
    place = int(by_place.argmax())
    if by_place[place] < max(SHIFTED, ALONE * np.delete(by_place, place).max(initial=0.0)):
        return None
    return _best(by_mode[:, place], place, SHIFTED)


def _best(by_mode: Floats, place: int, limit: float) -> EarlierSave | None:
    """by_mode: modes x candidates. The likeliest table, and how sure it is that it was that one."""
    evidence = by_mode.sum(axis=0)
    best = int(evidence.argmax())
    if evidence[best] < limit:
        return None
    known = candidates()
    as_good = [at for at in range(len(known)) if evidence[at] >= AS_GOOD * evidence[best]]
    standard = [known[at][1] for at in as_good if known[at][0] == "standard"]
    explained = evidence[best] >= EXPLAINED * by_mode.max(axis=1).sum()
    sure = bool(standard) and explained and evidence[best] >= SURE_OF_QUALITY
    return EarlierSave(
        right=place % 8,
        down=place // 8,
        family="standard" if standard and explained else "other",
        quality=(min(standard), max(standard)) if sure else None,
        evidence=round(float(evidence[best]), 1),
    )


@cache
def _basis() -> NDArray[np.float32]:
    at = np.arange(8)
    rows = np.cos((2 * at[None] + 1) * at[:, None] * np.pi / 16) / 2
    rows[0] /= np.sqrt(2)
    return rows.astype(np.float32)


def _coefficients(luma: Luma, mode: tuple[int, int]) -> Luma:
    """The DCT coefficient of a block that begins at each pixel, for whole blocks; sides are multiples of eight."""
    down, right = mode
    every = cv2.sepFilter2D(luma, cv2.CV_32F, _basis()[right], _basis()[down], anchor=(0, 0))
    high, wide = ((side - 8) // 8 * 8 for side in luma.shape)
    return np.asarray(every[:high, :wide], dtype=np.float32)


def _histogram(values: Luma, step: int) -> Floats:
    places = np.clip(np.rint(values / step), -REACH - 1, REACH + 1).astype(np.int32) + REACH + 1
    return np.bincount(places.ravel(), minlength=2 * REACH + 3)[1:-1].astype(np.float64)


def _histograms(values: Luma) -> Floats:
    """64 x values: a histogram for each position of the grid, in steps of one."""
    wide = 2 * REACH + 3
    places = np.clip(np.rint(values), -REACH - 1, REACH + 1).astype(np.int32)
    places.reshape(places.shape[0] // 8, 8, -1, 8)[...] += _offsets()
    counted = np.bincount(places.ravel(), minlength=64 * wide).reshape(64, wide)
    return counted[:, 1:-1].astype(np.float64)


@cache
def _offsets() -> NDArray[np.int32]:
    place = 8 * np.arange(8)[:, None] + np.arange(8)[None]
    return (place * (2 * REACH + 3) + REACH + 1).astype(np.int32)[None, :, None, :]


def _evidence(own: Floats, smooth: Floats, mode: tuple[int, int], step: float, smear: float) -> Floats:
    """places x candidates: how much likelier each candidate's comb makes the histograms than none."""
    own, expected = own.copy(), smooth + 0.5
    own[:, REACH] = expected[REACH] = 0.0  # nothing is a multiple of every step
    expected /= expected.sum()
    asked, where = _steps(mode)
    comb, logarithm = _combs(asked, step, smear)
    gained = own @ logarithm - own.sum(axis=1, keepdims=True) * np.log(expected @ comb)[None]
    return np.asarray(gained[:, where], dtype=np.float64)


@cache
def _steps(mode: tuple[int, int]) -> tuple[tuple[int, ...], NDArray[np.intp]]:
    of_candidates = np.array([min(table[8 * mode[0] + mode[1]], COARSEST) for _, _, table in candidates()])
    asked, where = np.unique(of_candidates, return_inverse=True)
    return tuple(int(step) for step in asked), where


@lru_cache(maxsize=128)  # 0.1 MB each; a picture asks for eight at most
def _combs(asked: Sequence[int], step: float, smear: float) -> tuple[Floats, Floats]:
    """values x steps asked for: how many times as often as without an older save a value is met; its logarithm."""
    values: Floats = np.arange(-REACH, REACH + 1, dtype=np.float64)[:, None] * step
    olds: Floats = np.array(asked, dtype=np.float64)[None]
    comb = (_stairs(values + step / 2, olds, smear) - _stairs(values - step / 2, olds, smear)) * olds / step
    comb = np.where(olds < 2 * smear, 1.0, comb)  # such teeth are blurred away
    comb = (1 - DOUBT) * np.maximum(comb, 0.0) + DOUBT
    return comb, np.log(comb)


def _stairs(at: Floats, olds: Floats, smear: float) -> Floats:
    """How many multiples of the old step lie below a value, each blurred by the smear (as a logistic curve)."""
    nearest = np.rint(at / olds)
    blurred = [
        1 / (1 + np.exp(-1.702 * np.clip((at - olds * (nearest + k)) / smear, -40, 40))) for k in (-2, -1, 0, 1, 2)
    ]
    return np.asarray(nearest + np.sum(blurred, axis=0), dtype=np.float64)
