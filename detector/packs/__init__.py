"""Model packs: classifiers published by others that the operator of a site added, each as one more voice.

A pack is a folder with an ONNX file, its card and its calibration on pictures that the operator labelled. None comes
with Candid, and nothing is ever fetched: an operator who may use a model adds it (docs/operations.md#model-packs).
"""

from __future__ import annotations

from detector.packs.calibration import Calibration, Limit
from detector.packs.card import Card, CardError, Fed, Meaning, read_card
from detector.packs.installed import PREFIX, BrokenPack, Pack, Packs, remove_pack

__all__ = [
    "PREFIX",
    "BrokenPack",
    "Calibration",
    "Card",
    "CardError",
    "Fed",
    "Limit",
    "Meaning",
    "Pack",
    "Packs",
    "read_card",
    "remove_pack",
]
