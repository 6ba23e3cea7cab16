"""Faces in a picture by BlazeFace (Bazarevsky et al., 2019, arXiv:1907.05047), in its three published ranges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from detector.signal.nets import run
from detector.signal.pyramid import Pyramid, Square, apply

Array = NDArray[np.float32]

OVERLAP = 0.3  # boxes that overlap more are the same face (weighted non-maximum suppression, as in the paper)
LEAST = 0.5  # of the detector; what passes must still convince the mesh (wrong boxes scored <= 0.2 there)
LOGIT_LIMIT = 80.0  # keeps exp() within float32


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One published network: its file, input size, stride of each layer, anchors a cell, names of the outputs."""

    model: str
    size: int
    strides: tuple[int, ...]
    anchors: int
    outputs: tuple[str, str]


SHORT = Range(
    model="face_detection_short_range.tflite",
    size=128,
    strides=(8, 16, 16, 16),
    anchors=2,
    outputs=("classificators", "regressors"),
)
BACK = Range(
    model="face_detection_back.tflite",
    size=256,
    strides=(16, 32, 32, 32),
    anchors=2,
    outputs=("classificators", "regressors"),
)
FULL = Range(
    model="face_detection_full_range.tflite",
    size=192,
    strides=(4,),
    anchors=1,
    outputs=("reshaped_classifier_face_4", "reshaped_regressor_face_4"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A box that may be a face, in pixels of the picture.

    x, y: centre. side: of the upright or turned square around it. angle: degrees, of the line through the eyes.
    """

    x: float
    y: float
    side: float
    angle: float
    score: float


def detect(pyramid: Pyramid, square: Square, net: Range) -> list[Candidate]:
    """Faces within one square of the picture (it may reach beyond the picture: letterbox), best first."""
    logits, raw = run(net.model, pyramid.cut(square, net.size), net.outputs, centred=True)
    scores = np.asarray(1 / (1 + np.exp(-np.clip(logits.reshape(-1), -LOGIT_LIMIT, LOGIT_LIMIT))), dtype=np.float32)
    values = raw.reshape(-1, 16)
    keep = scores >= LEAST
    if not keep.any():
        return []
    points = values[keep].reshape(-1, 8, 2).copy()  # centre, size, then six key points
    anchors = _anchors(net)[keep] * net.size
    sizes = points[:, 1].copy()
    points += anchors[:, None, :]
    boxes = np.concatenate([points[:, 0], sizes], axis=1)  # cx, cy, w, h
    merged = _merge(boxes, points[:, 2:4], scores[keep])
    return [_on_picture(box, eyes, score, square, net.size) for box, eyes, score in merged]


@cache
def _anchors(net: Range) -> Array:
    """N x 2 centres in 0..1; layers of equal stride share their cells, as the published graphs lay them out."""
    centres: list[Array] = []
    for stride in dict.fromkeys(net.strides):
        cells = net.size // stride
        repeat = net.strides.count(stride) * net.anchors
        ys, xs = np.mgrid[0:cells, 0:cells]
        grid = (np.stack([xs, ys], axis=-1).reshape(-1, 2) + 0.5) / cells
        centres.append(np.repeat(grid, repeat, axis=0).astype(np.float32))
    return np.concatenate(centres)


def _merge(boxes: Array, eyes: Array, scores: Array) -> list[tuple[Array, Array, float]]:
    """Weighted non-maximum suppression: the boxes of one face are averaged by score."""
    left = np.argsort(-scores)
    merged: list[tuple[Array, Array, float]] = []
    while left.size:
        best = left[0]
        same = overlap(boxes[best], boxes[left]) > OVERLAP
        group = left[same]
        weights = (scores[group] / scores[group].sum()).astype(np.float32)
        box = (boxes[group] * weights[:, None]).sum(axis=0)
        pair = (eyes[group] * weights[:, None, None]).sum(axis=0)
        merged.append((box, pair, float(scores[best])))
        left = left[~same]
    return merged


def overlap(box: Array, boxes: Array) -> Array:
    """Intersection over union of one box with N boxes, each centre x, centre y, width, height."""
    low = np.maximum(box[:2] - box[2:] / 2, boxes[:, :2] - boxes[:, 2:] / 2)
    high = np.minimum(box[:2] + box[2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2)
    shared = np.clip(high - low, 0, None).prod(axis=1)
    union = box[2:].prod() + boxes[:, 2:].prod(axis=1) - shared
    return np.asarray(shared / np.maximum(union, 1e-6), dtype=np.float32)


def _on_picture(box: Array, eyes: Array, score: float, square: Square, size: int) -> Candidate:
    matrix = square.to_picture(size)
    # The nets count pixel corners, the matrix pixel centres: half a pixel apart.
    centre, first, second = apply(matrix, np.stack([box[:2], eyes[0], eyes[1]]) - np.float32(0.5))
    angle = float(np.degrees(np.arctan2(second[1] - first[1], second[0] - first[0])))
    side = float(max(box[2], box[3])) * square.side / size
    return Candidate(x=float(centre[0]), y=float(centre[1]), side=side, angle=angle, score=score)
