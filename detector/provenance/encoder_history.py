"""Encoder history: which program saved the file, whether its pixels were a JPEG before, whether they were enlarged.

Looks for: whose quantisation tables a JPEG has and how it is laid out (known_encoders.py), the comb that an older
table leaves in the pixels, in place or shifted by a crop (earlier_saves.py), and the period of interpolation
(enlargement.py).
All of it is ordinary and weak: nearly every published photo was saved several times, and so was nearly every generated
one. It tells what became of a file, never what made the picture.
Blind to: whoever keeps another's tables; saves with the same table; reductions; all that a coarse last save wiped out.
Comments in a JPEG are passed over: Pillow hands them on, so they need not be of the program that saved it last.
Source: as in the three modules named; EXIF 3.0 for the layout of a camera's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.observation import CouldNotLook, NotApplicable, Sighting
from detector.portrait import Portrait
from detector.provenance import embedded_text
from detector.provenance.earlier_saves import SIDE, SMALLEST, Luma, earlier_save
from detector.provenance.encoder_words import History, observe, steps, unseen
from detector.provenance.enlargement import enlarged
from detector.provenance.jpeg_structure import JpegStructure, read_structure
from detector.provenance.known_encoders import identify
from detector.provenance.plain_text import plain
from detector.scene import Detector, Scene

LUMINANCE = np.array([[0.299, 0.587, 0.114]], dtype=np.float32)  # JFIF 1.02: what a JPEG's first component holds
EXPOSURE = ("ExposureTime", "FNumber", "ISOSpeedRatings", "PhotographicSensitivity", "FocalLength")
LOSSLESS = frozenset({"PNG", "TIFF"})
MOST_CHUNKS = 16  # of a WebP file, before its picture
MOST_SEGMENTS = 24  # kept in details: what the page shows of a layout
# Orientation -> how the upright picture is turned back into the order in which it was coded.
TURNS = {
    2: lambda rgb: rgb[:, ::-1],
    3: lambda rgb: rgb[::-1, ::-1],
    4: lambda rgb: rgb[::-1],
    5: lambda rgb: rgb.transpose(1, 0, 2),
    6: lambda rgb: np.rot90(rgb),
    7: lambda rgb: rgb[::-1, ::-1].transpose(1, 0, 2),
    8: lambda rgb: np.rot90(rgb, -1),
}


def look(scene: Scene) -> Sighting:
    """Observations .saved_by, .saved_after_camera, .camera_tables, .site, .saved_twice, .was_jpeg, .cropped_after_jpeg,
    .enlarged; all neutral and weak.

    details, for the page of a file's history:
      encoder     family, quality (1..100, or null), subsampling ("4:2:0", or null), progressive, words
      first_save  an older JPEG: family (standard | other), quality ([least, most], or null), evidence; or null
      grid        where its blocks begin: right, down (0..7 pixels from the file's own), aligned; or null
      enlarged    period (cycles a pixel), factors (each possible), peak (times the usual); or null
      steps       what happened, oldest first: kind (saved-before | cropped | enlarged | saved), words
      structure   of a JPEG: process, huffman, scans, restart, density, segments, comment, digest; or null
      pixels      whether the pixels could be looked at; first_save, grid and enlarged are null otherwise

    Looks at the middle 640 x 640 pixels, at their own size. Raises NotApplicable for a picture that is no JPEG and too
    small to count blocks in, CouldNotLook where neither structure nor pixels can be read.
    """
    portrait = scene.portrait
    history = _by_structure(portrait)
    if history.structure is None and min(portrait.width, portrait.height) < SMALLEST:
        raise NotApplicable(f"The picture is too small to look for an older JPEG in it ({SMALLEST} pixels are needed).")
    try:
        luma = luminance(portrait)
    except CouldNotLook:
        if history.identity is None:
            raise
    else:
        history = _by_pixels(history, luma)
    observations = tuple(observe(history))
    return Sighting(
        observations=observations,
        note="" if observations else unseen(history),
        details=_details(history),
    )


def _by_structure(portrait: Portrait) -> History:
    structure = read_structure(portrait.data) if portrait.format == "JPEG" else None
    return History(
        format=portrait.format,
        structure=structure,
        identity=identify(structure) if structure else None,
        maker=camera_maker(portrait),
        comb_readable=_comb_readable(portrait, structure),
        pixels=False,
    )


def _by_pixels(history: History, luma: Luma) -> History:
    structure = history.structure
    return replace(
        history,
        pixels=True,
        earlier=earlier_save(luma, structure.luma if structure else None) if history.comb_readable else None,
        enlarged=enlarged(luma, jpeg=structure is not None),
    )


def _comb_readable(portrait: Portrait, structure: JpegStructure | None) -> bool:
    """Whether an older JPEG's steps could be found: in a JPEG that codes luminance, or where pixels are kept."""
    if structure is not None:
        return structure.luma is not None and structure.luminance_coded
    return portrait.format in LOSSLESS or (portrait.format == "WebP" and _lossless_webp(portrait.data))


def _lossless_webp(data: bytes) -> bool:
    """By the kind of the chunk that holds the picture (WebP Container Specification)."""
    at = 12
    for _ in range(MOST_CHUNKS):
        kind = data[at : at + 4]
        if kind in {b"VP8 ", b"VP8L", b""}:
            return kind == b"VP8L"
        at += 8 + (int.from_bytes(data[at + 4 : at + 8], "little") + 1) // 2 * 2
    return False


def camera_maker(portrait: Portrait) -> str:
    """Of a camera that the EXIF fields name together with an exposure; "" where they name none."""
    with embedded_text.opened(portrait) as picture:
        fields = embedded_text.exif_fields(picture, portrait.data) if picture else {}
    maker = fields.get("Make")
    exposed = any(fields.get(name) is not None for name in EXPOSURE)
    return plain(maker, 40) if isinstance(maker, str) and "{" not in maker and exposed else ""


def luminance(portrait: Portrait) -> Luma:
    """The middle of the picture as it was coded, at its own size, cut at multiples of eight. Raises CouldNotLook."""
    coded = _as_coded(portrait)
    high, wide = coded.shape[:2]
    top, left = (max(0, (side - SIDE) // 2) // 8 * 8 for side in (high, wide))
    part = np.ascontiguousarray(coded[top : top + SIDE, left : left + SIDE], dtype=np.float32)
    return np.asarray(cv2.transform(part, LUMINANCE), dtype=np.float32).reshape(part.shape[:2])


def _as_coded(portrait: Portrait) -> NDArray[np.uint8]:
    """The pixels in the file's own order, in which its blocks lie; a view of the portrait's."""
    rgb = portrait.rgb
    with embedded_text.opened(portrait) as picture:
        try:
            turn = picture.getexif().get(0x0112, 1) if picture else 1
        except Exception:  # damaged EXIF: the portrait was not turned either
            turn = 1
    return TURNS[turn](rgb) if isinstance(turn, int) and turn in TURNS else rgb


def _details(history: History) -> dict[str, Any]:
    identity, structure, earlier, grown = history.identity, history.structure, history.earlier, history.enlarged
    return {
        "encoder": {
            "family": identity.encoder.family if identity else history.format.lower(),
            "quality": identity.quality if identity else None,
            "subsampling": (structure.subsampling or None) if structure else None,
            "progressive": bool(structure and structure.progressive),
            "words": history.saved_by,
        },
        "first_save": {
            "family": earlier.family,
            "quality": list(earlier.quality) if earlier.quality else None,
            "evidence": earlier.evidence,
        }
        if earlier
        else None,
        "grid": {"right": earlier.right, "down": earlier.down, "aligned": not earlier.shifted} if earlier else None,
        "enlarged": {"period": grown.period, "factors": list(grown.factors), "peak": grown.peak} if grown else None,
        "steps": list(steps(history)),
        "structure": _layout(structure) if structure else None,
        "pixels": history.pixels,
    }


def _layout(structure: JpegStructure) -> Mapping[str, Any]:
    return {
        "process": structure.process,
        "huffman": structure.huffman,
        "scans": structure.scans,
        "restart": structure.restart,
        "density": list(structure.density) if structure.density else None,
        "segments": [plain(name, 24) for name in structure.segments[:MOST_SEGMENTS]],
        "comment": plain(structure.comment),
        "digest": structure.digest,
        "whole": structure.whole,
    }


DETECTOR = Detector(
    name="encoder_history",
    version=1,
    title="Encoder history",
    question="Which program saved the file, was it a JPEG before, and was it enlarged?",
    look=look,
)
