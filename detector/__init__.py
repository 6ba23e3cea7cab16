"""Knows images, and nothing of the site: examine() and the facts it hands back.

Names are loaded on first use, so that a web process that only needs the words does not load the decoders.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.observation import Bearing, Observation, Outcome, Region, Status, Strength
    from detector.packs import Packs
    from detector.pipeline import Examination, examine
    from detector.portrait import PictureError, Portrait, read_portrait
    from detector.trust import TrustLists
    from detector.verdict import Verdict, VerdictCode

__all__ = [
    "Bearing",
    "Examination",
    "Observation",
    "Outcome",
    "Packs",
    "PictureError",
    "Portrait",
    "Region",
    "Status",
    "Strength",
    "TrustLists",
    "Verdict",
    "VerdictCode",
    "examine",
    "read_portrait",
]

_HOME = {
    "observation": ("Bearing", "Observation", "Outcome", "Region", "Status", "Strength"),
    "packs": ("Packs",),
    "pipeline": ("Examination", "examine"),
    "portrait": ("PictureError", "Portrait", "read_portrait"),
    "trust": ("TrustLists",),
    "verdict": ("Verdict", "VerdictCode"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"detector.{module}"), name)
    raise AttributeError(name)
