"""The demo's photos, made on the spot from scikit-image's public-domain portrait of an astronaut (NASA).

Each shows one thing that an examination can meet. The applicants are fictitious. Needs the demo's packages.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from vetting.demo.backdrop import before_a_bent_shelf
from vetting.demo.credentials import (
    MISSING,
    DemoDependencyError,
    Signer,
    created,
    done,
    sign,
    statement,
    throw_away_authority,
)

Pixels = NDArray[np.uint8]

BUST = (96, 0, 352, 320)  # left, top, right, bottom in the 512 x 512 portrait: head and shoulders
WIDE = (40, 0, 440, 400)  # the same with more of what stands behind
FACE = (80, 76, 184, 192)  # in the bust: where the skin is smoothed
SMOOTHING = 6.0  # sigma in pixels: pores and fine lines are gone, shading stays
EDGE = 3.0  # mean size of the Laplacian, in grey levels: more is a contour
QUALITY = 92
ENLARGED = 3  # so that the face is as wide as a headshot's: about 280 pixels

PARAMETERS = (
    "portrait photo of a smiling astronaut, orange suit, studio backdrop, 85mm\n"
    "Negative prompt: blurry, cartoon\n"
    "Steps: 30, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 1421337788, Size: 768x960, "
    "Model hash: 15012c538f, Model: realisticVision_v51"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPhoto:
    """A photo of a fictitious applicant. shows: one sentence on what was done to it."""

    applicant: str
    file_name: str
    data: bytes
    shows: str


def demo_photos() -> list[DemoPhoto]:
    """The eight photos, signed by an authority that is made for this call and forgotten with it.

    Raises DemoDependencyError where scikit-image or cryptography is missing.
    """
    bust, wide = _portrait(BUST), _portrait(WIDE)
    plain = _jpeg(bust)
    camera = throw_away_authority().issue("Candid demo camera")
    signed = sign(plain, "image/jpeg", statement(created("digitalCapture")), camera)
    return [
        DemoPhoto(
            applicant="Ada Andersson",
            file_name="ada-andersson.jpg",
            data=plain,
            shows="The portrait as it is: nothing declared, nothing signed.",
        ),
        DemoPhoto(
            applicant="Bruno Baptista",
            file_name="bruno-baptista.jpg",
            data=signed,
            shows="Signed as a camera's capture by a throw-away authority that is on no list.",
        ),
        DemoPhoto(
            applicant="Chiara Conti",
            file_name="chiara-conti.jpg",
            data=_declared(plain, throw_away_authority().issue("Candid demo generator")),
            shows="Declares in its Content Credentials that it was made by AI.",
        ),
        DemoPhoto(
            applicant="Dmitri Dahl",
            file_name="dmitri-dahl.png",
            data=_with_parameters(bust),
            shows="Carries the parameters of a Stable Diffusion run.",
        ),
        DemoPhoto(
            applicant="Esra Ekin",
            file_name="esra-ekin.png",
            data=_png(over_smoothed(bust)),
            shows="Skin smoothed far beyond what a camera leaves, eyes and hair still sharp.",
        ),
        DemoPhoto(
            applicant="Femi Falade",
            file_name="femi-falade.jpg",
            data=tampered(signed),
            shows="Signed as a capture, and changed afterwards.",
        ),
        DemoPhoto(
            applicant="Gita Gospodinova",
            file_name="gita-gospodinova.jpg",
            data=_jpeg(before_a_bent_shelf(wide, _png(wide))),
            shows="Stands before a shelf whose edge bends where it meets the head.",
        ),
        DemoPhoto(
            applicant="Hana Holm",
            file_name="hana-holm.jpg",
            data=_with_a_history(wide, bust),
            shows="Tells its history: captured, opened in an editor, cropped and brightened; each step is signed.",
        ),
    ]


def _portrait(part: tuple[int, int, int, int]) -> Pixels:
    """H x W x 3 sRGB, a part of the astronaut's portrait, enlarged."""
    try:
        from skimage.data import astronaut
    except ImportError as error:
        raise DemoDependencyError(MISSING) from error
    portrait: Pixels = astronaut()  # type: ignore[no-untyped-call]
    cut = Image.fromarray(portrait).crop(part)
    size = (cut.width * ENLARGED, cut.height * ENLARGED)
    return np.asarray(cut.resize(size, Image.Resampling.LANCZOS))


def _jpeg(pixels: Pixels) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=QUALITY, subsampling=0)
    return target.getvalue()


def _declared(plain: bytes, generator: Signer) -> bytes:
    action = created("trainedAlgorithmicMedia", agent="Candid demo generator")
    return sign(plain, "image/jpeg", statement(action, tool="Candid demo generator"), generator)


def _with_a_history(whole: Pixels, cropped: Pixels) -> bytes:
    """A capture, and what an editor made of it: two manifests, each with a small copy of the picture as it was."""
    camera = throw_away_authority().issue("Candid demo camera")
    captured = sign(_jpeg(whole), "image/jpeg", statement(created("digitalCapture")), camera, thumbnails=True)
    brighter = np.clip(cropped.astype(np.float32) * 1.06, 0, 255).astype(np.uint8)
    steps = statement(
        done("c2pa.opened", "the-photo-as-taken.jpg"),
        done("c2pa.cropped"),
        done("c2pa.color_adjustments"),
        tool="Candid demo editor",
    )
    editor = throw_away_authority().issue("Candid demo studio")
    before = {"the-photo-as-taken.jpg": ("parentOf", captured)}
    return sign(_jpeg(brighter), "image/jpeg", steps, editor, ingredients=before, thumbnails=True)


def _png(pixels: Pixels, texts: PngImagePlugin.PngInfo | None = None) -> bytes:
    """Lossless: JPEG's own rounding would stand in for the texture that over_smoothed() takes away."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG", pnginfo=texts)
    return target.getvalue()


def _with_parameters(pixels: Pixels) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("parameters", PARAMETERS)
    return _png(pixels, texts)


def over_smoothed(pixels: Pixels) -> Pixels:
    """H x W x 3: the skin of the face without pores and noise, as beauty filters leave it; eyes, lips, hair as before.

    A Gaussian blur over skin alone (normalised convolution), so that nothing bleeds in from eyes, lips and hair.
    """
    share = _skin(pixels)[..., None]
    blurred = cv2.GaussianBlur(pixels * share, (0, 0), SMOOTHING)
    weight = cv2.GaussianBlur(share, (0, 0), SMOOTHING)[..., None]
    smooth = blurred / np.maximum(weight, 1e-3)
    return np.rint(pixels * (1 - share) + smooth * share).clip(0, 255).astype(np.uint8)


def _skin(pixels: Pixels) -> NDArray[np.float32]:
    """H x W, 0..1: what has the colour of skin, is bright and flat, in the face's box; soft edges."""
    light, red, blue = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb))
    inside = np.zeros(pixels.shape[:2], dtype=bool)
    left, top, right, bottom = (ENLARGED * side for side in FACE)
    inside[top:bottom, left:right] = True
    skin = inside & (light > 105) & (red > 132) & (red < 172) & (blue > 95) & (blue < 128)
    grey = cv2.GaussianBlur(light.astype(np.float32), (0, 0), 1.5)
    edges = cv2.GaussianBlur(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), (0, 0), 2.5)
    skin &= edges < EDGE  # lids, lips, jaw and hairline stay as they are
    mask = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5), dtype=np.float32)


def tampered(signed: bytes) -> bytes:
    """The signed JPEG with changed pixels under the same manifest: it still decodes, the hash does not match."""
    with Image.open(io.BytesIO(signed)) as opened:
        pixels = np.asarray(opened.convert("RGB")).copy()
    height, width = pixels.shape[:2]
    backdrop = pixels[: height // 6, : width // 6]
    pixels[: height // 6, -(width // 6) :] = backdrop[:, ::-1]
    return _manifest_segments(signed, _jpeg(pixels))


def _manifest_segments(signed: bytes, plain: bytes) -> bytes:
    """`plain` with the APP11 segments (the manifest store) of `signed` in the place where they stood."""
    at, segments = 2, b""
    while signed[at] == 0xFF and signed[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(signed[at + 2 : at + 4], "big")
        if signed[at + 1] == 0xEB:
            segments += signed[at:end]
        at = end
    after = 4 + int.from_bytes(plain[4:6], "big")  # behind APP0, as c2pa-rs places it
    return plain[:after] + segments + plain[after:]
