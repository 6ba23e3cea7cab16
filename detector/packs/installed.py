"""The packs that stand in a folder, each as a detector beside those of Candid."""

from __future__ import annotations

import hashlib
import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.fingerprint.crop import SIZE, crop, crop_square
from detector.observation import Bearing, CouldNotLook, Observation, Region, Sighting, Strength
from detector.packs.calibration import Calibration, probability, read_calibration
from detector.packs.card import SLUG, Card, CardError, Fed, read_card
from detector.packs.network import changed, log_odds
from detector.scene import Detector, Scene
from detector.signal.pyramid import apply

PREFIX = "pack_"  # of a pack's name among the detectors
MODEL_FILE, CARD_FILE, CALIBRATION_FILE = "model.onnx", "card.json", "calibration.json"
MEND = "To mend it, remove the pack and add it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One model with its card. calibration: None only while it is being made; without it the model has no opinion."""

    card: Card
    model: Path
    calibration: Calibration | None = None

    @property
    def name(self) -> str:
        """Of its detector, its outcomes and its findings."""
        return PREFIX + self.card.name

    @property
    def detector(self) -> Detector:
        return Detector(
            name=self.name,
            version=self.card.version,
            title=self.card.title,
            question=f"Does “{self.card.title}”, a model that is no part of Candid, take the picture for generated?",
            look=self.look,
        )

    @property
    def problem(self) -> str:
        """What keeps the model from being run, a sentence; "" where its file is the one of the card."""
        return changed(self.model, self.card)

    def look(self, scene: Scene) -> Sighting:
        """What the model says of the picture. Raises NotApplicable, CouldNotLook."""
        odds = log_odds(self.model, self.card, self._fed(scene))
        if self.calibration is None:
            return Sighting(details={"odds": odds})
        evidence = self.calibration.evidence(odds)
        strength = self.calibration.strength(evidence)
        return Sighting(
            observations=(self._observation(scene, self.calibration, strength),) if strength else (),
            score=probability(evidence),
            note="" if strength else f"The model “{self.card.title}” saw too little to speak for a generated picture.",
            details={
                "pack": self.facts() | {"calibrated_on": self.calibration.facts()},
                "weight": self.calibration.weight,
                "odds": round(odds, 4),
                "evidence": round(evidence, 4),
            },
        )

    def facts(self) -> dict[str, Any]:
        """Whose model it is: what every report names."""
        card = self.card
        return {"title": card.title, "licence": card.licence, "source": card.source, "sha256": card.sha256}

    def to_json(self) -> dict[str, Any]:
        """For the versions of an examination."""
        date = self.calibration.date if self.calibration else None
        return {"name": self.name, "version": self.card.version, **self.facts(), "calibrated": date}

    def _fed(self, scene: Scene) -> NDArray[np.uint8]:
        return scene.portrait.rgb if self.card.fed is Fed.PICTURE else crop(scene.pyramid, scene.subject)

    def _observation(self, scene: Scene, calibration: Calibration, strength: Strength) -> Observation:
        return Observation(
            code=f"{self.name}.generated",
            bearing=Bearing.GENERATED,
            strength=strength,
            summary=f"The model “{self.card.title}” takes this picture for a generated one.",
            caveat=self._caveat(calibration, strength),
            region=None if self.card.fed is Fed.PICTURE else _head(scene),
        )

    def _caveat(self, calibration: Calibration, strength: Strength) -> str:
        limit = calibration.limits[strength]
        said = f"{limit.real * 100:.1f} %" if limit.real else "none"
        most = math.ceil(limit.real_at_most * 1000) / 10  # a bound must not look smaller than it is
        return (
            f"“{self.card.title}” is a third party's model, not a part of Candid. It was tried on {calibration.photos} "
            f"real photos from {calibration.photo_sources} sources for this site and said the same of {said} (of at "
            f"most {most:.1f} %, at 95 % confidence); with kinds of photos that were not among "
            "them it may be wrong more often."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPack:
    """A folder that is no usable pack. problem: why, a sentence."""

    folder: str
    problem: str

    @property
    def detector(self) -> Detector:
        def look(_: Scene) -> Sighting:
            raise CouldNotLook(self.problem)

        return Detector(
            name=PREFIX + (re.sub(r"[^a-z0-9_]+", "_", self.folder.lower())[:40].strip("_") or "unnamed"),
            version=0,
            title=f"Model pack {self.folder}",
            question="Does a model that is no part of Candid take the picture for generated?",
            look=look,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """The packs in force, none by default."""

    packs: tuple[Pack, ...] = ()
    broken: tuple[BrokenPack, ...] = ()

    @classmethod
    def from_folder(cls, folder: Path) -> Packs:
        """Reads the packs that stand in `folder`, one a subfolder; a missing folder holds none.

        Only cards and calibrations are read; a model is when it is asked.
        """
        found = [_read(place) for place in _places(folder)]
        return cls(
            packs=tuple(one for one in found if isinstance(one, Pack)),
            broken=tuple(one for one in found if isinstance(one, BrokenPack)),
        )

    def detectors(self) -> tuple[Detector, ...]:
        """A broken pack's, too: it could not look, and every examination says so."""
        return (*(pack.detector for pack in self.packs), *(pack.detector for pack in self.broken))

    def to_json(self) -> list[dict[str, Any]]:
        """For the versions of an examination."""
        return [pack.to_json() for pack in self.packs]


def remove_pack(folder: Path, name: str) -> bool:
    """Takes the pack (its card's name) out of force and deletes its files; False where there is none of that name."""
    place = folder / name
    if not SLUG.fullmatch(name) or not place.is_dir():
        return False
    aside = folder / f".{name}.removed"
    shutil.rmtree(aside, ignore_errors=True)
    place.rename(aside)  # at once, where deleting takes a while
    shutil.rmtree(aside)
    return True


def _places(folder: Path) -> Iterator[Path]:
    """Subfolders by name; one with a dot in front is being made or removed."""
    if folder.is_dir():
        yield from sorted(place for place in folder.iterdir() if place.is_dir() and not place.name.startswith("."))


def _read(place: Path) -> Pack | BrokenPack:
    try:
        return _pack(place)
    except OSError as error:
        lacking = Path(str(error.filename or "a file")).name
        return BrokenPack(folder=place.name, problem=f"{lacking} is missing or cannot be read. {MEND}")
    except CardError as error:
        return BrokenPack(folder=place.name, problem=f"{error} {MEND}")
    except ValueError:
        return BrokenPack(folder=place.name, problem=f"Its calibration cannot be read. {MEND}")


def _pack(place: Path) -> Pack:
    model, card_data = place / MODEL_FILE, (place / CARD_FILE).read_bytes()
    card, calibration = read_card(card_data), read_calibration((place / CALIBRATION_FILE).read_bytes())
    model.stat()
    if card.name != place.name:
        raise CardError([f"The card calls the pack “{card.name}”, its folder is “{place.name}”."])
    if hashlib.sha256(card_data).hexdigest() != calibration.card:
        raise CardError(["The card was changed after the pack had been calibrated."])
    return Pack(card=card, model=model, calibration=calibration)


def _head(scene: Scene) -> Region:
    """The square that the head was cut out of."""
    end = SIZE - 1
    corners = np.array([(0, 0), (end, 0), (end, end), (0, end)], dtype=np.float32)
    return Region.polygon(apply(crop_square(scene.subject).to_picture(SIZE), corners).tolist())
