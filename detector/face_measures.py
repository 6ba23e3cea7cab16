"""One face in the numbers that two photos are compared by: proportions, skin, hair. Nothing of it is stored.

Blind to, and never asked: who it is, age, sex, origin, mood, beauty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.observation import NotApplicable
from detector.scene import Scene
from detector.signal import medium
from detector.signal.face_alignment import stable_points
from detector.signal.hair_traits import hair_line, middle_colour
from detector.signal.head import unit_of
from detector.signal.one_shot import Sheet, sheet_of
from detector.signal.proportions import proportions_of
from detector.signal.pyramid import Pyramid
from detector.signal.steady_mesh import steady_mesh
from detector.signs import skin

Array = NDArray[np.float32]

HAIR_LINE, HAIR_LIGHT, HAIR_COLOUR, TEXTURE = "hair.line", "hair.lightness", "hair.colour", "skin.texture"
NO_LINE = "The hair does not meet the forehead where a hair line could be seen."
NO_COLOUR = "Too little bare skin or hair is visible for the hair's colour to be held against the light."


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMeasures:
    """stable: N x 2 points of the picture for laying faces on each other. size: pixels between the eyes.

    values: logarithms of proportions and of the hair line's height, by code. pose: yaw, pitch, gape, smile
    (detector.signal.proportions). skin: scale -> how much more fine texture than expected, natural logarithm.
    hair, bare: colours of hair and skin in linear light. sheet: for telling one shot twice.
    missing: code -> why it was not measured, one sentence.
    """

    stable: Array
    size: float
    values: Mapping[str, float]
    pose: Mapping[str, float]
    skin: Mapping[float, float]
    hair: Array | None
    bare: Array | None
    missing: Mapping[str, str]
    sheet: Sheet

    @property
    def given(self) -> dict[str, float]:
        """What a measure is freed of: pose and shape of the mouth, and their squares."""
        return {**self.pose, **{f"{name}_squared": value**2 for name, value in self.pose.items()}}


def measure_face(scene: Scene) -> FaceMeasures:
    """Measures the most prominent face. Raises NotApplicable where there is none, CouldNotLook where models lack.

    About 0.3 s on one core.
    """
    face = scene.face
    landmarks = steady_mesh(scene.pyramid, face.landmarks)
    seen = proportions_of(landmarks)
    pose = {"yaw": seen.yaw, "pitch": seen.pitch, "gape": seen.gape, "smile": seen.smile}
    values = {f"proportions.{name}": value for name, value in seen.logs.items()}
    missing: dict[str, str] = {}
    height = None if face.head.doubt else hair_line(face.head)
    if height is None:
        missing[HAIR_LINE] = face.head.doubt or NO_LINE
    else:
        values[HAIR_LINE] = float(np.log(max(height, 0.1)))
    hair, bare, missing[HAIR_COLOUR] = _colours(scene, face)
    texture, missing[TEXTURE] = _texture(scene)
    return FaceMeasures(
        stable=(stable := _stable(landmarks, face)),
        size=unit_of(face.landmarks),
        values=values,
        pose=pose,
        skin=texture,
        hair=hair,
        bare=bare,
        missing={code: why for code, why in missing.items() if why},
        sheet=sheet_of(scene.pyramid, stable, landmarks),
    )


def stable_of(pyramid: Pyramid, face: FaceMap) -> Array:
    """N x 2: the points of the picture by which its face is laid onto another."""
    return _stable(steady_mesh(pyramid, face.landmarks), face)


def _stable(landmarks: Array, face: FaceMap) -> Array:
    irises = np.array([[iris.x, iris.y] for iris in (face.left, face.right)], dtype=np.float32)
    return stable_points(landmarks, irises)


def _colours(scene: Scene, face: FaceMap) -> tuple[Array | None, Array | None, str]:
    head = face.head
    if head.doubt:
        return None, None, head.doubt
    if medium.colourless(head.rgb, head.inside):
        return None, None, "The picture is black-and-white, or toned in one colour."
    left, top, right, bottom = face.window
    hair = middle_colour(head.rgb, head.hair)
    bare = middle_colour(scene.portrait.rgb[top:bottom, left:right], face.skin)
    return hair, bare, "" if hair is not None and bare is not None else NO_COLOUR


def _texture(scene: Scene) -> tuple[dict[float, float], str]:
    """Scale -> the skin's grain beyond what a camera leaves at this sharpness, light and compression; or why not."""
    found, why = {}, ""
    for scale in skin.SCALES:
        try:
            measured = skin.measure_at(scene, scale)
        except NotApplicable as said:
            why = why or str(said)
            continue
        if reading := skin.MODEL.read(skin.SMOOTH, measured):
            found[scale] = reading.level - reading.expected
    return found, "" if found else why
