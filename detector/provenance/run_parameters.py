"""The parameters of one run of a picture generator, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from detector.provenance.plain_text import plain

MAX_PROMPT = 2_000  # characters kept of a prompt
MAX_ROWS = 30
MAX_LORAS = 12
LORA_IN_PROMPT = re.compile(r"<(?:lora|lyco):([^:<>]{1,120})(?::[^<>]{0,40})?>", re.IGNORECASE)
LORA_HASHES = re.compile(r'Lora hashes: "([^"]{1,2000})"')
# Keys of the tools, lower case without blanks -> what the page calls them, in the page's order.
ROWS = {
    "sampler": "Sampler",
    "scheduler": "Schedule",
    "scheduletype": "Schedule",
    "steps": "Steps",
    "cfgscale": "CFG scale",
    "cfg": "CFG scale",
    "guidance": "Guidance",
    "seed": "Seed",
    "noiseseed": "Seed",
    "size": "Size",
    "denoisingstrength": "Denoising strength",
    "denoise": "Denoising strength",
    "strength": "Denoising strength",
    "clipskip": "CLIP skip",
    "vae": "VAE",
    "sharpness": "Sharpness",
    "performance": "Performance",
}
# Shown elsewhere, or personal, or no setting: prompts, pictures, hashes, what a script keeps for itself.
NO_ROW = re.compile(
    r"prompt|image|hash|mask_|style|wildcard|user|path|raw|workflow|random seed|scheme|^app|^type$|^model|^.{1,2}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What was found. tool: the program. settings: its parameters by its own names, as text.

    sampler: None where the program was used, but not to draw. mask: it repainted only a part. from_photo: whether it
    began from an existing picture, None where the parameters do not tell. loras: names of small models added to the
    main one, as given.
    """

    tool: str
    sampler: str | None
    model: str | None = None
    seed: str | None = None
    prompt: str = ""
    negative_prompt: str = ""
    mask: bool = False
    from_photo: bool | None = None
    loras: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


def rows(found: Parameters) -> list[dict[str, str]]:
    """name and value of each setting, in the page's order, those that it has no name for last; at most MAX_ROWS."""
    named = {"Model": found.model or "", "LoRA": ", ".join(found.loras), "Sampler": found.sampler or ""}
    others: dict[str, str] = {}
    for key, value in found.settings.items():
        name = ROWS.get(re.sub(r"[\s_]", "", key).lower())
        (named if name else others).setdefault(name or plain(key, 40).replace("_", " ").capitalize(), value)
    named["Seed"] = found.seed or named.get("Seed", "")
    order = ["Model", "LoRA", *dict.fromkeys(ROWS.values())]
    ordered = [(name, named[name]) for name in order if named.get(name)]
    return [{"name": name, "value": value} for name, value in (*ordered, *others.items())][:MAX_ROWS]


def denoising_strength(found: Parameters) -> float | None:
    """How far the run could depart from the picture that it began from, 0 to 1; None where it is not told."""
    told = next((row["value"] for row in rows(found) if row["name"] == "Denoising strength"), "")
    try:
        strength = float(told)
    except ValueError:
        return None
    return strength if 0 <= strength <= 1 else None


def flat(*sources: Mapping[Any, Any]) -> dict[str, str]:
    """The settings among these values that can be shown in one line; width and height become one."""
    found: dict[str, str] = {}
    sizes: dict[str, str] = {}
    for key, value in (pair for source in sources for pair in source.items()):
        name, text = plain(key, 40), "" if isinstance(value, Mapping | list | tuple) else plain(value, 80)
        if not text or text == "None" or NO_ROW.search(name) or len(found) >= 2 * MAX_ROWS:
            continue
        (sizes if name.lower() in {"width", "height"} else found).setdefault(name, text)
    by_side = {name.lower(): text for name, text in sizes.items()}
    if {"width", "height"} <= set(by_side):
        found.setdefault("Size", f"{by_side['width']}x{by_side['height']}")
    return found


def loras_in_text(*texts: str) -> tuple[str, ...]:
    """Names of LoRAs in prompts ("<lora:name:0.8>") and in the WebUI's list of their hashes."""
    return named_once(name for text in texts for name in _loras(text))


def _loras(text: str) -> Iterator[str]:
    yield from LORA_IN_PROMPT.findall(text)
    for listed in LORA_HASHES.findall(text):
        yield from (pair.partition(":")[0].strip() for pair in listed.split(","))


def loras_in_list(listed: object) -> tuple[str, ...]:
    """Names in a tool's list of LoRAs: plain names, or lists and mappings that begin with one."""
    return named_once(_name(each) for each in (listed if isinstance(listed, list) else []))


def _name(entry: Any) -> Any:
    """The name in Fooocus' [name, weight, hash], Draw Things' {"model"}, InvokeAI's {"lora": {"model_name"}}."""
    for _ in range(3):  # as deep as any of them nests it
        if isinstance(entry, list) and entry:
            entry = entry[0]
        elif isinstance(entry, Mapping):
            entry = next((entry[key] for key in ("model_name", "name", "model", "lora", "file") if key in entry), None)
    return entry


def named_once(names: Iterator[object]) -> tuple[str, ...]:
    """The names made fit to show, each once, at most MAX_LORAS."""
    found: dict[str, None] = {}
    for name in names:
        if isinstance(name, str) and plain(name, 80):
            found.setdefault(plain(name, 80))
        if len(found) == MAX_LORAS:
            break
    return tuple(found)


def prompt_text(value: object) -> str:
    return plain(", ".join(map(str, value)) if isinstance(value, list) else value or "", MAX_PROMPT)
