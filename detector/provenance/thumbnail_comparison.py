"""Whether an embedded thumbnail shows what the picture shows: two small pictures in, a difference out.

Brightness, contrast, colour, compression and size are left out of account, since every export changes them; a quarter
turn and a mirroring too, since programs turn pictures and leave the thumbnail. What is left is what stands where.
Blind to: patches smaller than about a sixth of the picture's side, and places that are smooth in either.
Source: the structure term of structural similarity (Wang, Bovik, Sheikh, Simoncelli, 2004), of greys and of each
colour, the best of them; normalised cross-correlation (Lewis, 1995) for what was cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 128  # pixels of the longer side at which both are compared; the smallest common thumbnail has 160
SOFT = 1.2  # pixels: blur against compression blocks and a shift by a pixel
WINDOW = 4.0  # pixels: the neighbourhood in which structure is compared, as a Gaussian's sigma
FLOOR = 8.0**2  # grey levels squared: contrast below this is compression, and like everything
SAME_SHAPE = 0.02  # by which the aspect ratios may differ: thumbnails are rounded to whole pixels, some to 8
DARK, FLAT = 24.0, 6.0  # grey levels: a letterbox bar is darker than the one or varies less than the other

# docs/detectors.md#metadata_marks: of 67 real previews, each adjusted in 21 ways, the least likeness was 0.36.
DIFFERENT = 0.2
EDGE = 0.35  # likeness up to which a place belongs to the difference around it
LOCALISED = 0.25  # share of the picture up to which a difference is a part of it, and the likeness of all of it:
SAME_SCENE = 0.7  # 0.82 and more with a patch of 0.3 of the side, 0.57 and less in nine of ten other pictures
FOUND = 0.9  # correlation from which one picture is a cut of the other
MARGIN = 0.02  # of correlation, by which a cut must fit better than the whole does
LEAST = 24  # pixels: a smaller cut is found anywhere
SCALES = np.linspace(1.0, 0.4, 25)

Grey = NDArray[np.float32]


class Kind(StrEnum):
    """In what way the thumbnail differs from the picture."""

    PART = "part"  # the same picture, a part of it different
    CUT = "cut"  # a wider view, of which the picture is a cut
    OTHER = "other"  # neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """box: left, top, right, bottom as shares of the picture's sides, where it can be said. likeness: least, -1..1."""

    kind: Kind
    likeness: float
    box: tuple[float, float, float, float] | None = None


def difference(picture: NDArray[np.uint8], small: NDArray[np.uint8]) -> Difference | None:
    """What clearly differs; None where nothing does.

    picture: H x W x 3, sRGB 0..255, upright. small: h x w x 3, with or without bars, in any attitude.
    """
    ours = _at_size(picture)
    fit = best_fit(ours, small)
    if fit is not None and fit.likeness.min() >= DIFFERENT:
        return None
    lowest = -1.0 if fit is None else float(fit.likeness.min())
    wider, narrower = _cut_of(ours, small, max(FOUND, MARGIN + fit.whole) if fit else FOUND)
    if narrower and narrower >= wider:
        return None  # the thumbnail is what was cut, to a shape of its own
    if wider:
        return Difference(kind=Kind.CUT, likeness=lowest)
    box = None if fit is None else _place(fit.likeness)
    return Difference(kind=Kind.PART if box else Kind.OTHER, likeness=lowest, box=box)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The thumbnail laid on the picture. likeness: h x w, about -1..1, around each point. whole: of all greys."""

    likeness: Grey
    whole: float


def best_fit(ours: NDArray[np.uint8], small: NDArray[np.uint8]) -> Fit | None:
    """The attitude in which the thumbnail, without its bars, is most like the picture.

    None where the shapes differ, so that nothing lies on anything.
    """
    height, width = ours.shape[:2]
    grey = _soft(_grey(ours), SOFT)
    fits = []
    for turned in attitudes(small):
        inside = without_bars(turned, width / height)
        if inside is not None:
            shrinks = cv2.INTER_AREA if inside.shape[0] > height else cv2.INTER_LINEAR
            theirs = np.asarray(cv2.resize(inside, (width, height), interpolation=shrinks), dtype=np.uint8)
            whole = cv2.matchTemplate(grey, _soft(_grey(theirs), SOFT), cv2.TM_CCOEFF_NORMED)
            fits.append(Fit(likeness=_structure(grey, theirs), whole=float(whole.max())))
    return max(fits, key=lambda fit: float(fit.likeness.mean()), default=None)


def attitudes(rgb: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The eight ways to lay a picture down, as the orientation tag knows them."""
    for flipped in (rgb, rgb[:, ::-1]):
        for quarters in range(4):
            yield np.ascontiguousarray(np.rot90(flipped, quarters))


def without_bars(rgb: NDArray[np.uint8], ratio: float) -> NDArray[np.uint8] | None:
    """The part that has the picture's shape (ratio: width by height); None where the rest is more than bars."""
    height, width = rgb.shape[:2]
    if abs(width / height / ratio - 1) <= SAME_SHAPE:
        return rgb
    if width / height < ratio:  # bars above and below: looked at lying on their side
        lying = without_bars(np.ascontiguousarray(rgb.swapaxes(0, 1)), 1 / ratio)
        return None if lying is None else np.ascontiguousarray(lying.swapaxes(0, 1))
    edge = (width - height * ratio) / 2
    if edge < 2 or width - 2 * edge < 16:
        return None
    grey = _grey(rgb)
    bars = (grey[:, : int(edge) - 1], grey[:, width - int(edge) + 1 :])
    empty = all(np.quantile(bar, 0.9) < DARK or bar.std() < FLAT for bar in bars)
    return np.ascontiguousarray(rgb[:, round(edge) : width - round(edge)]) if empty else None


def _structure(grey: Grey, small: NDArray[np.uint8]) -> Grey:
    """1 where the surroundings have the same structure, 0 where unrelated, below where reversed.

    grey: h x w, soft. small: h x w x 3. Its colours are tried one by one: a black-and-white version is made of any.
    """
    mean, variance = _moments(grey)
    best = np.full(grey.shape, -1, dtype=np.float32)
    for other in (_grey(small), *(np.asarray(small[..., number], dtype=np.float32) for number in range(3))):
        plane = _soft(other, SOFT)
        its_mean, its_variance = _moments(plane)
        shared = _soft(grey * plane, WINDOW) - mean * its_mean
        best = np.maximum(best, (shared + FLOOR) / (np.sqrt(variance * its_variance) + FLOOR))
    return best


def _place(likeness: Grey) -> tuple[float, float, float, float] | None:
    """The box around what is least alike, as shares of width and height; None where it is all over the picture."""
    unlike = (likeness < EDGE).astype(np.uint8)
    if unlike.mean() > LOCALISED or likeness.mean() < SAME_SCENE:
        return None
    _, labels = cv2.connectedComponents(unlike)
    worst = labels[np.unravel_index(int(likeness.argmin()), likeness.shape)]
    rows, columns = np.nonzero(labels == worst)
    height, width = likeness.shape
    grown = WINDOW / 2
    return (
        float(max(0.0, columns.min() - grown) / width),
        float(max(0.0, rows.min() - grown) / height),
        float(min(width, columns.max() + 1 + grown) / width),
        float(min(height, rows.max() + 1 + grown) / height),
    )


def _cut_of(ours: NDArray[np.uint8], small: NDArray[np.uint8], level: float) -> tuple[float, float]:
    """How well the picture is found within the thumbnail, and the thumbnail within the picture; 0 below the level."""
    grey = _soft(_grey(ours), SOFT)
    turned = [_soft(_grey(_at_size(each)), SOFT) for each in attitudes(small)]
    wider = max(_found(grey, each) for each in turned)
    narrower = max(_found(each, grey) for each in turned)
    return (wider if wider >= level else 0.0), (narrower if narrower >= level else 0.0)


def _found(part: Grey, whole: Grey) -> float:
    """The best correlation of the part, at shares of the largest size that fits, with any place of the whole."""
    fit = min(whole.shape[0] / part.shape[0], whole.shape[1] / part.shape[1])
    best = -1.0
    for scale in fit * SCALES:
        height, width = round(part.shape[0] * scale), round(part.shape[1] * scale)
        if min(height, width) < LEAST:
            break
        needle = np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), dtype=np.float32)
        if needle.std() > FLAT:
            best = max(best, float(cv2.matchTemplate(whole, needle, cv2.TM_CCOEFF_NORMED).max()))
    return best


def _at_size(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = SIDE / max(rgb.shape[:2])
    size = (max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale)))
    shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, size, interpolation=shrinks), dtype=np.uint8)


def _grey(rgb: NDArray[np.uint8]) -> Grey:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def _moments(grey: Grey) -> tuple[Grey, Grey]:
    mean = _soft(grey, WINDOW)
    return mean, np.maximum(_soft(grey * grey, WINDOW) - mean * mean, 0)


def _soft(grey: Grey, sigma: float) -> Grey:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), dtype=np.float32)
