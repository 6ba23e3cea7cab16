"""Whether the pixels were interpolated from fewer: a period in how much neighbouring pixels differ.

An enlarged picture takes most of its pixels as weighted means of others, and the weights recur with the factor: so does
the size of the second difference along a row, averaged over all rows (Gallagher 2005; Mahdian and Saic 2008). Its
spectrum has a peak at 1/factor, folded into 0..1/2; one is believed only where rows and columns show the same.
Blocks of a JPEG recur every eight pixels, and sensors interpolate colour every two: multiples of 1/8 are passed over.
Blind to: factors 2, 4, 8, 1.6, 1.14 and others whose peak lies there; most pictures saved as a JPEG below quality 90
afterwards; reductions; enlargement by a network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.provenance.earlier_saves import Luma

Floats = NDArray[np.float64]

SMALLEST = 200  # pixels a side: below, a peak is hardly narrower than the gap between multiples of 1/8
EDGE = 20.0  # a second difference counts no further: a few strong edges must not decide
BINS = 2048  # of the spectrum over 0..1
LOWEST = 0.1  # below, the picture's own structure dominates; and factors that large are plain to see
AROUND = 100  # bins on either side that say what is usual
BOTH = 2.5  # times what is usual, in rows and in columns each
# For a JPEG, and for others: the peak (geometric mean of both) that is believed as long as there is no more fine detail
# than enlarged pictures have, and that which is believed where it is as weak as given. What stands against them are
# reduced pictures in which the blocks of an older JPEG recur; docs/detectors.md#encoder_history.
LIMITS = {True: (12.0, 7.0, 0.06), False: (22.0, 9.0, 0.03)}
MOST_DETAIL = 0.4
FINEST, MIDDLING = (0.42, 0.49), (0.2, 0.3)  # cycles a pixel


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlarged:
    """period: cycles a pixel, 0.1..0.5. factors: enlargements with that period, smallest first. peak: times usual."""

    period: float
    factors: tuple[float, ...]
    peak: float


def enlarged(luma: Luma, *, jpeg: bool) -> Enlarged | None:
    """The period in rows and columns alike, None where there is none. luma: H x W, 0..255."""
    if min(luma.shape) < SMALLEST:
        return None
    rows, columns = (_spectrum(luma, axis) for axis in (0, 1))
    both = np.sqrt(rows * columns) * (np.minimum(rows, columns) > BOTH)
    at = int(both.argmax())
    alone, with_blur, blur = LIMITS[jpeg]
    if both[at] < with_blur or _fine_detail(luma) > (MOST_DETAIL if both[at] >= alone else blur):
        return None
    period = at / BINS
    factors = tuple(sorted(round(1 / one, 2) for one in (period, 1 - period)))
    return Enlarged(period=round(period, 4), factors=factors, peak=round(float(both[at]), 1))


def _fine_detail(luma: Luma) -> float:
    """How strong the finest detail is beside middling one, in power; the geometric mean of rows and columns."""
    logarithms = []
    for lines in (luma[::4], luma.T[::4]):
        even = np.ascontiguousarray(lines) - cv2.blur(np.ascontiguousarray(lines), (9, 9))
        power = (np.abs(np.fft.rfft(even * np.hanning(even.shape[1]), axis=1)) ** 2).mean(axis=0)
        periods = np.fft.rfftfreq(even.shape[1])
        fine, middling = (np.median(power[(periods >= low) & (periods < high)]) for low, high in (FINEST, MIDDLING))
        logarithms.append(np.log((fine + 1e-6) / (middling + 1e-6)))
    return float(np.exp(np.mean(logarithms)))


def _spectrum(luma: Luma, axis: int) -> Floats:
    """How many times the usual each period along the axis stands out; nothing at multiples of 1/8."""
    profile = _profile(luma, axis)
    sizes = np.abs(np.fft.rfft(profile * np.hanning(profile.size), BINS))
    usual = _medians(sizes)
    periods = np.arange(sizes.size) / BINS
    stands_out = sizes / (usual + 1e-9)
    stands_out[(_from_eighth(periods) < max(0.004, 3 / profile.size)) | (periods < LOWEST)] = 0.0
    widened = cv2.dilate(stands_out.astype(np.float32)[None], np.ones((1, 5), np.uint8))
    return np.asarray(widened[0], dtype=np.float64)


def _profile(luma: Luma, axis: int) -> Floats:
    """The logarithm of the mean second difference at each place along the axis, without its slow changes."""
    before, here, after = (luma[:-2], luma[1:-1], luma[2:]) if axis == 0 else (luma[:, :-2], luma[:, 1:-1], luma[:, 2:])
    differences = np.minimum(np.abs(2 * here - before - after), EDGE)
    sizes = np.log(differences.mean(axis=1 - axis) + 0.05)
    slow = cv2.blur(sizes.astype(np.float32)[None], (9, 1), borderType=cv2.BORDER_REFLECT)[0]
    return np.asarray(sizes - slow, dtype=np.float64)


def _medians(sizes: Floats) -> Floats:
    places = np.arange(0, sizes.size, 20)
    medians = [np.median(sizes[max(0, place - AROUND) : place + AROUND + 1]) for place in places]
    return np.interp(np.arange(sizes.size), places, medians)


@cache
def _eighths() -> Floats:
    return np.arange(5) / 8


def _from_eighth(periods: Floats) -> Floats:
    return np.asarray(np.abs(periods[:, None] - _eighths()[None]).min(axis=1))
