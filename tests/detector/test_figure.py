"""The crops that make a finding plain: equally large, inside the picture, where the line bends."""

from __future__ import annotations

from typing import Any

import pytest

from detector.figure import WARM, Shows, crops_of, figure_of
from detector.observation import Figure, Heat, Panel

LEFT = Panel(label="left ear", box=(100, 200, 160, 300))
RIGHT = Panel(label="right ear", box=(400, 210, 440, 280), mirrored=True)
EARS = Figure(panels=(LEFT, RIGHT))
BENT = Figure(seen=((300, 0), (300, 400), (310, 450), (300, 500), (300, 1000)), expected=((300, 0), (300, 1000)))
WARMTH = Heat(
    corners=((110.0, 190.0), (310.0, 210.0), (290.0, 410.0), (90.0, 390.0)),
    values=((0.0, 0.25, 0.0), (0.5, 1.0, 0.75)),
)
TINTED = Figure(heat=WARMTH)
GOOD = {"label": "an eye", "box": [10, 20, 60, 50], "mirrored": False}


ALL = Figure(panels=(LEFT, RIGHT), seen=BENT.seen, expected=BENT.expected, heat=WARMTH)


@pytest.mark.parametrize("figure", [EARS, BENT, TINTED, ALL])
def test_a_figure_comes_back_from_the_json_contract(figure: Figure) -> None:
    assert figure_of(figure.to_json()) == figure


@pytest.mark.parametrize(
    "raw",
    [
        None, {}, [], "figure", 7, {"panels": None}, {"panels": "ab"}, {"panels": [], "seen": [], "expected": []},
        {"panels": [GOOD]},
        {"panels": [GOOD, {"label": "no box"}]},
        {"panels": [GOOD, GOOD | {"box": [1, 2, 3]}]},
        {"panels": [GOOD, GOOD | {"box": ["NaN", 0, 1, 1]}]},
        {"panels": [GOOD, GOOD | {"box": [0, 0, float("inf"), 1]}]},
        {"panels": [GOOD, GOOD | {"box": [0, 0, 10**400, 1]}]},
        {"panels": [GOOD, GOOD | {"box": [50, 0, 20, 1]}]},
        {"panels": [GOOD, [0, 0, 1, 1]]},
        {"seen": [[1, 1]], "expected": [[0, 0], [1, 1]]},
        {"seen": [[1, 1], [2]]},
        {"seen": [[1, 1], [float("nan"), 2]]},
        {"seen": {"x": 1}},
        {"expected": [[0, 0], [1, 1]]},
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_no_figure(raw: Any) -> None:
    assert figure_of(raw) is None


CORNERS = [[0, 0], [9, 0], [9, 9], [0, 9]]
FIELDS = [[0.1, 0.2], [0.3, 0.4]]


@pytest.mark.parametrize(
    "heat",
    [
        None, [], "warm", 7, {}, {"corners": CORNERS}, {"values": FIELDS},
        {"corners": CORNERS[:3], "values": FIELDS},
        {"corners": [*CORNERS, [1, 1]], "values": FIELDS},
        {"corners": [[0, 0], [9, 0], [9, 9], [0, float("nan")]], "values": FIELDS},
        {"corners": [[0, 0], [9, 0], [9, 9], [0, 10**400]], "values": FIELDS},
        {"corners": [[5, 5]] * 4, "values": FIELDS},
        {"corners": [[0, 0], [9, 0], [18, 0], [27, 0]], "values": FIELDS},
        {"corners": CORNERS, "values": [[0.5]]},
        {"corners": CORNERS, "values": [[0.5], [0.5]]},
        {"corners": CORNERS, "values": [[0.5, 0.5]]},
        {"corners": CORNERS, "values": [[0.5, 0.5], [0.5]]},
        {"corners": CORNERS, "values": [[0.5] * 33] * 2},
        {"corners": CORNERS, "values": [[0.5] * 2] * 10_000},
        {"corners": CORNERS, "values": [[0.5, float("nan")], [0.5, 0.5]]},
        {"corners": CORNERS, "values": [[0.5, float("inf")], [0.5, 0.5]]},
        {"corners": CORNERS, "values": [[0.5, None], [0.5, 0.5]]},
        {"corners": CORNERS, "values": ["12", "34"]},
        {"corners": CORNERS, "values": {"0": [1, 1]}},
    ],
)  # fmt: skip
def test_a_broken_heat_is_left_out_and_the_rest_stays(heat: Any) -> None:
    assert figure_of({"heat": heat}) is None
    assert figure_of(EARS.to_json() | {"heat": heat}) == EARS


def test_a_heat_beyond_its_scale_is_taken_back_to_it() -> None:
    shown = figure_of({"heat": {"corners": CORNERS, "values": [[-3, 0.5], [2, 1]]}})
    assert shown is not None
    assert shown.heat is not None
    assert shown.heat.values == ((0, 0.5), (1, 1))


def test_a_heat_is_shown_bare_and_tinted_in_the_window_that_holds_it() -> None:
    bare, tinted = crops_of((0, 0, 600, 800), TINTED, 600, 800)
    assert (bare.shows, tinted.shows) == (Shows.PHOTO, Shows.HEAT)
    assert bare.window == tinted.window == pytest.approx((90, 190, 310, 410))
    assert tinted.caption == WARM


def test_a_heat_of_which_nothing_would_be_seen_is_not_shown_and_the_region_is_instead() -> None:
    faint = Figure(heat=Heat(corners=WARMTH.corners, values=((0.1, 0.1), (0.0, 0.1))))
    (crop,) = crops_of((100, 200, 160, 300), faint, 600, 800)
    assert crop.shows is Shows.REGION


def test_a_broken_part_does_not_cost_the_rest() -> None:
    shown = figure_of({"panels": [GOOD, GOOD, {"box": "?"}, GOOD | {"label": None}], "seen": [[1, 1], None]})
    assert shown is not None
    assert [panel.label for panel in shown.panels] == ["an eye", "an eye", "a place in the photo"]
    assert shown.seen == ()


def test_places_to_compare_are_shown_at_one_size_around_their_middles() -> None:
    left, right = crops_of((90, 190, 450, 310), EARS, 600, 800)
    for crop in (left, right):  # as tall as the taller of the two, and not slimmer than may be
        assert (crop.width, crop.height) == pytest.approx((2 / 3 * 100, 100))
    for crop, panel in ((left, LEFT), (right, RIGHT)):
        middle = (panel.box[0] + panel.box[2]) / 2, (panel.box[1] + panel.box[3]) / 2
        assert ((crop.window[0] + crop.window[2]) / 2, (crop.window[1] + crop.window[3]) / 2) == pytest.approx(middle)
    assert (left.caption, left.mirrored) == ("Left ear", False)
    assert (right.caption, right.mirrored) == ("Right ear (mirrored)", True)


def test_a_place_beside_the_picture_is_not_shown_and_the_region_is_instead() -> None:
    away = Figure(panels=(LEFT, Panel(label="nowhere", box=(5000, 5000, 5060, 5100))))
    (crop,) = crops_of((100, 200, 160, 300), away, 600, 800)
    assert crop.shows is Shows.REGION


def test_a_bend_is_shown_bare_and_with_its_lines_where_it_leaves_the_straight() -> None:
    bare, lined = crops_of(None, BENT, 600, 1000)
    assert (bare.shows, lined.shows) == (Shows.PHOTO, Shows.LINES)
    assert bare.window == lined.window
    left, top, right, bottom = bare.window
    assert left < 300 < 310 < right
    assert 0 < top < 400 < 500 < bottom < 1000


def test_a_line_of_many_points_is_found_where_it_bends() -> None:
    seen = tuple((float(x), 100.0 + (20 if 700 < x < 760 else 0)) for x in range(0, 1200, 2))
    crop, _ = crops_of(None, Figure(seen=seen, expected=((0, 100), (1198, 100))), 1200, 900)
    assert 500 < crop.window[0] < 700 < 760 < crop.window[2] < 960


def test_a_line_that_never_leaves_its_continuation_is_shown_whole() -> None:
    straight = Figure(seen=((100, 100), (500, 100)), expected=((0, 100), (600, 100)))
    crop, _ = crops_of(None, straight, 600, 600)
    assert crop.window[0] <= 100
    assert crop.window[2] >= 500


@pytest.mark.parametrize("bounds", [(0, 0, 4, 4), (590, 790, 640, 900), (10, 10, 590, 790), (300, 0, 301, 800)])
def test_every_window_lies_inside_the_picture_and_is_neither_tiny_nor_slim(
    bounds: tuple[float, float, float, float],
) -> None:
    for crop in crops_of(bounds, None, 600, 800):
        left, top, right, bottom = crop.window
        assert 0 <= left < right <= 600
        assert 0 <= top < bottom <= 800
        assert 0.6 < crop.width / crop.height < 1.6
        assert min(crop.width, crop.height) > 90


def test_without_region_and_figure_there_is_nothing_to_show() -> None:
    assert crops_of(None, None, 600, 800) == ()
