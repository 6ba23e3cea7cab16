"""Two pictures of one face beside each other: aligned, and with measured differences that a person can check.

A headshot is laid beside the picture that was taken at the casting call. What differs is said in sentences, each with
what two photos of one person usually differ by (detector/weights/booth.json, booth.md): pose, lenses, the camera's
distance and time change a face in a photo by several per cent. It says nothing of who somebody is, and never yes or no;
it does not look for age, sex, origin, mood or beauty; landmarks stay in memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.face_measures import HAIR_COLOUR, HAIR_LIGHT, HAIR_LINE, TEXTURE, FaceMeasures, measure_face
from detector.observation import NotApplicable
from detector.portrait import MAX_PIXELS, read_portrait
from detector.scene import CUT, RIVAL, SMALLEST, Scene
from detector.signal import usual
from detector.signal.face_alignment import align
from detector.signal.hair_traits import colour_steps
from detector.signal.masks import OVAL
from detector.signal.one_shot import agreement, carried
from detector.signal.proportions import proportions_of
from detector.trust import TrustLists

Rgb = NDArray[np.uint8]

TURNED = 35.0  # degrees of yaw: beyond it the far eye and cheek are mostly the model's guess
NODDED = 30.0  # degrees of pitch, likewise
HELD = 10.0  # degrees between two poses beyond which a hair line moved by up to 69 % in one person: weights/booth.md
OPEN = 0.30  # eye distances between the lips: a jaw so far open lengthens chin and face; 2 of 100 photos
OPENED, SMILED = 0.15, 0.06  # eye distances by which mouths may differ in opening and in smile: both widen the mouth
ONE_SHOT = 0.95  # correlation of eyes and nose beyond which both are one shot: weights/booth.md

ONE_SHOT_SAID = "Both pictures seem to be the same shot, so that they are held to what copies of one picture differ by."
NOTHING_BEYOND = "No measured difference is larger than two photos of one person usually show."


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One measured difference of the photo from the live picture.

    code: stable key. part: "proportions", "skin", "hair" or "retouching". summary: a sentence that says its
    uncertainty. value, uncertainty: in `unit`; 95 of 100 pairs of photos of one person differ by less than
    `uncertainty`. beyond: this pair differs by more.
    """

    code: str
    part: str
    summary: str
    value: float
    uncertainty: float
    unit: str
    beyond: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "part": self.part,
            "summary": self.summary,
            "value": round(self.value, 1),
            "uncertainty": round(self.uncertainty, 1),
            "unit": self.unit,
            "beyond": self.beyond,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FacesCompared:
    """differences: in a fixed order. not_measured: (part, reason in one sentence). summary: one or two sentences.

    pictures: "photo" and "live", both 640 x 640 x 3 uint8, aligned by eyes and bridge of the nose; what lies beyond a
    picture's edge is grey.
    """

    differences: tuple[Difference, ...]
    not_measured: tuple[tuple[str, str], ...]
    summary: str
    pictures: Mapping[str, Rgb] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """What may be stored: named differences and sentences. No landmark, no vector, no pixel."""
        return {
            "schema": 1,
            "summary": self.summary,
            "differences": [each.to_json() for each in self.differences],
            "not_measured": [{"part": part, "reason": reason} for part, reason in self.not_measured],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """thing: what is measured. more, less: how the photo's is where it measures more or less than the live one."""

    part: str
    thing: str
    more: str
    less: str


WORDS: Mapping[str, Words] = {
    "proportions.face_width": Words(part="proportions", thing="face at the cheekbones", more="wider", less="narrower"),
    "proportions.jaw_width": Words(part="proportions", thing="jaw", more="wider", less="narrower"),
    "proportions.chin_width": Words(part="proportions", thing="chin", more="wider", less="narrower"),
    "proportions.chin_length": Words(part="proportions", thing="chin", more="longer", less="shorter"),
    "proportions.lower_face": Words(part="proportions", thing="face from nose to chin", more="longer", less="shorter"),
    "proportions.eye_gap": Words(part="proportions", thing="gap between the eyes", more="wider", less="narrower"),
    "proportions.nose_width": Words(part="proportions", thing="nose", more="wider", less="narrower"),
    "proportions.nose_length": Words(part="proportions", thing="nose", more="longer", less="shorter"),
    "proportions.mouth_width": Words(part="proportions", thing="mouth", more="wider", less="narrower"),
    HAIR_LINE: Words(part="hair", thing="hair line", more="higher", less="lower"),
}
BY_MOUTH = ("proportions.mouth_width",)
BY_JAW = ("proportions.chin_length", "proportions.lower_face", "proportions.mouth_width")


def compare_faces(photo: bytes, live: bytes, *, max_pixels: int = MAX_PIXELS) -> FacesCompared:
    """Compares the face of a photo with that of a live picture. About 1 s on one core.

    Raises PictureError where either is no picture, NotApplicable where a face cannot be compared (the sentence says
    which and what to do), CouldNotLook where models, weights or pixels are missing.
    """
    scenes = [Scene(read_portrait(data, max_pixels=max_pixels), TrustLists()) for data in (photo, live)]
    seen = [measured_face(scene, live=at == 1) for at, scene in enumerate(scenes)]
    sheets = align(*((scene.pyramid, face.stable) for scene, face in zip(scenes, seen, strict=True)))
    found, missing = differences(*seen)
    summary = f"{ONE_SHOT_SAID} {_summary(found)}" if one_shot(*seen) else _summary(found)
    pictures = MappingProxyType({"photo": sheets[0].rgb, "live": sheets[1].rgb})
    return FacesCompared(differences=tuple(found), not_measured=tuple(missing), summary=summary, pictures=pictures)


def differences(photo: FaceMeasures, live: FaceMeasures) -> tuple[list[Difference], list[tuple[str, str]]]:
    """What differs, and what could not be measured: (part, reason). Raises CouldNotLook where the weights lack."""
    apart, missing = gaps(photo, live)
    if one_shot(photo, live):
        limits = {code: usual.copy_limit_of(code) for code in apart}
        return [worded(code, gap, limits[code], "copies of one picture") for code, gap in apart.items()], missing
    turn, found = turn_of(photo, live), []
    if turn > HELD and apart.pop(HAIR_LINE, None) is not None:
        missing.append(("hair", "The head is held too differently in the two pictures for the hair line."))
    for code, gap in usual.level_cameras(apart).items():
        limit = usual.limit_of(code, turn, apart)
        if limit is not None:
            found.append(worded(code, gap, limit))
    return found, missing


def one_shot(photo: FaceMeasures, live: FaceMeasures) -> bool:
    """Whether both seem to be one and the same shot, edited or not: eyes and nose agree as two shots never did."""
    return alike(photo, live) > ONE_SHOT


def alike(photo: FaceMeasures, live: FaceMeasures) -> float:
    """Correlation of eyes and nose, -1..1."""
    return agreement(live.sheet, photo.sheet)


def _moved(photo: FaceMeasures, live: FaceMeasures) -> dict[str, float]:
    """The proportions of one shot twice: by how much the photo's copy was pushed into another shape."""
    before, after = (proportions_of(mesh).logs for mesh in (live.sheet.mesh, carried(live.sheet, photo.sheet)))
    return {f"proportions.{name}": after[name] - before[name] for name in before}


def gaps(
    photo: FaceMeasures, live: FaceMeasures, known: Mapping[str, Any] | None = None
) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """Code -> photo's measure less the live one's, freed of pose; and what could not be measured: (part, reason).

    known: other weights than the shipped ones. Raises CouldNotLook where there are none.
    """
    apart: dict[str, float] = {}
    missing: dict[tuple[str, str], None] = {}
    shot = one_shot(photo, live)
    apart |= _moved(photo, live) if shot else {}
    refused = {} if shot else _by_expression(photo, live)
    for code, words in WORDS.items():
        if code in apart:
            continue
        if code in refused:
            missing[words.part, refused[code]] = None
        elif code in photo.values and code in live.values:
            ours, theirs = (usual.freed(code, each.values[code], each.given, known) for each in (photo, live))
            apart[code] = ours - theirs
        else:
            missing[words.part, _reason(code, photo, live)] = None
    if photo.hair is not None and live.hair is not None and photo.bare is not None and live.bare is not None:
        steps = colour_steps((photo.hair, photo.bare), (live.hair, live.bare))
        apart[HAIR_LIGHT], apart[HAIR_COLOUR] = steps
    else:
        missing["hair", _reason(HAIR_COLOUR, photo, live)] = None
    if both := sorted(photo.skin.keys() & live.skin.keys()):
        apart[TEXTURE] = photo.skin[both[-1]] - live.skin[both[-1]]
    else:
        missing["retouching", _reason(TEXTURE, photo, live)] = None
    return apart, list(missing)


def turn_of(photo: FaceMeasures, live: FaceMeasures) -> float:
    """Degrees between the two poses; a face turned left shows the same widths as one turned right."""
    across = abs(photo.pose["yaw"]) - abs(live.pose["yaw"])
    return math.hypot(across, photo.pose["pitch"] - live.pose["pitch"])


def measured_face(scene: Scene, *, live: bool) -> FaceMeasures:
    """The face's measures. Raises NotApplicable, where it cannot be compared, with what to do about it."""
    which = "live picture" if live else "photo"
    again = " Please look into the camera and take the picture again." if live else " Please choose another photo."
    try:
        face = scene.face
    except NotApplicable:
        raise NotApplicable(f"No face was found in the {which}.{again}") from None
    if face.rival > RIVAL:
        one = " Please take the picture with one person alone." if live else " Please choose a photo of one person."
        raise NotApplicable(f"There are two faces of about the same size in the {which}.{one}")
    measured = measure_face(scene)
    if measured.size < SMALLEST:
        nearer = " Please come nearer and take it again." if live else " Please choose a larger photo."
        raise NotApplicable(f"The face in the {which} is too small to be compared.{nearer}")
    outline = face.landmarks[list(OVAL), :2]
    size = (scene.portrait.width, scene.portrait.height)
    if max(float(-outline.min()), float((outline - size).max())) > CUT * face.box[3]:
        whole = " Please take it again with the whole face inside the frame." if live else again
        raise NotApplicable(f"The face in the {which} is cut off by the edge.{whole}")
    if abs(measured.pose["yaw"]) > TURNED or abs(measured.pose["pitch"]) > NODDED:
        raise NotApplicable(f"The face in the {which} is turned too far to the side.{again}")
    return measured


def _by_expression(photo: FaceMeasures, live: FaceMeasures) -> dict[str, str]:
    """Code -> why it cannot be measured, because the mouth is open or shaped otherwise."""
    refused: dict[str, str] = {}
    if abs(photo.pose["smile"] - live.pose["smile"]) > SMILED:
        refused |= dict.fromkeys(BY_MOUTH, "The mouth is shaped differently in the two pictures, as by a smile.")
    if abs(photo.pose["gape"] - live.pose["gape"]) > OPENED:
        refused |= dict.fromkeys(BY_JAW, "The mouth is open in one of the pictures, which changes mouth and chin.")
    for face, which in ((photo, "photo"), (live, "live picture")):
        if face.pose["gape"] > OPEN:
            refused |= dict.fromkeys(BY_JAW, f"The mouth is wide open in the {which}, which changes mouth and chin.")
    return refused


def _reason(code: str, photo: FaceMeasures, live: FaceMeasures) -> str:
    for face, which in ((photo, "photo"), (live, "live picture")):
        if code in face.missing:
            return f"In the {which}: {face.missing[code][0].lower()}{face.missing[code][1:]}"
    return "The two pictures are too different in size for this to be compared."


# --- words


def worded(code: str, gap: float, limit: float, of: str = "photos of one person") -> Difference:
    beyond = abs(gap) > limit
    if code in (HAIR_LIGHT, HAIR_COLOUR):
        return _of_colour(code, gap, limit, of)
    if code == TEXTURE:
        return _of_texture(gap, limit, of)
    words = WORDS[code]
    value, usually = 100 * math.expm1(gap), 100 * math.expm1(limit)
    verb = "lies" if code == HAIR_LINE else "is"
    if round(abs(value)) == 0:
        said = f"The {words.thing} measures the same in both pictures"
    else:
        said = f"The {words.thing} {verb} {words.more if gap > 0 else words.less} in the photo by {abs(value):.0f} %"
    return Difference(
        code=code,
        part=words.part,
        summary=f"{said} (two {of} usually differ by up to {usually:.0f} %).",
        value=value,
        uncertainty=usually,
        unit="%",
        beyond=beyond,
    )


def _of_colour(code: str, gap: float, limit: float, of: str) -> Difference:
    if code == HAIR_COLOUR:
        said = f"The hair's hue differs by {gap:.0f} colour steps, the light evened out by the skin's colour"
    elif round(abs(gap)) == 0:
        said = "The hair is as light in both pictures, beside the skin"
    else:
        said = f"The hair is {'lighter' if gap > 0 else 'darker'} in the photo by {abs(gap):.0f} steps, beside the skin"
    return Difference(
        code=code,
        part="hair",
        summary=f"{said} (two {of} usually differ by up to {limit:.0f}; an eye sees from about 2).",
        value=gap,
        uncertainty=limit,
        unit="colour steps",
        beyond=abs(gap) > limit,
    )


def _of_texture(gap: float, limit: float, of: str) -> Difference:
    beyond = abs(gap) > limit
    times, usually = math.exp(abs(gap)), math.exp(limit)
    if times < 1.05:
        said = "The skin shows about as much fine texture in both pictures"
    else:
        said = f"The skin shows {times:.1f} times {'more' if gap > 0 else 'less'} fine texture in the photo"
    reason = " Smoothing, make-up or soft light can do that." if beyond and gap < 0 else ""
    return Difference(
        code=TEXTURE,
        part="retouching",
        summary=f"{said} (two {of} usually differ by up to {usually:.1f} times).{reason}",
        value=times if gap > 0 else 1 / times,
        uncertainty=usually,
        unit="times",
        beyond=beyond,
    )


def _summary(found: list[Difference]) -> str:
    over = sum(each.beyond for each in found)
    if not found:
        return "Nothing could be measured on these two pictures; please compare them by eye."
    if not over:
        return NOTHING_BEYOND
    many = f"{over} of {len(found)} measured differences {'is' if over == 1 else 'are'}"
    return f"{many} larger than two photos of one person usually show."
