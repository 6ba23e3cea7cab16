"""The history of a file as one drawing, left to right: signed steps on a solid line, gaps hatched, statements dotted.

Letters that a font may lack would cost the report, so names are drawn in Latin letters only; rows below have them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from vetting.report.chapters import Chapter
from vetting.report.history import Gap, History, Row
from vetting.report.unsigned import Statement

WIDTH = 680
LANE, LOWER = 30, 78  # where the picture's own line runs, and that of its elements
ABOVE = 40  # how much lower both lie where the words stand above the picture's own line
RADIUS = 11
MOST = 14  # places that are drawn; of more, the latest
ROOMY = 9  # places, up to which words fit beside each
LETTER = 7.4  # wide, with some room to the words beside
MOST_LETTERS = 24
CLEAR = 18  # between the middle of a thing and the gap beside it
LATIN_END = "\u0250"
INK, QUIET, PAPER, KNOWN, UNKNOWN = "#1b1f26", "#555c68", "#ffffff", "#17693b", "#7a5604"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One thing on a line. kind: signed, unsigned, gap, received, earlier. label, below: two short lines of words."""

    kind: str
    mark: str = ""
    known: bool = False
    part: bool = False
    label: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place where it is drawn. words: where its two lines begin below it, or above."""

    place: Place
    x: float
    y: float
    words: float


def history_svg(history: History) -> str:
    """A document of its own; alternative text is `history.sentence`. On a page, classes give it the page's colours."""
    places = _places(history)
    step, parted = WIDTH / len(places), any(place.part for place in places)
    spots = [_spot(place, step * (at + 0.5), parted=parted) for at, place in enumerate(places)]
    tall = (ABOVE + LOWER if parted else LANE) + 50
    drawn = [*_joined(spots, step), *_elements(spots), *(_drawn(spot, step, len(places)) for spot in spots)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="history-picture" viewBox="0 0 {WIDTH} {tall}" '
        f'width="{WIDTH}" height="{tall}" font-family="Libertinus Serif, system-ui, sans-serif" font-size="12">'
        f"{''.join(drawn)}</svg>"
    )


def _spot(place: Place, x: float, *, parted: bool) -> Spot:
    y = (LOWER if place.part else LANE) + (ABOVE if parted else 0)
    x = min(x, WIDTH - 28) if place.kind == "received" else x  # its word is wider than a narrow place
    return Spot(place=place, x=round(x, 1), y=y, words=y - 36 if parted and not place.part else y + 30)


def _places(history: History) -> list[Place]:
    found = [place for row in history.rows for place in _of(row)]
    merged = [place for at, place in enumerate(found) if place.kind != "unsigned" or not _again(found, at)]
    if len(merged) > MOST:
        merged = [Place(kind="earlier", label=f"+{len(merged) - MOST}"), *merged[-MOST:]]
    return [*merged, Place(kind="received", label="Received")]


def _again(found: Sequence[Place], at: int) -> bool:
    return at > 0 and found[at - 1].kind == "unsigned"


def _of(row: Row) -> Iterator[Place]:
    if isinstance(row, Chapter):
        yield Place(
            kind="signed",
            mark=str(row.number),
            known=row.known,
            part=row.part,
            label=_latin(row.signer) or f"Signer {row.number}",
            below=row.when.split(",")[0] if row.day else "",
        )
    elif isinstance(row, Gap):
        says = len(row.statements)
        below = f"{says} statement{'' if says == 1 else 's'}" if says else ""
        yield Place(kind="gap", part=row.part, label="Not signed", below=below)
    elif isinstance(row, Statement):
        yield Place(kind="unsigned", label="Says the file", below="unsigned")


def _latin(name: str) -> str:
    return "" if any(letter >= LATIN_END for letter in name) else name


def _joined(spots: Sequence[Spot], step: float) -> Iterator[str]:
    """The picture's own line from thing to thing: solid once something is signed, hatched across a gap."""
    main = [spot for spot in spots if not spot.place.part]
    signed = False
    for before, spot in pairwise([None, *main]):
        signed = signed or bool(before and before.place.kind in {"signed", "earlier"})
        if spot is None or spot.place.kind == "gap":
            continue
        if before and before.place.kind != "gap":
            yield _line(before.x, spot.x, spot.y, dotted=not signed)
    for at, spot in enumerate(main):
        if spot.place.kind == "gap":
            left, right = _reach(main, at, step)
            words = replace(spot, x=round((left + right) / 2, 1))
            yield _hatched(left, right, spot.y) + (
                _words(words, int((right - left) / LETTER)) if len(spots) <= ROOMY else ""
            )


def _reach(main: Sequence[Spot], at: int, step: float) -> tuple[float, float]:
    """From where to where a gap goes: up to the things beside it, so that no line passes it."""
    before, after = main[at - 1] if at else None, main[at + 1]
    left = before.x + CLEAR if before and before.place.kind != "gap" else main[at].x - step / 2 + 4
    right = after.x - CLEAR if after.place.kind != "gap" else main[at].x + step / 2 - 4
    return left, right


def _elements(spots: Sequence[Spot]) -> Iterator[str]:
    """The lower line: each element's steps, and how the picture took it in."""
    for spot, following in pairwise(spots):
        if not spot.place.part:
            continue
        if spot.place.kind == "gap":
            yield _hatched(spot.x - 24, spot.x + 24, spot.y)
            continue
        target = next(
            (one for one in spots if one.x > spot.x and one.place.kind == "signed" and not one.place.part), spot
        )
        bend = (
            f"H{following.x}"
            if following.place.part
            else f"C{target.x} {spot.y} {target.x} {spot.y} {target.x} {target.y}"
        )
        yield f'<path class="signed" d="M{spot.x} {spot.y}{bend}" fill="none" stroke="{INK}" stroke-width="1.5"/>'


def _line(x1: float, x2: float, y: float, *, dotted: bool) -> str:
    kind, dash = ("unsigned", ' stroke-dasharray="1 5" stroke-linecap="round"') if dotted else ("signed", "")
    return f'<line class="{kind}" x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" stroke="{INK}" stroke-width="2.5"{dash}/>'


def _hatched(left: float, right: float, y: float) -> str:
    """A band of strokes between two broken ends."""
    half = 7
    starts = (left + 8 * at for at in range(int((right - left - 2 * half) // 8) + 1))
    strokes = "".join(f"M{at:.1f} {y + half}l{2 * half} {-2 * half}" for at in starts)
    ends = f"M{left:.1f} {y - 11}v22M{right:.1f} {y - 11}v22"
    return (
        f'<path class="hatch" d="{strokes}" stroke="{QUIET}" stroke-width="1.2" fill="none"/>'
        f'<path class="ends" d="{ends}" stroke="{INK}" stroke-width="2" fill="none"/>'
    )


def _drawn(spot: Spot, step: float, places: int) -> str:
    draw = {"signed": _signed, "unsigned": _unsigned, "received": _received, "earlier": _earlier}
    shape = draw[spot.place.kind](spot) if spot.place.kind in draw else ""
    if spot.place.kind in {"received", "earlier"}:
        return shape + _words(spot, MOST_LETTERS)
    if places > ROOMY or (spot.place.kind == "gap" and not spot.place.part):
        return shape
    return shape + _words(spot, int(step / LETTER))


def _signed(spot: Spot) -> str:
    """A filled circle for a known signer, an open diamond for an unknown one."""
    x, y = spot.x, spot.y
    if spot.place.known:
        shape = f'<circle class="known" cx="{x}" cy="{y}" r="{RADIUS}" fill="{KNOWN}"/>'
        kind, fill = "on-known", PAPER
    else:
        reach = RADIUS + 3
        points = f"{x},{y - reach} {x + reach:.1f},{y} {x},{y + reach} {x - reach:.1f},{y}"
        shape = f'<polygon class="stranger" points="{points}" fill="{PAPER}" stroke="{UNKNOWN}" stroke-width="2"/>'
        kind, fill = "on-stranger", INK
    return shape + _text(spot.place.mark, x, y + 4, fill, kind=kind, more=' font-weight="bold"')


def _unsigned(spot: Spot) -> str:
    look = f'fill="{PAPER}" stroke="{QUIET}" stroke-width="1.8" stroke-dasharray="2 2.4"'
    return f'<circle class="statement" cx="{spot.x}" cy="{spot.y}" r="7" {look}/>'


def _received(spot: Spot) -> str:
    place = f'x="{spot.x - 9}" y="{spot.y - 9}" width="18" height="18"'
    return f'<rect class="received" {place} rx="3" fill="{INK}"/>'


def _earlier(spot: Spot) -> str:
    dots = (f'<circle class="dot" cx="{spot.x + at}" cy="{spot.y}" r="2" fill="{QUIET}"/>' for at in (-8, 0, 8))
    return "".join(dots)


def _words(spot: Spot, letters: int) -> str:
    label, below = (_cut(words, letters) for words in (spot.place.label, spot.place.below))
    second = _text(below, spot.x, spot.words + 14, QUIET, kind="quiet", more=' font-size="11"') if below else ""
    return _text(label, spot.x, spot.words, INK) + second


def _cut(words: str, letters: int) -> str:
    return words if len(words) <= letters else words[: letters - 1].rstrip() + "…"


def _text(words: str, x: float, y: float, fill: str, *, kind: str = "", more: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x}" y="{y}" text-anchor="middle" fill="{fill}"{more}>{escape(words)}</text>'
