"""The table of known marks: what a tool writes into a file, where, and what it means. A new mark is a row and a test.

A place is `xmp:prefix:Name`, `exif:TagName`, `iptc:Credit`, `png:Keyword` or `tail:name` (behind the picture).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from detector.observation import Bearing, Strength
from detector.provenance.digital_source_types import TERMS, SourceKind

SELF_DECLARED = (
    "This is what the file says of itself, not a measurement of the picture. "
    "Such a note is easily removed or added; ask the applicant how the picture was made."
)
ONLY_A_PART = (
    "It does not say which part: this may be a cleaned background as well as the face. The rest may be a photo."
)
ORDINARY = "Nearly every published portrait went through such a program. This is ordinary and proves nothing."

SOURCE_TYPE = ("xmp:Iptc4xmpExt:DigitalSourceType", "xmp:Iptc4xmpExt:DigitalSourcefileType")
CREDIT = ("xmp:photoshop:Credit", "iptc:Credit")
AIGC = ("xmp:TC260:AIGC", "png:AIGC", "exif:AIGC")
DESCRIPTION = ("png:Description", "xmp:dc:description", "exif:ImageDescription")
SOFTWARE = ("exif:Software", "xmp:xmp:CreatorTool", "xmp:tiff:Software", "png:Software", "xmp:stEvt:softwareAgent")

EDITORS = (
    r"photoshop|lightroom|camera raw|gimp|affinity|capture one|pixelmator|luminar|darktable|rawtherapee|paint\.net|"
    r"paint shop|picasa|snapseed|canva|picsart|vsco|photoscape|fotor|befunky|acdsee|dxo|on1|polarr|instagram|"
    r"facetune|faceapp|meitu|beautyplus|youcam|airbrush|perfect365|remini|facelab|peachy|lensa|"
    r"portraitpro|photodirector|photo editor|acorn|krita|inkscape|illustrator|imagemagick"
)
GENERATORS = (
    r"midjourney|dall[-·. ]?e\b|stable diffusion|novelai|adobe firefly|comfyui|invokeai|fooocus|leonardo\.ai|ideogram"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One row. pattern is searched in the value; summary may hold {value}, the value made fit to show.

    camera: True: only in a file with a camera's exposure fields; False: only in one without; None: in either.
    """

    code: str
    places: tuple[str, ...]
    pattern: re.Pattern[str]
    bearing: Bearing
    strength: Strength
    summary: str
    caveat: str
    source: str
    camera: bool | None = None


def _source_types(kind: SourceKind) -> re.Pattern[str]:
    terms = "|".join(sorted(term for term, (its_kind, _) in TERMS.items() if its_kind is kind))
    return re.compile(rf"^(?:https?://[a-z.]+/(?:newscodes/)?digitalsourcetype/)?(?:{terms})/?$", re.IGNORECASE)


def _label(number: int) -> re.Pattern[str]:
    return re.compile(rf"""\bLabel\\?["']?\s*:\s*\\?["']?{number}\b""")


def _declared_generated(places: tuple[str, ...], pattern: re.Pattern[str], summary: str, source: str) -> Mark:
    return Mark(
        code="metadata_marks.declared_generated",
        places=places,
        pattern=pattern,
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary=summary,
        caveat=SELF_DECLARED,
        source=source,
    )


def _declared_edited(places: tuple[str, ...], pattern: re.Pattern[str], summary: str, source: str) -> Mark:
    return Mark(
        code="metadata_marks.declared_edited",
        places=places,
        pattern=pattern,
        bearing=Bearing.RETOUCHED,
        strength=Strength.STRONG,
        summary=summary,
        caveat=ONLY_A_PART,
        source=source,
    )


MARKS: tuple[Mark, ...] = (
    _declared_generated(
        SOURCE_TYPE,
        _source_types(SourceKind.GENERATIVE),
        "The metadata declares the picture as made by AI (IPTC digital source type “{value}”).",
        "IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    _declared_edited(
        SOURCE_TYPE,
        _source_types(SourceKind.COMPOSITE),
        "The metadata declares that AI was used on a part of the picture (IPTC digital source type “{value}”).",
        "IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    Mark(
        code="metadata_marks.claimed_capture",
        places=SOURCE_TYPE,
        pattern=_source_types(SourceKind.CAPTURE),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The metadata claims a camera's capture (IPTC digital source type “{value}”), without a signature.",
        caveat="Unsigned metadata can be written by anyone. It counts neither for nor against the picture.",
        source="IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    Mark(
        code="metadata_marks.claimed_source",
        places=SOURCE_TYPE,
        pattern=_source_types(SourceKind.OTHER),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The metadata names the picture's source as “{value}” (IPTC digital source type).",
        caveat="Unsigned metadata can be written by anyone. It counts neither for nor against the picture.",
        source="IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    _declared_generated(
        CREDIT,
        re.compile(r"^\s*Made with Google AI\s*$", re.IGNORECASE),
        "The credit line says “{value}”.",
        "Credit line of Google's image generators",
    ),
    _declared_edited(
        CREDIT,
        re.compile(r"^\s*Edited with Google AI\s*$", re.IGNORECASE),
        "The credit line says “{value}”.",
        "Credit line of Google Photos, Magic Editor",
    ),
    _declared_edited(
        (*CREDIT, *DESCRIPTION, *SOFTWARE),
        re.compile(r"^\s*(?:Modified with Clean ?Up|Apple Photos Clean ?Up)\s*$", re.IGNORECASE),
        "The file says “{value}”: Apple's Clean Up removed something from the picture.",
        "Credit line of Apple Photos",
    ),
    _declared_generated(
        CREDIT,
        re.compile(r"^\s*(?:Made with |Apple )Image Playground\s*$", re.IGNORECASE),
        "The credit line says “{value}”, Apple's picture generator.",
        "Credit line of Apple Image Playground",
    ),
    Mark(
        code="metadata_marks.declared_generated",
        places=AIGC,
        pattern=_label(1),
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary="The file carries China's AIGC label: AI-generated content.",
        caveat=SELF_DECLARED,
        source="GB 45438-2025 (TC260), implicit label",
        camera=False,
    ),
    Mark(
        code="metadata_marks.declared_edited",
        places=AIGC,
        pattern=_label(1),
        bearing=Bearing.RETOUCHED,
        strength=Strength.STRONG,
        summary="The file carries China's AIGC label, beside a camera's exposure fields: an AI-edited photo.",
        caveat="Phones set this label for an erased passer-by, too. It does not say what was changed.",
        source="GB 45438-2025 (TC260), implicit label",
        camera=True,
    ),
    Mark(
        code="metadata_marks.suspected_generated",
        places=AIGC,
        pattern=_label(2),
        bearing=Bearing.GENERATED,
        strength=Strength.MODERATE,
        summary="A platform labelled the file as possibly AI-generated (China's AIGC label, value 2).",
        caveat="This is a statement of the person who uploaded it there, not a measurement.",
        source="GB 45438-2025 (TC260), implicit label",
    ),
    Mark(
        code="metadata_marks.suspected_generated",
        places=AIGC,
        pattern=_label(3),
        bearing=Bearing.GENERATED,
        strength=Strength.WEAK,
        summary="A platform labelled the file as suspected to be AI-generated (China's AIGC label, value 3).",
        caveat="This is another automatic detector's suspicion, and such detectors err.",
        source="GB 45438-2025 (TC260), implicit label",
    ),
    _declared_edited(
        ("tail:genAIType",),
        re.compile(r"^[1-9]\d*$"),
        "Samsung's editor noted a generative edit (genAIType {value}).",
        "Samsung trailer, PhotoEditor_Re_Edit_Data",
    ),
    _declared_generated(
        DESCRIPTION,
        re.compile(r"\bJob ID:\s*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        "The description holds a Midjourney job number.",
        "Midjourney, files saved from its site",
    ),
    _declared_generated(
        ("exif:Make",),
        re.compile(r"^\s*Ideogram(?: AI)?\s*$", re.IGNORECASE),
        "In place of a camera maker the file names “{value}”, a picture generator.",
        "Ideogram, files saved from its site",
    ),
    Mark(
        code="metadata_marks.generator_software",
        places=("exif:ImageDescription",),
        pattern=re.compile(r"^\s*Signature:\s*[A-Za-z0-9+/]{60,}={0,2}\s*$"),
        bearing=Bearing.GENERATED,
        strength=Strength.STRONG,
        summary="The description is a signature of the form that the generator Grok writes.",
        caveat="The form alone is seen; the signature cannot be checked, and another program might write one like it.",
        source="Grok (xAI), EXIF ImageDescription",
        camera=False,
    ),
    Mark(
        code="metadata_marks.generator_software",
        places=SOFTWARE,
        pattern=re.compile(GENERATORS, re.IGNORECASE),
        bearing=Bearing.GENERATED,
        strength=Strength.STRONG,
        summary="The file names a picture generator as its software: “{value}”.",
        caveat="Some generators also enlarge or mend real photos; the name alone does not say which was done.",
        source="EXIF Software, XMP CreatorTool",
    ),
    Mark(
        code="metadata_marks.software",
        places=SOFTWARE,
        pattern=re.compile(rf"\b(?:{EDITORS})", re.IGNORECASE),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The picture was opened and saved in an editor: {value}.",
        caveat=ORDINARY,
        source="EXIF Software, XMP CreatorTool and History",
    ),
)
