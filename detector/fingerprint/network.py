"""The learned fingerprint: what the pixels of head and shoulders have in common with generated portraits.

Four networks (detector.fingerprint.ensemble), each trained without another part of the sources, look at the head at one
scale. They learn what a person senses and what statistics show - light, skin, hair, backdrop, the way a generator
renders them - and nothing of file, format or size: training re-encodes both classes alike. The photo is judged as it
came and as its delivery twins (detector.fingerprint.twins); only what holds for all of them is said. What the scores
mean and may say comes from sources that the judging network never saw (detector/weights/fingerprint.md).
Blind to: generators unlike those it was trained on, faces that were put into a real photo, heads a few pixels wide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.face import FaceMap
from detector.fingerprint import ensemble
from detector.fingerprint.crop import MARGIN, crop, crop_square
from detector.fingerprint.twins import twins
from detector.observation import Bearing, Figure, Heat, NotApplicable, Observation, Point, Region, Sighting, Strength
from detector.scene import RIVAL, Detector, Scene
from detector.signal import medium
from detector.signal.head import unit_of
from detector.signal.pyramid import Square, apply

CODE, UNSTEADY = "network.generated", "network.unsteady"
SUMMARIES = {
    Strength.WEAK: "The pixels of the head look a little more like a generated portrait than like a photo.",
    Strength.MODERATE: "The pixels of the head look more like a generated portrait than like a photo.",
    Strength.STRONG: "The pixels of the head look like a generated portrait, and hardly ever so in real photos.",
}
CLEAR = "The pixels of the head look no more like a generated portrait than those of many real photos."
CAVEAT = (
    "It is a statistical resemblance, not a thing that one can point at. Of held-out real photos {share} looked like "
    "this; photos that went through somebody's face-editing or restoring network are likelier among them. It does not "
    "say that the person is another, and nobody may be refused on it alone."
)
UNSTEADY_SUMMARY = "Whether the head looks generated depends on how the photo is saved: no judgement."
UNSTEADY_CAVEAT = (
    "Saved again in harmless ways, the same photo was judged differently. That says something about the limits of this "
    "check, and nothing about the person."
)


def look(scene: Scene) -> Sighting:
    """Judges the photo and its delivery twins. Raises NotApplicable, CouldNotLook."""
    known = ensemble.parameters()
    face = _fit(scene, known["measured"])
    versions = twins(crop(scene.pyramid, face))
    reading = ensemble.read(list(versions.values()))
    scores = [calibrated(known["calibration"], float(logit)) for logit in reading.logits]
    least, most, strengths = min(scores), max(scores), known["limits"]
    strength = passed(strengths, least)
    changes = strength is None and passed(strengths, most) not in {None, Strength.WEAK}
    details = {
        "twins": [{"name": name, "score": round(score, 4)} for name, score in zip(versions, scores, strict=True)],
        "spread": round(float(np.std(reading.logits)) * known["calibration"]["slope"], 4),
        "stable": passed(strengths, most) == strength,
        "limit": _limit(known),
        "doubt": strengths.get(Strength.WEAK.value),
        "bound": known["bound"],
    }
    observations: list[Observation] = []
    if strength:
        observations.append(_generated(strength, known, scene, reading.map))
    elif changes:
        observations.append(_unsteady(face))
    score = widened(known["calibration"], reading.logits)
    note = "" if observations else CLEAR
    return Sighting(observations=tuple(observations), score=score, note=note, details=details)


def calibrated(calibration: Mapping[str, float], logit: float) -> float:
    """The probability of "generated", at even priors, of one logit (Platt, 1999; see doubted)."""
    return doubted(calibration["slope"] * logit + calibration["intercept"], calibration["unknown"])


def widened(calibration: Mapping[str, float], logits: Sequence[float] | NDArray[np.float32]) -> float:
    """The same of a photo and its twins: their mean, drawn towards even odds the more they differ.

    The probit approximation of MacKay (1992): odds / sqrt(1 + pi/8 variance).
    """
    odds = calibration["slope"] * np.asarray(logits, dtype=np.float64)
    narrowed = float(odds.mean() / math.sqrt(1 + math.pi / 8 * odds.var()))
    return doubted(narrowed + calibration["intercept"], calibration["unknown"])


def doubted(odds: float, unknown: float) -> float:
    """The probability of natural log-odds, where a share `unknown` of generated pictures looks like photos.

    Some generators are unlike all that the networks know. However much a picture looks like a photo, the likelihood
    ratio of "generated" is therefore no lower than that share: unknown + (1 - unknown) exp(odds).
    """
    ratio = unknown + (1 - unknown) * math.exp(min(max(odds, -30.0), 30.0))
    return ratio / (1 + ratio)


def passed(limits: Mapping[str, float], score: float) -> Strength | None:
    """The highest strength whose limit a score reaches."""
    reached = [Strength(word) for word, limit in limits.items() if score >= limit]
    return max(reached, key=lambda word: word.rank, default=None)


def _limit(known: Mapping[str, Any]) -> float | None:
    strong: float | None = known["limits"].get(Strength.STRONG.value)
    return strong


def _fit(scene: Scene, measured: Mapping[str, Any]) -> FaceMap:
    """The FaceMap, where the head is of a kind that the networks were measured on."""
    face = scene.face
    size = unit_of(face.landmarks)
    if size < measured["least_eyes"]:
        raise NotApplicable(
            f"The head is too small to be judged ({size:.0f} pixels between the eyes; "
            f"{measured['least_eyes']:.0f} are needed)."
        )
    if face.rival > RIVAL:
        raise NotApplicable("There are two faces of about the same size: it is unclear whose photo this is.")
    if scene.painted:
        raise NotApplicable(medium.PAINTED)
    return face


def _generated(
    strength: Strength, known: Mapping[str, Any], scene: Scene, strongest: NDArray[np.float32]
) -> Observation:
    return Observation(
        code=CODE,
        bearing=Bearing.GENERATED,
        strength=strength,
        summary=SUMMARIES[strength],
        caveat=CAVEAT.format(share=known["false_alarms"][strength.value]),
        region=_region(scene.face),
        figure=Figure(heat=heat(scene, strongest)),
    )


def _unsteady(face: FaceMap) -> Observation:
    return Observation(
        code=UNSTEADY,
        bearing=Bearing.NEUTRAL,
        strength=Strength.MODERATE,
        summary=UNSTEADY_SUMMARY,
        caveat=UNSTEADY_CAVEAT,
        region=_region(face),
    )


def _head(face: FaceMap) -> Square:
    square = crop_square(face)
    return Square(x=square.x, y=square.y, side=square.side / MARGIN, angle=square.angle)


def _corners(square: Square) -> tuple[Point, Point, Point, Point]:
    found = apply(square.to_picture(2), np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float32) * 2 - 0.5)
    first, second, third, fourth = ((float(x), float(y)) for x, y in found)
    return first, second, third, fourth


def _region(face: FaceMap) -> Region:
    return Region.polygon(_corners(_head(face)))


def heat(scene: Scene, strongest: NDArray[np.float32]) -> Heat:
    """The networks' map on the picture: 0 where nothing speaks for a generator, 1 where most does. strongest: F x F.

    What lies outside the picture is left out: there is nothing to see.
    """
    square = _head(scene.face)
    inside = scene.pyramid.holds(square, len(strongest))
    positive = np.where(inside, np.maximum(strongest, 0), 0)
    scaled = positive / max(float(positive.max()), 1e-6)
    rows = tuple(tuple(float(value) for value in row) for row in scaled)
    return Heat(corners=_corners(square), values=rows)


DETECTOR = Detector(
    name="network",
    version=1,
    title="Learned fingerprint",
    question="Do the pixels of the head look like those of generated portraits?",
    look=look,
)
