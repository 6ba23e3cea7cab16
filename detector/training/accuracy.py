"""Measures how good this is: `python -m detector.training.accuracy MANIFEST --out docs/accuracy.md [--limit N]`.

Writes the page and, into img/ beside it, its charts. Figures are held-out ones: groups and their sisters never judge
themselves. Measurements that the kept files lack are made first, which takes hours; `make train` makes the same ones.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from detector.bounds import clopper_pearson_upper
from detector.registry import detectors
from detector.training import charts
from detector.training.calibration import CONFIDENCE
from detector.training.charts import Bin
from detector.training.fingerprint_figures import fingerprint_section
from detector.training.fitting import is_ai, is_camera
from detector.training.floor import floor_section
from detector.training.laundering import CONDITIONS
from detector.training.manifest import FOLDS, PROCESSED, Row, read_manifest, self_reported
from detector.training.metrics import balanced_weights, tpr_at
from detector.training.policy import Decided, decide
from detector.training.probes import probes_section
from detector.training.rates import calibration
from detector.training.sign_figures import SAID, sign_section
from detector.training.tables import table
from detector.training.verdict_figures import verdict_section
from detector.training.voices import CAP, FEATURES, Kept, Voices, chosen, gather
from detector.verdict import POLICY_VERSION, VerdictCode

LEAST_PICTURES = 300
PICTURES = "img"  # the folder of the charts, beside the page
SHARES = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25)  # of real photos above a threshold, in the table beside the ROC
POLICY = "Policy of the verdict"  # as vetting.web.figures names it


def head(voices: Voices, today: dt.date) -> str:
    """What was measured, and on what."""
    rows, mine = voices.rows, chosen(voices.rows)
    ai, real = (sum(row.label == label for row in rows) for label in ("ai", "real"))
    few, fewer = (sum(row.label == label for row in mine) for label in ("ai", "real"))
    generators, sources = (len({row.group for row in rows if row.label == label}) for label in ("ai", "real"))
    return f"""# How good is this?

Measured on {today.isoformat()} with `make accuracy` on {ai} generated headshots of {generators} generators and products
and {real} real ones of {sources} sources, which stay outside the repository. The verdict and the signs are measured on
{few} and {fewer} of them, at most {CAP} a group; the learned fingerprint on all.
"""


def method() -> str:
    """How it was measured, and the versions that were."""
    versions = [[one.title, str(one.version)] for one in detectors()]
    return f"""## How it was measured

Nothing judges what it was trained on. Whole generators and sources are held out together with their sisters ({FOLDS}
folds) wherever something was fitted: norms, scores, calibration, limits, weights. The fingerprint's figures are those
of the network that never saw a source; the product averages four networks, so it should do no worse on sources that
are unknown to all of them.

Conditions ({", ".join(CONDITIONS)}), applied to both classes alike so that format and size cannot give the class away:
the file as it is; at most 768 px, JPEG 60; 512 px, JPEG 40; centre square of 400 px, JPEG 80. Rates carry 95 % Wilson
intervals; pictures of one group resemble each other, so the true uncertainty is larger. "Macro" is the mean over
generators of the AUC against all real photos; its interval is over resampled groups.

Real photos that went through somebody's network are listed, and not counted as false alarms:
{", ".join(sorted(PROCESSED))}.

## Versions measured

{table(["check", "version"], [*versions, [POLICY, str(POLICY_VERSION)]])}"""


def score_section(decided: Sequence[Decided], bins: Sequence[Bin]) -> str:
    """Markdown: both charts of the verdict's score, and what they show as tables."""
    error = calibration((one, one.score) for one in decided if one.score is not None)
    rows = [
        [f"{one.low:.1f}-{one.high:.1f}", str(one.pictures), *(_measured(one) if one.pictures else ["-", "-"])]
        for one in bins
    ]
    curves = [
        [condition, *(f"{tpr_at(ai, real, f):.2f}" for f in SHARES)]
        for condition, (ai, real) in _curves(decided).items()
    ]
    return f"""## The score at a glance

![Generated pictures above a threshold, by real photos above it, under four conditions.]({PICTURES}/roc.svg)
![How often pictures of a score are generated, in ten ranges of the score.]({PICTURES}/reliability.svg)

{table(["condition", *(f"{100 * f:g} % FPR" for f in SHARES)], curves)}
{table(["score", "pictures", "mean score", "share generated, at even priors"], rows)}
All conditions together; versions of one picture count once. The expected calibration error at even priors is
{error:.3f}. Among applicants generated pictures are rarer than real ones; a score is then a weaker hint than it says.
"""


def _measured(one: Bin) -> list[str]:
    low, high = one.interval
    return [f"{one.score:.2f}", f"{100 * one.share:.0f} % ({100 * low:.0f}-{100 * high:.0f})"]


def _curves(decided: Sequence[Decided]) -> dict[str, tuple[list[float], list[float]]]:
    found = {}
    for condition in CONDITIONS:
        mine = [one for one in decided if one.condition == condition]
        ai, real = ([one.score for one in mine if one.score is not None and keep(one)] for keep in (is_ai, is_camera))
        found[condition] = (ai, real)
    return found


def bins_of(decided: Sequence[Decided]) -> list[Bin]:
    """The reliability of the score, all conditions together."""
    known = [(one, one.score) for one in decided if one.score is not None and (is_ai(one) or is_camera(one))]
    labels = [is_ai(one) for one, _ in known]
    weights = balanced_weights(labels, [one.group for one, _ in known])
    return charts.binned([score for _, score in known], labels, weights, [one.picture for one, _ in known])


def lead(decided: Sequence[Decided]) -> str:
    """What matters most, in a paragraph: false accusations where they are most, and what is found at all."""
    counts = {}
    for condition in CONDITIONS:
        mine = [one for one in decided if one.condition == condition]
        real, ai = ([one.code for one in mine if keep(one)] for keep in (is_camera, is_ai))
        counts[condition] = (real.count(VerdictCode.GENERATED), len(real), ai.count(VerdictCode.GENERATED) / len(ai))
    wrong, photos, _ = max(counts.values(), key=lambda one: one[0] / one[1])
    low, high = (f"{100 * pick(found for _, _, found in counts.values()):.0f}" for pick in (min, max))
    called = f"{low} %" if low == high else f"{low} to {high} %"
    bound = 100 * clopper_pearson_upper(wrong, photos, CONFIDENCE)
    return f"""Under the condition where it was most, {wrong} of {photos} real photos were called generated: a rate of
at most {bound:.2f} %, with {100 * CONFIDENCE:g} % confidence. Of generated pictures, {called} were called
so, by condition; the others stayed inconclusive, passed for retouched, or nothing was found: a photo that raises
no alarm is not thereby authentic."""


def report(voices: Voices, said: Mapping[tuple[str, str], Mapping[str, str]], today: dt.date) -> dict[str, str]:
    """File -> content, paths relative to the page's folder; the page itself under ""."""
    decided = decide(voices)
    bins = bins_of(decided)
    first, rest = head(voices, today).split("\n\n", 1)
    sections = [
        "\n\n".join([first, lead(decided), rest]),
        score_section(decided, bins),
        method(),
        verdict_section(decided, said),
        fingerprint_section(voices),
        probes_section(decided),
        floor_section(decided),
        SAID,
        *(sign_section(name, *fitted, said) for name, fitted in voices.signs.items()),
    ]
    return {
        "": "\n".join(sections),
        f"{PICTURES}/roc.svg": charts.roc(_curves(decided)),
        f"{PICTURES}/reliability.svg": charts.reliability(bins),
    }


def thinned(rows: Sequence[Row], limit: int | None) -> list[Row]:
    """Every k-th row, so that about `limit` remain."""
    if not limit or limit >= len(rows):
        return list(rows)
    return [rows[number * len(rows) // limit] for number in range(limit)]


def kept(features: Path, limit: int | None) -> Kept:
    """Where measurements are kept; of a part of the list apart, so that nobody takes them for those of the whole."""
    whole = Kept(features=features)
    if limit is None:
        return whole
    apart = whole.cuts.with_name(f"limited-{limit}")
    return replace(whole, cuts=apart / "crops", traces=apart / "traces.jsonl")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="take about N pictures only")
    parser.add_argument("--features", type=Path, default=FEATURES, help="measurements are kept here and used again")
    given = parser.parse_args(arguments)
    if given.limit is not None and given.limit < LEAST_PICTURES:
        parser.error(
            f"--limit must be at least {LEAST_PICTURES}: fewer pictures leave folds without one of the classes"
        )
    rows = read_manifest(given.manifest)
    if given.limit is not None:
        rows = thinned(chosen(rows), given.limit)  # of what the signs have measured, so that little is measured anew
    voices = gather(rows, kept(given.features, given.limit))
    for name, content in report(voices, self_reported(given.manifest), dt.datetime.now(dt.UTC).date()).items():
        path = given.out.parent / name if name else given.out
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        print(f"written: {path}")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
