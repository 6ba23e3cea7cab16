"""Whether a first photo and a claimed original are the same picture, and what was changed between them.

The original is laid onto the first photo (signal/alignment.py), given its tone (signal/tone.py) and its sharpness, and
what then still differs is looked at part by part. Nothing here says why a picture was changed, or whether it may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.comparison_words import ANOTHER, DOUBTFUL, OTHER_FACE, TOO_FEW, sentence_of, summary_of
from detector.face import find_face
from detector.observation import NotApplicable, Region
from detector.portrait import MAX_PIXELS, Portrait, read_portrait
from detector.signal.alignment import Alignment, align, inverse_of, laid, left_over, moved, scaled
from detector.signal.change import changes_of
from detector.signal.detail import bands_of
from detector.signal.outline import outline
from detector.signal.pair import GREY, Found, pair_of
from detector.signal.parts import Parts, parts_of
from detector.signal.pyramid import Pyramid
from detector.signal.tone import fitted_tone

Rgb = NDArray[np.uint8]

SIDE = 1024  # pixels of the longer side at which the two are compared and shown
AGREEING = 0.8  # correlation of structure from which a place is taken to show the same, for the change of tone
ENOUGH = 80  # features of the poorer picture from which "they do not agree" means that it is another picture
LEAST_PLACE = 300  # pixels of a face, or of a picture without one, that both must show
# Correlation that three quarters of the face reach: docs/detectors.md#comparison. Between the two nothing is said.
SAME_FACE, DOUBTFUL_FACE = 0.65, 0.5
BLUE, TINT = np.array([29, 66, 137], dtype=np.float32), 0.55  # as overlay.py's heat: blue shows on any skin
GREYED, LIFTED = 0.75, 50.0  # contrast and lightness of the grey under the tint


class Relation(StrEnum):
    """How the first photo and the claimed original are related."""

    SAME = "same-picture"
    DIFFERENT = "another-picture"
    CANNOT_SAY = "cannot-say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs. part: skin, jaw-line, eyes, hair, background or clothes.

    summary: one plain sentence. region: a polygon in pixels of the upright first photo. share: how much of the part
    was changed, 0..1. magnitude: how strongly, 0 (not at all) to 1 (nothing of the original is left there).
    """

    part: str
    summary: str
    region: Region
    share: float
    magnitude: float

    def to_json(self) -> dict[str, Any]:
        return {
            "part": self.part,
            "summary": self.summary,
            "region": self.region.to_json(),
            "share": round(self.share, 3),
            "magnitude": round(self.magnitude, 3),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the comparison of a first photo with a claimed original found.

    summary: one plain sentence. scale: pixels of the first photo a pixel of the original. rotation: degrees clockwise.
    mirrored: the first photo is turned over, left to right. kept: share of the original that the first photo shows.
    changes: in order of their share of the picture. share: of the compared area that was changed, 0..1.
    pictures: "first", "original" (laid onto the first) and "difference" as H x W x 3 RGB, all of one size, longest side
    at most SIDE; empty unless the two are the same picture.
    """

    relation: Relation
    summary: str
    scale: float = 1.0
    rotation: float = 0.0
    mirrored: bool = False
    kept: float = 0.0
    changes: tuple[Change, ...] = ()
    share: float = 0.0
    pictures: Mapping[str, Rgb] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """Everything but the pixels."""
        return {
            "relation": self.relation.value,
            "summary": self.summary,
            "scale": round(self.scale, 4),
            "rotation": round(self.rotation, 2),
            "mirrored": self.mirrored,
            "kept": round(self.kept, 3),
            "changes": [change.to_json() for change in self.changes],
            "share": round(self.share, 4),
        }


def compare_pictures(first: bytes, original: bytes, *, max_pixels: int = MAX_PIXELS) -> Comparison:
    """Compares a first photo with a claimed original; see Comparison.

    first, original: files of at most max_pixels pixels each. Takes about a second on one core; memory stays
    within a few copies of SIDE x SIDE beside the two decoded pictures.
    Raises PictureError (not a picture, with a sentence for its sender) and CouldNotLook (pixels or models missing).
    """
    here, there = (read_portrait(data, max_pixels=max_pixels) for data in (first, original))
    mine, theirs = Pyramid(here.rgb), Pyramid(there.rgb)
    alignment, fewest = align(mine, theirs)
    if alignment is None:
        enough = fewest >= ENOUGH
        return Comparison(
            relation=Relation.DIFFERENT if enough else Relation.CANNOT_SAY, summary=ANOTHER if enough else TOO_FEW
        )
    frame = frame_of(here, mine, theirs, alignment)
    relation, why = judge(frame)
    if relation is not Relation.SAME:
        return Comparison(relation=relation, summary=why)
    facts = _placed(frame, alignment, theirs)
    pair = pair_of(frame.first.astype(np.float32), frame.toned, frame.covered, frame.parts)
    found = sorted(changes_of(pair), key=lambda one: -np.count_nonzero(one.where))
    changed = np.any([one.where for one in found], axis=0) if found else np.zeros(frame.covered.shape, np.bool_)
    return Comparison(
        relation=relation,
        summary=summary_of(facts, found),
        changes=tuple(_told(one, frame, mine) for one in found),
        share=float((changed & frame.covered).sum()) / max(1.0, float(frame.covered.sum())),
        pictures={
            "first": frame.first,
            "original": frame.original,
            "difference": tinted(frame.first, changed),
        },
        **facts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Both pictures in the first photo's frame, at most SIDE pixels long. toned: the original with the first's tone."""

    first: Rgb
    original: Rgb
    toned: NDArray[np.float32]
    covered: NDArray[np.bool_]
    matrix: NDArray[np.float64]
    parts: Parts | None


def frame_of(here: Portrait, mine: Pyramid, theirs: Pyramid, alignment: Alignment) -> Frame:
    """The original laid onto the first photo. here, mine: that photo and its pyramid; theirs: the original's.

    Raises CouldNotLook where the face models are missing.
    """
    first = mine.window(0, 0, mine.width, mine.height, SIDE)
    size = (first.shape[1], first.shape[0])
    matrix = scaled(size[0] / mine.width, size[1] / mine.height) @ alignment.matrix
    matrix, original, covered = _settled(first, theirs, matrix, size)
    plain, before = first.astype(np.float32), original.astype(np.float32)
    trusted = covered & (bands_of(plain @ GREY, before @ GREY)[2].correlation > AGREEING)
    return Frame(
        first=first,
        original=original,
        toned=fitted_tone(plain, before, trusted)(before),
        covered=covered,
        matrix=matrix,
        parts=_parts(here, original),
    )


def _settled(
    first: Rgb, theirs: Pyramid, matrix: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.float64], Rgb, NDArray[np.bool_]]:
    """The original laid onto the frame, and what flow says it is off by taken up where fine detail then fits better."""
    original, covered = laid(theirs, matrix, size)
    grey, before = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (first, original))
    closer = left_over(np.asarray(grey, dtype=np.uint8), np.asarray(before, dtype=np.uint8), covered) @ matrix
    other, other_covered = laid(theirs, closer, size)
    plain = first.astype(np.float32) @ GREY
    fits, fits_closer = (
        float(bands_of(plain, one.astype(np.float32) @ GREY)[1].correlation[inside].sum())
        / max(1.0, float(inside.sum()))
        for one, inside in ((original, covered), (other, other_covered))
    )
    return (closer, other, other_covered) if fits_closer > fits else (matrix, original, covered)


def _parts(here: Portrait, original: Rgb) -> Parts | None:
    """Of the original as it lies in the frame; None where it shows no face."""
    try:
        face = find_face(here, Pyramid(original))
    except NotApplicable:
        return None
    return parts_of(
        original,
        face.landmarks[:, :2],
        face.inter_ocular,
        skin=face.skin,
        window=face.window,
        head=face.head,
    )


def judge(frame: Frame) -> tuple[Relation, str]:
    """Whether the two are one picture, and if not, why, in one sentence.

    The face decides, where there is one: another photo of one sitting has the same backdrop, but never the same face to
    the pixel. An edited one has: brushes move and smooth a face, and leave most of its structure in its place.
    """
    parts = frame.parts
    place = frame.covered & (parts.face if parts else True)
    if np.count_nonzero(place) < LEAST_PLACE:
        return Relation.CANNOT_SAY, TOO_FEW
    alike = likeness(frame, parts.unit if parts else 0.1 * max(frame.first.shape))[place]
    least = float(np.quantile(alike, 0.25))
    if least >= SAME_FACE:
        return Relation.SAME, ""
    if least >= DOUBTFUL_FACE:
        return Relation.CANNOT_SAY, DOUBTFUL
    return Relation.DIFFERENT, OTHER_FACE if parts else ANOTHER


def likeness(frame: Frame, unit: float) -> NDArray[np.float32]:
    """H x W, -1..1: correlation of structure between 0.04 and 0.16 eye distances, by neighbourhoods of 0.15."""

    def structure(rgb: Rgb) -> NDArray[np.float32]:
        grey = rgb.astype(np.float32) @ GREY
        fine, wide = (cv2.GaussianBlur(grey, (0, 0), max(0.8, reach * unit)) for reach in (0.04, 0.16))
        return np.asarray(fine - wide, dtype=np.float32)

    here, there = structure(frame.first), structure(frame.original)
    cross, power, other = (
        cv2.GaussianBlur(plane, (0, 0), 0.15 * unit) for plane in (here * there, here * here, there * there)
    )
    return np.asarray(cross / np.sqrt(np.maximum(power * other, 0.0625)), dtype=np.float32)


def _placed(frame: Frame, alignment: Alignment, theirs: Pyramid) -> dict[str, Any]:
    """How the first photo lies in the original, as fields of a Comparison."""
    scale, rotation = alignment.turn(theirs.width / 2, theirs.height / 2)
    shown = moved(inverse_of(frame.matrix), _corners(frame.first.shape[1], frame.first.shape[0]))
    whole = _corners(theirs.width, theirs.height)
    area, _ = cv2.intersectConvexConvex(shown.astype(np.float32), whole.astype(np.float32))
    kept = min(1.0, float(area) / (theirs.width * theirs.height))
    return {"scale": scale, "rotation": rotation, "mirrored": alignment.mirrored, "kept": kept}


def _corners(width: int, height: int) -> NDArray[np.float64]:
    right, bottom = width - 0.5, height - 0.5
    return np.array([[-0.5, -0.5], [right, -0.5], [right, bottom], [-0.5, bottom]], dtype=np.float64)


def tinted(first: Rgb, changed: NDArray[np.bool_]) -> Rgb:
    """The first photo in grey, what was changed in blue."""
    grey = np.repeat(cv2.cvtColor(first, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2).astype(np.float32)
    grey = np.float32(GREYED) * grey + np.float32(LIFTED)
    tint = np.where(changed[..., None], (1 - TINT) * grey + TINT * BLUE, grey)
    return np.asarray(np.rint(np.clip(tint, 0, 255)), dtype=np.uint8)


def _told(one: Found, frame: Frame, mine: Pyramid) -> Change:
    unit = frame.parts.unit if frame.parts else 0.05 * max(frame.first.shape)
    corners = outline(one.where, max(1.0, 0.02 * unit))
    points = corners if corners is not None else np.zeros((0, 2), np.float32)
    back = np.array([mine.width / frame.first.shape[1], mine.height / frame.first.shape[0]])
    return Change(
        part=one.part,
        summary=sentence_of(one),
        region=Region.polygon(((points + 0.5) * back - 0.5).tolist()),
        share=min(1.0, float(one.share)),
        magnitude=float(one.magnitude),
    )
