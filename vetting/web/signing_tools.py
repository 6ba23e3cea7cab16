"""Which cameras, phones and programs write Content Credentials: facts with their sources, for what to ask for.

Only what a maker or a known publication states; whatever stands in no row is not guessed at. Dates matter: makers
change this by an update.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Signs(StrEnum):
    """Whether an ordinary photo or export of it carries credentials."""

    ALWAYS = "Yes"
    IF_SWITCHED_ON = "If switched on"
    AI_ONLY = "Only after its AI tools"
    LICENSED = "With a licence alone"
    NO = "No"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """named: how it shows in the name of a device or program. path: which way of sending the file fits it."""

    name: str
    named: re.Pattern[str]
    signs: Signs
    words: str
    source: str
    path: str


def _named(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


CAMERAS: tuple[Tool, ...] = (
    Tool(
        name="Google Pixel 10 and newer",
        named=_named(r"\bPixel (?:1\d|[2-9]\d)\b"),
        signs=Signs.ALWAYS,
        words="Its own camera app signs every JPEG photo.",
        source="Google, Security Blog, 10 September 2025",
        path="android",
    ),
    Tool(
        name="Samsung Galaxy",
        named=_named(r"\bsamsung\b|\bgalaxy\b|\bSM-[A-Z]\d{3}"),
        signs=Signs.AI_ONLY,
        words="From the Galaxy S25 on, pictures edited with Galaxy AI are signed; ordinary photos are not.",
        source="Samsung, Galaxy Unpacked, 22 January 2025, as reported by TechRadar on 23 January 2025",
        path="android",
    ),
    Tool(
        name="Apple iPhone and iPad",
        named=_named(r"\biPhone\b|\biPad\b"),
        signs=Signs.NO,
        words="Its own camera app signed no photos as of iOS 26. The HEIC or JPEG original still has its camera data.",
        source="CNET on the iPhone 17, autumn 2025",
        path="iphone",
    ),
    Tool(
        name="Leica M11-P and SL3-S",
        named=_named(r"\bM11-P\b|\bSL3-S\b"),
        signs=Signs.IF_SWITCHED_ON,
        words="The camera signs what it captures; the function is in its menu.",
        source="Content Authenticity Initiative, on the Leica M11-P and SL3-S",
        path="photographer",
    ),
    Tool(
        name="Sony Alpha",
        named=_named(r"\bsony\b.*\bILCE-"),
        signs=Signs.LICENSED,
        words="Sony offers signing to news organisations and press photographers, for some models.",
        source="Sony, Camera Authenticity Solution",
        path="photographer",
    ),
    Tool(
        name="Nikon Z6III",
        named=_named(r"\bnikon\b.*\bZ ?6_?(?:3|III)\b"),
        signs=Signs.NO,
        words="Nikon suspended its signing service on 5 September 2025.",
        source="PetaPixel, 5 September 2025",
        path="photographer",
    ),
)
PROGRAMS: tuple[Tool, ...] = (
    Tool(
        name="Adobe Photoshop",
        named=_named(r"\bphotoshop\b"),
        signs=Signs.IF_SWITCHED_ON,
        words="Records and attaches credentials where they were switched on for the document.",
        source="Adobe, Content Credentials in Photoshop",
        path="photoshop",
    ),
    Tool(
        name="Adobe Lightroom",
        named=_named(r"\blightroom\b"),
        signs=Signs.IF_SWITCHED_ON,
        words="Attaches credentials to a JPEG where the export asks for it.",
        source="Adobe, Content Credentials in Lightroom",
        path="lightroom",
    ),
)


def tool_named(words: str, among: Sequence[Tool]) -> Tool | None:
    """The first whose name stands in the words."""
    return next((tool for tool in among if tool.named.search(words)), None)
