"""Parameters that a picture generator writes into its files: prompt, model, seed, sampler.

Looks for: what Stable Diffusion WebUI and its kin, ComfyUI, InvokeAI, NovelAI, Fooocus, SwarmUI, Easy Diffusion and
Draw Things leave in PNG text, EXIF, XMP, or the lowest bits of the alpha channel. A sampler with its settings is the
run that made the picture, so it counts as declared; settings with an inpainting mask say that a part of an existing
picture was repainted, a low strength that a whole one was reworked; a workflow without a sampler says no more than that
the program was used (it also enlarges photos).
Blind to: files saved again without metadata; tools that write none. Absence says nothing.
Source: the tools' own formats as read by sd-parsers (MIT), and as other_generators.py lists them. Its parsers are used,
its extractors are not: they keep the last comment under the `id()` of a picture that may be gone, and would hand it to
the next photo.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import cast

from sd_parsers.data import PromptInfo
from sd_parsers.exceptions import ParserError
from sd_parsers.parsers import MANAGED_PARSERS, ComfyUIParser, Parser

from detector.observation import Bearing, Observation, Sighting, Strength
from detector.portrait import Portrait
from detector.provenance import comfy_graph, other_generators
from detector.provenance.carried_texts import carried_texts
from detector.provenance.plain_text import plain
from detector.provenance.run_parameters import (
    Parameters,
    denoising_strength,
    flat,
    loras_in_list,
    loras_in_text,
    prompt_text,
    rows,
)
from detector.provenance.starting_picture import from_photo, repainted
from detector.scene import Detector, Scene

log = logging.getLogger(__name__)

PARSERS = cast("list[Callable[[], Parser]]", MANAGED_PARSERS)
WARNING = "A prompt is personal data of the candidate: it may tell what they wanted to change about their looks."
STARTS: dict[bool | None, str] = {
    True: "How much is left of the picture it began from is not said.",
    False: "The parameters name no picture to begin from.",
    None: "The generator may have started from a photo.",
}
# A run that began from a picture and could depart from it by less than this keeps its face and its frame (Meng et al.,
# SDEdit, 2021, figure 3: faithful below, free above).
REWORKED = 0.5
QUOTED = re.compile(r', [\w .-]{1,60}: "[^"]*"')
# What writes the WebUI's format -> by what in its parameters it is told.
KIN = {
    "Fooocus": re.compile(r"\bVersion: Fooocus\b"),
    "SD.Next": re.compile(r"\bApp: SD\.Next\b"),
    "Forge": re.compile(r"\bVersion: f\d"),
}


def parse(texts: Mapping[str, str]) -> Parameters | None:
    """The parameters in these texts, by the first parser that understands them; None where there are none."""
    if found := other_generators.parse(texts):
        return found
    for make in PARSERS:
        if make is ComfyUIParser and comfy_graph.too_large(texts):
            continue
        try:
            return _parameters(make().parse(_without_lists(texts)), texts)
        except ParserError:
            continue
        except Exception:  # the parsers were written for files that are whole
            log.info("%s could not read the parameters of a file", make, exc_info=True)
    nodes = comfy_graph.nodes_of(texts)
    return comfy_graph.read(nodes) if nodes else None


def _without_lists(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts without the WebUI's quoted lists behind its settings, which the parser takes apart at each comma."""
    head, steps, settings = texts.get("parameters", "").rpartition("\nSteps: ")
    return {**texts, "parameters": head + steps + QUOTED.sub("", settings)} if steps else dict(texts)


def _parameters(found: PromptInfo, texts: Mapping[str, str]) -> Parameters | None:
    nodes = comfy_graph.nodes_of(texts) if found.generator.value == "ComfyUI" else None
    drawn = comfy_graph.read(nodes) if nodes else None
    if not found.samplers:
        return drawn
    sampler = found.samplers[0]
    extras = found.metadata if isinstance(found.metadata, Mapping) else {}
    given = {**extras, **sampler.parameters}
    settings = flat(sampler.parameters, drawn.settings if drawn else extras)
    tool, text = found.generator.value, texts.get("parameters", "")
    return Parameters(
        tool=next((kin for kin, told in KIN.items() if told.search(text)), tool) if tool == "AUTOMATIC1111" else tool,
        sampler=plain(sampler.name, 80),
        model=_model(found) or (drawn.model if drawn else None),
        seed=next((value for name, value in settings.items() if name.lower() in {"seed", "noise_seed"}), None),
        prompt=prompt_text(found.full_prompt),
        negative_prompt=prompt_text(found.full_negative_prompt),
        mask=drawn.mask if drawn else repainted(given),
        from_photo=drawn.from_photo if drawn else from_photo(tool, given, text),
        loras=(drawn.loras if drawn else loras_in_list(extras.get("loras"))) or loras_in_text(text),
        settings=settings,
    )


def _model(found: PromptInfo) -> str | None:
    """The first model's name, or its hash. Behind a LoRA the parser takes a link between nodes for a name."""
    named = (each.model.name or each.model.hash for each in found.samplers if each.model)
    return plain(next((name for name in named if isinstance(name, str)), ""), 120) or None


def find_parameters(portrait: Portrait) -> Parameters | None:
    """The first parameters that say how a picture was drawn; else those of a program that was used otherwise."""
    found = [parameters for texts in carried_texts(portrait) if (parameters := parse(texts))]
    return next((parameters for parameters in found if parameters.sampler), found[0] if found else None)


def look(scene: Scene) -> Sighting:
    """generator_parameters.found, .inpainted, .reworked or .workflow; details as docs/detectors.md lists them.

    Reads text and, in PNG and WebP with transparency, the alpha channel. Broken files give no parameters, no error.
    """
    found = find_parameters(scene.portrait)
    if found is None:
        note = "No generator parameters in the file. Most sites strip them: this says nothing either way."
        return Sighting(note=note, details={"tool": None})
    details = {
        "tool": found.tool,
        "model": found.model,
        "sampler": found.sampler,
        "seed": found.seed,
        "prompt": found.prompt,
        "negative_prompt": found.negative_prompt,
        "settings": rows(found),
        "loras": list(found.loras),
        "from_photo": found.from_photo,
        "warning": WARNING,
    }
    return Sighting(observations=(_observation(found),), details=details)


def _observation(found: Parameters) -> Observation:
    if found.sampler is None:
        return Observation(
            code="generator_parameters.workflow",
            bearing=Bearing.NEUTRAL,
            strength=Strength.MODERATE,
            summary=f"The file carries a workflow of {found.tool}, a picture generator, in which nothing was drawn.",
            caveat="Such programs also enlarge, cut out and convert ordinary photos.",
        )
    if found.mask:
        return Observation(
            code="generator_parameters.inpainted",
            bearing=Bearing.RETOUCHED,
            strength=Strength.STRONG,
            summary=f"The file carries parameters of {found.tool} with a mask: AI repainted a part of the picture.",
            caveat="It does not say which part, nor whether the rest is a photo.",
        )
    strength = denoising_strength(found)
    if found.from_photo and strength is not None and strength < REWORKED:
        return Observation(
            code="generator_parameters.reworked",
            bearing=Bearing.RETOUCHED,
            strength=Strength.STRONG,
            summary=(
                f"The file has parameters of {found.tool}: AI reworked an existing picture (strength {strength:g})."
            ),
            caveat="At such a strength much of the picture stays, but the face may no longer be as the camera saw it.",
        )
    with_model = f", model “{found.model}”" if found.model else ""
    start = ", starting from an existing picture" if found.from_photo else ""
    return Observation(
        code="generator_parameters.found",
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary=f"The file carries the parameters with which {found.tool} generates a picture{start}{with_model}.",
        caveat=(
            "This is what the file says of itself, not a measurement of the picture. "
            + STARTS[found.from_photo]
            + " Text can be copied between files."
        ),
    )


DETECTOR = Detector(
    name="generator_parameters",
    version=2,
    title="Generator parameters",
    question="Does the file carry the parameters with which a picture generator made it?",
    look=look,
)
