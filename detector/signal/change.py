"""What still differs between a first photo and an original that was laid onto it and given its tone, part by part.

Each finder hands back what it measured, or None where the difference is within what saving, shrinking and toning do:
the limits were set on one half of the sources of portraits, and docs/detectors.md gives their figures on the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.detail import Band, bands_of, expected_slope, usual_slope
from detector.signal.masks import grown
from detector.signal.pair import GREY, SAME_STRUCTURE, Found, Pair, cleaned, lab_of, share_of
from detector.signal.parts import Parts
from detector.signal.shape import Shift, shift_of

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEAST_PIXELS = 300  # of a part; less is not judged

# Skin: share of the original's detail, beside what is as faint elsewhere, below which one band alone speaks (fine to
# wide), and below which all three do together.
SKIN_LIMITS = (0.62, 0.89, 0.94)
SKIN_TOGETHER = (0.85, 0.94, 0.98)
LEAST_EXPECTED = 0.35  # of a band's slope elsewhere: below it the file could not carry such detail
LEAST_SKIN = 0.3  # grey levels: fainter detail than that in the original's skin says nothing
SKIN_SHARE = 0.25
SHADES, CONTRASTS = (0.15, 0.4), (0.7, 1.15)  # eye distances; the most that a curve does beyond the fitted one
SKIN_REACH = 0.12  # eye distances over which detail is looked at together

# Colour: units of CIELAB by which a place may be off after toning, absolute and in spreads of the rest.
OFF_COLOUR, OFF_SPREADS = 9.0, 4.0
# Structure: grey levels (root mean square) from which it is clear, and known at all; the correlation below which it is
# another; the share of its slope below which it was blurred, and above which it was not.
CLEAR_STRUCTURE, FAINT_STRUCTURE, OTHER_STRUCTURE = 3.0, 1.5, 0.5
BLURRED, STILL_SHARP = 0.6, 0.75
SPREAD_REACH = 0.35  # eye distances over which what can be seen speaks for what cannot
LEAST_SPEAKING = 0.03
PART_EVIDENCE = 0.04  # of a part that must be seen to have changed
PART_SHARE: Mapping[str, float] = {"background": 0.15, "hair": 0.3, "clothes": 0.2}

JAW_SHIFT = 0.025  # eye distances
JAW_SHARE = 0.12  # of the jaw's surroundings that must have moved so far
JAW_OUTSIDE = 0.15  # eye distances outside the face where its outline is still looked at before a background
JAW_FITS = 0.6  # correlation of what was moved back with the first photo
LEAST_KNOWN = 0.08
EYES_LIGHTER = 5.0  # units of lightness, CIELAB


def changes_of(pair: Pair) -> list[Found]:
    """Everything that was found, in no order."""
    seen = _seen(pair)
    if pair.parts is None:
        found = place_change(pair, seen, "background", pair.covered)
        return [found] if found and found.where.any() else []
    parts = pair.parts
    places = [
        place_change(pair, seen, part, mask & pair.covered)
        for part, mask in (("background", parts.background), ("clothes", parts.clothes), ("hair", parts.hair))
    ]
    jaw, undone = jaw_change(pair, parts)
    each = [skin_change(undone, parts), jaw, eyes_change(undone, parts), *places]
    return [one for one in each if one and one.where.any()]


def skin_change(pair: Pair, parts: Parts) -> Found | None:
    """Whether the skin lost detail that the rest of the picture kept."""
    skin = parts.skin & pair.covered
    if np.count_nonzero(skin) < LEAST_PIXELS:
        return None
    near = grown(parts.face, max(1, round(0.1 * parts.unit)))
    rest = pair.covered & ~near & (pair.bands[2].correlation > SAME_STRUCTURE)
    expected = [
        _expected(band, skin, rest if np.count_nonzero(rest) > 2000 else pair.covered & ~near) for band in pair.bands
    ]
    contrast = skin_contrast(pair, parts, skin)
    kept = [
        band.slope_over(skin) / contrast / usual if usual >= LEAST_EXPECTED and _deep(band, skin) > LEAST_SKIN else 1.0
        for band, usual in zip(pair.bands, expected, strict=True)
    ]
    hard = [value < limit for value, limit in zip(kept, SKIN_LIMITS, strict=True)]
    if not any(hard) and not all(value < limit for value, limit in zip(kept, SKIN_TOGETHER, strict=True)):
        return None
    at = max(range(3), key=lambda number: (1 - kept[number]) / (1 - SKIN_LIMITS[number]))
    where = skin & (
        _local(pair.bands[at], skin, SKIN_REACH * parts.unit) / contrast / expected[at] < (1 + kept[at]) / 2
    )
    where = cleaned(where, parts.unit, 0.06) & grown(skin, max(1, round(0.06 * parts.unit)))
    share = np.count_nonzero(where & skin) / np.count_nonzero(skin)
    if share < SKIN_SHARE:
        return None
    least = max(0.0, min(kept))
    return Found(
        part="skin", kind="smoothed", where=where, share=share, magnitude=1 - least, facts={"kept": 100 * least}
    )


def skin_contrast(pair: Pair, parts: Parts, skin: Mask) -> float:
    """How much of the skin's light and shade is left, between 0.15 and 0.4 eye distances: what a curve of tone takes
    from all detail alike, and no retoucher takes alone."""
    here, there = (
        cv2.GaussianBlur(plane @ GREY, (0, 0), SHADES[0] * parts.unit)
        - cv2.GaussianBlur(plane @ GREY, (0, 0), SHADES[1] * parts.unit)
        for plane in (pair.first, pair.original)
    )
    slope = float((here * there)[skin].sum()) / max(1e-3, float((there**2)[skin].sum()))
    return min(max(slope, CONTRASTS[0]), CONTRASTS[1])


def _expected(band: Band, skin: Mask, rest: Mask) -> float:
    """The slope of what is as faint elsewhere; of clear detail where nothing is."""
    usual, alike = usual_slope(band, rest), expected_slope(band, skin, rest)
    return min(usual if alike is None else alike, usual, 1.1)


def _deep(band: Band, where: Mask) -> float:
    """Grey levels (root mean square) of the original's detail."""
    return float(np.sqrt(band.power[where].mean()))


def _local(band: Band, where: Mask, reach: float) -> Array:
    """The slope by neighbourhoods of the mask alone."""
    inside = where.astype(np.float32)
    cross, power = (cv2.GaussianBlur(plane * inside, (0, 0), reach) for plane in (band.cross, band.power))
    return np.asarray(cross / np.maximum(power, 1e-3), dtype=np.float32)


def jaw_change(pair: Pair, parts: Parts) -> tuple[Found | None, Pair]:
    """Whether the face's outline was pushed against the rest of the face; and the pair with that undone, so that
    what was moved is not taken for smoothed."""
    # Before another background the flow beside the face means nothing.
    sides = grown(parts.face, max(1, round(JAW_OUTSIDE * parts.unit))) | ~parts.background
    still = pair.covered & ((parts.face & ~parts.jaw) | parts.background)
    middle = parts.points[[168, 152]].mean(axis=0)
    shift = shift_of(pair.first @ GREY, pair.original @ GREY, middle, parts.unit, still)
    if shift is None:
        return None, pair
    flow = _on_frame(shift, parts.jaw.shape)
    ys, xs = np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float32)
    away = flow * np.float32(parts.unit)
    undone = np.asarray(
        cv2.remap(
            pair.original, xs - away[..., 0], ys - away[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        dtype=np.float32,
    )
    there = bands_of(pair.first @ GREY, undone @ GREY)
    jaw = parts.jaw & pair.covered & sides
    far = np.hypot(flow[..., 0], flow[..., 1])
    fits = cv2.GaussianBlur((there[2].correlation > JAW_FITS).astype(np.float32), (0, 0), 0.1 * parts.unit) > 0.5
    where = jaw & (far > JAW_SHIFT) & np.asarray(fits, dtype=np.bool_)
    share = share_of(where, jaw)
    if share < JAW_SHARE:
        return None, pair
    by = float(np.quantile(far[where], 0.9))
    found = Found(
        part="jaw-line",
        kind="pushed",
        where=cleaned(where, parts.unit, 0.05),
        share=share,
        magnitude=min(1.0, by / 0.25),
        facts={"by": 100 * by},
    )
    return found, replace(pair, original=undone, bands=tuple(there))


def _on_frame(shift: Shift, shape: tuple[int, ...]) -> Array:
    """H x W x 2 of the whole frame, in eye distances; 0 where nothing is known."""
    size = (round(shift.known.shape[1] / shift.scale), round(shift.known.shape[0] / shift.scale))
    flow = cv2.resize(shift.flow * (shift.known > LEAST_KNOWN)[..., None], size, interpolation=cv2.INTER_LINEAR)
    whole = np.zeros((shape[0], shape[1], 2), np.float32)
    part = whole[shift.top : shift.top + size[1], shift.left : shift.left + size[0]]
    part[:] = flow[: part.shape[0], : part.shape[1]]
    return whole


def eyes_change(pair: Pair, parts: Parts) -> Found | None:
    """Whether the whites of the eyes are lighter than the picture's tone makes them."""
    eyes = parts.eyes & pair.covered
    if np.count_nonzero(eyes) < 60:
        return None
    here, there = (lab_of(plane, max(0.6, 0.01 * parts.unit)) for plane in (pair.first, pair.original))
    near = grown(parts.eyes, round(0.12 * parts.unit)) & ~grown(parts.eyes, max(1, round(0.04 * parts.unit)))
    white = eyes & (there[..., 0] > np.median(there[..., 0][eyes]))
    lighter = here[..., 0] - there[..., 0]
    by = float(np.median(lighter[white]) - np.median(lighter[near & pair.covered]))
    if by < EYES_LIGHTER:
        return None
    where = eyes & (lighter > 0.5 * by)
    share = np.count_nonzero(where) / np.count_nonzero(eyes)
    return Found(
        part="eyes",
        kind="lightened",
        where=parts.eyes & pair.covered,
        share=share,
        magnitude=min(1.0, by / 40),
        facts={"by": by},
    )


class Seen(NamedTuple):
    """All H x W: other colours, other structure, clear structure that lost its sharpness, structure that is as it was,
    and values that ran out."""

    coloured: Mask
    other: Mask
    blurred: Mask
    kept: Mask
    clipped: Mask


def place_change(pair: Pair, seen: Seen, part: str, place: Mask) -> Found | None:
    """Whether a part has another colour, another structure, or lost its sharpness."""
    unit = pair.parts.unit if pair.parts else 0.1 * max(place.shape)
    sure = grown(place, -max(1, round(0.06 * unit))) & pair.covered & ~seen.clipped
    area = np.count_nonzero(sure)
    if area < LEAST_PIXELS:
        return None
    coloured, other, blurred, kept, _ = seen
    evidence = (coloured | other | blurred) & sure
    # A smooth place cannot be called blurred or sharp, nor one of like colour exchanged: it goes with its neighbours.
    against = (kept & sure & ~evidence).astype(np.float32)
    reach = max(2.0, SPREAD_REACH * unit)
    speaks, denies = (cv2.GaussianBlur(plane, (0, 0), reach) for plane in (evidence.astype(np.float32), against))
    where = place & pair.covered & (speaks > np.maximum(denies, LEAST_SPEAKING))
    where = cleaned(where, unit, 0.06) & place
    share = share_of(where, place & pair.covered)
    if np.count_nonzero(evidence) < PART_EVIDENCE * area or share < PART_SHARE[part]:
        return None
    sizes = {
        "other": np.count_nonzero(other & evidence & (pair.bands[2].other > CLEAR_STRUCTURE**2)),
        "colour": np.count_nonzero(coloured & evidence & ~other & ~blurred),
        "blurred": np.count_nonzero((blurred | other) & evidence & ~coloured),
    }
    if np.count_nonzero(coloured & evidence) > 0.3 * np.count_nonzero(evidence) and sizes["blurred"] > 0:
        sizes["other"] += np.count_nonzero((blurred | other) & evidence & coloured)
    kind = max(sizes, key=lambda name: sizes[name])
    off = float(np.median(pair.off[evidence]))
    return Found(
        part=part, kind=kind, where=where, share=share, magnitude=min(1.0, max(share, off / 50)), facts={"off": off}
    )


def _seen(pair: Pair) -> Seen:
    coloured = pair.off > max(OFF_COLOUR, OFF_SPREADS * pair.noise)
    return Seen(np.asarray(coloured, dtype=np.bool_), *_structure(pair), _clipped(pair))


def _clipped(pair: Pair) -> Mask:
    """Where a brighter or darker picture ran out of values: what stood there is gone, and nothing was edited."""
    (low, high), (low_before, high_before) = (_range(picture) for picture in (pair.first, pair.original))
    white = (high > 247) & (low > 215) & (high_before > 218)
    black = (low < 6) & (high < 30) & (low_before < 28)
    return grown(np.asarray(white | black, dtype=np.bool_), 3)


def _range(picture: Array) -> tuple[Array, Array]:
    """The lowest and the highest of the three channels (NumPy is slow over so short an axis)."""
    red, green, blue = cv2.split(picture)
    low, high = (pick(pick(red, green), blue) for pick in (np.minimum, np.maximum))
    return np.asarray(low, dtype=np.float32), np.asarray(high, dtype=np.float32)


def _structure(pair: Pair) -> tuple[Mask, Mask, Mask]:
    """Where other structure stands, where clear structure lost its sharpness, and where it is as it was."""
    wide, middle = pair.bands[2], pair.bands[1]
    clear = np.maximum(wide.power, wide.other) > CLEAR_STRUCTURE**2
    other = clear & (wide.correlation < OTHER_STRUCTURE)
    sharp = pair.covered & (pair.parts.face if pair.parts else pair.covered)
    usual = [usual_slope(band, sharp) for band in (middle, wide)]
    there = wide.power > FAINT_STRUCTURE**2
    soft = there & (wide.slope < BLURRED * usual[1])
    fine = middle.power > FAINT_STRUCTURE**2
    soft |= fine & (middle.slope < BLURRED * usual[0])
    kept = (there & (wide.slope > STILL_SHARP * usual[1])) | (fine & (middle.slope > STILL_SHARP * usual[0]))
    return other, soft & ~other, kept & ~soft & ~other
