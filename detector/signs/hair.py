"""Hair that was painted rather than photographed: a solid mass, an outline with a seam, strands that dissolve.

Hair is thousands of strands, so a camera finds contrast in it wherever light falls, and an outline as sharp as the
picture with single strands beyond it. Each measure is held against what real photos show at that sharpness, light and
size (detector/weights/hair.json, hair.md): contrast of the quietest sixth of the hair, a seam along its outline that is
neither hair nor backdrop, a transition that is wide and yet crossed by no strands. Blind to: generators that paint
strands (most of today's), hair darker than the camera sees, the half of hats that pass for hair.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.observation import NotApplicable, Observation, Region, Sighting
from detector.portrait import Portrait
from detector.scene import Detector, Scene
from detector.signal import compression, fringe, strands
from detector.signal.fringe import Fringe
from detector.signal.head import unit_of
from detector.signal.norm import Norm, Reading, SignModel
from detector.signal.strands import Plate, Strands

Mask = NDArray[np.bool_]

LOOKED_AT = 512  # pixels of a side in which blocks are looked for
SCALE = 40.0  # pixels between the eyes at which hair is judged: every face that is fit has them, and it costs 10 ms
TURNED = 45.0  # degrees of yaw: beyond it the far half of the hair is gone, and the mask takes skin for hair
BLURRED_FINE, BLURRED = -3.65, -3.1  # eye_fine, eye_mid: as in the skin sign, a photo out of focus or enlarged
BLOCKY = 1.9  # compression.blockiness: as in the skin sign, strong compression
# Lightness 0..1 and `low`: white headscarves, backdrops taken for hair and blown-out hair lie beyond both.
LIGHT, BLANK = 0.62, -5.0
SEAM_SHARE, MELT_SHARE = (
    25,
    80,
)  # per cent of the outline: a seam must run nearly all along it, a melting place need not
SEAM_FLOOR = 0.02  # of the step between hair and backdrop: keeps the logarithm finite
GAP = 15  # lines (0.6 eye distances) that a stretch of the outline may be interrupted by
# How far from the expected level to the measured one a place must be to belong to the region: the inside's level is
# that of its quietest part, the outline's that of most of it.
TELLING = {"hair.solid": 0.5, "hair.merged": 0.33, "hair.halo": 0.33}
BAND = {"halo": (-0.03, 0.2), "merged": (-0.25, 0.25)}  # eye distances from the outline that a region covers

SOLID, MERGED, HALO = "hair.solid", "hair.merged", "hair.halo"
CAMERA = ("eye_fine", "eye_mid", "lightness", "lightness_squared", "blockiness", "size")
NORMS = (
    Norm(code=SOLID, level="low", given=CAMERA, side=-1),
    Norm(code=MERGED, level="melt", given=CAMERA),
    Norm(code=HALO, level="seam", given=CAMERA),
)
# Not the circumstances: by sharpness, light and compression alone, held-out pictures separated nearly as well.
SCORE_INPUTS = ("fine", "mid", "coarse", "uneven", "tail", "flow", "coherence")
MODEL = SignModel(name="hair", norms=NORMS, score_inputs=SCORE_INPUTS)

CLEAR = "The hair shows as much strand contrast as it does in photos of this size and sharpness."
NO_OUTLINE = "Too little of the hair's outline stands out against a backdrop."
CAVEATS = {
    SOLID: "Black hair in deep shade, gel, strong noise reduction, a hat or a headscarf can look the same.",
    MERGED: "A phone's portrait mode, a blurred backdrop and frizzy hair in soft light can do the same.",
    HALO: "Light from behind, sharpening and a replaced backdrop leave such seams on real hair.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HairMeasure:
    """values: see Strands and Fringe, and `CAMERA`. strands, fringe: None where that part could not be judged;
    not_judged says why."""

    values: Mapping[str, float]
    plate: Plate
    strands: Strands | None
    fringe: Fringe | None
    not_judged: Mapping[str, str]
    variant: str = "any"


def measure(scene: Scene) -> HairMeasure:
    """Measures the hair around the subject's face at SCALE. Raises NotApplicable or CouldNotLook."""
    face = scene.subject
    if face.head.doubt:
        raise NotApplicable(face.head.doubt)
    if abs(face.yaw) > TURNED:
        raise NotApplicable("The head is turned too far to the side for its hair to be judged.")
    plate = strands.plate_of(scene.portrait.rgb, face.landmarks, face.head, SCALE)
    inside = strands.measure(plate) if plate else None
    if plate is None or inside is None:
        raise NotApplicable("Too little hair is seen in light that shows strands.")
    values = _values(scene.portrait, face, inside)
    if reason := refusal(values):
        raise NotApplicable(reason)
    border = fringe.measure(plate)
    outline = _of_border(border)
    not_judged = {} if outline else {"outline": NO_OUTLINE}
    return HairMeasure(values=values | outline, plate=plate, strands=inside, fringe=border, not_judged=not_judged)


def refusal(values: Mapping[str, float]) -> str | None:
    """Why measured hair cannot be judged, in one sentence; None where it can."""
    if values["eye_fine"] < BLURRED_FINE or values["eye_mid"] < BLURRED:
        return "The face is out of focus, blurred or enlarged: strands would be gone in any case."
    if values["blockiness"] > BLOCKY:
        return "The photo is compressed so strongly that strands would be gone in any case."
    if values["lightness"] > LIGHT and values["low"] < BLANK:
        return "What surrounds the face is light and blank: a headscarf, a backdrop or overexposed hair."
    return None


def look(scene: Scene) -> Sighting:
    """Judges the hair around the most prominent face. Raises NotApplicable or CouldNotLook."""
    measured = measure(scene)
    told = {norm.code: partial(_observation, norm.code) for norm in NORMS}
    return MODEL.sighting(measured, told, clear=CLEAR, scale_px=SCALE)


def _values(portrait: Portrait, face: FaceMap, inside: Strands) -> dict[str, float]:
    names = ("fine", "mid", "coarse", "low", "uneven", "tail", "flow", "coherence", "eye_fine", "eye_mid")
    left, top, right, bottom = face.window
    light = compression.light_of_middle(portrait.rgb[top:bottom, left:right], LOOKED_AT)
    return {name: float(getattr(inside, name)) for name in (*names, "lightness")} | {
        "lightness_squared": inside.lightness**2,
        "blockiness": compression.blockiness(light),
        "size": min(math.log(unit_of(face.landmarks) / SCALE), math.log(4.0)),
    }


def _of_border(border: Fringe | None) -> dict[str, float]:
    """The outline's measures; none where too few of its lines cross a clear step from hair to backdrop."""
    if border is None or np.isfinite(border.melt).sum() < fringe.LEAST_LINES:
        return {}
    return {
        "melt": float(np.nanpercentile(border.melt, MELT_SHARE)),
        "seam": math.log(float(np.nanpercentile(border.seam, SEAM_SHARE)) + SEAM_FLOOR),
    }


def _observation(code: str, measured: HairMeasure, reading: Reading) -> Observation | None:
    region = _stretch(code, reading, measured)
    if region is None:
        return None
    where = _where(region, measured)
    times = math.exp(abs(reading.level - reading.expected))
    summary = {
        SOLID: f"The hair {where} is a solid mass: its quietest part shows {times:.1f} times less contrast between "
        "strands than hair does in photos of this sharpness and light.",
        MERGED: f"The hair {where} dissolves into the backdrop over a wide band that no strands cross.",
        HALO: f"The hair wears a seam {where}, all along its outline, that has neither its colour nor the backdrop's.",
    }[code]
    return Observation(
        code=code,
        bearing=reading.bearing,
        strength=reading.found,
        summary=summary,
        caveat=CAVEATS[code],
        region=region,
    )


def _stretch(code: str, reading: Reading, measured: HairMeasure) -> Region | None:
    """Where it is seen: what lies well beyond what was expected, on the way to what was measured."""
    beyond_usual = reading.expected + TELLING[code] * (reading.level - reading.expected)
    if code == SOLID and measured.strands is not None:
        reach = round(strands.INNER * SCALE)
        quiet = measured.strands.quiet < beyond_usual
        return _outlined(_grown_within(quiet, measured.plate.hair, reach), measured.plate)
    if measured.fringe is None:
        return None
    lines = measured.fringe.melt if code == MERGED else np.log(measured.fringe.seam + SEAM_FLOOR)
    beyond = np.nan_to_num(lines, nan=-np.inf) > beyond_usual
    return _outlined(_band(beyond, measured, BAND[code.partition(".")[2]]), measured.plate)


def _grown_within(mask: Mask, limit: Mask, reach: int) -> Mask:
    """The mask's gaps closed and its edge led back to the hair's outline, which was kept off when measuring."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.dilate(opened, kernel), dtype=np.uint8) * limit.astype(np.uint8) > 0


def _band(beyond: Mask, measured: HairMeasure, reach: tuple[float, float]) -> Mask:
    """A band along the stretches of the outline where `beyond` holds, in the plate's pixels."""
    border = measured.fringe
    canvas = np.zeros(measured.plate.hair.shape, np.uint8)
    if border is None:
        return canvas > 0
    inner, outer = (border.spots + border.normal * np.float32(off * SCALE) for off in reach)
    chosen = np.nonzero(beyond)[0]
    for one, other in pairwise(chosen):
        # Neighbours in the list may lie on either side of the neck, where no backdrop is seen.
        if other - one <= GAP and np.linalg.norm(border.spots[one] - border.spots[other]) < 0.8 * SCALE:
            corners = np.rint([inner[one], outer[one], outer[other], inner[other]]).astype(np.int32)
            cv2.fillConvexPoly(canvas, cv2.convexHull(corners), (1,))
    return canvas > 0


def _outlined(mask: Mask, plate: Plate) -> Region | None:
    """The largest part's outline, in the picture's pixels; None where nothing is left."""
    contours, _ = cv2.findContours(np.pad(mask.astype(np.uint8), 1), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    largest = max(contours, key=cv2.contourArea)
    corners = cv2.approxPolyDP(largest, 0.02 * plate.scale, True).reshape(-1, 2).astype(np.float64) - 1
    if len(corners) < 3:
        return None
    left, top = plate.origin
    return Region.polygon([((x + 0.5) * plate.shrink + left, (y + 0.5) * plate.shrink + top) for x, y in corners])


def _where(region: Region, measured: HairMeasure) -> str:
    """At which side of the face, as you look at the picture."""
    plate = measured.plate
    middle = np.array(plate.origin) + (plate.points[[10, 152]].mean(axis=0) + 0.5) * plate.shrink
    way = (np.mean(region.points, axis=0) - middle) / (plate.scale * plate.shrink)
    if abs(way[0]) < 0.4:
        return "around the head" if way[1] > -0.8 else "at the top of the head"
    return f"at the {'left' if way[0] < 0 else 'right'} of the head, as you look at it,"


DETECTOR = Detector(
    name="hair",
    version=1,
    title="Hair",
    question="Is the hair a solid mass, does its outline wear a seam, or do its strands dissolve into the backdrop?",
    look=look,
)
