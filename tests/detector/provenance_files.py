"""Small files for the tests of the provenance wing: made here, signed by authorities that live for one test run."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from detector.observation import Observation, Sighting
from detector.portrait import PictureError, Portrait, read_portrait
from detector.scene import Detector, Scene
from detector.trust import OFFICIAL, TrustLists
from vetting.demo.credentials import Authority, Signer, sign, throw_away_authority

MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WebP": "image/webp", "HEIF": "image/heic", "AVIF": "image/avif"}
HEADS = ((b"PNG", "PNG"), (b"WEBP", "WebP"), (b"ftypavif", "AVIF"), (b"ftyp", "HEIF"))  # within the first 16 bytes


@cache
def camera_authority() -> Authority:
    """The authority that the tests' trust list knows."""
    return throw_away_authority("Known cameras")


@cache
def known_signer() -> Signer:
    return camera_authority().issue("Known camera maker")


@cache
def stranger() -> Signer:
    """Somebody who gave himself the name of a real company."""
    return throw_away_authority("Nobody").issue("Adobe Inc.")


@cache
def known() -> TrustLists:
    return TrustLists(texts={OFFICIAL: camera_authority().anchor})


def picture(mode: str = "RGB", size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A shaded, slightly noisy picture; nothing in it matters but that it decodes."""
    width, height = size
    ramp = np.linspace(40, 200, width * height * len(mode)).reshape(height, width, len(mode))
    noisy = ramp + np.random.default_rng(7).normal(0, 3, ramp.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8), mode)


def saved(kind: str = "JPEG", *, mode: str = "RGB", texts: dict[str, str] | None = None, **extra: Any) -> bytes:
    """The picture as a file of Pillow's kind; texts: PNG text chunks (iTXt for XMP); extra: exif=, xmp=."""
    target = io.BytesIO()
    if kind == "PNG" and texts:
        info = PngImagePlugin.PngInfo()
        for keyword, text in texts.items():
            (info.add_itxt if keyword == "XML:com.adobe.xmp" else info.add_text)(keyword, text)
        extra["pnginfo"] = info
    picture(mode).save(target, kind, **extra)
    return target.getvalue()


def signed(*actions: dict[str, Any], by: Signer, onto: bytes | None = None, **extra: Any) -> bytes:
    """A JPEG with a manifest of these actions."""
    from vetting.demo.credentials import statement

    return sign(onto or saved(), "image/jpeg", statement(*actions), by, **extra)


def raw_portrait(data: bytes, kind: str) -> Portrait:
    """A portrait without intake's checks, for files that have no pixels worth the name."""
    digest = hashlib.sha256(data).hexdigest()
    return Portrait(data=data, sha256=digest, format=kind, mime=MIMES[kind], width=1, height=1)


def portrait_of(data: bytes) -> Portrait:
    """As intake reads it; stubs without pixels, which intake refuses, are read for their credentials all the same."""
    try:
        return read_portrait(data)
    except PictureError:
        return raw_portrait(data, next((kind for head, kind in HEADS if head in data[:16]), "JPEG"))


def look(detector: Detector, data: bytes, trust: TrustLists | None = None) -> Sighting:
    """What the detector sees in the file, read as an upload is."""
    return detector.look(Scene(read_portrait(data), trust or TrustLists()))


def codes(sighting: Sighting) -> set[str]:
    return {observation.code for observation in sighting.observations}


def only(sighting: Sighting, code: str) -> Observation:
    """The one observation with that code; fails where there is none."""
    (found,) = [observation for observation in sighting.observations if observation.code == code]
    return found
