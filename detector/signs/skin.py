"""Skin whose texture is not what a camera leaves there: too smooth, without noise, copied, or of tied colours.

Pores, fine hairs and sensor noise give real skin a floor of fine contrast. How high it is depends on focus, light, size
and compression, so it is judged against what real photos show at the same sharpness of eyes, brows and lips
(detector/weights/skin.json, skin.md). Smooth skin and skin that lacks the noise of the hair beside it speak of
retouching, and so does a piece of skin that occurs twice; fine colours that move together, as paint's do and a camera's
noise does not, speak of a generator. Blind to: generators that paint pores as cameras show them, light retouching,
faces under 40 pixels between the eyes. It cannot tell a generator's smooth skin from a beauty filter's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.observation import Bearing, Figure, NotApplicable, Observation, Panel, Region, Sighting
from detector.portrait import Portrait
from detector.scene import Detector, Scene
from detector.signal import compression
from detector.signal.closeup import Closeup, close_up
from detector.signal.grain import grain_values
from detector.signal.head import unit_of
from detector.signal.norm import Norm, Reading, SignModel, Telling
from detector.signal.repetition import SIDE, Repetition, repetition_of
from detector.signal.texture import Texture, texture_of

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SCALES = (80.0, 40.0)  # pixels between the eyes; the larger one at which the photo is sharp is used
# Beyond these the measure says nothing about skin.
BLURRED_FINE, BLURRED = -3.65, -3.1  # eye_fine, eye_mid: softer than 99 % of real photos: out of focus, enlarged
COARSE = 2.5  # compression.coarseness: JPEG quality under about 20; quality 10 took 40 % of the test portrait's grain
BLOCKY = 1.9  # compression.blockiness: such compression saved again in finer steps; 99 % at quality 40 lie below
# warmth: a cloth over nose and mouth in a colour photo; 1 of 309 bare faces lay below it, under coloured light
COVERED = 4.0
COLOURED = 16  # grey levels between the channels, reached by a quarter of the pixels around an ordinary face
DARK = 0.12  # lightness: noise reduction in the camera smooths deep shadow
TURNED = 50.0  # degrees of yaw: the far cheek is gone, the eye line foreshortened
LEADING = 0.5  # of the face's surprise: parts beyond it are named

SMOOTH, NO_NOISE, REPEATED = "skin.smooth", "skin.no_noise", "skin.repeated"
CAMERA = ("eye_fine", "eye_mid", "lightness", "lightness_squared", "blockiness", "coarseness", "size")
NORMS = (
    Norm(code=SMOOTH, level="grain_mid", given=CAMERA, side=-1, bearing=Bearing.RETOUCHED),
    Norm(code=NO_NOISE, level="calm", given=(*CAMERA, "hair_fine", "hair_mid"), side=-1, bearing=Bearing.RETOUCHED),
    Norm(
        code=REPEATED,
        level="copies",
        given=(*CAMERA, "places", "lag_1", "lag_2", "lag_3", "grain_mid"),
        bearing=Bearing.RETOUCHED,
    ),
)
# No size and no file facts: they would tell the data's sources apart.
SCORE_INPUTS = (
    *("lag_1", "lag_2", "lag_3", "lag_4", "lag_diagonal", "hues_mid", "hues_coarse", "hues_wide", "edges"),
    *("bright_spots", "uneven_mid", "uneven_coarse", "brow_fine", "brow_mid", "red_share", "skew", "hair_gap"),
    *("tail", "coupled", "nose_light"),
)
MODEL = SignModel(name="skin", norms=NORMS, score_inputs=SCORE_INPUTS)

CLEAR = "The skin shows as much texture as a camera leaves at this size and sharpness."
NO_HAIR = "Too little hair is visible for its noise to be held against the skin's."
NO_PIECE = "The face is too small, or its bare skin in too small pieces, for copies to be looked for."


@dataclass(frozen=True, slots=True, kw_only=True)
class SkinMeasure:
    """values: those of Texture and grain_values; copies and places (Repetition.level, .places); lightness_squared;
    blockiness, coarseness (detector.signal.compression); size: logarithm of how much the face was shrunk, at most
    log 4. not_judged: what cannot be judged on this face, one sentence each."""

    values: Mapping[str, float]
    variant: str
    closeup: Closeup
    texture: Texture
    repetition: Repetition | None
    not_judged: Mapping[str, str]


def measure(scene: Scene) -> SkinMeasure:
    """Measures at the largest scale at which the photo is sharp enough; raises NotApplicable where there is none."""
    face, reason = scene.subject, ""
    for scale in SCALES:
        try:
            return _measured(scene.portrait, face, scale)
        except NotApplicable as said:
            reason = str(said)
    raise NotApplicable(reason)


def measure_at(scene: Scene, scale: float) -> SkinMeasure:
    """Measures at one of SCALES, so that two photos compare; raises NotApplicable where this photo has none there."""
    return _measured(scene.portrait, scene.subject, scale)


def _measured(portrait: Portrait, face: FaceMap, scale: float) -> SkinMeasure:
    size = unit_of(face.landmarks)
    if size < scale:
        raise NotApplicable(f"The face is too small for its skin to be judged ({size:.0f} pixels between the eyes).")
    closeup = close_up(portrait.rgb, face.landmarks, face.skin, face.window, face.head, scale)
    if closeup is None:
        raise NotApplicable("Too little bare skin is visible.")
    texture = texture_of(closeup)
    values = {**texture.values, **_medium(portrait, face)}
    values |= {
        "lightness_squared": values["lightness"] ** 2,
        "size": min(math.log(size / scale), math.log(4.0)),
    }
    if refused := _refusal(values, face.yaw) or _covered(portrait, face, values["warmth"]):
        raise NotApplicable(refused)
    repetition = repetition_of(closeup) if scale == SCALES[0] else None
    values |= grain_values(closeup)
    if repetition:
        values |= {"copies": repetition.level, "places": repetition.places}
    not_judged = {"noise": "" if "hair_fine" in values else NO_HAIR, "copies": "" if repetition else NO_PIECE}
    return SkinMeasure(
        values=values,
        variant=f"{scale:.0f}",
        closeup=closeup,
        texture=texture,
        repetition=repetition,
        not_judged={name: said for name, said in not_judged.items() if said},
    )


def _refusal(values: Mapping[str, float], yaw: float) -> str:
    """Why a measured face cannot be judged, in one sentence; "" where it can."""
    if values["coarseness"] > COARSE or values["blockiness"] > BLOCKY:
        return "The photo is compressed so strongly that fine skin texture would be gone in any case."
    if values["eye_fine"] < BLURRED_FINE or values["eye_mid"] < BLURRED:
        return "The face is out of focus, blurred or enlarged: its eyes are as soft as its skin."
    if values["lightness"] < DARK:
        return "The face lies in deep shadow, where cameras smooth the skin themselves."
    return "The face is turned too far to the side." if abs(yaw) > TURNED else ""


def _covered(portrait: Portrait, face: FaceMap, warmth: float) -> str:
    """Why it is no skin that was measured: in a colourful photo it has no colour; "" where it may be skin."""
    if abs(warmth) >= COVERED:
        return ""
    left, top, right, bottom = face.window
    small = cv2.resize(portrait.rgb[top:bottom, left:right], (64, 64), interpolation=cv2.INTER_AREA).astype(np.int16)
    colour = np.ptp(small, axis=2)  # largest less smallest of red, green, blue
    if np.quantile(colour, 0.75) < COLOURED:
        return ""
    return "The face seems covered, or lit in strange colours: what should be skin has not the colour of skin."


def _medium(portrait: Portrait, face: FaceMap) -> dict[str, float]:
    """How the file, and its pixels around the face, were compressed."""
    left, top, right, bottom = face.window
    light = compression.light_of_middle(portrait.rgb[top:bottom, left:right])
    with portrait.open() as opened:
        return {"coarseness": compression.coarseness(opened), "blockiness": compression.blockiness(light)}


def look(scene: Scene) -> Sighting:
    """Judges the skin of the most prominent face. Raises NotApplicable or CouldNotLook."""
    measured = measure(scene)
    return MODEL.sighting(measured, TOLD, clear=CLEAR, scale_px=measured.closeup.scale)


# --- words


def _of_smooth(measured: SkinMeasure, reading: Reading) -> Observation:
    parts = measured.texture.grain
    smooth = _leading(measured, SMOOTH, parts, reading.surprise)
    times = math.exp(reading.expected - min(reading.level, *(parts[name] for name in smooth)))
    return Observation(
        code=SMOOTH,
        bearing=reading.bearing,
        strength=reading.found,
        summary=f"The skin on {_listed(smooth)} shows up to {times:.1f} times less fine texture than skin usually does "
        "in photos of this size and sharpness.",
        caveat="Make-up, soft light, a phone's beauty filter or noise reduction can do the same, and so can a "
        "generator; smoothness alone cannot tell them apart.",
        region=_outline(measured.closeup, smooth),
        figure=_smooth_and_not(measured, parts, smooth),
    )


def _of_no_noise(measured: SkinMeasure, reading: Reading) -> Observation:
    parts = measured.texture.calm
    bare = _leading(measured, NO_NOISE, parts, reading.surprise)
    return Observation(
        code=NO_NOISE,
        bearing=reading.bearing,
        strength=reading.found,
        summary=f"The skin on {_listed(bare)} lacks the fine noise that goes with hair as crisp as in this photo.",
        caveat="A portrait mode or a denoiser that knows faces, make-up and soft light can take the noise from skin "
        "alone; hair that is lit brightly is crisper than skin in any photo.",
        region=_outline(measured.closeup, bare),
        figure=_skin_and_hair(measured, parts),
    )


def _of_repeated(measured: SkinMeasure, reading: Reading) -> Observation:
    assert measured.repetition is not None  # noqa: S101 - there is no reading otherwise
    corners, copies, strongest = _copied(measured, measured.repetition)
    mask = np.zeros(measured.closeup.skin.shape, np.bool_)
    for x, y in np.rint(np.concatenate([corners, copies])).astype(int):
        mask[y : y + SIDE, x : x + SIDE] = True
    return Observation(
        code=REPEATED,
        bearing=reading.bearing,
        strength=reading.found,
        summary="The same fine texture occurs at more than one place of the skin, as if it had been copied.",
        caveat="Rows of beard hair, a patterned veil and the blocks of strong compression can repeat, too.",
        region=_around(measured.closeup, _largest(mask)),
        figure=Figure(
            panels=tuple(
                Panel(label=label, box=_box(measured.closeup, corner[0], corner[1], SIDE))
                for label, corner in zip(("a piece of skin", "the piece that is like it"), strongest, strict=True)
            )
        ),
    )


TOLD: Mapping[str, Telling[SkinMeasure]] = {
    SMOOTH: _of_smooth,
    NO_NOISE: _of_no_noise,
    REPEATED: _of_repeated,
}


def _leading(measured: SkinMeasure, code: str, parts: Mapping[str, float], surprise: float) -> list[str]:
    """The parts of the face that the finding rests on."""
    readings = {name: MODEL.read(code, measured, level) for name, level in parts.items()}
    leading = [name for name, reading in readings.items() if reading and reading.surprise > LEADING * surprise]
    return leading or list(parts)


def _listed(names: list[str]) -> str:
    words = [f"the {name}" for name in names]
    if {"left cheek", "right cheek"} <= set(names):
        words = [word for word in words if "cheek" not in word] + ["both cheeks"]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _copied(measured: SkinMeasure, repetition: Repetition) -> tuple[Array, Array, tuple[Array, Array]]:
    """Corners of the squares that have a copy, of the copies, and of the pair that is most alike; closeup's pixels."""
    readings = [MODEL.read(REPEATED, measured, float(level)) for level in repetition.alike]
    copied = np.array([reading is not None and reading.strength is not None for reading in readings])
    best = int(repetition.alike.argmax())
    corners, copies = repetition.corners, repetition.copies
    return corners[copied], copies[copied], (corners[best], copies[best])


# --- places


def _outline(closeup: Closeup, names: list[str]) -> Region:
    return _around(closeup, np.asarray(np.any([closeup.parts[name] for name in names], axis=0), dtype=np.bool_))


def _around(closeup: Closeup, mask: Mask) -> Region:
    """One outline, in the picture's pixels: close where the mask's pieces touch, else the hull of all."""
    reach = max(3, round(closeup.scale / 4)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    closed = np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel), dtype=np.uint8)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    around = contours[0] if len(contours) == 1 else cv2.convexHull(np.concatenate(contours))
    corners = cv2.approxPolyDP(around, 0.02 * closeup.scale, True).reshape(-1, 2).astype(np.float32) - reach
    return Region.polygon(closeup.to_picture(corners).tolist())


def _largest(mask: Mask) -> Mask:
    """Its largest connected piece: a hull around a piece and its far copy would mark the face between them."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()), dtype=np.bool_)


def _box(closeup: Closeup, x: float, y: float, side: float) -> tuple[float, float, float, float]:
    (left, top), (right, bottom) = closeup.to_picture(np.array([[x, y], [x + side, y + side]], dtype=np.float32))
    return float(left), float(top), float(right), float(bottom)


def _panel(closeup: Closeup, label: str, mask: Mask) -> Panel:
    """Half an eye distance around the middle of a mask."""
    ys, xs = np.nonzero(mask)
    middle = int(np.argmin((xs - xs.mean()) ** 2 + (ys - ys.mean()) ** 2))  # on the mask itself, also where it is bent
    side = 0.5 * closeup.scale
    return Panel(label=label, box=_box(closeup, xs[middle] - side / 2, ys[middle] - side / 2, side))


def _smooth_and_not(measured: SkinMeasure, parts: Mapping[str, float], smooth: Sequence[str]) -> Figure | None:
    """The smoothest part beside the one with the most texture; None where no part is left that is not smooth."""
    others = [name for name in parts if name not in smooth]
    if not others:
        return None
    least, most = min(smooth, key=lambda name: parts[name]), max(others, key=lambda name: parts[name])
    labels = {least: f"{least}: least texture", most: f"{most}: most texture"}
    return Figure(
        panels=tuple(_panel(measured.closeup, label, measured.closeup.parts[name]) for name, label in labels.items())
    )


def _skin_and_hair(measured: SkinMeasure, parts: Mapping[str, float]) -> Figure:
    least = min(parts, key=lambda name: parts[name])
    closeup = measured.closeup
    return Figure(
        panels=(
            _panel(closeup, f"skin: {least}", closeup.parts[least]),
            _panel(closeup, "hair of the same head", closeup.hair),
        )
    )


DETECTOR = Detector(
    name="skin",
    version=2,
    title="Skin texture",
    question="Is the skin smoother or freer of noise than a camera leaves it, or is a piece of it copied?",
    look=look,
)
