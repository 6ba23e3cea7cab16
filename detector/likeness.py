"""How alike two faces are by a face recognition network: a band with its error rates, never a yes or no.

Optional, and off unless its packages were installed on purpose (`make likeness`) and the site switched it on. dlib's
network (King, 2017, a ResNet of 29 layers trained as in Schroff et al., 2015, "FaceNet") turns each face into 128
numbers; they live in memory for this one comparison, are never handed out, stored or logged, and neither is their
distance. The band's error rates were measured by `python -m detector.training.likeness` (weights/likeness.json,
likeness.md). They are worse for people whose looks the network saw little of: see the card.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.face_models import FOLDER, LIKENESS
from detector.observation import CouldNotLook, NotApplicable
from detector.portrait import MAX_PIXELS, read_portrait
from detector.scene import Scene, unfit
from detector.signal.face_alignment import square_onto
from detector.signal.norm import WEIGHTS
from detector.signal.pyramid import Pyramid
from detector.signal.steady_mesh import steady_mesh
from detector.trust import TrustLists

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]

COMMAND = "make likeness"
PATH = WEIGHTS / "likeness.json"
TURNED = 45.0  # degrees of yaw: the network was trained on faces from the front
SMALLEST = 30.0  # pixels between the eyes: it looks at 150 pixels of head, and makes up what is missing

CHIP = 150  # pixels of the network's input
# Where the network expects the corners of the eyes (outer and inner, right one of the picture first) and the base of
# the nose, as shares of the head's inner box, which a quarter of its side surrounds.
POINTS = (263, 362, 33, 133, 2)
PLACES = ((0.8596, 0.2135), (0.6461, 0.2290), (0.1206, 0.2137), (0.3341, 0.2291), (0.4901, 0.6278))
AROUND = 0.25


class Band(StrEnum):
    """How alike; each with the rates at which photos of one person and of two people fall into it."""

    SIMILAR = "similar"
    BETWEEN = "between"
    UNLIKE = "unlike"


SAID: Mapping[Band, str] = {
    Band.SIMILAR: "The two faces look alike to the face recognition network.",
    Band.BETWEEN: "The two faces look neither clearly alike nor clearly unlike to the face recognition network.",
    Band.UNLIKE: "The two faces look unlike to the face recognition network.",
}
CAUTION = "This cannot say whether it is one person; please look at the pictures yourself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """band; summary: one or two sentences; error_rates: how often the band is met by pairs of one person and of two."""

    band: Band
    summary: str
    error_rates: str

    def to_json(self) -> dict[str, Any]:
        """What may be stored: the band and sentences. No vector, no distance."""
        return {"schema": 1, "band": self.band.value, "summary": self.summary, "error_rates": self.error_rates}


def available() -> bool:
    """Whether the optional packages, their model and the measured rates are here."""
    return importlib.util.find_spec("dlib") is not None and (FOLDER / LIKENESS.name).is_file() and PATH.is_file()


def likeness(photo: bytes, live: bytes, *, max_pixels: int = MAX_PIXELS) -> Likeness:
    """The band of two pictures. About 0.6 s on one core.

    Raises PictureError where either is no picture, NotApplicable where a face is missing, too small or turned away,
    CouldNotLook where the optional packages are missing, with the command that brings them.
    """
    rates = weights()
    network = load()
    first, second = (
        described(network, face_chip(data, which, max_pixels))
        for data, which in ((photo, "photo"), (live, "live picture"))
    )
    band = band_of(float(np.linalg.norm(first - second)), rates)
    return Likeness(band=band, summary=f"{SAID[band]} {CAUTION}", error_rates=rates_said(band, rates))


def weights() -> Mapping[str, Any]:
    """Limits and measured rates. Raises CouldNotLook where they are missing."""
    try:
        loaded: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CouldNotLook("The rates of the likeness score are missing. To mend it, install Candid again.") from None
    return loaded


def band_of(distance: float, rates: Mapping[str, Any]) -> Band:
    """The band of a distance. rates: with `similar` and `unlike`, its limits."""
    if distance < rates["similar"]:
        return Band.SIMILAR
    return Band.UNLIKE if distance > rates["unlike"] else Band.BETWEEN


def rates_said(band: Band, rates: Mapping[str, Any]) -> str:
    """The band's error rates in words, by the measured counts and the bounds that they support."""
    same, other, alike = (rates[name] for name in ("same", "different", "different_alike"))
    return (
        f"Measured: of {same['pairs']} pairs of photos of one person {_share(band, same)} fall into this band; of "
        f"{other['pairs']:,} pairs of different people {_share(band, other)}; of {alike['pairs']:,} pairs of different "
        f"people at two conferences in East Asia, whom the network tells apart worse, {_share(band, alike)}."
    )


def _share(band: Band, counted: Mapping[str, Any]) -> str:
    rate, most = counted[band.value]["rate"], counted[band.value]["at_most"]
    return f"{_percent(rate)} (at most {_percent(most)} by what was counted)"


def _percent(rate: float) -> str:
    return f"{100 * rate:.2g} %" if rate < 0.1 else f"{100 * rate:.0f} %"


def face_chip(data: bytes, which: str, max_pixels: int = MAX_PIXELS) -> Rgb:
    """CHIP x CHIP x 3: the face as the network was trained to see it. which: "photo" or "live picture"."""
    scene = Scene(read_portrait(data, max_pixels=max_pixels), TrustLists())
    try:
        face = scene.face
    except NotApplicable:
        raise NotApplicable(f"No face was found in the {which}.") from None
    if reason := unfit(scene.portrait, face, smallest=SMALLEST):
        raise NotApplicable(f"In the {which}: {reason[0].lower()}{reason[1:]}")
    if abs(face.yaw) > TURNED:
        raise NotApplicable(f"The face in the {which} is turned too far to the side. Please look into the camera.")
    return chip_of(scene.pyramid, steady_mesh(scene.pyramid, face.landmarks))


def chip_of(pyramid: Pyramid, landmarks: Array) -> Rgb:
    """The network's input by landmarks of our own mesh, so that no other predictor is needed."""
    places = (np.array(PLACES, dtype=np.float32) + AROUND) / (1 + 2 * AROUND) * CHIP
    return pyramid.cut(square_onto(landmarks[list(POINTS), :2], places, CHIP), CHIP)


def described(network: Any, chip: Rgb) -> NDArray[np.float64]:
    """The 128 numbers of one face. For this module and its measurement alone; they must not be kept."""
    return np.array(network.compute_face_descriptor(np.ascontiguousarray(chip)), dtype=np.float64)


@cache
def load() -> Any:
    """The network. Raises CouldNotLook where the packages or the model are missing."""
    path = FOLDER / LIKENESS.name
    if importlib.util.find_spec("dlib") is None or not path.is_file():
        raise CouldNotLook(f"The packages of the optional likeness score are not installed. To mend it: {COMMAND}.")
    return importlib.import_module("dlib").face_recognition_model_v1(str(path))
