"""The table of known marks: what a tool writes into a file, where, and what it means. A new mark is a row and a test.

A place is `xmp:prefix:Name`, `exif:TagName`, `iptc:Name`, `png:Keyword` or `tail:name` (behind the picture).
"""

from __future__ import annotations

import re

from detector.observation import Bearing, Strength
from detector.provenance.digital_source_types import SourceKind
from detector.provenance.file_metadata import SOURCE_TYPE
from detector.provenance.mark import (
    ANYTHING,
    SELF_DECLARED,
    Mark,
    declared_edited,
    declared_generated,
    label,
    source_types,
)
from detector.provenance.program_names import EDITOR, GENERATOR

PHONES_DO = "This is how phones take portraits: ordinary, done by the phone itself, and no retouching by the applicant."
ORDINARY = "Nearly every published portrait went through such a program. This is ordinary and proves nothing."

CREDIT = ("xmp:photoshop:Credit", "iptc:Credit")
AIGC = ("xmp:TC260:AIGC", "png:AIGC", "exif:AIGC")
DESCRIPTION = ("png:Description", "xmp:dc:description", "exif:ImageDescription")
SOFTWARE = (
    "exif:Software",
    "exif:ImageEditingSoftware",
    "exif:RAWDevelopingSoftware",
    "xmp:xmp:CreatorTool",
    "xmp:tiff:Software",
    "png:Software",
    "iptc:OriginatingProgram",
    "xmp:stEvt:softwareAgent",
)
AI_SYSTEM = ("xmp:Iptc4xmpExt:AISystemUsed",)
AI_PROMPT = ("xmp:Iptc4xmpExt:AIPromptInformation", "xmp:Iptc4xmpExt:AIPromptWriterName")
INSTRUCTIONS = ("iptc:SpecialInstructions", "xmp:photoshop:Instructions")

MARKS: tuple[Mark, ...] = (
    declared_generated(
        SOURCE_TYPE,
        source_types(SourceKind.GENERATIVE),
        "The metadata declares the picture as made by AI (IPTC digital source type “{value}”).",
        "IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    declared_edited(
        SOURCE_TYPE,
        source_types(SourceKind.COMPOSITE),
        "The metadata declares that AI was used on a part of the picture (IPTC digital source type “{value}”).",
        "IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    Mark(
        code="metadata_marks.claimed_capture",
        places=SOURCE_TYPE,
        pattern=source_types(SourceKind.CAPTURE),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The metadata claims a camera's capture (IPTC digital source type “{value}”), without a signature.",
        caveat="Unsigned metadata can be written by anyone. It counts neither for nor against the picture.",
        source="IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    Mark(
        code="metadata_marks.claimed_source",
        places=SOURCE_TYPE,
        pattern=source_types(SourceKind.OTHER),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The metadata names the picture's source as “{value}” (IPTC digital source type).",
        caveat="Unsigned metadata can be written by anyone. It counts neither for nor against the picture.",
        source="IPTC Photo Metadata 2023.1, Digital Source Type",
    ),
    declared_generated(
        AI_SYSTEM,
        ANYTHING,
        "The metadata name the AI system that generated the picture: “{value}”.",
        "IPTC Photo Metadata 2025.1, AI System Used",
        photo=False,
    ),
    declared_edited(
        AI_SYSTEM,
        ANYTHING,
        "The metadata of this photo name an AI system: “{value}”.",
        "IPTC Photo Metadata 2025.1, AI System Used",
        photo=True,
    ),
    declared_generated(
        AI_PROMPT,
        ANYTHING,
        "The metadata hold what an AI system was asked for in order to generate the picture.",
        "IPTC Photo Metadata 2025.1, AI Prompt Information",
        photo=False,
    ),
    declared_edited(
        AI_PROMPT,
        ANYTHING,
        "The metadata of this photo hold what an AI system was asked for.",
        "IPTC Photo Metadata 2025.1, AI Prompt Information",
        photo=True,
    ),
    declared_generated(
        CREDIT,
        re.compile(r"^\s*Made with Google AI\s*$", re.IGNORECASE),
        "The credit line says “{value}”.",
        "Credit line of Google's image generators",
    ),
    declared_edited(
        CREDIT,
        re.compile(r"^\s*Edited with Google AI\s*$", re.IGNORECASE),
        "The credit line says “{value}”.",
        "Credit line of Google Photos, Magic Editor",
    ),
    declared_edited(
        (*CREDIT, *DESCRIPTION, *SOFTWARE),
        re.compile(r"^\s*(?:Modified with Clean ?Up|Apple Photos Clean ?Up)\s*$", re.IGNORECASE),
        "The file says “{value}”: Apple's Clean Up removed something from the picture.",
        "Credit line of Apple Photos",
    ),
    declared_generated(
        CREDIT,
        re.compile(r"^\s*(?:Made with |Apple )Image Playground\s*$", re.IGNORECASE),
        "The credit line says “{value}”, Apple's picture generator.",
        "Credit line of Apple Image Playground",
    ),
    Mark(
        code="metadata_marks.declared_generated",
        places=AIGC,
        pattern=label(1),
        bearing=Bearing.GENERATED,
        strength=Strength.CONCLUSIVE,
        summary="The file carries China's AIGC label: AI-generated content.",
        caveat=SELF_DECLARED,
        source="GB 45438-2025 (TC260), implicit label",
        photo=False,
    ),
    Mark(
        code="metadata_marks.declared_edited",
        places=AIGC,
        pattern=label(1),
        bearing=Bearing.RETOUCHED,
        strength=Strength.STRONG,
        summary="The file carries China's AIGC label, beside a camera's exposure fields: an AI-edited photo.",
        caveat="Phones set this label for an erased passer-by, too. It does not say what was changed.",
        source="GB 45438-2025 (TC260), implicit label",
        photo=True,
    ),
    Mark(
        code="metadata_marks.suspected_generated",
        places=AIGC,
        pattern=label(2),
        bearing=Bearing.GENERATED,
        strength=Strength.MODERATE,
        summary="A platform labelled the file as possibly AI-generated (China's AIGC label, value 2).",
        caveat="This is a statement of the person who uploaded it there, not a measurement.",
        source="GB 45438-2025 (TC260), implicit label",
    ),
    Mark(
        code="metadata_marks.suspected_generated",
        places=AIGC,
        pattern=label(3),
        bearing=Bearing.GENERATED,
        strength=Strength.WEAK,
        summary="A platform labelled the file as suspected to be AI-generated (China's AIGC label, value 3).",
        caveat="This is another automatic detector's suspicion, and such detectors err.",
        source="GB 45438-2025 (TC260), implicit label",
    ),
    declared_edited(
        ("tail:genAIType",),
        re.compile(r"^[1-9]\d*$"),
        "Samsung's editor noted a generative edit (genAIType {value}).",
        "Samsung trailer, PhotoEditor_Re_Edit_Data",
    ),
    declared_generated(
        DESCRIPTION,
        re.compile(r"\bJob ID:\s*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        "The description holds a Midjourney job number.",
        "Midjourney, files saved from its site",
    ),
    declared_generated(
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
        photo=False,
    ),
    Mark(
        code="metadata_marks.generator_software",
        places=SOFTWARE,
        pattern=GENERATOR,
        bearing=Bearing.GENERATED,
        strength=Strength.STRONG,
        summary="The file names a picture generator as its software: “{value}”.",
        caveat="Some generators also enlarge or mend real photos; the name alone does not say which was done.",
        source="EXIF Software, XMP CreatorTool",
    ),
    Mark(
        code="metadata_marks.portrait_mode",
        places=("exif:CustomRendered",),
        pattern=re.compile(r"^[78]$"),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The phone noted its portrait mode: software blurred the background as the photo was taken.",
        caveat=PHONES_DO,
        source="EXIF CustomRendered, Apple's values 7 and 8 as ExifTool lists them",
    ),
    Mark(
        code="metadata_marks.portrait_mode",
        places=("xmp:GCamera:SpecialTypeID",),
        pattern=re.compile(r"\bSpecialType-PORTRAIT$"),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The phone noted its portrait mode: software blurred the background as the photo was taken.",
        caveat=PHONES_DO,
        source="XMP GCamera:SpecialTypeID, as Android's galleries read it",
    ),
    Mark(
        code="metadata_marks.retouched_spots",
        places=("xmp:crs:RetouchInfo", "xmp:crs:SpotType"),
        pattern=ANYTHING,
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The settings of Lightroom or Camera Raw list spots that were healed or cloned.",
        caveat="Dust on the sensor is healed the same way as a blemish. The settings do not say which it was.",
        source="Camera Raw settings in XMP, RetouchInfo and RetouchAreas as ExifTool lists them",
    ),
    Mark(
        code="metadata_marks.passed_platform",
        places=INSTRUCTIONS,
        pattern=re.compile(r"^FBMD[0-9a-f]{8,}", re.IGNORECASE),
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The file came through Facebook or Instagram, which save every picture anew.",
        caveat="It tells where the file was, not how the picture was made.",
        source="IPTC IIM 2:40 (Special Instructions), as Facebook fills it",
    ),
    Mark(
        code="metadata_marks.software",
        places=SOFTWARE,
        pattern=EDITOR,
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary="The picture was opened and saved in an editor: {value}.",
        caveat=ORDINARY,
        source="EXIF Software, XMP CreatorTool and History",
    ),
)
