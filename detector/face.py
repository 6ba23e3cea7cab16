"""Portrait -> FaceMap: where the face, eyes, irises, skin and person are.

BlazeFace proposes boxes, MediaPipe's face mesh confirms and aligns them. An upright look at the whole picture comes
first; only where it finds nothing do turned looks (photos that lie on their side) and parts of the picture (small
faces) follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.observation import NotApplicable
from detector.portrait import Portrait
from detector.signal import blazeface, masks
from detector.signal import mesh as face_mesh
from detector.signal.blazeface import BACK, FULL, SHORT, Candidate
from detector.signal.head import Head, look_at_head
from detector.signal.pyramid import Pyramid, Square

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SURE = 0.5  # of the mesh: a face; wrong boxes scored <= 0.2 (the project's measurements of 220 portraits)
# A face that stands on its head once passed as upright with 0.99; faces the right way up score above this.
UPRIGHT = 0.999
# True faces score 0.98 and more but for profiles; a pattern in a blurred backdrop scored 0.79 and was wider than the
# face beside it. The fourth power lets such a ghost win only over a face of less than half its width.
DOUBT = 4
RIVAL_SURE = 0.9  # of the mesh: a second face that is doubtful is no second person
MOST = 12  # candidates that are given to the mesh; a crowd has its main face among the largest
SAME = 0.3  # boxes that overlap more are one face
# Parts of the picture for faces too small for the whole view: overlapping quarters, as shares of the sides.
PART, STARTS = 0.6, (0.0, 0.4)
# The window around the face's box, in its widths and heights: head, hair and shoulders.
WINDOW_SIDE, WINDOW_ABOVE, WINDOW_BELOW = 1.5, 1.0, 2.0
SKIN_FACE = 256  # face width in pixels at which skin is told from hair


@dataclass(frozen=True, slots=True, kw_only=True)
class Iris:
    """Centre and radius in pixels of the upright picture."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMap:
    """The most prominent face. All coordinates are in pixels of the upright picture.

    count: faces found. box: x, y, width, height. score: 0..1, of the mesh.
    landmarks: float32 468 x 3 (x, y, depth), MediaPipe's numbering.
    left, right: the irises at the left and right side *of the picture*. inter_ocular: distance of the iris centres.
    roll, yaw: degrees; 0 is upright and frontal.
    window: left, top, right, bottom of the part of the picture the masks cover.
    skin, person: bool arrays of the window's height x width.
    head: the head cut out upright and at a fixed size, with its person and hair masks, finer than `person`.
    rival: width of the next largest face, as a share of this one's; 0 where it is alone.
    """

    count: int
    rival: float
    box: tuple[float, float, float, float]
    score: float
    landmarks: NDArray[np.float32]
    left: Iris
    right: Iris
    inter_ocular: float
    roll: float
    yaw: float
    window: tuple[int, int, int, int]
    skin: NDArray[np.bool_]
    person: NDArray[np.bool_]
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class _Face:
    landmarks: Array
    score: float
    box: tuple[float, float, float, float]


def find_face(portrait: Portrait, pyramid: Pyramid | None = None) -> FaceMap:
    """Finds the faces and maps the most prominent one: the widest, doubtful ones held back by their mesh score.

    pyramid: that of portrait.rgb, where the caller has one. Takes about 0.1 s on one core, more where the first look
    finds nothing; memory beyond portrait.rgb stays below the picture's own size, as every step works on shrunk copies.
    Raises NotApplicable ("No face was found in this picture.") or CouldNotLook (pixels or model files missing, with
    the mending command).
    """
    pyramid = pyramid or Pyramid(portrait.rgb)
    faces = _faces(pyramid)
    if not faces:
        raise NotApplicable("No face was found in this picture.")
    main = max(faces, key=lambda face: face.score**DOUBT * face.box[2])
    rival = max((face.box[2] for face in faces if face is not main and face.score > RIVAL_SURE), default=0.0)
    return _mapped(pyramid, main, len(faces), rival / main.box[2])


def _faces(pyramid: Pyramid) -> list[_Face]:
    for candidates in _looks(pyramid):
        if faces := _confirmed(pyramid, candidates):
            return faces
    return []


def _looks(pyramid: Pyramid) -> Iterator[list[Candidate]]:
    """Candidates of one look after the other, cheapest first."""
    whole = Square(x=pyramid.width / 2, y=pyramid.height / 2, side=max(pyramid.width, pyramid.height))
    yield [found for net in (SHORT, BACK, FULL) for found in blazeface.detect(pyramid, whole, net)]
    turned = [Square(x=whole.x, y=whole.y, side=whole.side, angle=angle) for angle in (90.0, 270.0, 180.0)]
    yield [found for square in turned for net in (BACK, FULL) for found in blazeface.detect(pyramid, square, net)]
    parts = [
        Square(x=(left + PART / 2) * pyramid.width, y=(top + PART / 2) * pyramid.height, side=whole.side * PART)
        for top in STARTS
        for left in STARTS
    ]
    yield [found for square in parts for found in blazeface.detect(pyramid, square, FULL)]


def _confirmed(pyramid: Pyramid, candidates: list[Candidate]) -> list[_Face]:
    faces: list[_Face] = []
    for candidate in sorted(candidates, key=lambda found: -found.score * found.side)[:MOST]:
        if any(_within(candidate, face) for face in faces):
            continue
        square = face_mesh.face_square(candidate.x, candidate.y, candidate.side, candidate.angle)
        landmarks, score = _aligned(pyramid, square)
        if score < UPRIGHT:
            other, better = _aligned(pyramid, replace(square, angle=square.angle + 180.0))
            landmarks, score = (other, better) if better > UPRIGHT else (landmarks, score)
        if score <= SURE:
            continue
        low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
        box = (float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))
        face = _Face(landmarks=landmarks, score=score, box=box)
        if not any(_overlap(face, other) > SAME for other in faces):
            faces.append(face)
    return faces


def _aligned(pyramid: Pyramid, square: Square) -> tuple[Array, float]:
    """The mesh of a proposed square, looked at once more from its own landmarks."""
    first, _ = face_mesh.mesh(pyramid, square)
    return face_mesh.mesh(pyramid, face_mesh.square_of(first))


def _within(candidate: Candidate, face: _Face) -> bool:
    left, top, width, height = face.box
    inside = left < candidate.x < left + width and top < candidate.y < top + height
    return inside and 0.5 < candidate.side / max(width, height) < 2.0


def _overlap(one: _Face, other: _Face) -> float:
    first, second = (np.array([x + w / 2, y + h / 2, w, h], dtype=np.float32) for x, y, w, h in (one.box, other.box))
    return float(blazeface.overlap(first, second[None])[0])


def _mapped(pyramid: Pyramid, face: _Face, count: int, rival: float) -> FaceMap:
    irises = [
        Iris(x=x, y=y, radius=r)
        for x, y, r in (
            face_mesh.iris(pyramid, face.landmarks, eye) for eye in (face_mesh.RIGHT_EYE, face_mesh.LEFT_EYE)
        )
    ]
    left, right = sorted(irises, key=lambda iris: iris.x)
    window = _window(pyramid, face.box)
    face.landmarks.setflags(write=False)
    return FaceMap(
        count=count,
        rival=rival,
        box=face.box,
        score=face.score,
        landmarks=face.landmarks,
        left=left,
        right=right,
        inter_ocular=float(np.hypot(right.x - left.x, right.y - left.y)),
        roll=face_mesh.roll_of(face.landmarks),
        yaw=face_mesh.yaw_of(face.landmarks),
        window=window,
        skin=_skin(pyramid, face, window),
        person=_person(pyramid, window),
        head=look_at_head(pyramid, face.landmarks, face_mesh.roll_of(face.landmarks)),
    )


def _window(pyramid: Pyramid, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    x, y, width, height = box
    left, right = x - WINDOW_SIDE * width, x + (1 + WINDOW_SIDE) * width
    top, bottom = y - WINDOW_ABOVE * height, y + (1 + WINDOW_BELOW) * height
    return _clipped(pyramid, left, top, right, bottom)


def _clipped(pyramid: Pyramid, left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    """The box in whole pixels within the picture, never empty."""
    x0, y0 = min(max(0, int(left)), pyramid.width - 1), min(max(0, int(top)), pyramid.height - 1)
    return x0, y0, max(x0 + 1, min(pyramid.width, round(right))), max(y0 + 1, min(pyramid.height, round(bottom)))


def _person(pyramid: Pyramid, window: tuple[int, int, int, int]) -> Mask:
    sure = masks.person_mask(pyramid.window(*window, longest=2 * masks.PERSON_SIZE))
    person = _enlarged(np.asarray(np.rint(sure * 255), dtype=np.uint8), window[2] - window[0], window[3] - window[1])
    person.setflags(write=False)
    return person


def _skin(pyramid: Pyramid, face: _Face, window: tuple[int, int, int, int]) -> Mask:
    x, y, width, height = face.box
    box = _clipped(pyramid, x - 0.1 * width, y - 0.1 * height, x + 1.1 * width, y + 1.1 * height)
    rgb = pyramid.window(*box, longest=SKIN_FACE)
    scale = np.float32(rgb.shape[1] / (box[2] - box[0]))
    points = (face.landmarks[:, :2] - np.array(box[:2], dtype=np.float32)) * scale
    small = masks.skin_mask(rgb, points).astype(np.uint8) * np.uint8(255)
    skin = np.zeros((window[3] - window[1], window[2] - window[0]), np.bool_)
    part = _enlarged(small, box[2] - box[0], box[3] - box[1])
    # The box never reaches beyond the window: both are the same face's, clipped to the same picture.
    skin[box[1] - window[1] : box[3] - window[1], box[0] - window[0] : box[2] - window[0]] = part
    skin.setflags(write=False)
    return skin


def _enlarged(mask: Rgb, width: int, height: int) -> Mask:
    return np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8) > 127
