"""Measures how far two photos of one person lie apart: `python -m detector.training.booth MANIFEST`.

Writes detector/weights/booth.json and its card. Persons of whom there are several photos: by the manifest's column
`person`, and by same_person.csv beside this module, which groups photos of the manifest by eye and names nobody.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.booth import WORDS
from detector.face_measures import HAIR_COLOUR, HAIR_LIGHT, HAIR_LINE, TEXTURE
from detector.signal import usual
from detector.signal.proportions import proportions_of
from detector.training.booth_card import card
from detector.training.booth_pairs import Pair, Seen, copied, paired, persons, see, strangers
from detector.training.manifest import Row, capped, read_manifest
from detector.training.metrics import weighted_least_squares, weighted_quantile
from detector.training.signs import write

Array = NDArray[np.float32]

GIVEN = ("pitch", "gape", "smile", "yaw_squared", "pitch_squared", "gape_squared", "smile_squared")
OTHERS = (HAIR_LINE, HAIR_LIGHT, HAIR_COLOUR, TEXTURE)
POSELESS = frozenset({HAIR_LIGHT, HAIR_COLOUR, TEXTURE})  # pose does not come into them: all pairs count as alike
NEAR_MM, FAR_MM, EYES_MM = 450.0, 1500.0, 63.0  # an arm's length, a photographer's, and an adult's eyes apart
POSED = 10.0  # degrees between two poses up to which they count as alike
COPIED, COPY_SHARE = 3, 0.995  # photos of a source that are copied, and the share of copies within the limit
LEAST_PAIRS = 20  # of a class of poses; below, the limit of all pairs is taken


def fit(seen: Sequence[Seen], same: Mapping[Path, str]) -> tuple[dict[str, Any], list[Pair]]:
    """The parameters, and the pairs of one person that they stand on."""
    known: dict[str, Any] = {"version": usual.VERSION, "turned": POSED, "share": usual.SHARE}
    known["given"] = {code: _given(code, seen) for code in WORDS}
    known["near"] = near_camera(seen)
    pairs = paired(seen, same, known)
    return known | limits(known, pairs), pairs


def _given(code: str, seen: Sequence[Seen]) -> dict[str, Any]:
    have = [one.face for one in seen if code in one.face.values]
    x = np.array([[face.given[name] for name in GIVEN] for face in have])
    low, high = np.percentile(x, (1, 99), axis=0)
    y = np.array([face.values[code] for face in have])
    weights, _ = weighted_least_squares(np.clip(x, low, high), y, np.ones(len(y)))
    return {
        "names": list(GIVEN),
        "coefficients": [round(float(value), 6) for value in weights],
        "low": [round(float(value), 5) for value in low],
        "high": [round(float(value), 5) for value in high],
    }


def near_camera(seen: Sequence[Seen]) -> dict[str, float]:
    """Code -> what an arm's length adds to the logarithm of a proportion, by the mean mesh seen from both distances."""
    mean = np.mean([one.mesh for one in seen if abs(one.face.pose["yaw"]) < POSED], axis=0)
    near, far = (proportions_of(from_distance(mean, distance)).logs for distance in (NEAR_MM, FAR_MM))
    return {f"proportions.{name}": round(near[name] - far[name], 4) for name in near}


def from_distance(mesh: Array, distance: float) -> Array:
    """A frontal mesh in eye distances as a camera at `distance` mm before the eyes sees it."""
    depth = mesh[:, 2] - mesh[[33, 133, 362, 263], 2].mean()
    shrink = distance / (distance + depth * EYES_MM)
    return np.asarray(np.column_stack([mesh[:, :2] * shrink[:, None], mesh[:, 2]]), dtype=np.float32)


def limits(known: Mapping[str, Any], pairs: Sequence[Pair]) -> dict[str, Any]:
    """spread: of each proportion, as a normal error would have it. limits: by code, for poses alike and not.

    How much farther than its spread 5 of 100 pairs lie is read from all proportions at once: each alone has too few
    pairs for that. Every person's pairs count as the square root of their number, as they are alike.
    """
    proportions = [code for code in WORDS if code in known["near"]]
    spread = {code: _spread([one for one in pairs if code in one.gaps], code) for code in proportions}
    level = [usual.level_cameras(one.gaps, {**known, "spread": spread}) for one in pairs]
    spread = {code: _spread_of([one.get(code) for one in level], pairs) for code in proportions}
    found: dict[str, dict[str, float]] = {}
    ratios = [
        (abs(gap) / spread[code], one)
        for one, each in zip(pairs, level, strict=True)
        for code, gap in each.items()
        if code in spread
    ]
    factor = _by_pose(ratios)
    for code in proportions:
        found[code] = {pose: round(value * spread[code], 4) for pose, value in factor.items()}
    for code in OTHERS:
        sizes = [(abs(one.gaps[code]), one) for one in pairs if code in one.gaps]
        both = dict.fromkeys(("near", "far"), _quantile(sizes)) if code in POSELESS else _by_pose(sizes)
        found[code] = {pose: round(value, 4) for pose, value in both.items()}
    return {"spread": {code: round(value, 5) for code, value in spread.items()}, "limits": found}


def _by_pose(values: Sequence[tuple[float, Pair]]) -> dict[str, float]:
    """The quantile for poses alike and not; of different poses never less than of like ones."""
    near, far = ([one for one in values if (one[1].turn > POSED) is turned] for turned in (False, True))
    alike = _quantile(near if len(near) >= LEAST_PAIRS else values)
    return {"near": alike, "far": max(alike, _quantile(far if len(far) >= LEAST_PAIRS else values))}


def _quantile(values: Sequence[tuple[float, Pair]]) -> float:
    """The weighted quantile, one place higher than the sample's own, as conformal prediction takes it."""
    weights = _weights([one for _, one in values])
    share = min(1.0, usual.SHARE * (1 + float((weights**2).sum() / weights.sum() ** 2)))
    return weighted_quantile(np.array([value for value, _ in values]), weights, share)


def _weights(pairs: Sequence[Pair]) -> NDArray[np.float64]:
    names = [one.person for one in pairs]
    return np.array([names.count(name) ** -0.5 for name in names])


def _spread(pairs: Sequence[Pair], code: str) -> float:
    return _spread_of([one.gaps[code] for one in pairs], pairs)


def _spread_of(values: Sequence[float | None], pairs: Sequence[Pair]) -> float:
    """Of a normal error that has the middle size of these: outliers do not move it."""
    have = [(abs(value), one) for value, one in zip(values, pairs, strict=True) if value is not None]
    weights = _weights([one for _, one in have])
    return weighted_quantile(np.array([value for value, _ in have]), weights, 0.5) / 0.6745


def copies(rows: Sequence[Row], known: Mapping[str, Any]) -> tuple[dict[str, float], list[float]]:
    """Code -> the difference that COPY_SHARE of copies of one picture stay below; and how far eyes and nose agree."""
    found = copied(rows, known)
    codes = {code for gaps, _ in found for code in gaps}
    sizes = {code: [abs(gaps[code]) for gaps, _ in found if code in gaps] for code in sorted(codes)}
    return (
        {code: round(float(np.quantile(each, COPY_SHARE)), 4) for code, each in sizes.items()},
        [agreement for _, agreement in found],
    )


def held_out(known: Mapping[str, Any], pairs: Sequence[Pair]) -> list[tuple[Pair, dict[str, bool]]]:
    """Every pair with what is beyond, by limits fitted without its person."""
    judged = []
    for name in sorted({one.person for one in pairs}):
        own = {**known, **limits(known, [one for one in pairs if one.person != name])}
        judged += [(one, beyond(one, own)) for one in pairs if one.person == name]
    return judged


def beyond(one: Pair, known: Mapping[str, Any]) -> dict[str, bool]:
    """Code -> whether the pair differs by more than its limit."""
    found = {}
    for code, gap in usual.level_cameras(one.gaps, known).items():
        limit = usual.limit_of(code, one.turn, one.gaps, known)
        if limit is not None:
            found[code] = abs(gap) > limit
    return found


def at_arms_length(one: Pair, known: Mapping[str, Any]) -> Pair:
    """The pair as if its first picture had been taken from NEAR_MM and the other from FAR_MM."""
    return replace(one, gaps={code: gap + known["near"].get(code, 0.0) for code, gap in one.gaps.items()})


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    given = parser.parse_args(arguments)
    rows = [row for row in read_manifest(given.manifest) if row.clean_real]
    same = persons(given.manifest, rows)
    seen = see(rows)
    known, pairs = fit(seen, same)
    known["copies"], agreement = copies(capped(rows, COPIED, lambda row: row.group, lambda row: row.path.name), known)
    judged = held_out(known, pairs)
    over = [sum(each.values()) for _, each in judged]
    known["any"] = {"pairs": len(over), "one": sum(n > 0 for n in over), "two": sum(n > 1 for n in over)}
    date = dt.datetime.now(dt.UTC).date().isoformat()
    write(usual.PATH, {"date": date, **known})
    others = [(one, beyond(one, known)) for one in strangers(seen, same, known)]
    nearer = [(one, beyond(at_arms_length(one, known), known)) for one in pairs]
    usual.PATH.with_suffix(".md").write_text(
        card(date, known, seen, judged, others, nearer, agreement), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
