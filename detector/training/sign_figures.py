"""The figures of one sign for docs/accuracy.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detector.observation import Bearing
from detector.training.features import Item, sign_modules
from detector.training.fitting import Fit
from detector.training.tables import by_code, by_condition, by_group, by_person, by_retouching

SAID = """## The signs

What a code may say is decided by its figures: a strength needs a likelihood ratio (share found among generated, or
retouched, pictures by share found among real ones; lower by upper bound) of at least 2 for weak, 10 for moderate, 30
for strong; a code below 2 speaks for nothing and is shown as neutral. "Found" is any observation of the sign.
"""


def sign_section(name: str, items: Sequence[Item], fit: Fit, said: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    """Markdown of one sign's figures. said: what persons reported of themselves."""
    module = sign_modules()[name]
    retouched = "".join(
        f"#### Real photos retouched by code: `{norm.code}`\n\n{by_retouching(fit.judged, norm.code)}\n"
        for norm in module.MODEL.norms
        if norm.bearing is Bearing.RETOUCHED
    )
    return f"""### {name}

{module.DETECTOR.question} Sign version {module.DETECTOR.version} (`detector/signs/{name}.py`, model card
`detector/weights/{name}.md`). {_worth(fit)}

{by_condition(items, fit.judged)}
{by_code(fit)}
#### False alarms of {name}, by source of real photos

{by_group(fit.judged, "real")}
#### False alarms of {name}, by what persons reported of themselves

{by_person(fit.judged, said)}
#### Generated pictures seen by {name}, by generator

{by_group(fit.judged, "ai")}
{retouched}"""


def _worth(fit: Fit) -> str:
    opinions = [bool(variant["logistic"]) for variant in fit.parameters["variants"].values()]
    if all(opinions):
        return "Its score counts in the verdict."
    if any(opinions):
        return "Its score counts in the verdict at some face scales only."
    return (
        "It separates too little: it is shown to the reviewer and is worth nothing in the verdict. AUC and TPR "
        "below are of the score that it would have."
    )
