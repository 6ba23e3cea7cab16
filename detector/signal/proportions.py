"""Proportions of a face from its mesh, turned to the front: widths and lengths, each by the distance of the eyes.

The mesh is turned so that its left and right halves face each other across one plane and its middle line stands
upright, which undoes the head's turn, nod and tilt as far as the mesh's depth is right. What is left of pose, and what
the mouth does to cheeks and chin, is taken out by a linear model fitted on many faces (detector.training.booth).
What is measured follows the landmarks of facial anthropometry (Farkas, 1994, "Anthropometry of the Head and Face"):
cheekbones (zygion), jaw (gonion), nose (alare, nasion, subnasale), mouth (cheilion), chin (gnathion).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signal.head import unit_of

Array = NDArray[np.float32]

ACROSS, DOWN = 0, 1
Span = tuple[int, int]

# Name -> axis, and the spans between two landmarks (MediaPipe's numbering) whose mean is measured.
SPANS: Mapping[str, tuple[int, tuple[Span, ...]]] = {
    "face_width": (ACROSS, ((234, 454), (93, 323))),
    "jaw_width": (ACROSS, ((58, 288), (172, 397), (136, 365))),
    "chin_width": (ACROSS, ((150, 379), (149, 378))),
    "chin_length": (DOWN, ((17, 152), (18, 152))),
    "lower_face": (DOWN, ((2, 152), (168, 152))),
    "eye_gap": (ACROSS, ((133, 362),)),
    "nose_width": (ACROSS, ((129, 358), (64, 294))),
    "nose_length": (DOWN, ((168, 2), (6, 2))),
    "mouth_width": (ACROSS, ((61, 291),)),
}

# Landmarks with their mirror image, and those of the middle line from the forehead to the chin.
PAIRS: tuple[Span, ...] = ((33, 263), (133, 362), (234, 454), (58, 288), (61, 291), (105, 334), (129, 358), (116, 345))
MIDDLE = (10, 151, 9, 168, 2, 164, 152)

LIPS_INNER, LIPS_CORNERS = (13, 14), (61, 291)
LEAST_SPAN = 1e-3  # eye distances: keeps logarithms finite on a broken mesh


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportions:
    """logs: natural logarithms of the spans by the eyes' distance. yaw, pitch: degrees that were turned back.

    gape: height of the open mouth in eye distances. smile: how far the corners of the mouth lie above its middle, in
    eye distances; it says how the mouth is shaped, and nothing else.
    """

    logs: Mapping[str, float]
    yaw: float
    pitch: float
    gape: float
    smile: float


def proportions_of(landmarks: Array) -> Proportions:
    """The proportions of a mesh: 468 x 3, in any unit, depth in the same one."""
    axes = _axes(landmarks)
    facing = frontal(landmarks)
    logs = {}
    for name, (axis, spans) in SPANS.items():
        length = float(np.mean([abs(facing[one, axis] - facing[other, axis]) for one, other in spans]))
        logs[name] = float(np.log(max(length, LEAST_SPAN)))
    corners = facing[list(LIPS_CORNERS), DOWN].mean()
    upper, lower = facing[list(LIPS_INNER), DOWN]
    return Proportions(
        logs=logs,
        yaw=float(np.degrees(np.arctan2(axes[0, 2], axes[0, 0]))),
        pitch=float(np.degrees(np.arctan2(axes[1, 2], np.hypot(axes[1, 0], axes[1, 1])))),
        gape=float(lower - upper),
        smile=float((upper + lower) / 2 - corners),
    )


def frontal(landmarks: Array) -> Array:
    """The mesh turned to the front, its middle at 0, in eye distances."""
    turned = (landmarks - landmarks.mean(axis=0)) @ _axes(landmarks).T
    return np.asarray(turned / max(unit_of(landmarks), 1e-6), dtype=np.float32)


def _axes(landmarks: Array) -> Array:
    """3 x 3: the face's own directions across, down and inwards, as rows."""
    across = np.mean([_unit(landmarks[other] - landmarks[one]) for one, other in PAIRS], axis=0)
    across = _unit(across)
    middle = landmarks[list(MIDDLE)]
    down = middle[-3:].mean(axis=0) - middle[:3].mean(axis=0)
    down = _unit(down - across * float(down @ across))
    return np.asarray(np.stack([across, down, np.cross(across, down)]), dtype=np.float32)


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), dtype=np.float32)
