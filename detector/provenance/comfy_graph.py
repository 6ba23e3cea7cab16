"""A ComfyUI graph read by its node types: newer graphs name their sampler in a way unknown to sd-parsers.

Source: ComfyUI's API format: node number -> class_type and inputs; an input is a value or [node number, output].
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from detector.provenance.plain_text import plain
from detector.provenance.run_parameters import Parameters, flat, named_once, prompt_text

MAX_NODES = 2_000  # large published graphs have some hundreds; sd-parsers takes time with the square of them
MAX_LINKS = 10_000
SAMPLER = re.compile(r"Sampler(?!Select)")  # class types that draw: KSampler, SamplerCustomAdvanced, …
LOADS_PICTURE = re.compile(r"LoadImage|ImageLoad|Load Image", re.IGNORECASE)
ENCODES_PICTURE = re.compile(r"VAEEncode|InpaintModelConditioning")
MASKED = re.compile(r"Inpaint|^SetLatentNoiseMask$")
LATENT = ("latent_image", "latent", "samples")  # inputs by which a sampler, or a node before it, gets its start
MODELS = ("ckpt_name", "unet_name", "model_name")

Nodes = Mapping[str, Mapping[str, Any]]


def nodes_of(texts: Mapping[str, str]) -> Nodes | None:
    """The nodes of the graph in these texts; None where there is none, or it is too large."""
    try:
        graph = json.loads(texts["prompt"])
    except (KeyError, ValueError, TypeError, RecursionError):
        return None
    if not isinstance(graph, dict) or len(graph) > MAX_NODES:
        return None
    nodes = {
        str(number): {"class_type": str(node["class_type"]), "inputs": _mapping(node.get("inputs"))}
        for number, node in graph.items()
        if isinstance(node, dict) and "class_type" in node
    }
    return nodes or None


def too_large(texts: Mapping[str, str]) -> bool:
    """Whether the graph has more nodes or links than a parser that walks it for each sampler should be given."""
    try:
        graph, workflow = json.loads(texts["prompt"]), json.loads(texts["workflow"])
        return len(graph) > MAX_NODES or len(workflow["links"]) > MAX_LINKS
    except (KeyError, ValueError, TypeError, RecursionError):
        return False


def read(nodes: Nodes) -> Parameters:
    """What the graph's nodes say of the run; sampler None where none of them draws."""
    kinds = [node["class_type"] for node in nodes.values()]
    sampler = next((kind for kind in kinds if SAMPLER.search(kind)), None)
    return Parameters(
        tool="ComfyUI",
        sampler=plain(sampler, 80) if sampler else None,
        model=plain(next(_inputs(nodes, *MODELS), ""), 120) or None,
        seed=plain(next(_inputs(nodes, "seed", "noise_seed"), ""), 40) or None,
        prompt=prompt_text(list(dict.fromkeys(_texts(nodes)))),
        mask=any(MASKED.search(kind) for kind in kinds),
        from_photo=from_photo(nodes) if sampler else None,
        loras=loras(nodes),
        settings=settings(nodes),
    )


def settings(nodes: Nodes) -> dict[str, str]:
    """Steps, guidance, size and strength, wherever in the graph they stand."""
    found = {name: next(_inputs(nodes, name), None) for name in ("scheduler", "steps", "cfg", "guidance", "denoise")}
    sizes = (
        node["inputs"] for node in nodes.values() if "Latent" in node["class_type"] and "Empty" in node["class_type"]
    )
    size: Mapping[str, Any] = next(sizes, {})
    return flat(
        {name: value for name, value in found.items() if value is not None},
        {side: size[side] for side in ("width", "height") if side in size},
    )


def loras(nodes: Nodes) -> tuple[str, ...]:
    return named_once(_inputs(nodes, "lora_name"))


def from_photo(nodes: Nodes) -> bool | None:
    """Whether a sampler starts from a picture that was loaded; None where one was loaded for something else."""
    loaded = {number for number, node in nodes.items() if LOADS_PICTURE.search(node["class_type"])}
    if not loaded:
        return False
    for node in nodes.values():
        if SAMPLER.search(node["class_type"]):
            before = set(_before(nodes, [link for name in LATENT for link in _links(node, name)]))
            if before & loaded and any(ENCODES_PICTURE.search(nodes[number]["class_type"]) for number in before):
                return True
    return None


def _before(nodes: Nodes, starts: list[str]) -> Iterator[str]:
    """The nodes that lead to these, each once, themselves included."""
    seen: set[str] = set()
    left = list(starts)
    while left:
        number = left.pop()
        if number in seen or number not in nodes:
            continue
        seen.add(number)
        yield number
        left.extend(link for name in nodes[number]["inputs"] for link in _links(nodes[number], name))


def _links(node: Mapping[str, Any], name: str) -> list[str]:
    value = node["inputs"].get(name)
    return [str(value[0])] if isinstance(value, list) and len(value) == 2 else []


def _inputs(nodes: Nodes, *names: str) -> Iterator[object]:
    """The values, not the links, of inputs with these names."""
    for node in nodes.values():
        for name in names:
            value = node["inputs"].get(name)
            if isinstance(value, str | int | float) and value != "":
                yield value


def _texts(nodes: Nodes) -> Iterator[str]:
    for node in nodes.values():
        text = node["inputs"].get("text")
        if "TextEncode" in node["class_type"] and isinstance(text, str) and text.strip():
            yield text.strip()


def _mapping(value: object) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}
