"""Parameters that a picture generator writes into its files: prompt, model, seed, sampler.

Looks for: what Stable Diffusion WebUI, ComfyUI, InvokeAI, NovelAI and Fooocus leave in PNG text, EXIF, or the lowest
bits of the alpha channel. A sampler with its settings is the run that made the picture, so it counts as declared;
settings with an inpainting mask say that a part of an existing picture was repainted; a workflow without a sampler
says no more than that the program was used (it also enlarges photos).
Blind to: files saved again without metadata; tools that write none. Absence says nothing.
Source: the tools' own formats as read by sd-parsers (MIT). Its parsers are used, its extractors are not: they keep
the last comment under the `id()` of a picture that may be gone, and would hand it to the next photo.
"""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sd_parsers.data import PromptInfo
from sd_parsers.exceptions import ParserError
from sd_parsers.parsers import MANAGED_PARSERS, Parser

from detector.observation import Bearing, Observation, Sighting, Strength
from detector.portrait import Portrait
from detector.provenance import embedded_text
from detector.provenance.plain_text import plain
from detector.scene import Detector, Scene

log = logging.getLogger(__name__)

MAX_PROMPT = 2_000  # characters kept of a prompt
STEALTH_HEADS = (b"stealth_pngcomp", b"stealth_pnginfo")  # gzipped, plain
SAMPLER_NODE = re.compile(r"Sampler(?!Select)")  # ComfyUI class types that draw: KSampler, SamplerCustomAdvanced, …
PARSERS = cast("list[Callable[[], Parser]]", MANAGED_PARSERS)
WARNING = "A prompt is personal data of the candidate: it may tell what they wanted to change about their looks."


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What was found. tool: the program. settings: its parameters by name, as text. mask: it repainted only a part.

    sampler: None where the program was used, but not to draw.
    """

    tool: str
    sampler: str | None
    model: str | None = None
    seed: str | None = None
    prompt: str = ""
    negative_prompt: str = ""
    mask: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)


def carried_texts(portrait: Portrait) -> Iterator[dict[str, str]]:
    """Each place of the file that may hold parameters, as keyword -> text in the form that the parsers expect."""
    texts = embedded_text.png_texts(portrait.data)
    if texts:
        yield texts
    with embedded_text.opened(portrait) as picture:
        fields = embedded_text.exif_fields(picture, portrait.data) if picture else {}
    comment = embedded_text.user_comment(fields.get("UserComment"))
    if comment:
        yield {"parameters": comment}
    nodes = dict(_labelled(value) for value in (fields.get("Make"), fields.get("Model")) if _labelled(value)[0])
    if nodes:  # ComfyUI in WebP: 0x010F "workflow:{…", 0x0110 "prompt:{…"
        yield nodes
    hidden = stealth_text(portrait)
    if hidden:
        yield {"parameters": hidden}
        yield _novelai(hidden)


def _labelled(value: object) -> tuple[str, str]:
    match = re.match(r"(prompt|workflow):\s*(\{.*)", str(value).strip("\0 "), re.DOTALL | re.IGNORECASE)
    return (match[1].lower(), match[2]) if match else ("", "")


def _novelai(text: str) -> dict[str, str]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in fields.items()} if isinstance(fields, dict) else {}


def stealth_text(portrait: Portrait) -> str:
    """Text in the lowest bits of the alpha channel, column by column; empty where there is none, or no alpha."""
    if portrait.format not in {"PNG", "WebP"}:
        return ""
    try:
        with portrait.open() as picture:
            if picture.mode != "RGBA":
                return ""
            alpha = np.asarray(picture.getchannel("A"))
    except Exception:
        return ""
    return _hidden(alpha)


def _hidden(alpha: NDArray[np.uint8]) -> str:
    """alpha: H x W. A head of 15 bytes, the length in bits as a 32-bit number, then the text."""
    columns = alpha.T  # bits run down each column, then to the next
    head = _bytes(columns, 0, 19)
    if head[:15] not in STEALTH_HEADS or len(head) < 19:
        return ""
    length = min(int.from_bytes(head[15:], "big") // 8, embedded_text.MAX_TEXT)
    body = _bytes(columns, 19, length)
    if head[:15] == STEALTH_HEADS[0]:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(body)) as unpacked:
                body = unpacked.read(embedded_text.MAX_TEXT)
        except (OSError, EOFError, zlib.error):
            return ""
    return body.decode("utf-8", errors="replace")


def _bytes(columns: NDArray[np.uint8], start: int, count: int) -> bytes:
    """`count` bytes from the byte `start`, of the lowest bits in reading order of `columns` (W x H)."""
    rows = columns.shape[1]
    first, last = 8 * start // rows, 8 * (start + count) // rows + 1
    bits = columns[first:last].reshape(-1)[8 * start - first * rows :][: 8 * count] & 1
    return np.packbits(bits).tobytes()


def parse(texts: Mapping[str, str]) -> Parameters | None:
    """The parameters in these texts, by the first parser that understands them; None where there are none."""
    for make in PARSERS:
        try:
            found = make().parse(dict(texts))
        except ParserError:
            continue
        except Exception:  # the parsers were written for files that are whole
            log.info("%s could not read the parameters of a file", make, exc_info=True)
            continue
        return _parameters(found, texts)
    return _workflow(texts)


def _parameters(found: PromptInfo, texts: Mapping[str, str]) -> Parameters | None:
    drawn = _workflow(texts) if found.generator.value == "ComfyUI" else None
    if not found.samplers:
        return drawn
    sampler = found.samplers[0]
    settings = {plain(key, 40): plain(value, 80) for key, value in sampler.parameters.items() if not _nested(value)}
    extras = found.metadata if isinstance(found.metadata, Mapping) else {}
    return Parameters(
        tool=found.generator.value,
        sampler=plain(sampler.name, 80),
        model=plain(next((each.model for each in found.samplers if each.model), ""), 120) or None,
        seed=next((value for name, value in settings.items() if name.lower() in {"seed", "noise_seed"}), None),
        prompt=_prompt(found.full_prompt),
        negative_prompt=_prompt(found.full_negative_prompt),
        mask="Mask blur" in extras or "Inpaint area" in extras or bool(drawn and drawn.mask),
        settings=settings,
    )


def _prompt(value: object) -> str:
    return plain(", ".join(map(str, value)) if isinstance(value, list) else value, MAX_PROMPT)


def _nested(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _workflow(texts: Mapping[str, str]) -> Parameters | None:
    """A ComfyUI graph read by its node types: newer graphs name their sampler in a way unknown to sd-parsers."""
    try:
        nodes = json.loads(texts["prompt"])
    except (KeyError, ValueError, TypeError, RecursionError):
        return None
    if not isinstance(nodes, dict):
        return None
    kinds = [str(node["class_type"]) for node in nodes.values() if isinstance(node, dict) and "class_type" in node]
    if not kinds:
        return None
    sampler = next((kind for kind in kinds if SAMPLER_NODE.search(kind)), None)
    mask = any("Inpaint" in kind or kind == "SetLatentNoiseMask" for kind in kinds)
    return Parameters(tool="ComfyUI", sampler=plain(sampler, 80) if sampler else None, mask=mask)


def find_parameters(portrait: Portrait) -> Parameters | None:
    """The first parameters that say how a picture was drawn; else those of a program that was used otherwise."""
    found = [parameters for texts in carried_texts(portrait) if (parameters := parse(texts))]
    return next((parameters for parameters in found if parameters.sampler), found[0] if found else None)


def look(scene: Scene) -> Sighting:
    """generator_parameters.found, .inpainted or .workflow; details hold tool, model, seed, prompt, a privacy warning.

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
        "settings": dict(found.settings),
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
    with_model = f", model “{found.model}”" if found.model else ""
    return Observation(
        code="generator_parameters.found",
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary=f"The file carries the parameters with which {found.tool} generates a picture{with_model}.",
        caveat=(
            "This is what the file says of itself, not a measurement of the picture. "
            "The generator may have started from a photo; text can be copied between files."
        ),
    )


DETECTOR = Detector(
    name="generator_parameters",
    version=1,
    title="Generator parameters",
    question="Does the file carry the parameters with which a picture generator made it?",
    look=look,
)
