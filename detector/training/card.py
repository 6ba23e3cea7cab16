"""Tables and text about the skin sign's models, shared by the model card and docs/accuracy.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from detector.signs.skin import SCALES
from detector.training.features import Measured
from detector.training.laundering import CONDITIONS
from detector.training.manifest import PROCESSED, Row
from detector.training.metrics import auc, tpr_at, wilson
from detector.training.retouch import STRENGTHS

if TYPE_CHECKING:
    from detector.training.skin import Judged

LEAST = 5  # judged pictures of a group below which no AUC of its own is taken into the mean over groups


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def share(hits: int, n: int) -> str:
    """`3.0 % (1.2-7.1, n 100)`: a rate with its 95 % interval."""
    if not n:
        return "-"
    low, high = wilson(hits, n)
    return f"{100 * hits / n:.1f} % ({100 * low:.1f}-{100 * high:.1f}, n {n})"


def by_condition(items: Sequence[Measured], judged: Sequence[Judged]) -> str:
    """One row a condition: how often it applies, how its score separates, how often it finds something."""
    rows = []
    for condition in CONDITIONS:
        seen = [item for item in items if item.condition == condition and item.primary]
        mine = [one for one in judged if one.item.condition == condition and one.item.primary]
        ai, real = ([one for one in mine if keep(one.item)] for keep in (_is_ai, _is_real))
        a, r = ([one.score for one in part if one.score is not None] for part in (ai, real))
        groups: dict[str, list[float]] = {}
        for one in ai:
            if one.score is not None:
                groups.setdefault(one.item.group, []).append(one.score)
        macro = [auc(scores, r) for scores in groups.values() if len(scores) >= LEAST]
        rows.append(
            [
                condition,
                share(len(ai), sum(map(_is_ai, seen))),
                share(len(real), sum(map(_is_real, seen))),
                f"{auc(a, r):.2f}",
                f"{sum(macro) / max(1, len(macro)):.2f}",
                f"{tpr_at(a, r, 0.05):.2f}",
                f"{tpr_at(a, r, 0.01):.2f}",
                share(sum(one.found for one in ai), len(ai)),
                share(sum(one.found for one in real), len(real)),
            ]
        )
    head = ["condition", "applies: generated", "applies: real", "AUC", "macro AUC", "TPR at 5 %", "TPR at 1 %"]
    return table([*head, "found smooth: generated", "found smooth: real"], rows)


def by_group(judged: Sequence[Judged], label: str) -> str:
    """Share found smooth, in the clean files and over all conditions, by group; PROCESSED groups are marked."""
    mine = [one for one in judged if one.item.label == label and one.item.primary and one.item.condition in CONDITIONS]
    rows = []
    for group in sorted({one.item.group for one in mine}):
        every = [one for one in mine if one.item.group == group]
        clean = [one for one in every if one.item.condition == "clean"]
        mark = " (processed, not counted)" if group in PROCESSED else ""
        scores = [one.score for one in every if one.score is not None]
        rows.append(
            [
                group + mark,
                share(sum(one.found for one in clean), len(clean)),
                share(sum(one.found for one in every), len(every)),
                f"{sum(scores) / len(scores):.2f}" if scores else "-",
            ]
        )
    return table(["group", "found smooth: clean", "found smooth: all four conditions", "mean score"], rows)


def by_retouching(items: Sequence[Measured], judged: Sequence[Judged]) -> str:
    """Share found smooth of real photos whose skin was smoothed by code, beside the same photos untouched."""
    names = {(item.group, item.file) for item in items if item.condition in STRENGTHS}
    rows = []
    for condition in ("clean", *STRENGTHS):
        mine = [one for one in judged if one.item.condition == condition and one.item.primary]
        same = [one for one in mine if (one.item.group, one.item.file) in names]
        large = [one for one in same if one.item.scale == max(SCALES)]
        small = [one for one in same if one.item.scale != max(SCALES)]
        name = "untouched" if condition == "clean" else f"{condition} ({STRENGTHS[condition]:.1f})"
        rows.append([name, *(share(sum(one.found for one in part), len(part)) for part in (large, small))])
    return table(["the same photos", "80 px or more between the eyes", "40 to 80 px"], rows)


def skin_card(
    rows: Sequence[Row], items: Sequence[Measured], judged: Sequence[Judged], parameters: Mapping[str, Any]
) -> str:
    """The model card that stands beside the weights."""
    counts = Counter((row.label, row.group) for row in rows)
    data = table(
        ["label", "group", "pictures"], [[label, group, str(n)] for (label, group), n in sorted(counts.items())]
    )
    limits = ", ".join(f"{scale} px: {model['limit']:.2f}" for scale, model in parameters["scales"].items())
    return f"""# Model card: skin.json

Date: {parameters["date"]}. Made by `python -m detector.training.skin MANIFEST` from labelled headshots, which stay
outside the repository; only the numbers in skin.json were kept.

**What it is.** For each of two face scales (80 and 40 pixels between the eyes): a linear model of the fine texture that
a camera leaves on skin, given the sharpness of eyes and brows, light, compression and size, fitted on real photos; the
limit beyond which skin is called smooth ({limits} standard deviations; 1 % of held-out real photos
pass it, groups weighing the same); and a logistic calibration of twelve texture
measurements into a probability of "generated" at even priors.

**What it is for.** `skin.smooth` says that skin shows less fine texture than photos of this size and sharpness usually
do, and bears on "retouched". It must not be used alone: see the figures. The score of this sign alone is weak evidence.

**Training.** Every picture under four conditions (as it is; 768 px, JPEG 60; 512 px, JPEG 40; centre square 400 px,
JPEG 80), both classes alike; at most 60 pictures a group; classes and groups weigh the same. Size and file facts are no
inputs of the score.

**Figures** (whole groups and their sister sites or generators held out; eight folds; 95 % Wilson intervals):

{by_condition(items, judged)}
Real photos whose skin was smoothed by code:

{by_retouching(items, judged)}
**Gates.** Refused as unmeasurable: JPEG quality under about 20 (`COARSE`; quality 10 took 40 % of the grain of the
test portrait); blockiness beyond the 99th percentile of photos at quality 40 (`BLOCKY`); eyes softer than in 99 % of
the real photos at 40 pixels between the eyes (`BLURRED_FINE`, `BLURRED`); skin darker than 0.12 (`DARK`); what has not
the colour of skin in a colour photo, as a cloth over nose and mouth (`COVERED`); heads turned by more than 50 degrees
(`TURNED`).

**Limits.** Real groups are mostly staff pages, conferences and official portraits of the 2010s; few phone selfies with
today's built-in smoothing. The newest large generators are few. Black-and-white photos get no score. Skin tone was not
labelled; lightness is an input of the camera model so that dark skin is judged against dark skin, but its error rate
could not be measured by tone. A white cloth mask may be taken for skin where it has a warm tint.

**Data by group** (after the cap):

{data}"""


def _is_ai(item: Measured) -> bool:
    return item.label == "ai"


def _is_real(item: Measured) -> bool:
    return item.clean_real
