"""Where the ears are and whether something hangs on them.

No landmarks exist for ears: an ear is skin of the cheek's colour outside the side of the face, between eyes and mouth.
Its lower end is the lobe. An ear that cannot be judged says why (`doubt`): hair, hats, scarves, the picture's edge and
turned heads hide ears far more often than anything is wrong with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import masks
from detector.signal.jewellery import Spot, Zone, lobe_column, look_at_lobe, most_conspicuous
from detector.signal.plate import MOUTH, SIZE, UNIT, Half, cheek_of, span

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Gates in eye distances, from 1,377 portraits laundered as for the web (docs/detectors.md#symmetry).
ABOVE, BELOW = 0.2, 0.35  # an ear's reach above the eye line and below the mouth
REACH = 0.6  # an ear's reach beside the face; ears that stick out measure 0.4
TOUCH = 0.12  # ear skin begins this near to the face's side, or belongs to something else
NARROW = 0.05  # a row with less skin is a strand's gap, no lobe
LEAST_AREA = 0.015  # square eye distances: a lobe under hair; whole ears seen from the front have 0.1 to 0.25
LEAST_WIDTH, MOST_WIDTH = 0.08, 0.5  # less is a sliver of cheek, more a background of the skin's colour
HIGHEST_LOBE = 0.4  # below the eye line; lobes of uncovered ears end at 0.45 to 0.85
SKIN_FAR = 3.2  # Mahalanobis distance from the cheek's colour, in its own light
HAIR_UP, HAIR_DOWN, HAIR_ASIDE = 0.1, 0.3, 0.22  # around the lobe's end, where hair would hide part of an earring
HAIR_SHARE = 0.25  # of that; lobes in plain view have 0 to 0.1, a real pair of earrings that hair hid by half had 0.6
LIGHTER = (0.65, 0.95)  # quantiles of the cheek's lightness that show its skin beside a broad frame
PLAIN = np.array([15, 8, 8], np.float32)  # LAB around the cheek's middle colour: three spreads of bare ones
PERSON = 0.4  # of the head's mask
BESIDE = (1.2, 0.5)  # eye distances outward of the face's side: beyond ears
WHOLE = 0.98  # of the ear's place that must lie on the picture

CROPPED = "The ear is cut off by the edge of the picture."
HIDDEN = "The ear is covered, or turned away."
STRANDS = "The ear has hair around its lobe."
MERGED = "The ear cannot be told from what surrounds it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """side: 0 at the left of the picture. skin: bool, SIZE x SIZE, on the half. area: square eye distances.

    lobe: eye distances of its lower end below the eye line. doubt: why the ear cannot be judged, "" where it can; only
    then are there a zone and its most conspicuous spot, and are the numbers to be relied on.
    """

    side: int
    skin: Mask
    area: float
    lobe: float
    doubt: str
    zone: Zone | None
    spot: Spot | None


def look_at_ear(half: Half) -> Ear:
    """Finds the ear of one half and, where it can be judged, the most conspicuous spot at its lobe."""
    skin = _ear_skin(half)
    doubt = _doubt(half, skin)
    area, lobe = float(np.count_nonzero(skin)) / UNIT**2, _lobe(half, skin)
    zone = None if doubt else look_at_lobe(half, skin, lobe, beside(half))
    spot = most_conspicuous(half, zone) if zone else None
    return Ear(side=half.side, skin=skin, area=area, lobe=lobe, doubt=doubt, zone=zone, spot=spot)


def _place(half: Half) -> tuple[slice, slice]:
    """Rows and columns where an ear may be."""
    top, bottom = half.eye_line - ABOVE * UNIT, float(half.points[MOUTH, 1]) + BELOW * UNIT
    return span(top, bottom), span(half.edge - REACH * UNIT, half.edge)


def beside(half: Half) -> Mask:
    """The place outward of an ear where the backdrop may show, bool, SIZE x SIZE."""
    place = np.zeros((SIZE, SIZE), np.bool_)
    place[_place(half)[0], span(half.edge - BESIDE[0] * UNIT, half.edge - BESIDE[1] * UNIT)] = True
    return place


def _ear_skin(half: Half) -> Mask:
    rows, columns = _place(half)
    wide = span(0, half.edge + 1.2 * UNIT)  # with the cheek
    lab = np.ascontiguousarray(half.lab[rows, wide])
    cheek = cheek_of(half)[rows, wide]
    found = np.zeros((SIZE, SIZE), np.bool_)
    cheek = _plain(lab, cheek)
    if np.count_nonzero(cheek) < 50:
        return found
    near = masks.colour_distance(np.asarray(cv2.GaussianBlur(lab, (0, 0), 1.2), dtype=np.float32), cheek) < SKIN_FAR
    mask = np.zeros((SIZE, SIZE), np.bool_)
    mask[rows, wide] = near & (half.person[rows, wide] > PERSON) & ~half.hair[rows, wide] & half.inside[rows, wide]
    part = mask[rows, columns].astype(np.uint8)
    opened = np.asarray(cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    touching = part.shape[1] - TOUCH * UNIT
    sizes = [
        (int(stats[n, cv2.CC_STAT_AREA]), n)
        for n in range(1, count)
        if stats[n, cv2.CC_STAT_LEFT] + stats[n, cv2.CC_STAT_WIDTH] >= touching
    ]
    if sizes:
        found[rows, columns] = labels == max(sizes)[1]
    return found


def _plain(lab: Array, cheek: Mask) -> Mask:
    """The cheek without spectacle frames, their shadow and beard, which would teach that brown hair is skin: all of
    them are darker than the skin, so its lighter part shows the colour (glare is lighter still, and left out)."""
    if not cheek.any():
        return cheek
    colours = lab[cheek]
    low, high = np.quantile(colours[:, 0], LIGHTER)
    skin = np.median(colours[(colours[:, 0] >= low) & (colours[:, 0] <= high)], axis=0)
    return np.asarray(cheek & (np.abs(lab - skin) < PLAIN).all(axis=-1), dtype=np.bool_)


def _lobe(half: Half, skin: Mask) -> float:
    rows = np.flatnonzero(skin.sum(axis=1) >= NARROW * UNIT)
    return float(rows.max() - half.eye_line) / UNIT if rows.size else 0.0


def _doubt(half: Half, skin: Mask) -> str:
    rows, columns = _place(half)
    if half.edge < (REACH - 0.1) * UNIT or half.inside[rows, columns].mean() < WHOLE:
        return CROPPED
    if np.count_nonzero(skin) < LEAST_AREA * UNIT**2:
        return HIDDEN
    width = (half.edge - float(np.quantile(np.nonzero(skin)[1], 0.03))) / UNIT
    lobe, lowest = _lobe(half, skin), float(half.points[MOUTH, 1] - half.eye_line) / UNIT
    if width > MOST_WIDTH or lobe > lowest:
        return MERGED
    if width < LEAST_WIDTH or lobe < HIGHEST_LOBE:
        return HIDDEN
    return STRANDS if _hair_at(half, skin, lobe) > HAIR_SHARE else ""


def _hair_at(half: Half, skin: Mask, lobe: float) -> float:
    """Share of the lobe's surroundings that the hair mask covers."""
    row, column = half.eye_line + lobe * UNIT, lobe_column(skin)
    rows = span(row - HAIR_UP * UNIT, row + HAIR_DOWN * UNIT)
    return float(half.hair[rows, span(column - HAIR_ASIDE * UNIT, column + HAIR_ASIDE * UNIT)].mean())
