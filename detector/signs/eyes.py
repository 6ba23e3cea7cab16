"""Eyes that do not belong together: catchlights, pupils, irises and gaze.

Two corneas are two mirrors of one shape that look at the same lamps, so their catchlights agree in place and form (Hu,
Li and Lyu, 2020, arXiv:2009.11924); pupils are round (Guo et al., 2021, arXiv:2109.00162); irises are of one size;
both eyes turn to one point. Each is judged against what real photos show at that size and sharpness
(detector/weights/eyes.json, eyes.md), and only where it can be seen. Blind to: irises under 11 pixels, eyes behind
spectacles (catchlights), dark irises (pupils), and to today's better generators, which draw eyes that agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from detector.observation import (
    Bearing,
    Figure,
    NotApplicable,
    Observation,
    Panel,
    Region,
    RegionKind,
    Sighting,
    Strength,
)
from detector.scene import Detector, Scene
from detector.signal.cornea import Glints, Pupil, glints, overlap, pupil
from detector.signal.glasses import look_at_glasses
from detector.signal.iris import SIZE, UNIT, Eye, eyes_of_face
from detector.signal.norm import Norm, Reading, SignModel
from detector.signal.plate import halves

# Gates. From 884 real portraits at 768 pixels, JPEG 60, unless said otherwise.
TURNED = 25.0  # degrees of yaw: the far iris is foreshortened by a tenth, its catchlight lies at the rim
SQUINT = 0.09  # eye distances between the lids, half an iris: the rim is hidden but for two short arcs; 10 % have less
# Pixels of the iris. The larger, the more catchlights tell (macro AUC 0.59 from 11 pixels, 0.67 from 20); below 11 a
# catchlight is one or two pixels. A third of the real portraits have less.
LEAST_IRIS = 11.0
# Rise of lightness across the rim (Eye.edge): the real irises above it are alike within 7 % (99th percentile), below it
# the circle settles on lashes and frames; sun-glasses, blur and deep shadow have less.
FAINT = 0.03
SHADE = 60.0  # grey levels between the skin around the two eyes: one lies in shadow; 10 % have more
LEAST_PUPIL_IRIS = 13.0  # pixels of the iris: its pupil has 5, the least whose outline is more than a dot
LEAST_PUPIL_CONTRAST = 20.0  # grey levels between pupil and iris: of dark brown eyes the pupil's outline is a guess
# Pixels of 48, across and down, by which catchlights may be moved to match: 0.17 and 0.25 radii, what the centres of
# the two irises err by against each other (their height is known worse: the lids hide the rim above and below).
ALIGN = (4, 6)
APART = 2.0  # what a radius between the catchlights weighs beside the logarithm of their overlap
LEAST, MOST = 0.02, 0.98  # of overlap: beyond these its logarithm would be noise

# Added before a logarithm is taken: what the measure shows of eyes without fault, by its steps and its noise.
ALIKE, ROUND, MEETING = 0.03, 0.02, 0.3
# How far the iris lies towards the temple, left minus right, in eye widths, and spreads of what real photos show.
CONVERGENCE, ACROSS, UPWARD = 0.17, 0.045, 0.03
USUAL_GLINT = (0.0, -0.15)  # radii from the iris' centre: windows and lamps are above the eyes
USUAL_RADIUS = 0.0875  # eye distances; the median
MOVED = 0.25  # radii between main catchlights: their places differ at a glance
BORDER = 1.15  # radii of the iris: the region around it
PANEL = 0.25  # eye distances: half the side of a panel, so that an eye fills it

SHARPNESS = ("native", "edge", "yaw")
CATCHLIGHTS, PUPIL_SHAPE = "eyes.catchlights_differ", "eyes.pupil_shape"
IRIS_SIZES, GAZE = "eyes.iris_sizes", "eyes.gaze"
NORMS = (
    Norm(code=CATCHLIGHTS, level="catchlights", given=(*SHARPNESS, "glint")),
    Norm(code=PUPIL_SHAPE, level="pupil", given=("native", "edge", "pupil_contrast")),
    Norm(code=IRIS_SIZES, level="iris_sizes", given=SHARPNESS),
    Norm(code=GAZE, level="gaze", given=("native", "yaw", "gap"), bearing=Bearing.NEUTRAL),  # squinting is human
)
SCORE_INPUTS = ("catchlights", "glint", "iris_sizes")  # texture, areas, pupils added nothing held out
CLEAR = "Catchlights, pupils, irises and gaze agree, as far as they can be seen."
MODEL = SignModel(name="eyes", norms=NORMS, score_inputs=SCORE_INPUTS)

SIDES = ("at the left of the picture", "at the right of the picture")


@dataclass(frozen=True, slots=True, kw_only=True)
class EyesMeasure:
    """values: what the models look at. not_judged: part -> why not, one sentence. eyes, glints, pupils: left and right
    of the picture."""

    values: Mapping[str, float]
    not_judged: Mapping[str, str]
    eyes: tuple[Eye, Eye]
    glints: tuple[Glints, Glints]
    pupils: tuple[Pupil | None, Pupil | None]
    variant: str = "any"


def measure(scene: Scene) -> EyesMeasure:
    """Everything that the two eyes show. Raises NotApplicable where neither can be judged, CouldNotLook."""
    face = scene.subject
    if abs(face.yaw) > TURNED:
        raise NotApplicable("The head is turned too far to the side for the two eyes to be compared.")
    irises = tuple((iris.x, iris.y, iris.radius) for iris in (face.left, face.right))
    left, right = eyes = eyes_of_face(scene.pyramid, face.landmarks, face.roll, irises)
    if reason := _unfit(eyes):
        raise NotApplicable(reason)
    pair = (glints(left), glints(right))
    pupils = (_pupil(left, pair[0]), _pupil(right, pair[1]))
    values = {
        "native": math.log(min(left.native, right.native)),
        "edge": math.log(min(left.edge, right.edge)),
        "yaw": abs(face.yaw),
        "gap": min(left.gap, right.gap),
        "iris_sizes": math.log(abs(math.log(left.radius / right.radius)) + ALIKE),
        "gaze": math.log(_squint(eyes) + MEETING),
    }
    not_judged = {}
    if reason := _no_catchlights(scene, eyes, pair):
        not_judged["catchlights"] = reason
    else:
        values |= _catchlight_values(pair)
    if pupil_values := _pupil_values(pupils):
        values |= pupil_values
    else:
        not_judged["pupils"] = (
            "The pupils cannot be told from the irises: the eyes are too dark, too small or hidden by reflections."
        )
    return EyesMeasure(values=values, not_judged=not_judged, eyes=eyes, glints=pair, pupils=pupils)


def _unfit(eyes: tuple[Eye, Eye]) -> str:
    if min(eye.gap for eye in eyes) < SQUINT:
        return "The eyes are closed or narrowed, so that too little of the irises is visible."
    size = min(eye.native for eye in eyes)
    if size < LEAST_IRIS:
        return f"The eyes are too small to be judged (irises of {size:.0f} pixels; {LEAST_IRIS:.0f} are needed)."
    if min(eye.edge for eye in eyes) < FAINT:
        return "The irises cannot be made out: dark glasses, reflections, shadow or blur hide at least one of them."
    return ""


def _no_catchlights(scene: Scene, eyes: tuple[Eye, Eye], pair: tuple[Glints, Glints]) -> str:
    if not all(glint.count for glint in pair):
        return "At least one eye shows no catchlight."
    if abs(_skin_light(eyes[0]) - _skin_light(eyes[1])) > SHADE:
        return "One eye lies in shadow, so that both need not mirror the same lights."
    face = scene.subject
    if look_at_glasses(halves(scene.pyramid, face.landmarks, face.head)).present:
        return "Spectacles mirror lights of their own."
    return ""


def _skin_light(eye: Eye) -> float:
    return float(np.median(eye.light[~eye.opening]))


def _catchlight_values(pair: tuple[Glints, Glints]) -> dict[str, float]:
    shared = min(max(overlap(*pair, *ALIGN), LEAST), MOST)
    return {
        "catchlights": math.log((1 - shared) / shared) + APART * _distance(pair),
        "glint": math.log(min(glint.contrast for glint in pair)),
    }


def _distance(pair: tuple[Glints, Glints]) -> float:
    """Radii from the main catchlight of one eye to the nearest of the other, the larger of both ways, at most 1."""
    gaps = (float(np.hypot(*(other.spots[:, :2] - one.spots[0, :2]).T).min()) for one, other in (pair, reversed(pair)))
    return min(max(gaps), 1.0)


def _pupil(eye: Eye, glint: Glints) -> Pupil | None:
    seen = pupil(eye, glint) if eye.native >= LEAST_PUPIL_IRIS else None
    return seen if seen and seen.contrast > LEAST_PUPIL_CONTRAST else None


def _pupil_values(pupils: tuple[Pupil | None, Pupil | None]) -> dict[str, float]:
    known = [seen for seen in pupils if seen]
    if not known:
        return {}
    worst = max(known, key=lambda seen: seen.rough)
    return {"pupil": math.log(worst.rough + ROUND), "pupil_contrast": math.log(worst.contrast)}


def _turn(eye: Eye) -> tuple[float, float]:
    """How far the iris lies right of and below the middle between the eye's corners, in eye widths."""
    first, second = eye.corners
    width = float(np.hypot(*(second - first)))
    along = (second - first) / width
    # Across by the rim; up and down the lids hide the rim, and the model's own centre, the square's, is steadier.
    x, y = np.array([eye.x, (SIZE - 1) / 2]) - (first + second) / 2
    return float(x * along[0] + y * along[1]) / width, float(y * along[0] - x * along[1]) / width


def _squint(eyes: tuple[Eye, Eye]) -> float:
    (left_x, left_y), (right_x, right_y) = (_turn(eye) for eye in eyes)
    return math.hypot((left_x - right_x - CONVERGENCE) / ACROSS, (left_y - right_y) / UPWARD)


def look(scene: Scene) -> Sighting:
    """Compares the eyes of the most prominent face. Raises NotApplicable or CouldNotLook."""
    measured = measure(scene)
    told = {norm.code: partial(_observation, norm.code) for norm in NORMS}
    return MODEL.sighting(measured, told, clear=CLEAR, iris_px=[round(eye.native, 1) for eye in measured.eyes])


def _observation(code: str, measured: EyesMeasure, reading: Reading) -> Observation:
    say = {CATCHLIGHTS: _say_catchlights, PUPIL_SHAPE: _say_pupil, IRIS_SIZES: _say_sizes, GAZE: _say_gaze}[code]
    odd, summary, caveat = say(measured)
    # Eyes that do not meet are a trait of people: whatever its figures, it is no more than a hint to look.
    strength = Strength.WEAK if code == GAZE else reading.found
    return Observation(
        code=code,
        bearing=reading.bearing,
        strength=strength,
        summary=summary,
        caveat=caveat,
        region=_around(measured.eyes[odd]),
        figure=Figure(panels=tuple(_panel(eye, side) for eye, side in zip(measured.eyes, SIDES, strict=True))),
    )


def _say_catchlights(measured: EyesMeasure) -> tuple[int, str, str]:
    pair = measured.glints
    odd = int(np.argmax([np.hypot(*(glint.spots[0, :2] - USUAL_GLINT)) for glint in pair]))
    places = [_clock(*glint.spots[0, :2]) for glint in pair]
    counts = [glint.count for glint in pair]
    if _distance(pair) > MOVED and places[0] != places[1]:
        how = f"{places[0]} in the eye {SIDES[0]}, {places[1]} in the one {SIDES[1]}"
    elif counts[0] != counts[1]:
        how = f"{counts[0]} in the eye {SIDES[0]}, {counts[1]} in the one {SIDES[1]}"
    else:
        how = "they have another shape and size"
    return (
        odd,
        f"The catchlights in the two eyes differ: {how}.",
        "Lights close to the face, a brow, lashes, tears, contact lenses or a retoucher's touch can do the same; "
        "so can a print or a screen that was photographed.",
    )


def _clock(x: float, y: float) -> str:
    if math.hypot(x, y) < 0.15:
        return "in the middle"
    hour = round(math.degrees(math.atan2(x, -y)) / 30) % 12 or 12
    return f"at {hour} o'clock"


def _say_pupil(measured: EyesMeasure) -> tuple[int, str, str]:
    odd = int(np.argmax([seen.rough if seen else -1.0 for seen in measured.pupils]))
    return (
        odd,
        f"The pupil of the eye {SIDES[odd]} is not round: its outline is ragged.",
        "Reflections, lashes and strong compression can fray a pupil's outline, and some people's pupils are not "
        "round, after an injury or an operation or from birth.",
    )


def _say_sizes(measured: EyesMeasure) -> tuple[int, str, str]:
    left, right = (eye.radius for eye in measured.eyes)
    odd = int(np.argmax([abs(math.log(radius / UNIT / USUAL_RADIUS)) for radius in (left, right)]))
    return (
        odd,
        f"The iris {SIDES[int(right > left)]} is larger than the one {SIDES[int(right <= left)]}.",
        "A lens held close to the face, a half-hidden iris or one coloured contact lens can do the same; a few "
        "people have eyes of different size.",
    )


def _say_gaze(measured: EyesMeasure) -> tuple[int, str, str]:
    turns = np.array([_turn(eye) for eye in measured.eyes])
    away = turns - np.array([[CONVERGENCE / 2, turns[:, 1].mean()], [-CONVERGENCE / 2, turns[:, 1].mean()]])
    odd = int(np.argmax(np.hypot(*away.T)))
    return (
        odd,
        "The two eyes do not look at the same point.",
        "Many people's eyes are not aligned (strabismus), always or when tired: by itself this says nothing about "
        "the photo.",
    )


def _around(eye: Eye) -> Region:
    """The iris with a narrow border, as an ellipse."""
    reach = BORDER * eye.radius
    points = eye.on_picture(np.array([[eye.x, eye.y], [eye.x + reach, eye.y], [eye.x, eye.y + reach]]))
    return Region(kind=RegionKind.ELLIPSE, points=tuple((float(x), float(y)) for x, y in points))


def _panel(eye: Eye, side: str) -> Panel:
    (x, y), half = eye.on_picture(np.array([[eye.x, eye.y]]))[0], PANEL * eye.square.side / SIZE * UNIT
    return Panel(label=f"eye {side}", box=(float(x - half), float(y - half), float(x + half), float(y + half)))


DETECTOR = Detector(
    name="eyes",
    version=1,
    title="Eyes",
    question="Do catchlights, pupils, irises and gaze of the two eyes belong together?",
    look=look,
)
