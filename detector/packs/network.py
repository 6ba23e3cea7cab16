"""Runs a pack's ONNX file through OpenCV: a picture in, the log-odds of "generated" out, before any calibration.

The file's bytes are hashed and the same bytes are handed to OpenCV, so that a file which is not the one of the card is
never run. Each network is loaded once a process, when first asked for.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.observation import CouldNotLook
from detector.packs.card import Card, Meaning

Rgb = NDArray[np.uint8]
Stamp = tuple[int, int, int]

FARTHEST = 20.0  # log-odds; beyond, single precision tells nothing apart
ROUNDING = 1e-3  # by which a probability may lie outside 0..1

_one_at_a_time = Lock()  # a cv2.dnn.Net keeps its last input; two threads must not share it


def log_odds(model: Path, card: Card, picture: Rgb) -> float:
    """What the model says of H x W x 3: natural log-odds of "generated", -FARTHEST..FARTHEST, not calibrated.

    Raises CouldNotLook where the file is missing, changed or cannot be run, or where its answer is not what the card
    promises.
    """
    return meant(card, _answer(model, card, fed(card, picture)))


def fed(card: Card, picture: Rgb) -> NDArray[np.float32]:
    """1 x 3 x H x W float32, as the card wants it; the picture is resized without keeping its proportions."""
    shrinks = picture.shape[1] >= card.size[0] and picture.shape[0] >= card.size[1]
    resized = cv2.resize(picture, card.size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    pixels = np.asarray(resized, dtype=np.float32)[..., :: -1 if card.channels == "bgr" else 1]
    scaled = (pixels * card.scale - np.array(card.mean)) / np.array(card.std)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], dtype=np.float32)


def meant(card: Card, answer: NDArray[np.float64]) -> float:
    """The answer's numbers as log-odds of "generated". Raises CouldNotLook for an answer that is not the card's."""
    if answer.size != card.values:
        raise CouldNotLook(
            f"The model “{card.title}” answers with {answer.size} numbers; its card promises {card.values}."
        )
    if not np.isfinite(answer).all():
        raise CouldNotLook(f"The model “{card.title}” answered with something that is no number.")
    value = float(answer[card.index])
    if card.meaning is Meaning.CLASS_LOGITS:
        others = np.delete(answer, card.index)
        most = float(others.max())
        odds = value - most - math.log(float(np.exp(others - most).sum()))
    elif card.meaning in {Meaning.GENERATED_LOGIT, Meaning.REAL_LOGIT}:
        odds = value
    else:
        odds = _odds_of(value, card)
    if card.meaning in {Meaning.REAL_LOGIT, Meaning.REAL_PROBABILITY}:
        odds = -odds
    return min(max(odds, -FARTHEST), FARTHEST)


def changed(model: Path, card: Card) -> str:
    """What is wrong with the model's file, a sentence; "" where it is the one of the card."""
    try:
        digest = _digest(model, _stamp(model))
    except OSError:
        return f"The file of the model “{card.title}” is missing or cannot be read."
    return "" if digest == card.sha256 else _not_that_file(card)


def _odds_of(value: float, card: Card) -> float:
    if not -ROUNDING <= value <= 1 + ROUNDING:
        raise CouldNotLook(
            f"The model “{card.title}” answered {value:.3g}, which is no probability: its card gives the answer "
            "another meaning."
        )
    least = math.exp(-FARTHEST)
    bounded = min(max(value, least), 1 - least)
    return math.log(bounded / (1 - bounded))


def _answer(model: Path, card: Card, blob: NDArray[np.float32]) -> NDArray[np.float64]:
    try:
        stamp = _stamp(model)
    except OSError:
        raise CouldNotLook(f"The file of the model “{card.title}” is missing.") from None
    with _one_at_a_time:
        net = _net(model, card, stamp)
        try:
            net.setInput(blob)
            given = net.forward(card.output) if card.output else net.forward()
        except cv2.error:
            raise CouldNotLook(f"The model “{card.title}” does not run on the input that its card describes.") from None
    return np.asarray(given, dtype=np.float64).ravel()


@lru_cache(maxsize=8)
def _net(model: Path, card: Card, stamp: Stamp) -> cv2.dnn.Net:
    try:
        data = model.read_bytes()
    except OSError:
        raise CouldNotLook(f"The file of the model “{card.title}” cannot be read.") from None
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise CouldNotLook(_not_that_file(card))
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(data, dtype=np.uint8))
    except cv2.error:
        raise CouldNotLook(
            f"OpenCV cannot load the model “{card.title}”: it is no ONNX file, uses something that OpenCV does not "
            "know, or keeps its weights in a file of their own."
        ) from None
    return net


@lru_cache(maxsize=32)
def _digest(model: Path, stamp: Stamp) -> str:
    with model.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _stamp(model: Path) -> Stamp:
    """Changes with the file."""
    found = model.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _not_that_file(card: Card) -> str:
    return (
        f"The file of the model “{card.title}” is not the one of its card: its SHA-256 is another. It was not run. To "
        "mend it, remove the pack and add it again."
    )
