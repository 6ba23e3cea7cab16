"""What hangs at a lobe: the spot that most resembles an earring, and what the other ear has in its place.

An earring is brighter or of another hue than the skin, than the backdrop, than the mixtures of both and than all its
sides. Dark things are taken for shadow.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import masks
from detector.signal.plate import UNIT, Half, cheek_of, span

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

# What hangs at the lobe is looked for around its lower end.
ZONE_UP, ZONE_DOWN, ZONE_ASIDE, ZONE_IN = 0.25, 0.5, 0.3, 0.1
# Of this zone the other ear's counterpart may be anywhere; an earring itself begins at the lobe. Farther down collars
# and the tips of hair, farther up the ear's own relief were taken for one.
HUNG_UP, HUNG_DOWN, HUNG_ASIDE = 0.15, 0.18, 0.16
LOBE = 0.15  # eye distances of the ear's lower end that are called its lobe
AROUND_BACKDROP = 0.5  # eye distances around the zone in which the backdrop's colours are taken
SHADE = np.array([0.6, 1, 1], np.float32)  # by which L, a, b tell a thing from its backdrop, which has its own shadows
HANGING = 0.15  # eye distances beside the person that may be jewellery
LEAST_BACKDROP, SAMPLE = 50, 120  # pixels of it
BACKDROP = 0.3  # of the person mask: below is what lies behind
HIGHEST_ZONE = 0.35  # below the eye line: above it lies the ear's own relief
SPOTS = (2.0, 3.5, 5.5)  # pixels: half the width of studs, pearls, and the ends of long earrings
AROUND = 2.2  # times that: where a spot must be over, on all sides
SHINE = 10.0  # L by which skin itself may shine before it counts as metal
HALF = 0.5  # of a spot's peak: its outline
SAME_HEIGHT = 0.15  # eye distances: lobes of one head differ by 0.05 (median), 0.17 (nine of ten)
SAME_HUE = 15.0  # LAB units; the two sides of a face are lit differently
AXES = ((1, 0), (0, 1), (0.7, 0.7), (-0.7, 0.7))  # each with its opposite


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The most conspicuous small thing at a lobe: an earring, or whatever comes nearest to one.

    strength: LAB units by which it differs from the skin, from what lies behind and from all its sides; brighter or of
    another colour (dark things are taken for shadow). x, y: eye distances outward of the face's side, below the eye
    line. below_lobe, width, height: eye distances. colour: LAB. box: in the half's pixels.
    """

    strength: float
    x: float
    y: float
    below_lobe: float
    width: float
    height: float
    colour: tuple[float, float, float]
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Around the lobe. left, top: its corner on the half. off: LAB units by which each pixel is conspicuous, H x W.

    clutter: LAB units by which the colours around it scatter. colour: LAB, H x W x 3. eye_line: row of the eyes on
    the half. lobe: column and row of the lobe's end on the half.
    """

    left: int
    top: int
    off: Array
    clutter: float
    colour: Array
    eye_line: float
    lobe: tuple[float, float]

    def counterpart(self, spot: Spot) -> float:
        """LAB units of what comes nearest to another ear's spot here: about as high, by the eyes or by the lobe, and of
        about the same hue."""
        rows = np.arange(len(self.off)) + self.top
        heights = (self.eye_line + spot.y * UNIT, self.lobe[1] + spot.below_lobe * UNIT)
        near = np.minimum(*(np.abs(rows - height) for height in heights)) <= SAME_HEIGHT * UNIT
        if not near.any():
            return 0.0
        hue = np.hypot(*(self.colour[near, :, channel] - spot.colour[channel] for channel in (1, 2)))
        return float((self.off[near] * np.exp(-((hue / SAME_HUE) ** 2))).max())

    @property
    def at_lobe(self) -> Array:
        """`off` where an earring may begin, 0 elsewhere."""
        column, row = self.lobe
        rows = np.arange(len(self.off))[:, None] + self.top - row
        columns = np.arange(self.off.shape[1])[None] + self.left - column
        hung = (rows >= -HUNG_UP * UNIT) & (rows <= HUNG_DOWN * UNIT) & (np.abs(columns) <= HUNG_ASIDE * UNIT)
        return np.where(hung, self.off, np.float32(0))


def lobe_column(skin: Mask) -> float:
    """Column of the lower end of an ear's skin, on its half."""
    rows, columns = np.nonzero(skin)
    return float(np.median(columns[rows > rows.max() - LOBE * UNIT]))


def look_at_lobe(half: Half, skin: Mask, lobe: float, behind: Mask) -> Zone:
    """What is conspicuous around the lobe of an ear.

    skin, behind: bool, SIZE x SIZE; the ear's skin, and the place beside it where the backdrop is. lobe: eye distances
    of its lower end below the eye line. A spot differs on all its sides, as an edge or a strand of hair does not
    (centre against surround, after Itti, Koch and Niebur, 1998, but the least of eight sides in place of their mean).
    """
    margin = round(max(SPOTS) * AROUND) + 2
    low = half.eye_line + max(lobe - ZONE_UP, HIGHEST_ZONE) * UNIT
    rows = span(low, half.eye_line + (lobe + ZONE_DOWN) * UNIT)
    across = lobe_column(skin)
    columns = span(across - ZONE_ASIDE * UNIT, min(across + ZONE_ASIDE * UNIT, half.edge + ZONE_IN * UNIT))
    around = (
        span(rows.start - margin, rows.stop + margin),
        span(columns.start - margin, columns.stop + margin),
    )
    plane = _conspicuous(np.ascontiguousarray(half.lab[around]), _skins(half, skin), _behind(half, behind))
    inner = (
        slice(rows.start - around[0].start, rows.stop - around[0].start),
        slice(columns.start - around[1].start, columns.stop - around[1].start),
    )
    off = np.minimum(plane[inner], _off_backdrop(half, rows, columns))
    # The person mask leaves out what hangs: what lies near to it counts.
    near = masks.grown(half.person > BACKDROP, round(HANGING * UNIT))
    off = off * (half.inside & near)[rows, columns]
    return Zone(
        left=columns.start,
        top=rows.start,
        off=off,
        clutter=_clutter(half, rows, columns),
        colour=half.lab[rows, columns],
        eye_line=half.eye_line,
        lobe=(across, half.eye_line + lobe * UNIT),
    )


def _clutter(half: Half, rows: slice, columns: slice) -> float:
    """Mean distance in LAB from the middle colour around the zone, towards the outside."""
    reach = round(AROUND_BACKDROP * UNIT)
    around = half.lab[span(rows.start, rows.stop + reach), span(columns.start - reach, columns.stop)].reshape(-1, 3)
    return float(np.linalg.norm(around - np.median(around, axis=0), axis=1).mean())


def _skins(half: Half, skin: Mask) -> list[Array]:
    """Colours that skin has here: the ear's, the lobe's, the cheek's."""
    bottom = np.flatnonzero(skin.any(axis=1)).max()
    lobe = skin.copy()
    lobe[: max(0, bottom - round(LOBE * UNIT))] = False
    return [np.asarray(np.median(half.lab[part], axis=0), np.float32) for part in (skin, lobe, cheek_of(half))]


def _behind(half: Half, beside: Mask) -> Array | None:
    """The backdrop's colour beside the ear; None where hair or clothes fill it."""
    backdrop = beside & (half.person < BACKDROP) & half.inside
    if np.count_nonzero(backdrop) < LEAST_BACKDROP:
        return None
    return np.asarray(np.median(half.lab[backdrop], axis=0), dtype=np.float32)


def _off_backdrop(half: Half, rows: slice, columns: slice) -> Array:
    """LAB distance of each pixel of the zone from the nearest colours of the backdrop around it: what shows through
    between lobe, hair and collar is no jewellery."""
    soft = np.asarray(cv2.GaussianBlur(half.lab, (0, 0), 1.2), dtype=np.float32)
    reach = round(AROUND_BACKDROP * UNIT)
    near = (span(rows.start - reach, rows.stop + reach), span(columns.start - reach, columns.stop))
    backdrop = (half.person < BACKDROP) & half.inside
    backdrop[rows, columns] = False  # an earring must not be compared with itself
    colours = soft[near][backdrop[near]]
    zone = soft[rows, columns]
    if len(colours) < LEAST_BACKDROP:
        return np.full(zone.shape[:2], np.inf, np.float32)
    sample = colours[:: max(1, len(colours) // SAMPLE)]
    off = (zone.reshape(-1, 1, 3) - sample[None]) * SHADE
    squared = np.einsum("nsi,nsi->ns", off, off)
    rank = len(sample) // 20  # the nearest twentieth: a few pixels of the mask lie on the person
    nearest = np.partition(squared, rank, axis=1)[:, rank]
    return np.asarray(np.sqrt(nearest).reshape(zone.shape[:2]), dtype=np.float32)


def _conspicuous(lab: Array, skin: list[Array], behind: Array | None) -> Array:
    best = np.zeros(lab.shape[:2], np.float32)
    for size in SPOTS:
        soft = np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.6 * size), dtype=np.float32)
        reach = AROUND * size
        least = np.full(lab.shape[:2], np.inf, np.float32)
        for across, down in AXES:
            one, other = (_shifted(soft, sign * reach * across, sign * reach * down) for sign in (1, -1))
            least = np.minimum(least, _stands_out(soft, one, other, 0.0))
        for colour in skin:
            least = np.minimum(least, _stands_out(soft, colour, colour if behind is None else behind, SHINE))
        best = np.maximum(best, least)
    return best


def _stands_out(plane: Array, one: Array, other: Array, free: float) -> Array:
    """LAB units by which `plane` is brighter (beyond `free`) or of another hue than all mixtures of two colours.

    A lobe's border in front of a backdrop is a mixture of skin and backdrop, and so is every soft edge of its sides.
    """
    way = np.asarray(other - one, dtype=np.float32)
    length = np.maximum((way**2).sum(axis=-1), np.float32(1e-3))
    share = np.clip(((plane - one) * way).sum(axis=-1) / length, 0, 1)
    off = plane - one - share[..., None] * way
    brighter = np.maximum(off[..., 0] - free, 0)
    return np.asarray(np.sqrt(brighter**2 + off[..., 1] ** 2 + off[..., 2] ** 2), dtype=np.float32)


def _shifted(plane: Array, across: float, down: float) -> Array:
    matrix = np.array([[1, 0, -round(across)], [0, 1, -round(down)]], dtype=np.float32)
    size = (plane.shape[1], plane.shape[0])
    flags = cv2.INTER_NEAREST
    moved = cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def most_conspicuous(half: Half, zone: Zone) -> Spot:
    """The spot that is most like an earring at the lobe."""
    y, x = (int(index) for index in np.unravel_index(int(zone.at_lobe.argmax()), zone.off.shape))
    strength = float(zone.off[y, x])
    over = (zone.off > HALF * max(strength, 1e-3)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(over, connectivity=8)
    left, top, width, height = (int(v) for v in stats[labels[y, x], :4])
    x0, y0 = zone.left + left, zone.top + top
    lightness, a, b = (float(v) for v in zone.colour[y, x])
    return Spot(
        strength=strength,
        x=(half.edge - zone.left - x) / UNIT,
        y=(zone.top + y - half.eye_line) / UNIT,
        below_lobe=(zone.top + y - zone.lobe[1]) / UNIT,
        width=width / UNIT,
        height=height / UNIT,
        colour=(lightness, a, b),
        box=(x0, y0, x0 + width, y0 + height),
    )
