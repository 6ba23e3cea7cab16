"""Skin that shows less texture than a camera leaves at that scale and sharpness: the "plastic look".

Pores, fine hairs and sensor noise give real skin a floor of fine contrast. How high it is depends on focus, light, size
and compression, so it is judged against what real photos show at the same sharpness of eyes, brows and lips
(detector/weights/skin.json, skin.md). Blind to: generators that paint pores, photos whose skin was given grain again,
faces under 40 pixels between the eyes. It cannot tell a generator's skin from a beauty filter's, hence "retouched".
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.observation import Bearing, CouldNotLook, NotApplicable, Observation, Region, Sighting, Strength
from detector.portrait import Portrait
from detector.scene import Detector, Scene
from detector.signal import compression
from detector.signal.texture import FLOOR, Texture, face_scale, measure

WEIGHTS = Path(__file__).resolve().parent.parent / "weights" / "skin.json"
SCALES = (80.0, 40.0)  # pixels between the eyes; the larger one at which the photo is sharp is used
# Beyond these the measure says nothing about skin; origins in detector/weights/skin.md, "Gates".
BLURRED_FINE, BLURRED = -3.65, -3.1  # eye_fine, eye_mid: eyes as soft as in an out-of-focus or enlarged photo
COARSE = 2.5  # compression.coarseness: JPEG quality under about 20
BLOCKY = 1.9  # compression.blockiness: such compression, saved again in finer steps
COVERED = (
    4.0  # warmth: a cloth over nose and mouth in a colour photo; 1 of 309 bare faces lay below it, under coloured light
)
COLOURED = 16  # grey levels between the channels; black-and-white photos, toned or not, mostly have fewer
DARK = 0.12  # lightness: noise reduction in the camera smooths deep shadow
TURNED = 50.0  # degrees of yaw: the far cheek is gone, the eye line foreshortened

# What the camera's floor of texture is predicted from, and what the calibrated score looks at (no size, no file facts).
CAMERA_INPUTS = ("eye_fine", "eye_mid", "lightness", "lightness_squared", "blockiness", "coarseness", "size")
SCORE_INPUTS = (
    "grain_fine",
    "grain_mid",
    "mid",
    "coarse",
    "eye_fine",
    "eye_mid",
    "colour_fine",
    "colour_mid",
    "tail",
    "uneven",
    "lightness",
    "blockiness",
)
GREY = math.log(FLOOR) + 0.7  # colour_mid of a picture without colour: the colour inputs mean nothing there


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinMeasure:
    """One face's texture and every number that the models look at, by name (see Texture, compression)."""

    texture: Texture
    values: Mapping[str, float]

    @property
    def level(self) -> float:
        """Fine texture of the skin: the middle grain (Texture.grain_mid), natural logarithm of grey levels."""
        return self.values["grain_mid"]

    @property
    def has_colour(self) -> bool:
        return self.values["colour_mid"] > GREY


def measure_skin(portrait: Portrait, face: FaceMap, scale: float) -> SkinMeasure:
    """Measures the skin of a face at one of SCALES.

    Raises NotApplicable where the face is smaller than the scale or too little skin is visible.
    """
    size = face_scale(face.landmarks)
    if size < scale:
        raise NotApplicable(f"The face is too small for its skin to be judged ({size:.0f} pixels between the eyes).")
    texture = measure(portrait.rgb, face.landmarks, face.skin, face.window, scale)
    if texture is None:
        raise NotApplicable("Too little bare skin is visible.")
    left, top, right, bottom = face.window
    light = _lightness(portrait.rgb[top:bottom, left:right])
    with portrait.open() as opened:
        coarseness = compression.coarseness(opened)
    values = {name: float(getattr(texture, name)) for name in SCORE_INPUTS if name != "blockiness"} | {
        "lightness_squared": texture.lightness**2,
        "blockiness": compression.blockiness(light),
        "coarseness": coarseness,
        "warmth": texture.warmth,
        "size": min(math.log(size / texture.scale), math.log(4.0)),
    }
    return SkinMeasure(texture=texture, values=values)


def refusal(values: Mapping[str, float], yaw: float) -> str | None:
    """Why a measured face cannot be judged, in one sentence; None where it can."""
    if values["coarseness"] > COARSE or values["blockiness"] > BLOCKY:
        return "The photo is compressed so strongly that fine skin texture would be gone in any case."
    if values["eye_fine"] < BLURRED_FINE or values["eye_mid"] < BLURRED:
        return "The face is out of focus, blurred or enlarged: its eyes are as soft as its skin."
    if values["lightness"] < DARK:
        return "The face lies in deep shadow, where cameras smooth the skin themselves."
    if abs(yaw) > TURNED:
        return "The face is turned too far to the side."
    return None


def covered(portrait: Portrait, face: FaceMap, measured: SkinMeasure) -> str | None:
    """Why it is no skin that was measured: in a colour photo it has no colour; None where it may be skin."""
    if abs(measured.values["warmth"]) >= COVERED:
        return None
    left, top, right, bottom = face.window
    small = cv2.resize(portrait.rgb[top:bottom, left:right], (64, 64), interpolation=cv2.INTER_AREA).astype(np.int16)
    colour = np.ptp(small, axis=2)  # largest less smallest of red, green, blue
    if np.quantile(colour, 0.75) < COLOURED:
        return None
    return "The face seems covered, or lit in strange colours: what should be skin has not the colour of skin."


def judgeable(portrait: Portrait, face: FaceMap) -> SkinMeasure:
    """The measure at the largest scale at which the photo is sharp enough; raises NotApplicable where there is none."""
    reason = ""
    for scale in SCALES:
        try:
            measured = measure_skin(portrait, face, scale)
        except NotApplicable as said:
            reason = str(said)
            continue
        refused = refusal(measured.values, face.yaw) or covered(portrait, face, measured)
        if refused is None:
            return measured
        reason = refused
    raise NotApplicable(reason)


def look(scene: Scene) -> Sighting:
    """Judges the skin of the most prominent face. Raises NotApplicable or CouldNotLook."""
    measured = judgeable(scene.portrait, scene.face)
    model = model_for(measured.texture.scale)
    surprise = smoothness(model, measured.values, measured.level)
    details = {
        "scale_px": measured.texture.scale,
        "smoothness": round(surprise, 2),
        "limit": round(float(model["limit"]), 2),
        "times_smoother": round(math.exp(surprise * float(model["camera"]["spread"])), 2),
    }
    found = (_observation(measured, model, surprise),) if surprise > float(model["limit"]) else ()
    score = probability(model, measured.values) if measured.has_colour else None  # black-and-white is not calibrated
    note = "" if found else "The skin shows as much texture as a camera leaves at this size and sharpness."
    return Sighting(observations=found, score=score, note=note, details=details)


def smoothness(model: Mapping[str, Any], values: Mapping[str, float], level: float) -> float:
    """How many standard deviations of real photos `level` lies below what their model expects; above 0 is smoother."""
    camera = model["camera"]
    expected = float(camera["intercept"])
    expected += sum(c * values[name] for c, name in zip(camera["coefficients"], CAMERA_INPUTS, strict=True))
    return float((expected - level) / camera["spread"])


def probability(model: Mapping[str, Any], values: Mapping[str, float]) -> float:
    """Calibrated probability, at even priors, that a generator made the picture."""
    logistic = model["logistic"]
    x = np.array([values[name] for name in SCORE_INPUTS])
    # Beyond three spreads of what was seen in training the model would only extrapolate.
    z = np.clip((x - np.array(logistic["mean"])) / np.array(logistic["scale"]), -3.0, 3.0)
    return float(1 / (1 + math.exp(-(float(z @ np.array(logistic["coefficients"])) + float(logistic["intercept"])))))


@cache
def weights() -> dict[str, Any]:
    """The trained parameters. Raises CouldNotLook where their file is missing or made for other inputs."""
    try:
        loaded: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CouldNotLook("The skin detector's weights are missing. To mend it, install Candid again.") from None
    if tuple(loaded["camera_inputs"]) != CAMERA_INPUTS or tuple(loaded["score_inputs"]) != SCORE_INPUTS:
        raise CouldNotLook("The skin detector's weights are of another version. To mend it, install Candid again.")
    return loaded


def model_for(scale: float) -> Mapping[str, Any]:
    """The part of the weights for one of SCALES."""
    model: Mapping[str, Any] = weights()["scales"][f"{scale:.0f}"]
    return model


def _lightness(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """At the file's own resolution; of a large window only the middle, as the block grid is the same everywhere."""
    half = compression.LONGEST // 2
    y, x = rgb.shape[0] // 2, rgb.shape[1] // 2
    part = np.ascontiguousarray(rgb[max(0, y - half) : y + half, max(0, x - half) : x + half])
    return np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.float32)


def _observation(measured: SkinMeasure, model: Mapping[str, Any], surprise: float) -> Observation:
    smooth = [
        name
        for name, level in measured.texture.parts.items()
        if smoothness(model, measured.values, level) > 0.5 * float(model["limit"])
    ] or list(measured.texture.parts)
    times = math.exp(surprise * float(model["camera"]["spread"]))
    return Observation(
        code="skin.smooth",
        bearing=Bearing.RETOUCHED,
        strength=Strength.MODERATE if surprise > float(model["clear_limit"]) else Strength.WEAK,
        summary=f"The skin on {_listed(smooth)} shows {times:.1f} times less fine texture than skin usually does in "
        "photos of this size and sharpness.",
        caveat="Make-up, soft light, a phone's beauty filter or noise reduction can do the same, and so can a "
        "generator; smoothness alone cannot tell them apart.",
        region=_outline(measured.texture, smooth),
    )


def _listed(names: list[str]) -> str:
    words = [f"the {name}" for name in names]
    if {"left cheek", "right cheek"} <= set(names):
        words = [word for word in words if "cheek" not in word] + ["both cheeks"]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _outline(texture: Texture, names: list[str]) -> Region:
    """One outline around the smooth parts, in the picture's pixels: close where they touch, else the hull of all."""
    union = np.any([texture.masks[name] for name in names], axis=0).astype(np.uint8)
    reach = max(3, round(texture.scale / 4)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    padded = cv2.copyMakeBorder(union, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    closed = np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel), dtype=np.uint8)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    around = contours[0] if len(contours) == 1 else cv2.convexHull(np.concatenate(contours))
    corners = cv2.approxPolyDP(around, 0.02 * texture.scale, True).reshape(-1, 2).astype(np.float64) - reach
    shrink, x, y = texture.to_picture
    return Region.polygon([((cx + 0.5) * shrink + x, (cy + 0.5) * shrink + y) for cx, cy in corners])


DETECTOR = Detector(
    name="skin",
    version=1,
    title="Skin texture",
    question="Is the skin smoother than a camera leaves it at this size and sharpness?",
    look=look,
)
