"""Finds the detectors in the three wings: a module that defines DETECTOR is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from detector import fingerprint, provenance, signs
from detector.packs import PREFIX
from detector.scene import Detector

WINGS = {"provenance": provenance, "signs": signs, "fingerprint": fingerprint}


@cache
def detectors_by_wing() -> dict[str, tuple[Detector, ...]]:
    """Every detector, by wing, wings in the order in which pages show them, modules by name."""
    return {
        wing: tuple(
            module.DETECTOR
            for info in pkgutil.iter_modules(package.__path__, package.__name__ + ".")
            if hasattr(module := importlib.import_module(info.name), "DETECTOR")
        )
        for wing, package in WINGS.items()
    }


def detectors() -> tuple[Detector, ...]:
    """All detectors in the order in which they run."""
    return tuple(detector for wing in detectors_by_wing().values() for detector in wing)


def wing_of(name: str) -> str:
    """The wing of the detector called `name`; KeyError if there is none. Packs come and go, and all belong to one."""
    if name.startswith(PREFIX):
        return "fingerprint"
    for wing, members in detectors_by_wing().items():
        if any(member.name == name for member in members):
            return wing
    raise KeyError(name)
