"""Invisible watermarks: the public marks that Stable Diffusion's and FLUX's own programs set into the pixels.

Looks for: four known payloads of the "dwtDct" method, each whole or not at all. A payload repeats over the picture's
blocks. Every place at which it has a one must hold more ones than every place at which it has a zero, and the widest
gap must lie between the two. The method's own reader asks instead whether more than half of a place's blocks hold a
one, and loses a third of marked headshots: in smooth colour zeros turn into ones (docs/detectors.md#watermark).
Blind to: anything resized, cropped or turned since; JPEG with halved colour, which is most; pictures of one smooth
colour; the generators that set no mark, which are most. SynthID can be read by its owner only. Absence says nothing.
Source: each payload's own program, as listed; invisible-watermark (see dwt_dct.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from detector.observation import Bearing, NotApplicable, Observation, Sighting, Strength
from detector.provenance.dwt_dct import read_blocks, shares
from detector.scene import Detector, Scene

SMALLEST = 256 * 256  # pixels: the encoder refuses less


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One row. name: key in details. bits: "0" and "1", as they follow each other over the blocks. of: for the page."""

    name: str
    code: str
    bits: str
    of: str
    source: str

    @property
    def chance(self) -> float:
        """How often a picture whose blocks know nothing of the payload has it all the same, in one reading of it.

        Of all ways to deal the payload's ones out over its places, one is right: for that the bits need be neither
        fair nor independent, only no likelier at one place than at another. Equal shares are no match.
        """
        return 1 / comb(len(self.bits), self.bits.count("1"))


def _spelled(text: str) -> str:
    return "".join(f"{byte:08b}" for byte in text.encode("ascii"))


PAYLOADS: tuple[Payload, ...] = (
    Payload(
        name="StableDiffusionV1",
        code="watermark.stable_diffusion",
        bits=_spelled("StableDiffusionV1"),
        of="Stable Diffusion 1",
        source="github.com/CompVis/stable-diffusion, scripts/txt2img.py",
    ),
    Payload(
        name="SDV2",
        code="watermark.stable_diffusion",
        bits=_spelled("SDV2"),
        of="Stable Diffusion 2",
        source="github.com/Stability-AI/stablediffusion, scripts/txt2img.py",
    ),
    Payload(
        name="SDXL",
        code="watermark.stable_diffusion",
        bits="101100111110110010010000011110111011000110011110",
        of="Stable Diffusion XL",
        source=(
            "github.com/Stability-AI/generative-models, scripts/demo/detect.py; "
            "github.com/huggingface/diffusers, pipelines/stable_diffusion_xl/watermark.py"
        ),
    ),
    Payload(
        # Written with 48 digits in the source, of which Python's bin() drops two leading zeros: 46 are set.
        name="FLUX",
        code="watermark.flux",
        bits="1010101111111010000111100111001111010100101110",
        of="FLUX",
        source="github.com/black-forest-labs/flux, src/flux/util.py",
    ),
)


def whole(found: NDArray[np.float64], payload: Payload) -> bool:
    """Whether the payload is there to its last bit. found: share of ones at each of its places, 0..1.

    Each of its ones stands above each of its zeros, and nowhere is there a wider gap than between the two: a bit that
    stands apart from its own kind is a bit of another payload.
    """
    ones = np.array([bit == "1" for bit in payload.bits])
    gap = found[ones].min() - found[~ones].max()
    return bool(gap > 0 and gap >= np.diff(np.sort(found)).max())


def find_payload(rgb: NDArray[np.uint8]) -> Payload | None:
    """The known payload that the pixels carry whole; None where there is none. rgb: H x W x 3, 0..255."""
    for blocks in read_blocks(rgb).values():
        for payload in PAYLOADS:
            found = shares(blocks, len(payload.bits))
            if found is not None and whole(found, payload):
                return payload
    return None


def look(scene: Scene) -> Sighting:
    """watermark.stable_diffusion or .flux; details hold the payload's name and its number of bits, or null.

    Raises NotApplicable for pictures of fewer than 256 x 256 pixels, CouldNotLook where no pixel can be decoded.
    """
    portrait = scene.portrait
    if portrait.width * portrait.height < SMALLEST:
        raise NotApplicable("The picture is too small to carry such a watermark (256 × 256 pixels are needed).")
    payload = find_payload(portrait.rgb)
    if payload is None:
        note = (
            "No known watermark was read. Most generators set none, and saving or resizing destroys this one: "
            "this says nothing either way."
        )
        return Sighting(note=note, details={"payload": None, "bits": None})
    details = {"payload": payload.name, "bits": len(payload.bits)}
    return Sighting(observations=(_observation(payload),), details=details)


def _observation(payload: Payload) -> Observation:
    return Observation(
        code=payload.code,
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary=f"The pixels carry the invisible watermark of {payload.of}, all {len(payload.bits)} bits of it.",
        caveat=(
            "The generator may have started from a photo, or have repainted or enlarged one: it marks those, too. "
            "The mark is public, and can be set by anyone."
        ),
    )


DETECTOR = Detector(
    name="watermark",
    version=1,
    title="Watermark",
    question="Do the pixels carry the invisible watermark that a picture generator sets?",
    look=look,
)
