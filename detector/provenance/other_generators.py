"""Formats of generators that sd-parsers does not know: SwarmUI, Easy Diffusion, Draw Things.

Sources: SwarmUI's documentation of its image metadata ("sui_image_params"); Easy Diffusion's names of its request's
fields, plain or as its text files spell them; Draw Things' JSON in the XMP property exif:UserComment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from detector.provenance.plain_text import plain
from detector.provenance.run_parameters import Parameters, flat, loras_in_list, loras_in_text, prompt_text

UNNAMED = "unnamed"  # the sampler, where the tool's default was used and is not written
EASY = {  # Easy Diffusion's names in its text files -> those of its requests
    "Prompt": "prompt",
    "Negative Prompt": "negative_prompt",
    "Seed": "seed",
    "Steps": "num_inference_steps",
    "Guidance Scale": "guidance_scale",
    "Prompt Strength": "prompt_strength",
    "Sampler": "sampler_name",
    "Stable Diffusion model": "use_stable_diffusion_model",
    "LoRA model": "use_lora_model",
    "Width": "width",
    "Height": "height",
}


def parse(texts: Mapping[str, str]) -> Parameters | None:
    """The parameters in these texts, if one of the three tools wrote them."""
    fields = _json(texts.get("parameters", ""))
    readers: tuple[tuple[Callable[[Mapping[str, Any]], Parameters | None], Mapping[str, Any]], ...] = (
        (swarm, fields),
        (easy, fields),
        (easy, texts),
        (draw_things, _json(texts.get("draw_things", ""))),
    )
    return next((found for read, given in readers if given and (found := read(given))), None)


def swarm(fields: Mapping[str, Any]) -> Parameters | None:
    run = fields.get("sui_image_params")
    if not isinstance(run, dict) or not {"prompt", "seed"} <= set(run):
        return None
    scale = {"cfg_scale": run.get("cfgscale"), "scheduler": run.get("scheduler") or run.get("comfyuischeduler")}
    strength = {"Denoising strength": run["initimagecreativity"]} if "initimagecreativity" in run else {}
    return Parameters(
        tool="SwarmUI",
        sampler=plain(run.get("sampler") or run.get("comfyuisampler") or UNNAMED, 80),
        model=plain(run.get("model", ""), 120) or None,
        seed=plain(run["seed"], 40),
        prompt=prompt_text(run["prompt"]),
        negative_prompt=prompt_text(run.get("negativeprompt")),
        mask="maskimage" in run,
        from_photo=True if {"initimage", "initimagecreativity", "maskimage"} & set(run) else None,
        loras=loras_in_list(run.get("loras")),
        settings=flat(_of(run, "steps", "width", "height"), scale, strength),
    )


def easy(fields: Mapping[str, Any]) -> Parameters | None:
    run = {EASY.get(key, key): value for key, value in fields.items()}
    if not {"prompt", "seed", "use_stable_diffusion_model", "num_inference_steps"} <= set(run):
        return None
    lora = run.get("use_lora_model")
    names = {"steps": run["num_inference_steps"], "cfg_scale": run.get("guidance_scale")}
    strength = {"Denoising strength": run["prompt_strength"]} if "prompt_strength" in run else {}
    return Parameters(
        tool="Easy Diffusion",
        sampler=plain(run.get("sampler_name") or UNNAMED, 80),
        model=plain(run["use_stable_diffusion_model"], 120) or None,
        seed=plain(run["seed"], 40),
        prompt=prompt_text(run["prompt"]),
        negative_prompt=prompt_text(run.get("negative_prompt")),
        from_photo=True if "init_image" in run else None,
        loras=loras_in_list(lora if isinstance(lora, list) else [lora]) or loras_in_text(str(run["prompt"])),
        settings=flat(names, _of(run, "width", "height"), strength),
    )


def draw_things(run: Mapping[str, Any]) -> Parameters | None:
    if not {"c", "seed", "steps"} <= set(run):
        return None
    scale = {"cfg_scale": run.get("scale"), "Size": run.get("size"), "strength": run.get("strength")}
    return Parameters(
        tool="Draw Things",
        sampler=plain(run.get("sampler") or UNNAMED, 80),
        model=plain(run.get("model", ""), 120) or None,
        seed=plain(run["seed"], 40),
        prompt=prompt_text(run["c"]),
        negative_prompt=prompt_text(run.get("uc")),
        from_photo=False if run.get("strength") == 1 else None,
        loras=loras_in_list(run.get("lora")),
        settings=flat(_of(run, "steps"), scale),
    )


def _of(run: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: run[name] for name in names if name in run}


def _json(text: str) -> Mapping[str, Any]:
    """The object in a text, empty where it is none. The text is bounded where it is read."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}
