"""What a detector may look at: the portrait, its FaceMap, the trust lists in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detector.face import FaceMap, find_face
from detector.observation import CouldNotLook, NotApplicable, Sighting
from detector.portrait import Portrait
from detector.signal import medium
from detector.signal.head import unit_of
from detector.signal.masks import OVAL
from detector.signal.pyramid import Pyramid
from detector.trust import TrustLists

SMALLEST = 40.0  # pixels between the eyes; below that eyes, ears and strands are a handful of pixels
RIVAL = 0.6  # a second face of more than this share of the main one's width: it is unclear whose photo it is
CUT = 0.04  # of the face's height, by which its outline may pass the picture's edge: the mesh guesses as much

Refusal = NotApplicable | CouldNotLook


class Scene:
    """One photo under examination; the FaceMap is made once, when the first detector asks for it."""

    def __init__(self, portrait: Portrait, trust: TrustLists) -> None:
        self.portrait = portrait
        self.trust = trust

    @cached_property
    def pyramid(self) -> Pyramid:
        """The portrait at halved sizes, made once for the FaceMap and all signs. Raises CouldNotLook."""
        return Pyramid(self.portrait.rgb)

    @property
    def face(self) -> FaceMap:
        """The FaceMap of the most prominent face.

        Raises NotApplicable where there is no face, CouldNotLook where pixels or models are missing.
        """
        return _known(self._face)

    @property
    def subject(self) -> FaceMap:
        """The FaceMap, where its face can be judged by what an eye sees: what every sign starts from.

        Raises NotApplicable with the reason in words; CouldNotLook as `face` does.
        """
        return _known(self._subject)

    @cached_property
    def painted(self) -> bool:
        """Whether the head looks like a painting or a drawing: signs and fingerprint ask alike. Raises as `face`."""
        head = self.face.head
        return medium.painted_over(head.rgb, head.points, head.inside)

    def _no_colour_photo(self, face: FaceMap) -> str:
        if medium.colourless(face.head.rgb, face.head.inside):
            return medium.BLACK_AND_WHITE
        return medium.PAINTED if self.painted else ""

    @cached_property
    def _face(self) -> FaceMap | Refusal:
        try:
            return find_face(self.portrait, self.pyramid)
        except (NotApplicable, CouldNotLook) as refusal:
            return refusal

    @cached_property
    def _subject(self) -> FaceMap | Refusal:
        face = self._face
        if isinstance(face, Exception):
            return face
        try:
            reason = unfit(self.portrait, face) or self._no_colour_photo(face)
        except CouldNotLook as refusal:
            return refusal
        return NotApplicable(reason) if reason else face


def _known(found: FaceMap | Refusal) -> FaceMap:
    """What was found, or the refusal once more: a picture without a face is searched once, not once a sign."""
    if isinstance(found, Exception):
        raise type(found)(*found.args)
    return found


def unfit(portrait: Portrait, face: FaceMap, *, smallest: float = SMALLEST) -> str:
    """Why no sign can judge this face, by its size and place, in one sentence; "" where they can.

    smallest: pixels between the eyes that are needed.
    """
    size = unit_of(face.landmarks)
    if size < smallest:
        return f"The face is too small to be judged ({size:.0f} pixels between the eyes; {smallest:.0f} are needed)."
    if face.rival > RIVAL:
        return "There are two faces of about the same size: it is unclear whose photo this is."
    low, high = (edge(face.landmarks[list(OVAL), :2], axis=0) for edge in (np.min, np.max))
    beyond = max(-low[0], -low[1], high[0] - portrait.width, high[1] - portrait.height)
    if beyond > CUT * face.box[3]:
        return "The face is cut off by the edge of the picture."
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """One entry of the registry: a module of a wing that argues.

    name: stable key, as in the JSON contract. version: raised with every change of behaviour.
    title: for the page. question: what it looks for, one sentence.
    look: the run; hands back a Sighting, or raises NotApplicable or CouldNotLook.
    """

    name: str
    version: int
    title: str
    question: str
    look: Callable[[Scene], Sighting]
