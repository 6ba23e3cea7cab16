"""What the page of a comparison shows: the two pictures laid over each other, and what was changed where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vetting.models import Comparison, Photo
from vetting.report.measured import listed, mapping, number, sentence
from vetting.web.finding_words import PARTS
from vetting.web.regions import Drawing, drawing_of, set_apart

MOST_CHANGES = 30
RELATIONS = {
    "same-picture": ("seen", "The same picture"),
    "another-picture": ("failed", "Two different pictures"),
    "cannot-say": ("none", "It cannot be said"),
}
STEPS = ((0.15, "slightly"), (0.4, "clearly"), (1.01, "strongly"))  # words for `magnitude`, which is no probability
WHOLE = 0.995  # of the original that the first photo shows, from which on nothing was cut off
TURNED = 0.5  # degrees below which nobody sees it


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. how_much: its share of the part and how strong it is, in words. drawing: on the first photo."""

    number: int
    part: str
    summary: str
    how_much: str
    drawing: Drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    """relation: a drawing and a word. facts: how the two lie over each other."""

    comparison: Comparison
    shape: str
    relation: str
    summary: str
    changes: tuple[Change, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def drawn(self) -> list[Change]:
        return [change for change in self.changes if change.drawing.shape]

    @property
    def same(self) -> bool:
        return self.shape == "seen"


def comparison_page(row: Comparison) -> ComparisonPage:
    """Out of a stored result, of whatever version; an empty one while there is none."""
    result = mapping(row.result)
    shape, relation = RELATIONS.get(sentence(result.get("relation")), ("none", ""))
    return ComparisonPage(
        comparison=row,
        shape=shape,
        relation=relation,
        summary=sentence(result.get("summary")),
        changes=_changes(result, row.photo),
        facts=tuple(_facts(result)) if shape == "seen" else (),
    )


def _changes(result: Mapping[str, Any], photo: Photo) -> tuple[Change, ...]:
    raw = [mapping(one) for one in listed(result.get("changes"), MOST_CHANGES)]
    drawings = set_apart([drawing_of(one.get("region"), None, photo.width, photo.height) for one in raw])
    return tuple(
        Change(
            number=place,
            part=PARTS.get(sentence(one.get("part")), "another part"),
            summary=sentence(one.get("summary")),
            how_much=_how_much(one),
            drawing=drawing,
        )
        for place, (one, drawing) in enumerate(zip(raw, drawings, strict=True), start=1)
    )


def _how_much(change: Mapping[str, Any]) -> str:
    share, magnitude = (number(change.get(name), 0, 1) for name in ("share", "magnitude"))
    words = []
    if share is not None:
        words.append(f"about {max(1, round(100 * share))} % of it")
    if magnitude is not None:
        words.append(next(word for most, word in STEPS if magnitude < most))
    return ", ".join(words)


def _facts(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = []
    if (kept := number(result.get("kept"), 0, 1)) is not None:
        all_of_it = "all of it" if kept >= WHOLE else f"{100 * kept:.0f} % of it; the rest was cut off"
        facts.append(("Of the original the first photo shows", all_of_it))
    if (scale := number(result.get("scale"), 0, 100)) is not None:
        facts.append(("Size against the original", f"{100 * scale:.0f} %"))
    rotation = number(result.get("rotation"), -360, 360) or 0.0
    facts.append(("Turned", f"by {rotation:.1f}°" if abs(rotation) >= TURNED else "no"))
    facts.append(("Mirrored", "yes" if result.get("mirrored") is True else "no"))
    if (share := number(result.get("share"), 0, 1)) is not None:
        facts.append(("Changed of what both show", f"{100 * share:.1f} %"))
    return facts
