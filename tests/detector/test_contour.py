"""Heat as smooth steps: closed, in the right place, never hiding what lies below."""

from __future__ import annotations

import itertools
import re

import pytest

from detector.contour import FAINT, OPACITY, STEPS, heat_paths, is_faint, rings_of
from detector.observation import Heat, Point

SQUARE = ((0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0))
TURNED = (SQUARE[1], SQUARE[2], SQUARE[3], SQUARE[0])  # a quarter clockwise


def grid(rows: int, columns: int, *warm: tuple[int, int], value: float = 1.0) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(value if (row, column) in warm else 0.0 for column in range(columns)) for row in range(rows))


def area(ring: list[Point]) -> float:
    return abs(sum(x * v - u * y for (x, y), (u, v) in itertools.pairwise([*ring, ring[0]]))) / 2


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def test_one_warm_field_has_one_outline_around_its_middle() -> None:
    (ring,) = rings_of(grid(5, 7, (2, 4)), 0.5)
    across, down = [x for x, _ in ring], [y for _, y in ring]
    assert (min(across), max(across)) == pytest.approx((4.0, 5.0))
    assert (min(down), max(down)) == pytest.approx((2.0, 3.0))


def test_fields_that_touch_at_a_corner_alone_are_two_outlines() -> None:
    assert len(rings_of(grid(4, 4, (1, 1), (2, 2)), 0.6)) == 2


def test_a_cold_field_in_a_warm_place_is_a_hole() -> None:
    around = [(row, column) for row in range(1, 4) for column in range(1, 4) if (row, column) != (2, 2)]
    rings = rings_of(grid(5, 5, *around), 0.5)
    assert len(rings) == 2
    inner, outer = sorted(rings, key=area)
    assert area(inner) < area(outer) / 4


def test_what_is_warm_up_to_the_edge_ends_at_the_edge() -> None:
    (ring,) = rings_of([[1.0, 1.0], [1.0, 1.0]], 0.5)
    assert area(ring) == pytest.approx(4)


def test_higher_steps_lie_inside_lower_ones() -> None:
    values = [[max(0.0, 1 - 0.2 * (abs(x - 4) + abs(y - 4))) for x in range(9)] for y in range(9)]
    areas = [sum(map(area, rings_of(values, step))) for step in STEPS]
    assert areas == sorted(areas, reverse=True)
    assert areas[-1] > 0


def test_the_steps_lie_where_the_grid_lies_also_when_it_is_turned() -> None:
    values = grid(4, 4, (0, 0))
    for corners, (left, top) in ((SQUARE, (0, 0)), (TURNED, (75, 0))):
        points = numbers(heat_paths(Heat(corners=corners, values=values))[0])
        assert all(left - 15 <= x <= left + 40 and 0 <= x <= 100 for x in points[::2])
        assert all(top - 15 <= y <= top + 40 and 0 <= y <= 100 for y in points[1::2])


def test_what_is_faint_is_not_drawn() -> None:
    faint, warm = (Heat(corners=SQUARE, values=grid(3, 3, (1, 1), value=v)) for v in (FAINT - 0.01, FAINT + 0.1))
    assert is_faint(faint)
    assert heat_paths(faint) == ()
    assert not is_faint(warm)
    assert len(heat_paths(warm)) == 1


def test_all_steps_together_hide_less_than_half() -> None:
    assert 1 - (1 - OPACITY) ** len(STEPS) < 0.45


def test_a_usual_heat_takes_a_few_kilobytes() -> None:
    values = tuple(tuple(max(0.0, 1 - 0.15 * (abs(x - 4) + abs(y - 6))) for x in range(12)) for y in range(12))
    assert sum(map(len, heat_paths(Heat(corners=SQUARE, values=values)))) < 5000
