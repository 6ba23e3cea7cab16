"""The figures of the verdict for docs/accuracy.md: what all checks together say, and how often that is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from detector.bounds import clopper_pearson_upper
from detector.signal.medium import COLOURLESS
from detector.training.calibration import CONFIDENCE, LARGE_SOURCE
from detector.training.fitting import is_ai, is_camera
from detector.training.laundering import CONDITIONS
from detector.training.manifest import PROCESSED
from detector.training.metrics import auc, tpr_at
from detector.training.policy import Decided
from detector.training.rates import by_condition
from detector.training.retouch import RETOUCHES
from detector.training.tables import share, table
from detector.verdict import AGREED, MOST_ACCUSED, VerdictCode

SHOWN = (VerdictCode.GENERATED, VerdictCode.RETOUCHED, VerdictCode.INCONCLUSIVE, VerdictCode.NOTHING_FOUND)
WORDS = {
    VerdictCode.GENERATED: "generated",
    VerdictCode.RETOUCHED: "retouched",
    VerdictCode.INCONCLUSIVE: "inconclusive",
    VerdictCode.NOTHING_FOUND: "nothing found",
}


def verdict_section(decided: Sequence[Decided], said: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    """Markdown. said: what persons reported of themselves (manifest.self_reported)."""
    scored = [(one, one.score) for one in decided if one.score is not None]

    def judged(condition: str) -> list[str]:
        mine = [one for one in decided if one.condition == condition]
        parts = ([one for one in mine if keep(one)] for keep in (is_ai, is_camera))
        return [share(sum(one.score is not None for one in part), len(part)) for part in parts]

    return f"""## The verdict

All checks together, as the policy weighs them. The score is a probability at even priors; "judged" is the share of
pictures on which any check of the pixels has an opinion. TPR is the share of generated pictures that score above all
but the given share of real photos.

{by_condition(scored, judged, ["judged: generated", "judged: real"])}
### What is said

The verdict of policy and opening "strict" (casting). "Generated" is said only where the learned fingerprint is strong,
its bound on false alarms is at most {100 * MOST_ACCUSED:g} %, and the score of all voices is at least {AGREED:g}.

{_by_code(decided)}
### False accusations: real photos called generated

The bound is the highest rate that these counts still support (Clopper and Pearson, one-sided, {100 * CONFIDENCE:g} %),
as if photos were drawn independently; photos of one source resemble each other. Worst source: of those with at least
{LARGE_SOURCE} photos.

{_accusations(decided)}
### Real photos by source

{_by_group([one for one in decided if one.label == "real"])}
### Generated pictures by generator

{_by_group([one for one in decided if one.label == "ai"], [one for one in scored if is_camera(one[0])])}
### Real photos by what persons reported of themselves

{_by_person(decided, said)}
### Real photos retouched by code

The same photos, untouched and as six kinds of retouching leave them.

{_by_retouching(decided)}
### Black-and-white and colour

Black-and-white, or toned in one colour. The signs are not for such pictures; the fingerprint judges them.

{_by_tone(decided)}"""


def _codes(part: Sequence[Decided]) -> list[str]:
    counts = Counter(one.code for one in part)
    return [share(counts[code], len(part)) for code in SHOWN]


def _by_code(decided: Iterable[Decided]) -> str:
    rows = []
    every = list(decided)
    for name, keep in (("generated", is_ai), ("real", is_camera)):
        for condition in CONDITIONS:
            rows.append([name, condition, *_codes([one for one in every if one.condition == condition and keep(one)])])
    return table(["pictures", "condition", *WORDS.values()], rows)


def _accusations(decided: Sequence[Decided]) -> str:
    rows = []
    for condition in CONDITIONS:
        real = [one for one in decided if one.condition == condition and is_camera(one)]
        alarms = [one for one in real if one.code is VerdictCode.GENERATED]
        bound = clopper_pearson_upper(len(alarms), len(real), CONFIDENCE)
        rows.append([condition, str(len(alarms)), str(len(real)), f"{100 * bound:.2f} %", _worst_source(real, alarms)])
    return table(["condition", "called generated", "real photos", "at most", "worst source"], rows)


def _worst_source(real: Sequence[Decided], alarms: Sequence[Decided]) -> str:
    sizes, wrong = (Counter(one.group for one in part) for part in (real, alarms))
    large = [group for group, size in sizes.items() if size >= LARGE_SOURCE]
    worst = max(large, key=lambda group: (wrong[group] / sizes[group], group), default=None)
    if worst is None:
        return "none is so large"
    return f"{worst}: {wrong[worst]} of {sizes[worst]}" if wrong[worst] else "none"


def _by_group(decided: Sequence[Decided], against: Sequence[tuple[Decided, float]] | None = None) -> str:
    """All ordinary conditions together, groups by name. against: scored real photos, for an AUC of each generator."""
    mine = [one for one in decided if one.condition in CONDITIONS]
    rows = []
    for group in sorted({one.group for one in mine}):
        part = [one for one in mine if one.group == group]
        name = group + (" (processed, not counted)" if group in PROCESSED else "")
        area = [] if against is None else _against(part, [score for _, score in against])
        rows.append([name, str(len({one.picture for one in part})), *area, *_codes(part)])
    head = ["group", "pictures", *([] if against is None else ["AUC", "TPR at 1 % FPR"]), *WORDS.values()]
    return table(head, rows)


def _against(part: Sequence[Decided], real: Sequence[float]) -> list[str]:
    scores = [one.score for one in part if one.score is not None]
    return [f"{auc(scores, real):.3f}", f"{tpr_at(scores, real, 0.01):.2f}"] if scores else ["-", "-"]


def _by_person(decided: Sequence[Decided], said: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    answers: dict[tuple[str, str], list[Decided]] = {}
    for one in decided:
        if is_camera(one):
            for question, answer in said.get((one.group, one.row.person), {}).items():
                answers.setdefault((question, answer), []).append(one)
    if not answers:
        return "No person in this list reported anything.\n"
    rows = [
        [f"{question}: {answer}", str(len({one.picture for one in part})), *_codes(part), _mean(part)]
        for (question, answer), part in sorted(answers.items())
    ]
    return table(["self-reported", "photos", *WORDS.values(), "mean score"], rows)


def _mean(part: Sequence[Decided]) -> str:
    scores = [one.score for one in part if one.score is not None]
    return f"{sum(scores) / len(scores):.2f}" if scores else "-"


def _by_retouching(decided: Sequence[Decided]) -> str:
    names = {one.picture for one in decided if one.condition in RETOUCHES}
    rows = []
    for condition in ("clean", *RETOUCHES):
        mine = [one for one in decided if one.condition == condition and one.picture in names]
        rows.append(["untouched" if condition == "clean" else condition, *_codes(mine)])
    return table(["the same photos", *WORDS.values()], rows)


def _by_tone(decided: Sequence[Decided]) -> str:
    pale: dict[str, Callable[[float], bool]] = {
        "black-and-white": lambda tone: tone < COLOURLESS,
        "colour": lambda tone: tone >= COLOURLESS,
    }
    rows = []
    for words, keep in pale.items():
        mine = [one for one in decided if one.tone is not None and keep(one.tone)]
        real = [one for one in mine if is_camera(one)]
        for name, part in (("generated", [one for one in mine if is_ai(one)]), ("real", real)):
            rows.append([name, words, *_codes(part), _mean(part)])
    return table(["pictures", "tone", *WORDS.values(), "mean score"], rows)
