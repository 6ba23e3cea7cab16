"""One polygon for a mask: filled, it is the mask again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.signal.outline import filled_polygon, outline

Mask = NDArray[np.bool_]


def disc(x: int, y: int, radius: int) -> Mask:
    ys, xs = np.mgrid[:120, :160]
    return np.asarray((xs - x) ** 2 + (ys - y) ** 2 < radius**2, dtype=np.bool_)


def again(mask: Mask) -> float:
    """Intersection over union of the mask and its filled outline."""
    corners = outline(mask, 1.0)
    assert corners is not None
    filled = filled_polygon(corners, mask.shape)
    return float(np.count_nonzero(filled & mask) / np.count_nonzero(filled | mask))


def test_a_disc_is_a_disc_again() -> None:
    assert again(disc(60, 60, 30)) > 0.95


def test_a_hole_stays_open() -> None:
    assert again(disc(80, 60, 50) & ~disc(80, 60, 25)) > 0.9


def test_two_parts_are_joined_and_nothing_between_them_is_filled() -> None:
    assert again(disc(30, 60, 20) | disc(125, 60, 25)) > 0.9


def test_specks_have_the_box_around_them() -> None:
    mask = np.zeros((120, 160), np.bool_)
    mask[10, 20] = mask[30, 50] = True
    corners = outline(mask, 1.0)
    assert corners is not None
    assert (corners.min(axis=0).tolist(), corners.max(axis=0).tolist()) == ([20, 10], [51, 31])


def test_nothing_has_no_outline() -> None:
    assert outline(np.zeros((120, 160), np.bool_), 1.0) is None


def test_corners_are_few() -> None:
    ragged = disc(80, 60, 50) & (np.random.default_rng(1).random((120, 160)) > 0.2)
    corners = outline(ragged, 0.5)
    assert corners is not None
    assert len(corners) < 1000
