"""What a detector saw, in frozen facts: Observation, Outcome, and the words they are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Point = tuple[float, float]


class Bearing(StrEnum):
    """What an observation speaks for."""

    GENERATED = "generated"
    RETOUCHED = "retouched"
    CAPTURED = "captured"
    NEUTRAL = "neutral"


class Strength(StrEnum):
    """How much an observation weighs, in the words of the verbal scale (weakest first)."""

    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"
    CONCLUSIVE = "conclusive"

    @property
    def rank(self) -> int:
        """1 for weak up to 4 for conclusive."""
        return list(Strength).index(self) + 1


class Status(StrEnum):
    """How one detector's run ended; the four are never merged with each other."""

    FOUND = "found"
    CLEAR = "clear"
    NOT_APPLICABLE = "not-applicable"
    FAILED = "failed"


class RegionKind(StrEnum):
    """What the points of a Region mean."""

    BOX = "box"
    POLYGON = "polygon"
    ELLIPSE = "ellipse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place on the upright picture, in its pixels.

    points: for a box two opposite corners; for a polygon its corners in order; for an ellipse the centre,
    then the end of one semi-axis, then the end of the other.
    """

    kind: RegionKind
    points: tuple[Point, ...]

    @classmethod
    def box(cls, left: float, top: float, right: float, bottom: float) -> Region:
        return cls(kind=RegionKind.BOX, points=((left, top), (right, bottom)))

    @classmethod
    def polygon(cls, points: Sequence[Sequence[float]]) -> Region:
        return cls(kind=RegionKind.POLYGON, points=tuple((float(x), float(y)) for x, y in points))

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind.value, "points": [[round(x, 1), round(y, 1)] for x, y in self.points]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One of the places that are to be compared, shown beside its counterpart at the same size.

    label: what it is, as a caption ("left ear, as you look at it"). box: left, top, right, bottom in pixels of the
    upright picture. mirrored: shown flipped, so that a left and a right side can be laid against each other.
    """

    label: str
    box: tuple[float, float, float, float]
    mirrored: bool = False

    def to_json(self) -> dict[str, Any]:
        return {"label": self.label, "box": [round(value, 1) for value in self.box], "mirrored": self.mirrored}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """How strong a trace is in each field of a grid laid on the picture.

    corners: of the grid in pixels of the upright picture, clockwise from its top left (it may be turned).
    values: rows from top to bottom, each from left to right; 0 (none) to 1 (strongest).
    """

    corners: tuple[Point, Point, Point, Point]
    values: tuple[tuple[float, ...], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "corners": [[round(x, 1), round(y, 1)] for x, y in self.corners],
            "values": [[round(value, 2) for value in row] for row in self.values],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What makes an observation plain at a glance, beside its region; in pixels of the upright picture.

    panels: two places (eyes, ears, temples) to be shown side by side. seen: a line as it runs in the picture, from
    end to end. expected: the same line as it would run if nothing had bent it. heat: where a trace is strongest.
    """

    panels: tuple[Panel, ...] = ()
    seen: tuple[Point, ...] = ()
    expected: tuple[Point, ...] = ()
    heat: Heat | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "panels": [panel.to_json() for panel in self.panels],
            "seen": [[round(x, 1), round(y, 1)] for x, y in self.seen],
            "expected": [[round(x, 1), round(y, 1)] for x, y in self.expected],
            "heat": self.heat.to_json() if self.heat else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One thing that a detector saw.

    code: `detector.what`, stable for ever (stored findings refer to it).
    summary: one sentence in plain words: what was seen and where.
    caveat: one or two sentences: what this cannot mean.
    region: where on the upright picture, None if it is about the whole file.
    figure: what to show beside it, None where the region alone says it.
    """

    code: str
    bearing: Bearing
    strength: Strength
    summary: str
    caveat: str
    region: Region | None = None
    figure: Figure | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "bearing": self.bearing.value,
            "strength": self.strength.value,
            "summary": self.summary,
            "caveat": self.caveat,
            "region": self.region.to_json() if self.region else None,
            "figure": self.figure.to_json() if self.figure else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a detector hands back when it could look.

    score: calibrated probability in 0..1, at even prior odds, that a generator made the picture, judged by this
    detector alone; None where the detector has no calibrated opinion.
    note: one sentence for the page when nothing was observed ("No generator parameters in the file.").
    details: JSON-serialisable facts kept with the outcome.
    """

    observations: tuple[Observation, ...] = ()
    score: float | None = None
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class NotApplicable(Exception):  # noqa: N818 - an answer, not an error
    """Raised by a detector whose question makes no sense for this picture; the text is the reason, one sentence."""


class CouldNotLook(Exception):  # noqa: N818 - an answer, not an error
    """Raised by a detector that lacks something it needs (weights, pixels); the text says what mends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One detector's run: what it saw, or in which of the other three ways it ended. title: the detector's."""

    detector: str
    version: int
    status: Status
    title: str = ""
    score: float | None = None
    observations: tuple[Observation, ...] = ()
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    elapsed_ms: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "detector": self.detector,
            "version": self.version,
            "title": self.title,
            "status": self.status.value,
            "score": None if self.score is None else round(self.score, 4),
            "observations": [observation.to_json() for observation in self.observations],
            "note": self.note,
            "details": dict(self.details),
            "elapsed_ms": round(self.elapsed_ms, 1),
        }
