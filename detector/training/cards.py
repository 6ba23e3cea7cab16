"""Model cards: what stands beside each file of weights, for whoever wants to know what it is and may be used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from detector.fingerprint import ensemble
from detector.fingerprint.network import DETECTOR
from detector.observation import Bearing
from detector.training.features import Item, sign_modules
from detector.training.fingerprint_figures import bound_words, by_size, by_strength, limits, protocol
from detector.training.fitting import Fit
from detector.training.manifest import PROCESSED, Row
from detector.training.tables import by_code, by_condition, by_retouching, table
from detector.training.traces import SMALLEST
from detector.training.voices import CAP, Voices


def card(name: str, rows: Sequence[Row], items: Sequence[Item], fit: Fit, date: str) -> str:
    """The model card that stands beside the weights."""
    module = sign_modules()[name]
    counts = Counter((row.label, row.group) for row in rows)
    opinions = ", ".join(
        f"{variant}: {area:.2f} ({low:.2f}-{high:.2f})"
        + ("" if fit.parameters["variants"][variant]["logistic"] else ", too little for a score: it has none")
        for variant, (area, low, high) in fit.opinion.items()
    )
    retouched = "".join(
        f"\n{by_retouching(fit.judged, norm.code)}" for norm in module.MODEL.norms if norm.bearing is Bearing.RETOUCHED
    )
    return f"""# Model card: {name}.json

Date: {date}. Made by `python -m detector.training.signs MANIFEST` from labelled headshots, which stay outside the
repository; only the numbers in {name}.json were kept. Sign version {module.DETECTOR.version}.

**What it is.** {module.DETECTOR.question} For each code a linear norm of one measure given its circumstances, fitted on
real photos (groups weigh the same), with limits that 1 % (weak), 0.3 % (moderate) and none (strong) of held-out real
photos pass; and a logistic calibration of {len(module.MODEL.score_inputs)} measures into the probability of "generated"
at even priors. Inputs and what they are: `detector/signs/{name}.py`.

**What its figures allow.** A code whose likelihood ratio is too low speaks for nothing (neutral, weak).

{by_code(fit)}
Macro AUC of the score over generators, all conditions, with its 95 % interval over resampled groups: {opinions}.

{by_condition(items, fit.judged)}{retouched}
**Training.** Every picture under four conditions (as it is; 768 px, JPEG 60; 512 px, JPEG 40; centre square 400 px,
JPEG 80), both classes alike; at most {CAP} pictures a group; whole groups and their sister sites or generators held
out, eight folds. File facts are no inputs.

**Limits.** Real groups are mostly staff pages, conferences and official portraits of the 2010s; few phone selfies with
today's built-in processing. The newest large generators are few. Must not be used alone.

**Data by group** (after the cap):

{table(["label", "group", "pictures"], [[label, group, str(n)] for (label, group), n in sorted(counts.items())])}"""


def fingerprint_card(voices: Voices, date: str) -> str:
    """The model card of the learned fingerprint. Raises CouldNotLook where its weights are missing."""
    parameters = voices.networks.parameters
    return f"""# Model card: fingerprint.json and fingerprint-0.onnx to fingerprint-3.onnx

Date: {date}. {_made(ensemble.parameters()["trained"])} Detector version {DETECTOR.version}
(`detector/fingerprint/network.py`).

**What it is.** {DETECTOR.question} Four networks of one kind (EfficientNet-Lite0; initial weights of ImageNet,
Apache-2.0, stem and first two stages as they came), each trained without another quarter of the sources, look at head
and shoulders at one scale; the mean of their log-odds counts. Training re-encodes both classes alike (scaled, cropped,
blurred, sharpened, noise, JPEG, WebP), so that file, format and size cannot give the class away; file facts are no
inputs. Of both classes the same number is drawn, of groups nearly the same. Weights are kept as eight-bit integers.

**Intended use.** One voice among several for a person who looks at an applicant's photo. It must not be used alone,
must not reject anybody, and says nothing of who the person is. Not for pictures other than a photo of one person's
head.

**Figures.** Of pictures whose source the judging network never saw, calibrated on the other sources. More in
docs/accuracy.md.

{protocol(voices)}
{by_size(voices)}
**What it may say.** A photo and all its delivery twins must reach a limit.

{limits(parameters)}
{by_strength(voices.networks.heard)}
The bound on false accusations: {bound_words(parameters["bound"])} Calibration: slope
{parameters["calibration"]["slope"]}, intercept {parameters["calibration"]["intercept"]}, on the mean of the networks'
log-odds, drawn towards even odds the more the twins differ.

**Limits.** Blind to generators unlike those below, to faces put into a real photo, to heads of less than
{parameters["measured"]["least_eyes"]:g} pixels between the eyes (nothing is said of them), and to paintings (turned
away). Real groups are mostly staff pages, conferences and official portraits, with few phone selfies; generators newer
than those below are unknown to it.

**Data by group.** Usable: a head was found, of at least {SMALLEST:g} pixels between the eyes, and nobody's is as large.
Photos that went through somebody's network ({", ".join(sorted(PROCESSED))}) were left out of training.

{_data(voices)}"""


def _made(trained: Mapping[str, Any]) -> str:
    """When, on what and with what the networks were trained. trained: as detector.training.fingerprint leaves it."""
    steps, pictures = trained["steps"], trained["pictures"]
    words = ", ".join(f"{name} {count} steps (seed {number})" for number, (name, count) in enumerate(steps.items()))
    return (
        f"Trained on {trained['date']} by `python -m detector.training.fingerprint MANIFEST` with PyTorch "
        f"{trained['torch']} on {pictures.get('ai', 0)} generated and {pictures.get('real', 0)} real headshots, three "
        f"quarters for each network, which stay outside the repository: {words}. Calibrated by `make train`."
    )


def _data(voices: Voices) -> str:
    listed = Counter((row.label, row.group) for row in voices.rows)
    kept = Counter((one.label, one.group) for one in voices.traces if one.condition == "clean" and one.logits)
    units: dict[tuple[str, str], str] = {(row.label, row.group): row.unit for row in voices.rows}
    held_out: Mapping[str, int] = ensemble.parameters()["trained"]["held_out"]
    rows = [
        [label, group, str(n), str(kept[label, group]), str(held_out.get(units[label, group], "none"))]
        for (label, group), n in sorted(listed.items())
    ]
    return table(["label", "group", "pictures", "usable", "network that never saw it"], rows)
