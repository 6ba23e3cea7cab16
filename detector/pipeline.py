"""Runs the detectors over one photo; a crash costs its own outcome, not the run."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2

from detector.face import FaceMap
from detector.observation import CouldNotLook, NotApplicable, Outcome, Sighting, Status
from detector.packs import Packs
from detector.picture_hashes import PictureHash, picture_hashes
from detector.portrait import MAX_PIXELS, PictureError, Portrait, read_portrait
from detector.registry import detectors
from detector.scene import Detector, Scene
from detector.signal.norm import WEIGHTS
from detector.trust import TrustLists
from detector.verdict import POLICY_VERSION, Retouching, Verdict, judge

SCHEMA = 1
NO_CREDENTIALS: Mapping[str, Any] = {
    "state": "none",
    "signer": None,
    "generator": None,
    "declares_generated": False,
    "history": [],
}
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Examination:
    """Everything one run found out about one photo; to_json() is the contract of docs/architecture.md."""

    sha256: str
    format: str | None
    width: int
    height: int
    verdict: Verdict
    outcomes: tuple[Outcome, ...]
    face: FaceMap | None
    versions: Mapping[str, Any]
    elapsed_ms: float
    error: str | None = None
    portrait: Portrait | None = field(default=None, repr=False)
    picture_hashes: Mapping[str, PictureHash] = field(default_factory=dict)

    @property
    def credentials(self) -> Mapping[str, Any]:
        found = [o.details for o in self.outcomes if o.detector == "content_credentials" and "state" in o.details]
        return found[0] if found else NO_CREDENTIALS

    def to_json(self) -> dict[str, Any]:
        face = self.face
        return {
            "schema": SCHEMA,
            "sha256": self.sha256,
            "format": self.format,
            "width": self.width,
            "height": self.height,
            "verdict": self.verdict.to_json(),
            "outcomes": [outcome.to_json() for outcome in self.outcomes],
            "credentials": dict(self.credentials),
            "face": {"box": [round(v, 1) for v in face.box] if face else None, "count": face.count if face else 0},
            "picture_hashes": {part: hashed.to_json() for part, hashed in self.picture_hashes.items()},
            "truncated": bool(self.portrait and not self.error and self.portrait.truncated),
            "versions": dict(self.versions),
            "elapsed_ms": round(self.elapsed_ms, 1),
            "error": self.error,
        }


def examine(
    data: bytes,
    *,
    trust: TrustLists | None = None,
    packs: Packs | None = None,
    retouching: Retouching = Retouching.STRICT,
    max_pixels: int = MAX_PIXELS,
) -> Examination:
    """Examines the bytes of one photo. Never raises for what is in them: `error` says what could not be read.

    trust: the C2PA lists in force, packs: the models that the operator added; none by default. retouching: what the
    opening thinks of it. max_pixels: larger pictures are refused before decoding.
    """
    cv2.setNumThreads(1)  # one process a core; here, not at import: workers fork after importing
    trust, packs, started = trust or TrustLists(), packs or Packs(), time.perf_counter()
    try:
        portrait = read_portrait(data, max_pixels=max_pixels)
    except PictureError as refusal:
        return _refused(data, str(refusal), trust, packs, started)
    scene = Scene(portrait, trust)
    face = _face(scene)  # first, so that its time is not taken for that of the first sign
    outcomes = tuple(run_detector(detector, scene) for detector in (*detectors(), *packs.detectors()))
    error = _pixel_error(portrait)
    return Examination(
        sha256=portrait.sha256,
        format=portrait.format,
        width=portrait.width,
        height=portrait.height,
        verdict=judge(outcomes, pixels_read=error is None, whole=not portrait.truncated, retouching=retouching),
        outcomes=outcomes,
        face=face,
        versions=versions(trust, packs),
        elapsed_ms=(time.perf_counter() - started) * 1000,
        error=error,
        portrait=portrait,
        picture_hashes=_hashes(scene),
    )


def run_detector(detector: Detector, scene: Scene) -> Outcome:
    """One detector on one photo; whatever it raises becomes its outcome."""
    started = time.perf_counter()
    status, extra = _look(detector, scene)
    elapsed = (time.perf_counter() - started) * 1000
    return Outcome(
        detector=detector.name,
        version=detector.version,
        title=detector.title,
        status=status,
        elapsed_ms=elapsed,
        **extra,
    )


def _look(detector: Detector, scene: Scene) -> tuple[Status, dict[str, Any]]:
    try:
        sighting = detector.look(scene)
        _demand_storable(sighting)
    except NotApplicable as reason:
        return Status.NOT_APPLICABLE, {"note": str(reason)}
    except CouldNotLook as reason:
        return Status.FAILED, {"note": str(reason)}
    except Exception:
        log.exception("detector %s broke on %s", detector.name, scene.portrait.sha256)
        return Status.FAILED, {"note": "This check stopped with an error of its own; the others are not affected."}
    return (Status.FOUND if sighting.observations else Status.CLEAR), {
        "score": sighting.score,
        "observations": sighting.observations,
        "note": sighting.note,
        "details": sighting.details,
    }


def _demand_storable(sighting: Sighting) -> None:
    """Raises ValueError or TypeError for what no database takes as JSON, a NaN above all: a detector's fault."""
    seen = [observation.to_json() for observation in sighting.observations]
    json.dumps([sighting.score, seen, dict(sighting.details)], allow_nan=False)


def versions(trust: TrustLists, packs: Packs) -> dict[str, Any]:
    """What an analysis has to remember to be understood in two years."""
    return {
        "schema": SCHEMA,
        "policy": POLICY_VERSION,
        "detectors": {detector.name: detector.version for detector in (*detectors(), *packs.detectors())},
        "packs": packs.to_json(),
        "weights": weights_dates(),
        "trust_lists": trust.to_json(),
        "opencv": cv2.__version__,
    }


@cache
def weights_dates() -> dict[str, str]:
    """When each set of trained parameters was made: the same version of a detector may be trained anew."""
    known = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(WEIGHTS.glob("*.json"))}
    return {name: str(loaded.get("date", "")) for name, loaded in known.items()}


def _pixel_error(portrait: Portrait) -> str | None:
    try:
        _ = portrait.rgb
    except CouldNotLook as reason:
        return str(reason)
    return None


def _face(scene: Scene) -> FaceMap | None:
    try:
        return scene.face
    except (NotApplicable, CouldNotLook):
        return None
    except Exception:
        log.exception("no FaceMap of %s", scene.portrait.sha256)
        return None


def _hashes(scene: Scene) -> Mapping[str, PictureHash]:
    """Of a picture whose pixels could be read; whatever breaks here costs no verdict."""
    try:
        return picture_hashes(scene)
    except CouldNotLook:
        return {}
    except Exception:
        log.exception("no picture hashes of %s", scene.portrait.sha256)
        return {}


def _refused(data: bytes, error: str, trust: TrustLists, packs: Packs, started: float) -> Examination:
    outcomes: Sequence[Outcome] = tuple(
        Outcome(detector=d.name, version=d.version, status=Status.FAILED, note="The file was refused.")
        for d in (*detectors(), *packs.detectors())
    )
    return Examination(
        sha256=hashlib.sha256(data).hexdigest(),
        format=None,
        width=0,
        height=0,
        verdict=judge((), pixels_read=False),
        outcomes=tuple(outcomes),
        face=None,
        versions=versions(trust, packs),
        elapsed_ms=(time.perf_counter() - started) * 1000,
        error=error,
    )
