"""Whether two photos show the same picture, by the hashes of their parts: counted bits and measured limits.

Knows numbers only, no picture: a search through many hashes needs no decoder. How the hashes are made stands in
picture_hashes.py and signal/pdq.py; the limits come from `python -m detector.training.repeats`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

VERSION = 1  # of the hashes: those of another version are not compared
WAVES = 16  # bits a row, as in signal/pdq.py
Bits = NDArray[np.uint64]  # N x 4


class Part(StrEnum):
    """What was hashed."""

    WHOLE = "whole"
    HEAD = "head"
    BACKGROUND = "background"


class Kind(StrEnum):
    """What two photos have in common, strongest first."""

    SAME_PICTURE = "same-picture"
    MIRRORED = "mirrored"
    CROPPED = "cropped"
    SAME_BACKGROUND = "same-background"


# Bits of 256 that may differ, and the least quality (0..100) of either: docs/detectors.md#the-same-picture. For the
# whole picture both are the published ones; mirror images of a head are a few bits farther off, as the face's box is.
LIMITS = {Part.WHOLE: 31, Part.HEAD: 31, Part.BACKGROUND: 40}
MIRROR_LIMITS = LIMITS | {Part.HEAD: 45}
LEAST_QUALITY = {Part.WHOLE: 50, Part.HEAD: 50, Part.BACKGROUND: 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """distance: bits of 256 that differ in the part that says so."""

    kind: Kind
    distance: int


# part -> (value, quality) of the one photo and of the other; only parts that both have
Compared = Mapping[Part, tuple[tuple[str, int], tuple[str, int]]]


def bits_of(values: Sequence[str]) -> Bits:
    """N x 4 of N hashes in hex."""
    return np.frombuffer(bytes.fromhex("".join(values)), dtype=np.uint64).reshape(-1, 4)


def distances(one: Bits, many: Bits) -> NDArray[np.uint16]:
    """Bits that differ between one hash (1 x 4) and each of many (N x 4)."""
    return np.asarray(np.bitwise_count(one ^ many).sum(axis=1), dtype=np.uint16)


def mirrored_bits(bits: Bits) -> Bits:
    """About what the mirrored picture hashes to: a mirror turns the odd waves over, and their median lies near 0."""
    return bits ^ MIRROR


def judge(parts: Compared) -> Match | None:
    """The strongest thing that two photos have in common; None where no part is near enough.

    A picture that is nearer mirrored than as it is counts as mirrored: a face is about its own mirror image.
    """
    for part, kind in ((Part.WHOLE, Kind.SAME_PICTURE), (Part.HEAD, Kind.CROPPED)):
        apart = _apart(parts, part)
        if apart and apart.plain <= LIMITS[part] and apart.plain <= apart.mirrored:
            return Match(kind=kind, distance=apart.plain)
        if apart and apart.mirrored <= MIRROR_LIMITS[part] and apart.mirrored < apart.plain:
            return Match(kind=Kind.MIRRORED, distance=apart.mirrored)
    behind = _apart(parts, Part.BACKGROUND)
    if behind and behind.plain <= LIMITS[Part.BACKGROUND]:
        return Match(kind=Kind.SAME_BACKGROUND, distance=behind.plain)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Apart:
    plain: int
    mirrored: int


def _apart(parts: Compared, part: Part) -> _Apart | None:
    """None where a photo lacks the part, or has too little in it to be told from others."""
    if part not in parts or min(quality for _, quality in parts[part]) < LEAST_QUALITY[part]:
        return None
    one, other = (bits_of([value]) for value, _ in parts[part])
    plain, turned = (int(distances(bits, other)[0]) for bits in (one, mirrored_bits(one)))
    return _Apart(plain=plain, mirrored=turned)


def _mirror() -> Bits:
    """A bit for every wave that a mirror turns over: those of odd frequency across, 1, 3, 5, …"""
    odd = np.tile(np.arange(WAVES) % 2 == 0, (WAVES, 1))
    return np.frombuffer(np.packbits(odd.ravel()[::-1]).tobytes(), dtype=np.uint64).reshape(1, 4)


MIRROR = _mirror()
