"""Whether a run began from an existing picture, where the tool's parameters tell.

Sources: the settings that Stable Diffusion WebUI writes for img2img and for its hires pass; InvokeAI's `type` and
`generation_mode`, and the switches of its Dream line; NovelAI's `request_type`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PICTURE_IN = re.compile(r"ControlNet|IP-?Adapter|ReActor|Roop|InstantID|PuLID|PhotoMaker", re.IGNORECASE)
HIRES = re.compile(r"\bHires (?:upscale|upscaler|steps|resize)\b")


def repainted(given: Mapping[str, object]) -> bool:
    """Whether the settings name an inpainting mask."""
    masks = {"Mask blur", "Inpaint area", "Masked area padding"}
    return (
        bool(masks & set(given)) or "inpaint" in _mode(given) or given.get("request_type") == "NativeInfillingRequest"
    )


def from_photo(tool: str, given: Mapping[str, object], text: str) -> bool | None:
    """True: it began from a picture; False: from noise alone; None: the parameters do not tell.

    tool: as sd-parsers names it. given: all its settings. text: the WebUI's parameters as they stand there.
    """
    if repainted(given):
        return True
    if tool == "AUTOMATIC1111":
        return _webui(given, text)
    if tool == "InvokeAI":
        return _invokeai(given)
    if tool == "NovelAI":
        return {"Img2ImgRequest": True, "PromptGenerateRequest": False}.get(str(given.get("request_type")))
    return None


def _webui(given: Mapping[str, object], text: str) -> bool | None:
    """A strength is written for img2img, and for the second pass of hires, which starts from the first."""
    if "Denoising strength" in given and not HIRES.search(text):
        return True
    ours = re.search(r"\bVersion: (?:f|v)?\d", text) or "Version" not in given
    return False if ours and "App" not in given and not PICTURE_IN.search(text) else None


def _invokeai(given: Mapping[str, object]) -> bool | None:
    mode = _mode(given)
    if "img2img" in mode or "outpaint" in mode or "I" in given or given.get("init_image"):
        return True
    guided = any(given.get(name) for name in ("ipAdapters", "controlnets", "t2iAdapters"))
    return False if "txt2img" in mode and not guided else None


def _mode(given: Mapping[str, object]) -> str:
    return f"{given.get('generation_mode', '')} {given.get('type', '')}".lower()
