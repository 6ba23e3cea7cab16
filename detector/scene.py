"""What a detector may look at: the portrait, its FaceMap, the trust lists in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from detector.face import FaceMap, find_face
from detector.observation import Sighting
from detector.portrait import Portrait
from detector.trust import TrustLists


class Scene:
    """One photo under examination; the FaceMap is made once, when the first detector asks for it."""

    def __init__(self, portrait: Portrait, trust: TrustLists) -> None:
        self.portrait = portrait
        self.trust = trust

    @cached_property
    def face(self) -> FaceMap:
        """The FaceMap of the most prominent face.

        Raises NotApplicable where there is no face, CouldNotLook where pixels or models are missing.
        """
        return find_face(self.portrait)


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
