"""Tables of a fitted sign's figures, shared by the model cards and docs/accuracy.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from detector.observation import Strength
from detector.training.features import Item
from detector.training.fitting import Fit, Judged, is_ai, is_camera
from detector.training.laundering import CONDITIONS
from detector.training.manifest import PROCESSED
from detector.training.metrics import auc, tpr_at, wilson
from detector.training.retouch import RETOUCHES

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


def found(judged: Iterable[Judged]) -> str:
    """Share in which the sign says anything."""
    every = list(judged)
    return share(sum(bool(one.strength) for one in every), len(every))


def macro(ai: Sequence[Judged], real: Sequence[float]) -> float:
    """Mean over generators of the AUC against `real`; nan where none has enough pictures."""
    groups: dict[str, list[float]] = {}
    for one in ai:
        if one.score is not None:
            groups.setdefault(one.item.group, []).append(one.score)
    areas = [auc(scores, real) for scores in groups.values() if len(scores) >= LEAST]
    return sum(areas) / len(areas) if areas else float("nan")


def by_condition(items: Sequence[Item], judged: Sequence[Judged]) -> str:
    """One row a condition: how often it applies, how its score separates, how often it finds something."""
    rows = []
    for condition in CONDITIONS:
        seen = [item for item in items if item.condition == condition]
        mine = [one for one in judged if one.item.condition == condition]
        ai, real = ([one for one in mine if keep(one.item)] for keep in (is_ai, is_camera))
        a, r = ([one.score for one in part if one.score is not None] for part in (ai, real))
        rows.append(
            [
                condition,
                share(len(ai), sum(map(is_ai, seen))),
                share(len(real), sum(map(is_camera, seen))),
                f"{auc(a, r):.2f}",
                f"{macro(ai, r):.2f}",
                f"{tpr_at(a, r, 0.05):.2f}",
                f"{tpr_at(a, r, 0.01):.2f}",
                found(ai),
                found(real),
            ]
        )
    head = ["condition", "applies: generated", "applies: real", "AUC", "macro AUC", "TPR at 5 %", "TPR at 1 %"]
    return table([*head, "found: generated", "found: real"], rows)


def by_code(fit: Fit) -> str:
    """One row a code and variant: what its figures let it say, and in how many pictures it is measured and found."""
    rows = []
    for variant, parameters in fit.parameters["variants"].items():
        for code, norm in parameters["norms"].items():
            mine = [one for one in fit.judged if one.item.variant == variant and code in one.surprise]
            ai, real = ([one for one in mine if keep(one.item)] for keep in (is_ai, is_camera))
            rows.append(
                [
                    f"`{code}`" + (f" ({variant})" if variant != "any" else ""),
                    norm["bearing"],
                    ", ".join(norm["limits"]),
                    ", ".join(f"{ratio:g}" for ratio in norm["ratios"].values()),
                    *(share(sum(code in one.strength for one in part), len(part)) for part in (ai, real)),
                ]
            )
    head = ["code", "speaks for", "strengths allowed", "likelihood ratio at them, lower bound"]
    return table([*head, "found: generated", "found: real"], rows)


def by_group(judged: Sequence[Judged], label: str) -> str:
    """Pictures found by group, under each condition, of those judged; PROCESSED groups are marked."""
    mine = [one for one in judged if one.item.label == label and one.item.condition in CONDITIONS]
    rows = []
    for group in sorted({one.item.group for one in mine}):
        name = group + (" (processed, not counted)" if group in PROCESSED else "")
        rows.append([name, *_each_condition([one for one in mine if one.item.group == group])])
    return table(["group", *EACH_CONDITION], rows)


def by_person(judged: Sequence[Judged], said: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    """The same for real photos of persons who reported something of themselves, by what they said."""
    mine = [one for one in judged if is_camera(one.item) and (one.item.group, one.item.person) in said]
    answers: dict[tuple[str, str], list[Judged]] = {}
    for one in mine:
        for question, answer in said[one.item.group, one.item.person].items():
            answers.setdefault((question, answer), []).append(one)
    rows = [
        [f"{question}: {answer}", *_each_condition(answers[question, answer])] for question, answer in sorted(answers)
    ]
    return table(["self-reported", *EACH_CONDITION], rows) if rows else "This sign judges no photo of such a person.\n"


EACH_CONDITION = (*CONDITIONS, "all four", "strong", "mean score")


def _each_condition(judged: Sequence[Judged]) -> list[str]:
    cells = []
    for condition in CONDITIONS:
        mine = [one for one in judged if one.item.condition == condition]
        cells.append(f"{sum(bool(one.strength) for one in mine)} of {len(mine)}")
    scores = [one.score for one in judged if one.score is not None]
    strong = str(sum(one.strongest is Strength.STRONG for one in judged))
    return [*cells, found(judged), strong, f"{sum(scores) / len(scores):.2f}" if scores else "-"]


def by_retouching(judged: Sequence[Judged], code: str) -> str:
    """Share in which `code` is found of real photos that were retouched by code, beside the same photos untouched."""
    names = {one.item.picture for one in judged if one.item.condition in RETOUCHES}
    rows = []
    for condition in ("clean", *RETOUCHES):
        mine = [one for one in judged if one.item.condition == condition and one.item.picture in names]
        hits = sum(code in one.strength for one in mine)
        rows.append(["untouched" if condition == "clean" else condition, share(hits, len(mine))])
    return table(["the same photos", f"`{code}` found"], rows)
