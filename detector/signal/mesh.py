"""468 landmarks and the irises of one face, by MediaPipe's face mesh and iris models.

Sources: Kartynnik et al., 2019, arXiv:1907.06724 (mesh); Ablavatski et al., 2020, arXiv:2006.11341 (iris).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.signal.nets import run
from detector.signal.pyramid import Pyramid, Square, apply

Array = NDArray[np.float32]

MESH_SIZE, IRIS_SIZE = 192, 64
FACE_MARGIN, EYE_MARGIN = (
    1.5,
    2.3,
)  # side of the crop by the face's side and by the eye's width, as the models were trained
MESH_OUTPUTS = ("conv2d_21", "conv2d_31")
IRIS_OUTPUTS = ("output_iris",)

# Corners of the eyes: outer and inner of the person's right eye (left on a picture), inner and outer of the left one.
RIGHT_EYE, LEFT_EYE = (33, 133), (362, 263)
SIDES = (234, 454)  # where the face ends before the ears


def face_square(x: float, y: float, side: float, angle: float) -> Square:
    """The square that the mesh looks at, for a face's box."""
    return Square(x=x, y=y, side=side * FACE_MARGIN, angle=angle)


def mesh(pyramid: Pyramid, square: Square) -> tuple[Array, float]:
    """468 x 3 landmarks in the picture's pixels (depth in the same unit, smaller is nearer), and 0..1: is it a face."""
    raw, logit = run("face_landmark.tflite", pyramid.cut(square, MESH_SIZE), MESH_OUTPUTS)
    points = raw.reshape(468, 3)
    flat = apply(square.to_picture(MESH_SIZE), points[:, :2] - np.float32(0.5))
    depth = points[:, 2:] * np.float32(square.side / MESH_SIZE)
    score = float(1 / (1 + np.exp(-np.clip(logit.reshape(-1)[0], -50, 50))))
    return np.concatenate([flat, depth], axis=1), score


def square_of(landmarks: Array) -> Square:
    """The square around landmarks, turned to their eye line: for the mesh's second look."""
    angle = roll_of(landmarks)
    turn = Square(x=0, y=0, side=1, angle=-angle).to_picture(1)[:, :2]
    upright = landmarks[:, :2] @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = ((low + high) / 2) @ turn  # back: the inverse of a rotation is its transpose
    return face_square(float(x), float(y), float((high - low).max()), angle)


def roll_of(landmarks: Array) -> float:
    """Degrees by which the line through the outer eye corners is turned clockwise; 0 is upright."""
    first, second = landmarks[RIGHT_EYE[0]], landmarks[LEFT_EYE[1]]
    return float(np.degrees(np.arctan2(second[1] - first[1], second[0] - first[0])))


def yaw_of(landmarks: Array) -> float:
    """Degrees by which the head is turned about its upright axis; positive towards the right side of the picture."""
    across = landmarks[SIDES[1]] - landmarks[SIDES[0]]
    return float(np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1]))))


def iris(pyramid: Pyramid, landmarks: Array, eye: tuple[int, int]) -> tuple[float, float, float]:
    """Centre and radius in the picture's pixels of the iris of RIGHT_EYE or LEFT_EYE."""
    first, second = landmarks[eye[0], :2], landmarks[eye[1], :2]
    middle, width = (first + second) / 2, float(np.hypot(*(second - first)))
    square = Square(x=float(middle[0]), y=float(middle[1]), side=max(width, 1.0) * EYE_MARGIN, angle=roll_of(landmarks))
    mirrored = eye == RIGHT_EYE  # the model was trained on left eyes
    raw = run("iris_landmark.tflite", pyramid.cut(square, IRIS_SIZE, mirrored=mirrored), IRIS_OUTPUTS)[0]
    points = raw.reshape(5, 3)[:, :2].copy()  # centre, then four points of the rim
    if mirrored:
        points[:, 0] = IRIS_SIZE - points[:, 0]
    points = apply(square.to_picture(IRIS_SIZE), points - np.float32(0.5))
    radius = float(np.hypot(*(points[1:] - points[0]).T).mean())
    return float(points[0, 0]), float(points[0, 1]), radius
