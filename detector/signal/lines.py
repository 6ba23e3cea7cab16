"""Straight edges of the background that pass behind the person or close by, followed with sub-pixel precision.

Segments come from the line segment detector (Grompone von Gioi, Jakubowicz, Morel and Randall, 2010). One that points
at the person is followed up to the outline if another comes back from the other side, about in line; one that passes
by is followed along its whole length.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal.surroundings import UNIT, Surroundings, at
from detector.signal.track import CLEAR_OF, SHORTEST, Stretch, tracked

Array = NDArray[np.float32]

# In eye distances.
POINTS_AT = 1.2  # how far from the outline a segment may end that still points at the person
LENGTH = 4.0  # of the strip in which it is followed
CLOSEST, WIDEST = 0.3, 5.0  # gap behind the person
OFF_LINE = 0.6  # by which a partner may lie off the straight continuation: farther off, it is another edge
TURNED = 6.0  # degrees by which it may run otherwise
DUPLICATE = 0.08  # two that come closer than that are one
PASSING = 0.8  # of a segment that passes by: longer, as no second one bears it out

BEHIND = 0.85  # of a segment that must lie on background
MOST = 8  # stretches that are followed on a picture, the longest segments first
SAME_WAY = float(np.cos(np.radians(TURNED)))


def segments(view: Surroundings) -> Array:
    """N x 4 (x, y, x, y): straight edges of at least SHORTEST on the background, the longest first."""
    x, y, wide, tall = cv2.boundingRect(view.background.astype(np.uint8))
    none = np.zeros((0, 4), np.float32)
    if min(wide, tall) < UNIT:
        return none
    part = np.ascontiguousarray(view.light[y : y + tall, x : x + wide]).astype(np.uint8)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(part)[0]
    if found is None:
        return none
    lines = np.asarray(found, dtype=np.float32).reshape(-1, 4) + np.array([x, y, x, y], dtype=np.float32)
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    clipped = [_on_background(view, line) for line in lines[length > SHORTEST * UNIT]]
    lines = np.array([line for line in clipped if line is not None], dtype=np.float32).reshape(-1, 4)
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    return np.asarray(lines[np.argsort(-length)], dtype=np.float32)


def _on_background(view: Surroundings, line: Array) -> Array | None:
    """The longest piece of a segment that lies on the background; None where that is short."""
    steps = round(float(np.hypot(line[2] - line[0], line[3] - line[1])))
    points = line[:2] + np.linspace(0, 1, steps + 1, dtype=np.float32)[:, None] * (line[2:] - line[:2])
    edges = np.diff(np.concatenate([[0], at(view.background, points).astype(np.int8), [0]]))
    starts, stops = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0]
    if not len(starts):
        return None
    longest = int(np.argmax(stops - starts))
    if stops[longest] - starts[longest] <= SHORTEST * UNIT:
        return None
    return np.concatenate([points[starts[longest]], points[stops[longest] - 1]])


def partnered(view: Surroundings, found: Array) -> Array:
    """N x 4 (x, y of where a segment meets the outline, and its direction there), only of those segments that have
    another coming back from the other side of the person, about in line."""
    axes = np.array([axis for segment in found for axis in _pointing(view, segment)], dtype=np.float32).reshape(-1, 4)
    if len(axes) < 2:
        return axes[:0]
    ends, directions = axes[:, :2], axes[:, 2:]
    normals = directions[:, ::-1] * np.array([-1, 1], dtype=np.float32)
    between = ends[None] - ends[:, None]  # from row's to column's
    gap, off = (np.einsum("ijk,ik->ij", between, each) / UNIT for each in (directions, normals))
    back = directions @ directions.T < -np.cos(np.radians(TURNED))
    match = back & (gap > CLOSEST) & (gap < WIDEST) & (np.abs(off) < OFF_LINE)
    return np.asarray(axes[match.any(axis=1)], dtype=np.float32)


def behind(view: Surroundings, found: Array) -> list[Stretch]:
    """The edges that run up to the outline, of those segments that have a partner (see partnered)."""
    along = np.arange(-round(LENGTH * UNIT), 1)
    own = (along > -round(POINTS_AT * UNIT * 2)) & (along < -round(CLEAR_OF * UNIT))
    followed: list[Stretch] = []
    for axis in _distinct(partnered(view, found))[:MOST]:
        track = tracked(view, axis[:2], axis[2:], along, own)
        if track is not None and len(track.points) > SHORTEST * UNIT:
            followed.append(track.stretch(slice(None)))
    return followed


def beside(view: Surroundings, found: Array) -> list[tuple[Stretch, Stretch]]:
    """The edges that pass close by the person, each cut in two where it leaves the line through its ends most."""
    followed: list[tuple[Stretch, Stretch]] = []
    middles = (found[:, :2] + found[:, 2:]) / 2
    ways = found[:, 2:] - found[:, :2]
    length = np.linalg.norm(ways, axis=1, keepdims=True)
    near = length[:, 0] > PASSING * UNIT
    axes = np.concatenate([middles, ways / np.maximum(length, 1)], axis=1)[near]
    along = np.arange(-round(LENGTH * UNIT), round(LENGTH * UNIT) + 1)
    for axis, reach in list(zip(axes, length[near, 0] / 2, strict=True))[:MOST]:
        if any(_on(axis, stretch) for pair in followed for stretch in pair):
            continue
        track = tracked(view, axis[:2], axis[2:], along, np.abs(along) < reach)
        if track is None:
            continue
        cut = track.cut()
        if cut is not None:
            followed.append((track.stretch(slice(0, cut)), track.stretch(slice(None, cut - 1, -1))))
    return followed


def _pointing(view: Surroundings, segment: Array) -> list[Array]:
    found = []
    for start, end in ((segment[:2], segment[2:]), (segment[2:], segment[:2])):
        direction = (end - start) / np.linalg.norm(end - start)
        steps = np.arange(-round(0.5 * UNIT), round(POINTS_AT * UNIT), dtype=np.float32)
        ahead = end + steps[:, None] * direction
        person = at(view.person, ahead)
        first = int(np.argmax(person))
        if person.any() and first > 4 and at(view.background, ahead[:first]).mean() > BEHIND:
            found.append(np.concatenate([ahead[first], direction]))
    return found


def _distinct(axes: Array) -> Array:
    """Less those that lie on an earlier (longer) one."""
    kept: list[Array] = []
    for axis in axes:
        off = [abs(float((axis[:2] - other[:2]) @ np.array([-other[3], other[2]]))) for other in kept]
        turned = [float(axis[2:] @ other[2:]) for other in kept]
        if not any(o < DUPLICATE * UNIT and t > SAME_WAY for o, t in zip(off, turned, strict=True)):
            kept.append(axis)
    return np.array(kept, dtype=np.float32).reshape(-1, 4)


def _on(axis: Array, stretch: Stretch) -> bool:
    """Whether a segment belongs to an edge that was already followed."""
    if abs(float(axis[2:] @ stretch.direction)) < SAME_WAY:
        return False
    return bool(np.linalg.norm(stretch.points - axis[:2], axis=1).min() < DUPLICATE * UNIT)
