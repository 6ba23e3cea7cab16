"""The model card of booth.json: what the limits stand on, and how often they are passed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from detector.booth import ONE_SHOT, WORDS, alike
from detector.face_measures import HAIR_COLOUR, HAIR_LIGHT, HAIR_LINE, TEXTURE
from detector.signal import usual
from detector.training.booth_pairs import COPIES, Pair, Seen
from detector.training.tables import share, table

Judged = Sequence[tuple[Pair, Mapping[str, bool]]]
Judge = Callable[[Pair], Mapping[str, bool]]

CODES = (*WORDS, HAIR_LIGHT, HAIR_COLOUR, TEXTURE)
HAIR = (HAIR_LINE, HAIR_LIGHT, HAIR_COLOUR)
SIZES = ((0.0, 60.0), (60.0, 100.0), (100.0, math.inf))  # pixels between the eyes, of the smaller face


def card(
    date: str,
    known: Mapping[str, Any],
    seen: Sequence[Seen],
    judged: Judged,
    others: Judged,
    nearer: Judged,
    agreement: Sequence[float],
) -> str:
    """known: the parameters. judged: pairs of one person, held out. others: of two people. nearer: those of one person
    with one of the two as a camera at arm's length would show it. agreement: of eyes and nose, in copies."""
    people = {one.person for one, _ in judged}
    public = sum(one.one.row.unit == "facelib" for one, _ in judged)
    once = [sum(each.values()) for _, each in judged]
    one_over, two_over = (share(sum(n >= least for n in once), len(once)) for least in (1, 2))
    head = ["difference", "pairs", "middle", "limit, poses alike", "limit, poses apart", "nearer camera adds"]
    head += ["one person, held out: beyond", "two people: beyond"]
    return f"""# Model card: booth.json

Date: {date}. Made by `python -m detector.training.booth MANIFEST` from labelled headshots, which stay outside the
repository.

**What it is.** For each measured difference between two pictures of a face, the size that 95 of 100 pairs of photos of
one person do not reach. Before that, measures are freed of what pose and the mouth's shape do to them (linear models
fitted on {len(seen)} real photos, whoever is on them), and of what a nearer camera explains.

**What it is for.** To say beside a measured difference what is usual. It says nothing of who somebody is, and a
difference beyond it is no accusation: time, weight, make-up, a beard, a lens all do that.

**The pairs.** {len(judged)} pairs of photos of {len(people)} people. The manifest knows no person with two photos: they
were grouped by eye (detector/training/same_person.csv; candidates by a face recognition network, copies of one picture
and photos of one session left out). {public} of the pairs are public figures, mostly at premieres and mostly of light
skin. Every person's pairs count as the square root of their number. Of proportions, how far 5 of 100 pairs lie beyond
the middle one is read from all of them at once.

{table(head, [_row(code, known, judged, others) for code in CODES])}
Of proportions and the hair line in per cent, of the hair's colour in CIE 1976 units, of texture as a ratio. Poses are
alike up to {known["turned"]:g} degrees. A proportion's limit grows further by how badly the cameras' distances could be
told. “Held out”: by limits fitted without that person.

**All differences of a pair together.** Of {len(once)} pairs of one person, held out, {one_over} show at least one
difference beyond its limit, {two_over} at least two. Of single measures {_all(judged)} are beyond; of two people
{_all(others)}; of one person with one picture as from an arm's length (45 cm in place of 1.5 m, by the mean mesh)
{_all(nearer)}.

**One shot twice.** Where eyes and nose agree by more than {ONE_SHOT:g} (correlation), both pictures are held to what
copies of one picture differ by: sizes and JPEG qualities {COPIES}, {len(agreement)} copies, 995 of 1000 within
{_copies(known)} (of proportions nothing under {usual.LEAST_SEEN:.0%} is said). Agreement
of copies: median {np.median(agreement):.3f}, least {min(agreement):.3f}; of photos of one person: highest
{max(alike(one.one.face, one.other.face) for one, _ in judged):.3f}; of two people
{max(alike(one.one.face, one.other.face) for one, _ in others):.3f}.

**By lightness of the skin in the pictures** (quarters of the pairs; it depends on the light as much as on the skin):

{_by_light(judged)}
**By size** (pixels between the eyes of the smaller face):

{_by_size(judged)}
**Limits.** So few pairs bound a rate of 5 % only roughly, and pairs were found by a network that looks for likeness, so
that pictures in which somebody looks very different are too few: true differences of one person are larger, not
smaller. None of the pairs is a phone's picture from a casting call. Photos of public figures are retouched themselves.
"""


def _row(code: str, known: Mapping[str, Any], judged: Judged, others: Judged) -> list[str]:
    mine = [each[code] for _, each in judged if code in each]
    theirs = [each[code] for _, each in others if code in each]
    sizes = [abs(usual.level_cameras(one.gaps, known)[code]) for one, each in judged if code in each]
    limit = known["limits"][code]
    near = known["near"].get(code)
    return [
        f"`{code}`",
        str(len(mine)),
        _size(code, float(np.median(sizes)) if sizes else 0.0),
        *(_size(code, limit[pose]) for pose in ("near", "far")),
        "-" if near is None else f"{100 * math.expm1(near):+.0f} %",
        share(sum(mine), len(mine)),
        share(sum(theirs), len(theirs)),
    ]


def _copies(known: Mapping[str, Any]) -> str:
    return ", ".join(f"`{code}` {_size(code, known['copies'][code])}" for code in CODES)


def _size(code: str, value: float) -> str:
    if code in (HAIR_LIGHT, HAIR_COLOUR):
        return f"{value:.0f}"
    if code == TEXTURE:
        return f"{math.exp(value):.2f} times"
    return f"{100 * math.expm1(value):.1f} %"


def _all(judged: Judged) -> str:
    every = [over for _, each in judged for over in each.values()]
    return share(sum(every), len(every))


def _by_light(judged: Judged) -> str:
    def light(one: Pair) -> float:
        return (one.one.light + one.other.light) / 2

    edges = np.quantile([light(one) for one, _ in judged], (0.25, 0.5, 0.75))
    parts: list[list[tuple[Pair, Mapping[str, bool]]]] = [[], [], [], []]
    for one, each in judged:
        parts[int(np.searchsorted(edges, light(one)))].append((one, each))
    names = ("darkest quarter", "second", "third", "lightest quarter")
    return _table(zip(names, parts, strict=True))


def _by_size(judged: Judged) -> str:
    parts = [
        (
            f"{low:g} to {high:g}" if math.isfinite(high) else f"from {low:g}",
            [(one, each) for one, each in judged if low <= min(one.one.face.size, one.other.face.size) < high],
        )
        for low, high in SIZES
    ]
    return _table(parts)


def _table(parts: Iterable[tuple[str, Judged]]) -> str:
    rows = [
        [
            name,
            str(len(part)),
            str(len({one.person for one, _ in part})),
            _all([(one, {code: over for code, over in each.items() if code in WORDS}) for one, each in part]),
            _all([(one, {code: over for code, over in each.items() if code == TEXTURE}) for one, each in part]),
            _all([(one, {code: over for code, over in each.items() if code in HAIR}) for one, each in part]),
        ]
        for name, part in parts
    ]
    head = [
        "pairs of one person, held out",
        "pairs",
        "people",
        "proportions: beyond",
        "texture: beyond",
        "hair: beyond",
    ]
    return table(head, rows)
