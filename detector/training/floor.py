"""The floor to beat, and open detectors beside it: figures of others, as they were measured before this was built.

Measured on 400 generated and 400 real headshots of a larger list (28 generators, 44 sources), of which the list of
docs/accuracy.md is a part: they stand beside its figures, and not on the same pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

from detector.training.metrics import auc, tpr_at
from detector.training.policy import Decided
from detector.training.rates import macro, sides
from detector.training.tables import table

# Name -> AUC on the published bytes, and after 512 px, JPEG 75.
OPEN = {
    "Tiny-LaDeDa": (".57", ".56"),
    "Tiny-LaDeDa with NPR input": (".71", ".51"),
    "MesoInception": (".53", ".56"),
    "MobileNetV2, trained on the “140k faces” set": (".51", ".52"),
    "three others": (".47-.65", "not measured"),
}
# What was built first on such a list, whole sources held out: AUC, macro AUC, TPR at 5 % FPR.
FLOOR = {
    "156 hand-made features (spectrum, residuals, co-occurrence, DCT, colour), re-encoded": (".67-.70", "-", ".11-.22"),
    "first network, web": (".82", ".79", ".36"),
    "first network, hard": (".82", ".79", "-"),
    "first network, avatar": (".80", ".77", "-"),
}
RECRUITERS = "39.5 %"  # of headshots judged rightly by recruiters, as published


def floor_section(decided: Sequence[Decided]) -> str:
    """Markdown: the floor, open detectors, and our figures under the conditions that come nearest."""
    scored = [(one, one.score) for one in decided if one.score is not None]
    rows = [[name, *figures] for name, figures in FLOOR.items()]
    for condition in ("web", "hard", "avatar"):
        rows.append([f"Candid's score, {condition}", *_ours([one for one in scored if one[0].condition == condition])])
    others = [[name, *figures] for name, figures in OPEN.items()]
    clean, hard = (_ours([one for one in scored if one[0].condition == name])[0] for name in ("clean", "hard"))
    others.append(["Candid's score (clean; hard: 512 px, JPEG 40)", clean, hard])
    return f"""## The floor, and the open detectors

Measured before this was built. The open detectors, as their authors trained them, looked at 400 generated and 400 real
headshots of a larger list of which this one is a part; the floor was trained and measured on such lists with whole
sources held out. The figures stand beside ours; they are not of the same pictures.

{table(["what", "AUC", "macro AUC over generators", "TPR at 5 % FPR"], rows)}
{table(["open detector", "AUC, published bytes", "AUC after 512 px, JPEG 75"], others)}
Persons are no better: recruiters told {RECRUITERS} of such pictures rightly, by a published test.
"""


def _ours(scored: Sequence[tuple[Decided, float]]) -> list[str]:
    ai, real = sides(scored)
    a, r = ([score for _, score in part] for part in (ai, real))
    return [f"{auc(a, r):.2f}", f"{macro(ai, real)[0]:.2f}", f"{tpr_at(a, r, 0.05):.2f}"]
