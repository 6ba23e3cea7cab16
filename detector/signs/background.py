"""The background around the person: straight edges that bend, and texture that melts at the outline.

Generators paint a background around a person, and warping a body or a face drags what lies behind along: an edge that
passes behind the head or close by it comes out elsewhere, or bulges where the person is (detector/signal/lines.py,
crossings.py). Cut-outs and smoothing leave a rim of background without texture (detector/signal/halo.py). Judged
against what real photos show (detector/weights/background.json, .md). Blind to plain and blurred backdrops, to
backgrounds without long straight edges, and to a bend that ends behind the person; most headshots have no such edge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.observation import Bearing, Figure, NotApplicable, Observation, Point, Region, Sighting
from detector.scene import Detector, Scene
from detector.signal.crossings import HIDDEN, Crossing, crossings
from detector.signal.halo import Halo, halo
from detector.signal.lines import segments
from detector.signal.norm import Norm, Reading, SignModel
from detector.signal.surroundings import SIZE, UNIT, Surroundings, around

Array = NDArray[np.float32]

BENT, MELTED = "background.bent_line", "background.melted"
NORMS = (
    Norm(code=BENT, level="departure", given=("line_noise", "gap", "lines"), side=1, bearing=Bearing.GENERATED),
    Norm(code=MELTED, level="lost", given=("texture", "texture_coarse", "sectors"), side=1, bearing=Bearing.GENERATED),
)
SCORE_INPUTS = ("departure", "line_noise", "lost", "lost_coarse", "texture", "texture_coarse")
MODEL = SignModel(name="background", norms=NORMS, score_inputs=SCORE_INPUTS)

EXACT = 0.005  # eye distances: a fifth of a pixel at the scale of measuring, below which departures are all the same
# Natural logarithm of grey levels: below it lies what a flat wall, or one out of focus, has (docs/detectors.md).
TEXTURED = 0.0
AROUND = 0.12  # eye distances that a region reaches beyond the line
SPARSE = 5  # pixels between the points that a figure keeps of a line

FEW = "Too little background is visible around the person."
NO_EDGE = "No long straight edge passes behind the person or close by."
PLAIN = "The backdrop is plain or out of focus: it has no fine texture that could melt."


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundMeasure:
    """values: departure and line_noise (of the edge that departs most for its noise; natural logarithm of eye
    distances), gap (eye distances of it that the person hides), lines (logarithm of how many edges were followed);
    lost, lost_coarse, texture, texture_coarse, sectors (see Halo). not_judged: part -> why.
    """

    view: Surroundings
    crossing: Crossing | None
    halo: Halo | None
    values: Mapping[str, float]
    not_judged: Mapping[str, str]
    variant: str = "any"


def measure(scene: Scene) -> BackgroundMeasure:
    """Measures edges and texture around the person. Raises NotApplicable where neither can be judged."""
    face = scene.subject
    view = around(scene.pyramid, face.head)
    found = crossings(view, segments(view), scene.portrait.width, scene.portrait.height)
    rim = halo(view)
    not_judged = {}
    if not found:
        not_judged["lines"] = NO_EDGE
    if reason := _no_texture(rim):
        not_judged["texture"] = reason
    if len(not_judged) == 2:
        raise NotApplicable(reason if reason != FEW else f"{FEW} {NO_EDGE}")
    worst = max(found, key=lambda crossing: crossing.departure / crossing.noise, default=None)
    values = _of_line(worst, len(found)) if worst else {}
    judged = rim if not reason else None
    if judged is not None:
        values |= _of_halo(judged)
    return BackgroundMeasure(view=view, crossing=worst, halo=judged, values=values, not_judged=not_judged)


def _no_texture(rim: Halo | None) -> str:
    if rim is None:
        return FEW
    return "" if rim.texture > TEXTURED else PLAIN


def _of_line(crossing: Crossing, count: int) -> dict[str, float]:
    return {
        "departure": math.log(crossing.departure + EXACT),
        "line_noise": math.log(crossing.noise),
        "gap": max(crossing.gap, 0.0),
        "lines": math.log(count),
    }


def _of_halo(rim: Halo) -> dict[str, float]:
    return {
        "lost": rim.lost,
        "lost_coarse": rim.lost_coarse,
        "texture": rim.texture,
        "texture_coarse": rim.texture_coarse,
        "sectors": math.log(rim.sectors),
    }


def look(scene: Scene) -> Sighting:
    """Judges the background around the most prominent face. Raises NotApplicable or CouldNotLook."""
    measured = measure(scene)
    return MODEL.sighting(measured, {BENT: _bent, MELTED: _melted}, clear=_note(measured))


def _note(measured: BackgroundMeasure) -> str:
    straight = "The straight edges around the person run straight on."
    whole = "The background is as rich in texture close to the person as farther out."
    return " ".join(
        words for part, words in (("lines", straight), ("texture", whole)) if part not in measured.not_judged
    )


def _bent(measured: BackgroundMeasure, reading: Reading) -> Observation:
    view, crossing = measured.view, measured.crossing
    assert crossing is not None  # noqa: S101 - there is no reading otherwise
    if crossing.gap > HIDDEN and abs(crossing.offset) >= crossing.bend:
        what = (
            "A straight edge in the background passes behind the person and does not come out in line: the two sides "
            f"miss each other by {abs(crossing.offset):.2f} eye distances."
        )
    else:
        where = "on its way behind the person" if crossing.gap > HIDDEN else _beside(view, crossing.near)
        what = (
            f"A straight edge in the background bends {where}: close to the person it lies "
            f"{crossing.departure:.2f} eye distances off the line that it keeps farther out."
        )
    return Observation(
        code=BENT,
        bearing=reading.bearing,
        strength=reading.found,
        summary=what,
        caveat="It may be two edges that only look like one, or something truly bent. Slimming a face or a body "
        "in a photo editor bends edges in the same way as a generator does. Lens distortion was taken out.",
        region=_strip(view, crossing),
        figure=Figure(seen=_line(view, crossing.seen[::SPARSE]), expected=_line(view, crossing.expected)),
    )


def _melted(measured: BackgroundMeasure, reading: Reading) -> Observation:
    view, rim = measured.view, measured.halo
    assert rim is not None  # noqa: S101 - there is no reading otherwise
    return Observation(
        code=MELTED,
        bearing=reading.bearing,
        strength=reading.found,
        summary="The background loses its texture close to the person's outline: it has "
        f"{math.exp(rim.lost):.1f} times less fine detail there than farther out.",
        caveat="A backdrop that happens to be emptier behind the head does the same, and so does a phone's portrait "
        "mode or the smoothing of a photo editor along the outline.",
        region=_outline(view, rim),
    )


def _beside(view: Surroundings, near: Array) -> str:
    middle = view.on_picture(near.mean(axis=0, keepdims=True))[0]
    return f"beside the person, at the {'left' if middle[0] < view.square.x else 'right'} of the picture"


def _line(view: Surroundings, points: Array) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in view.on_picture(points))


def _strip(view: Surroundings, crossing: Crossing) -> Region:
    """A narrow outline around the line next to the person, as it runs and as it should."""
    first, last = crossing.near[0], crossing.near[-1]
    along = (last - first) / max(float(np.linalg.norm(last - first)), 1.0)
    across = np.array([-along[1], along[0]], dtype=np.float32) * AROUND * UNIT
    place = (crossing.expected - first) @ along
    within = crossing.expected[(place >= 0) & (place <= (last - first) @ along)]
    lines = np.concatenate([crossing.near, within])
    hull = cv2.convexHull(np.concatenate([lines - across, lines + across])).reshape(-1, 2)
    return Region.polygon(view.on_picture(np.asarray(hull, dtype=np.float32)).tolist())


def _outline(view: Surroundings, rim: Halo) -> Region:
    """Around the largest connected part of the rim."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (UNIT // 4 + 1, UNIT // 4 + 1))
    grown = cv2.dilate(rim.where.astype(np.uint8), kernel)
    contours, _ = cv2.findContours(grown, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea)
    corners = cv2.approxPolyDP(largest, 0.03 * UNIT, True).reshape(-1, 2).astype(np.float32)
    return Region.polygon(view.on_picture(np.clip(corners, 0, SIZE - 1)).tolist())


DETECTOR = Detector(
    name="background",
    version=1,
    title="Background",
    question="Do straight edges bend around the person, or does the background's texture melt at the outline?",
    look=look,
)
