"""Of what kind the fine texture of skin is, whatever its strength: how far it resembles itself, and how its colours go.

The noise of a camera hardly reaches to the next pixels and moves the colours apart; pores are small dark spots.
Generators paint skin whose grain reaches farther and whose colours move together. (Sources: Popescu and Farid, 2005,
"Exposing digital forgeries by detecting traces of resampling", for neighbours that predict each other; Ojala,
Pietikäinen and Mäenpää, 2002, "Multiresolution gray-scale and rotation invariant texture classification with local
binary patterns"; Li, Li, Tan and Huang, 2020, "Identification of deep network generated images using disparities in
color components".)
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.closeup import Closeup
from detector.signal.texture import bands_of, correlation

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SOFT = 1.4  # pixels of the blur that is taken away before neighbours are compared
LAGS = (1, 2, 3, 4)  # pixels at the working scale
CLIPPED = 0.97  # of the texture's size: moles and stray hairs beyond count as that
WIDEST = 0.95  # likewise, of the colour bands
PATTERN_SOFT = 0.5  # pixels of blur before the patterns of neighbours are taken
AROUND = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))  # the eight neighbours, in order
MIXED, STRAIGHT = 2, (3, 4, 5)  # changes around a plain pattern at most; brighter neighbours of one that is an edge


def grain_values(face: Closeup) -> dict[str, float]:
    """Names and numbers, all without unit.

    lag_1 .. lag_4: autocorrelation of the skin's fine lightness at so many pixels, mean of both axes; lag_diagonal:
    one pixel along both axes, less lag_1, twice. hues_mid, hues_coarse, hues_wide: correlation of the two colour
    differences in three bands. edges, bright_spots: shares, 0..1, of skin pixels whose eight neighbours form an edge,
    and that are brighter than all of them.
    """
    return _lags(face.plane(0), face.skin) | _hues(face) | _patterns(face.plane(0), face.skin)


def _lags(light: Array, skin: Mask) -> dict[str, float]:
    rest = light - cv2.GaussianBlur(light, (0, 0), SOFT)
    limit = float(np.sqrt(np.quantile(rest[skin] ** 2, CLIPPED)))
    rest = np.clip(rest, -limit, limit)
    power = float((rest[skin] ** 2).mean()) + 1e-3

    def alike(x: int, y: int) -> float:
        both = skin & np.roll(skin, (y, x), (0, 1))
        return float((rest * np.roll(rest, (y, x), (0, 1)))[both].mean()) / power if both.any() else 0.0

    found = {f"lag_{lag}": 0.5 * (alike(lag, 0) + alike(0, lag)) for lag in LAGS}
    return found | {"lag_diagonal": alike(1, 1) + alike(1, -1) - 2 * found["lag_1"]}


def _hues(face: Closeup) -> dict[str, float]:
    blue, red = (bands_of(face.plane(number)) for number in (1, 2))
    return {
        f"hues_{name}": correlation(_clipped(blue[band][face.skin]), _clipped(red[band][face.skin]))
        for band, name in ((1, "mid"), (2, "coarse"), (3, "wide"))
    }


def _clipped(values: Array) -> Array:
    limit = float(np.quantile(np.abs(values), WIDEST)) + 1e-3
    return np.asarray(np.clip(values, -limit, limit), dtype=np.float32)


def _patterns(light: Array, skin: Mask) -> dict[str, float]:
    soft = cv2.GaussianBlur(light, (0, 0), PATTERN_SOFT)
    brighter = np.stack([(np.roll(soft, by, (0, 1)) > soft)[skin] for by in AROUND])
    changes = np.count_nonzero(brighter != np.roll(brighter, 1, axis=0), axis=0)
    count = np.count_nonzero(brighter, axis=0)
    return {
        "edges": float(((changes <= MIXED) & np.isin(count, STRAIGHT)).mean()),
        "bright_spots": float((count == 0).mean()),
    }
