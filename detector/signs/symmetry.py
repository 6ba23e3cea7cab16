"""Earrings and spectacle frames that do not match: left against mirrored right.

Nothing tells a generator that the two sides of a face belong together, and pairs come out unequal: one earring, a frame
that fades into the skin on one side. Ears and frames are found without landmarks (detector.signal.ears,
detector.signal.glasses); each is judged only where both sides are in plain view, and against what real photos show in
the same circumstances (detector/weights/symmetry.json, symmetry.md). Source of the idea: Matern, Riess and Stamminger,
2019, "Exploiting visual artifacts to expose deepfakes and face manipulations". Blind to: dark earrings, which look like
shadow; earrings of the backdrop's colour; pairs of unequal size; rimless and half-rimmed glasses, upper rims, temples,
frames of unequal shape. Collars and lapels are left out: their symmetry hardly differed (macro AUC 0.55).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.observation import Figure, NotApplicable, Observation, Panel, Region, Sighting
from detector.scene import Detector, Scene
from detector.signal.ears import Ear, look_at_ear
from detector.signal.glasses import Glasses, look_at_glasses
from detector.signal.head import unit_of
from detector.signal.norm import Norm, Reading, SignModel
from detector.signal.plate import UNIT, Half, cheek_of, halves

Array = NDArray[np.float32]

# Degrees of yaw beyond which one ear or lens is seen more from the side than the other.
EARS_TURNED, GLASSES_TURNED = 12.0, 28.0
FAINT = 6.0  # LAB units of a spot at bare lobes (the median of 235 real portraits whose ears are in view)

EARRINGS, FADE = "symmetry.earrings_differ", "symmetry.glasses_fade"
NORMS = (
    Norm(code=EARRINGS, level="earring_gap", given=("turned", "light_gap", "clutter", "size", "crispness")),
    Norm(code=FADE, level="frame_gap", given=("turned", "light_gap", "frame", "crispness")),
)
# Yaw and light are no inputs: generated portraits are more frontal and lit more from one side (AUC 0.68 with them), but
# that says how a portrait was composed, not that its sides do not match.
SCORE_INPUTS = ("earring_gap", "frame_gap")
MODEL = SignModel(name="symmetry", norms=NORMS, score_inputs=SCORE_INPUTS)

CLEAR = "What comes in pairs and is in plain view looks alike at the left and at the right."


@dataclass(frozen=True, slots=True, kw_only=True)
class SymmetryMeasure:
    """values: earring_gap, frame_gap (natural logarithms, above 0 is more unequal) and their
    circumstances: turned (degrees of yaw), light_gap (LAB lightness between the cheeks), size (logarithm of pixels
    between the eyes), crispness (of the eyes), clutter (logarithm of how colours are scattered around the lobes), frame
    (logarithm of its contrast).

    ears, glasses: None where they cannot be compared; why not is in not_judged, by name, one sentence.
    """

    values: Mapping[str, float]
    halves: tuple[Half, Half]
    ears: tuple[Ear, Ear] | None
    glasses: Glasses | None
    not_judged: Mapping[str, str]
    variant: str = "any"


def measure(scene: Scene) -> SymmetryMeasure:
    """Measures what can be compared. Raises NotApplicable where that is neither ears nor glasses."""
    face = scene.subject
    sides = halves(scene.pyramid, face.landmarks, face.head)
    values = {
        "turned": abs(face.yaw),
        "light_gap": _light_gap(sides),
        "size": math.log(unit_of(face.landmarks)),
        "crispness": _crispness(sides[0]),
    }
    ears, glasses = (look_at_ear(sides[0]), look_at_ear(sides[1])), look_at_glasses(sides)
    reasons = {"earrings": _ears_doubt(ears, face.yaw), "glasses": _glasses_doubt(glasses, face.yaw)}
    not_judged = {name: reason for name, reason in reasons.items() if reason}
    if len(not_judged) == len(reasons):
        raise NotApplicable(" ".join(not_judged.values()))
    if "earrings" not in not_judged:
        clutter = max(ear.zone.clutter for ear in ears if ear.zone)
        values |= {"earring_gap": earring_gap(ears), "clutter": math.log(clutter + 1.0)}
    if "glasses" not in not_judged:
        values |= {"frame": math.log(max(rim.usual for rim in (glasses.left, glasses.right)))}
        values |= {"frame_gap": glasses.worst_gap().beyond}
    return SymmetryMeasure(
        values=values,
        halves=sides,
        ears=None if "earrings" in not_judged else ears,
        glasses=None if "glasses" in not_judged else glasses,
        not_judged=not_judged,
    )


def look(scene: Scene) -> Sighting:
    """Compares earrings and frames. Raises NotApplicable or CouldNotLook."""
    measured = measure(scene)
    return MODEL.sighting(measured, {EARRINGS: _of_earrings, FADE: _of_fade}, clear=CLEAR)


# --- what can be compared


def _ears_doubt(ears: tuple[Ear, Ear], yaw: float) -> str:
    if abs(yaw) > EARS_TURNED:
        return "The head is turned, so that one ear is seen less than the other."
    doubts = [ear.doubt for ear in ears]
    if all(doubts):
        return "Neither ear is in plain view." if len(set(doubts)) > 1 else doubts[0].replace("The ear", "Each ear")
    for side, doubt in zip(("left", "right"), doubts, strict=True):
        if doubt:
            return doubt.replace("The ear", f"The ear at the {side} of the picture")
    return ""


def _glasses_doubt(glasses: Glasses, yaw: float) -> str:
    if not glasses.present:
        return "No spectacle frame with lower rims was found."
    if abs(yaw) > GLASSES_TURNED:
        return "The head is turned too far for the two sides of the glasses to be compared."
    return "Through dark lenses their rims cannot be told." if glasses.dark else ""


def _light_gap(sides: tuple[Half, Half]) -> float:
    left, right = (float(np.median(half.lab[..., 0][cheek_of(half)])) for half in sides)
    return abs(left - right)


def _crispness(half: Half) -> float:
    """Fine contrast around the eyes by all contrast there, natural logarithm."""
    y, x = half.eye_line, float(half.points[168, 0])
    rows = slice(max(0, round(y - 0.3 * UNIT)), round(y + 0.3 * UNIT))
    light = half.lab[rows, max(0, round(x - 0.9 * UNIT)) : round(x + 0.9 * UNIT), 0]
    fine = light - np.asarray(cv2.GaussianBlur(light, (0, 0), 1.5), dtype=np.float32)
    return math.log((float(fine.std()) + 0.3) / (float(light.std()) + 1.0))


# --- earrings


def _strong_and_weak(ears: tuple[Ear, Ear]) -> tuple[Ear, Ear]:
    strong, weak = sorted(ears, key=lambda ear: -ear.spot.strength if ear.spot else 0.0)
    return strong, weak


def earring_gap(ears: tuple[Ear, Ear]) -> float:
    """How much the more conspicuous spot stands out beyond its counterpart at the other ear, natural logarithm."""
    strong, weak = _strong_and_weak(ears)
    assert strong.spot is not None and weak.zone is not None  # noqa: S101, PT018 - both ears were judged
    return math.log((strong.spot.strength + FAINT) / (weak.zone.counterpart(strong.spot) + FAINT))


# --- words


def _of_earrings(measured: SymmetryMeasure, reading: Reading) -> Observation:
    assert measured.ears is not None  # noqa: S101 - there is no reading otherwise
    strong = _strong_and_weak(measured.ears)[0]
    assert strong.spot is not None  # noqa: S101
    here, there = (("left", "right"), ("right", "left"))[strong.side]
    half = measured.halves[strong.side]
    return Observation(
        code=EARRINGS,
        bearing=reading.bearing,
        strength=reading.found,
        summary=f"A spot at the lobe of the ear at the {here} of the picture, perhaps an earring, has no counterpart "
        f"of its height and colour at the {there}.",
        caveat="Many people wear one earring, or two different ones, and most such spots are none: a gap in the hair, "
        "a collar, something bright behind the ear. Look at both ears.",
        region=Region.box(*half.box_on_picture(*_wider(strong.spot.box, 0.03))),
        figure=Figure(panels=tuple(_ear_panel(measured, side) for side in (0, 1))),
    )


def _ear_panel(measured: SymmetryMeasure, side: int) -> Panel:
    half = measured.halves[side]
    top = half.eye_line - 0.2 * UNIT
    box = half.box_on_picture(half.edge - 0.7 * UNIT, top, half.edge + 0.4 * UNIT, top + 1.6 * UNIT)
    return Panel(label=_label("ear", side), box=box, mirrored=side == 1)


def _of_fade(measured: SymmetryMeasure, reading: Reading) -> Observation:
    assert measured.glasses is not None  # noqa: S101
    gap = measured.glasses.worst_gap()
    where, other = (("left", "right"), ("right", "left"))[gap.broken.side]
    half = measured.halves[gap.broken.side]
    return Observation(
        code=FADE,
        bearing=reading.bearing,
        strength=reading.found,
        summary=f"The lower rim of the glasses at the {where} of the picture fades into the skin where its counterpart "
        f"at the {other} is plain to see.",
        caveat="A reflection, a strong lens, a thin rim or light from one side can do the same.",
        region=Region.polygon(half.to_picture(gap.outline(half.eye)).tolist()),
        figure=_eye_panels(measured),
    )


def _eye_panels(measured: SymmetryMeasure) -> Figure:
    panels = []
    for side, half in enumerate(measured.halves):
        x, y = half.eye
        box = half.box_on_picture(x - 0.9 * UNIT, y - 0.6 * UNIT, x + 0.7 * UNIT, y + UNIT)
        panels.append(Panel(label=_label("lens", side), box=box, mirrored=side == 1))
    return Figure(panels=tuple(panels))


def _label(what: str, side: int) -> str:
    return f"{what} at the {('left', 'right')[side]} of the picture"


def _wider(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return left - by * UNIT, top - by * UNIT, right + by * UNIT, bottom + by * UNIT


DETECTOR = Detector(
    name="symmetry",
    version=1,
    title="Earrings and glasses",
    question="Do earrings and spectacle frames match at the left and at the right?",
    look=look,
)
