"""The charts of docs/accuracy.md as SVG: ROC and reliability, drawn for a phone's width.

Colours stand as attributes, which a page's style sheet overrides by class (.ground, .accent, .grid), as the pages of
the site do: no <style>, so that the site's content policy lets them in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from detector.training.metrics import tpr_at, wilson

Array = NDArray[np.float64]

WIDE, HIGH = 400, 336
LEFT, TOP, RIGHT, BOTTOM = 46, 12, 384, 278
FAINT = {"grid": 'stroke-opacity=".2"', "ideal": 'stroke-opacity=".7"'}
INK, ACCENT, GROUND = "#1b1f26", "#1d4289", "#ffffff"
LEAST = 0.001  # share of real photos at the left end of the ROC's axis
MARKED = (0.005, 0.01, 0.05)  # where the tables tell the share of generated pictures
DASHES = ("", "8 3", "3 2.5", "9 3 2 3")  # one for each condition: told apart without colour
BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One range of the score. pictures: distinct ones. share: of generated ones, at even priors; interval: 95 %."""

    low: float
    high: float
    pictures: int
    score: float
    share: float
    interval: tuple[float, float]


def roc(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> str:
    """curves: name -> scores of generated pictures, scores of real photos. Shares of both above every threshold."""
    steps = [*np.geomspace(LEAST, 0.999, 73), 1.0]
    marks = [_line("grid", _across(share), TOP, _across(share), BOTTOM, "1 3") for share in MARKED]
    lines = []
    for (name, (ai, real)), dash in zip(curves.items(), DASHES, strict=False):
        points = [(_across(f), _up(tpr_at(ai, real, f) if f < 1 else 1.0)) for f in steps]
        lines.append(_path("accent", points, dash, name))
    shares = [0.001, *MARKED, 0.1, 1.0]
    ticks = [_text(_across(f), BOTTOM + 15, f"{100 * f:g}", "middle") for f in shares]
    return _drawing(
        "roc",
        "Generated pictures found, by false alarms",
        f"Receiver operating characteristic under {len(curves)} conditions. To the right, on a logarithmic axis, the "
        "share of real photos above a threshold of the score; upwards the share of generated pictures above it. The "
        "table beside the chart has the same figures.",
        [*_frame("% of real photos above the threshold", "% of generated pictures"), *marks, *ticks, *lines],
        _key(list(curves)),
    )


def reliability(bins: Sequence[Bin]) -> str:
    """How often pictures of a score are generated, against the score itself; bars: how many pictures there are."""
    most = max((one.pictures for one in bins), default=1)
    parts = [_line("ideal", LEFT, BOTTOM, RIGHT, TOP, "4 4")]
    for one in bins:
        left, right = (LEFT + (RIGHT - LEFT) * edge for edge in (one.low, one.high))
        height = 40 * one.pictures / most
        parts.append(
            f'<rect class="count" x="{left + 2:.1f}" y="{BOTTOM - height:.1f}" width="{right - left - 4:.1f}" '
            f'height="{height:.1f}" fill="{INK}" fill-opacity=".16"/>'
        )
    points = [(LEFT + (RIGHT - LEFT) * one.score, one) for one in bins if one.pictures]
    parts.append(_path("accent", [(x, _up(one.share)) for x, one in points], "", "share of generated pictures"))
    for x, one in points:
        parts.append(_line("accent", x, _up(one.interval[0]), x, _up(one.interval[1])))
        parts.append(f'<circle class="accent dot" cx="{x:.1f}" cy="{_up(one.share):.1f}" r="3.5" fill="{ACCENT}"/>')
    ticks = [_text(LEFT + (RIGHT - LEFT) * f, BOTTOM + 15, f"{f:g}", "middle") for f in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return _drawing(
        "reliability",
        "How often pictures of a score are generated",
        "Reliability diagram in ten ranges of the score, at even priors, with 95 % intervals. On the dashed diagonal a "
        "score means what it says. Bars: pictures in each range. The table beside the chart has the same figures.",
        [*_frame("score of the verdict", "% that are generated"), *ticks, *parts],
        [f'<text x="{LEFT}" y="{HIGH - 8}" {_INK}>Dots: measured. Dashes: ideal. Bars: how many pictures.</text>'],
    )


def binned(
    scores: Sequence[float], labels: Sequence[bool], weights: Array, pictures: Sequence[tuple[str, str]]
) -> list[Bin]:
    """BINS equal ranges of the score. weights: at even priors. Versions of one picture count once in the interval."""
    known = np.asarray(scores, float)
    places = np.minimum((known * BINS).astype(int), BINS - 1)
    found = []
    for place in range(BINS):
        mine = np.flatnonzero(places == place).tolist()
        count = len({pictures[k] for k in mine})
        share = float(np.average([labels[k] for k in mine], weights=weights[mine])) if count else math.nan
        found.append(
            Bin(
                low=place / BINS,
                high=(place + 1) / BINS,
                pictures=count,
                score=float(np.average(known[mine], weights=weights[mine])) if count else math.nan,
                share=share,
                interval=wilson(share * count, count) if count else (0.0, 1.0),
            )
        )
    return found


_INK = f'fill="{INK}" stroke="none"'


def _across(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * math.log(max(share, LEAST) / LEAST) / -math.log(LEAST)


def _up(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _frame(across: str, up: str) -> list[str]:
    """Axes with the upward ticks and both names."""
    middle = (TOP + BOTTOM) / 2
    parts = [_line("grid", LEFT, _up(f), RIGHT, _up(f)) for f in (0.0, 0.25, 0.5, 0.75, 1.0)]
    parts += [_text(LEFT - 6, _up(f) + 4, f"{100 * f:g}", "end") for f in (0.0, 0.25, 0.5, 0.75, 1.0)]
    turned = f'<text transform="translate(12 {middle:g}) rotate(-90)" text-anchor="middle" {_INK}>{escape(up)}</text>'
    return [*parts, turned, _text((LEFT + RIGHT) / 2, BOTTOM + 31, across, "middle")]


def _key(names: Sequence[str]) -> list[str]:
    """The conditions' lines below the chart."""
    parts, step = [], (WIDE - 16) / max(len(names), 1)
    for place, (name, dash) in enumerate(zip(names, DASHES, strict=False)):
        x = 12 + place * step
        parts += [_line("accent", x, HIGH - 10, x + 30, HIGH - 10, dash), _text(x + 35, HIGH - 6, name, "start")]
    return parts


def _line(kind: str, x1: float, y1: float, x2: float, y2: float, dash: str = "") -> str:
    colour = f'stroke="{ACCENT}" stroke-width="2"' if kind == "accent" else f'stroke="{INK}" {FAINT[kind]}'
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="{kind}" {ends} {colour}{_dashed(dash)}/>'


def _path(kind: str, points: Sequence[tuple[float, float]], dash: str, name: str) -> str:
    drawn = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    words = f"<title>{escape(name)}</title>"
    return (
        f'<path class="{kind}" d="{drawn}" fill="none" stroke="{ACCENT}" stroke-width="2"{_dashed(dash)}>{words}</path>'
    )


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {_INK}>{escape(words)}</text>'


def _drawing(name: str, title: str, words: str, *parts: Sequence[str]) -> str:
    inner = "\n".join(line for part in parts for line in part)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" height="{HIGH}" \
role="img" aria-labelledby="{name}-title {name}-words" font-family="system-ui, sans-serif" font-size="12">
<title id="{name}-title">{escape(title)}</title>
<desc id="{name}-words">{escape(words)}</desc>
<rect class="ground" width="{WIDE}" height="{HIGH}" fill="{GROUND}"/>
{inner}
</svg>
"""
