"""How far two photos of one person usually lie apart, and what pose, mouth and camera do to a measure.

A measure is first freed of what the head's pose and the mouth's shape do to it (a linear model, fitted on many faces).
A camera that is nearer shows a larger nose and a narrower face (Ward et al., 2018, "Nasal distortion in short-distance
photographs: the selfie effect"; Perona, 2007, "A new perspective on portraiture"): by how much one of the two was
nearer is told from all other proportions, and taken out. The limit of a difference is the value below which 95 of 100
pairs of photos of one person lie: a quantile, so that nothing is assumed of its distribution. It grows with the
difference of the poses, as it did in the photos that it was fitted on (detector/weights/booth.json, booth.md).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from detector.observation import CouldNotLook
from detector.signal.norm import WEIGHTS

PATH = WEIGHTS / "booth.json"
VERSION = 3  # of the measures: weights made for others are refused
SHARE = 0.95  # of pairs of one person that lie within a limit
# How near a camera is: 1 where one picture was taken from 45 cm (an arm's length) and the other from 1.5 m.
USUAL_NEARNESS, FARTHEST = 0.5, 1.3
LEAST_SEEN = 0.02  # of a proportion in one shot twice: flow tells less, but a brush on the jaw drags the nose along


def weights() -> Mapping[str, Any]:
    """The trained parameters. Raises CouldNotLook where their file is missing or made for other measures."""
    loaded = _loaded()
    if loaded.get("version") != VERSION:
        raise CouldNotLook("The weights of the booth check are of another version. To mend it, install Candid again.")
    return loaded


def freed(code: str, value: float, given: Mapping[str, float], known: Mapping[str, Any] | None = None) -> float:
    """`value` less what `given` (pose, shape of the mouth) usually adds to it; as it is where nothing is known."""
    model = (known or weights())["given"].get(code)
    if model is None:
        return value
    terms = zip(model["names"], model["coefficients"], model["low"], model["high"], strict=True)
    return float(value - sum(weight * min(max(given[name], low), high) for name, weight, low, high in terms))


def level_cameras(gaps: Mapping[str, float], known: Mapping[str, Any] | None = None) -> dict[str, float]:
    """The gaps less what a nearer camera explains of each, judged by the others; those it does not touch stay."""
    known = known or weights()
    near: Mapping[str, float] = known["near"]
    return {
        code: gap - near[code] * nearness(gaps, known, without=code)[0] if code in near else gap
        for code, gap in gaps.items()
    }


def nearness(
    gaps: Mapping[str, float], known: Mapping[str, Any] | None = None, *, without: str = ""
) -> tuple[float, float]:
    """By how much the first picture's camera was nearer, and how uncertain that is (one standard deviation).

    Least squares over the proportions but `without`, held towards 0.
    """
    known = known or weights()
    near, spread = known["near"], known["spread"]
    use = [code for code in near if code in gaps and code != without]
    told = sum(near[code] * gaps[code] / spread[code] ** 2 for code in use)
    sure = sum((near[code] / spread[code]) ** 2 for code in use) + USUAL_NEARNESS**-2
    return min(max(told / sure, -FARTHEST), FARTHEST), sure**-0.5


def limit_of(code: str, turn: float, gaps: Mapping[str, float], known: Mapping[str, Any] | None = None) -> float | None:
    """The difference that 95 of 100 pairs of one person do not reach; None where too few pairs were measured.

    turn: degrees between the two poses. gaps: what else was measured; it says how well the cameras could be levelled.
    """
    known = known or weights()
    found = known["limits"].get(code)
    if found is None:
        return None
    usual = float(found["far"] if turn > known["turned"] else found["near"])
    if code not in known["near"]:
        return usual
    # Of 95 in 100 a normal error stays within twice its spread.
    return math.hypot(usual, 2 * known["near"][code] * nearness(gaps, known, without=code)[1])


def copy_limit_of(code: str) -> float:
    """The difference that copies of one picture, saved and resized, do not reach. Raises CouldNotLook as `weights`."""
    measured = float(weights()["copies"][code])
    return max(measured, LEAST_SEEN) if code in weights()["near"] else measured


@cache
def _loaded() -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise CouldNotLook("The weights of the booth check are missing. To mend it, install Candid again.") from None
    return loaded
