"""The actions of a C2PA manifest as steps: what was done, with which tool, and what kind of edit that is.

Source: C2PA 2.2, section 18.15 (actions). Programs name their own tools in an action's parameters ("paint_bucket",
"com.adobe.tool"), which the specification leaves open: the table of edits goes by words in those names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from detector.provenance.digital_source_types import SourceKind, kind_of, term_of, words_of
from detector.provenance.plain_text import plain
from detector.provenance.reader_json import items, mapping, text

ACTION_WORDS = {
    "c2pa.created": "Created",
    "c2pa.opened": "Opened",
    "c2pa.placed": "Placed an element",
    "c2pa.edited": "Edited",
    "c2pa.edited.metadata": "Edited its metadata",
    "c2pa.color_adjustments": "Adjusted colours",
    "c2pa.adjustedColor": "Adjusted colours",
    "c2pa.cropped": "Cropped",
    "c2pa.resized": "Resized",
    "c2pa.resized.proportional": "Resized",
    "c2pa.orientation": "Turned",
    "c2pa.filtered": "Filtered",
    "c2pa.enhanced": "Enhanced",
    "c2pa.drawing": "Drew on it",
    "c2pa.deleted": "Removed a part",
    "c2pa.removed": "Removed a part",
    "c2pa.redacted": "Redacted a part of the history",
    "c2pa.converted": "Converted",
    "c2pa.transcoded": "Saved in another encoding",
    "c2pa.repackaged": "Repackaged",
    "c2pa.published": "Published",
    "c2pa.watermarked": "Watermarked",
    "c2pa.watermarked.bound": "Watermarked",
    "c2pa.unknown": "Did something that is not recorded",
}
# What may follow a capture without changing what the picture shows (C2PA 2.2, 18.15.3: "non-editorial" and mild ones).
HARMLESS_ACTIONS = frozenset(
    {
        *("c2pa.opened", "c2pa.converted", "c2pa.transcoded", "c2pa.repackaged", "c2pa.published", "c2pa.resized"),
        *("c2pa.resized.proportional", "c2pa.cropped", "c2pa.orientation", "c2pa.color_adjustments"),
        *("c2pa.adjustedColor", "c2pa.edited.metadata", "c2pa.watermarked", "c2pa.watermarked.bound"),
    }
)


class Edit(StrEnum):
    """What kind of edit a step is, for a person who must know whether the picture still matches the face."""

    GENERATIVE = "generative"  # AI drew or changed a part
    RETOUCHED = "retouched"  # skin, shape or blemishes worked on by hand, something removed or painted
    PLACED = "placed"  # another picture or text was put in
    CROPPED = "cropped"
    COLOURS = "colours"
    OTHER = "edited"  # an edit that says no more


def _named(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


# A tool's name or description, with underscores as spaces -> the kind. The first that fits counts.
EDIT_NAMES: tuple[tuple[Edit, re.Pattern[str]], ...] = (
    (
        Edit.GENERATIVE,
        _named(
            r"\bgenerative|\bgen(?:erate)? ?(?:fill|expand|erase|remove)|\bneural|\bfirefly\b|\binpaint|\boutpaint|"
            r"\bmagic (?:eraser|editor)|\b(?:with|by|using) (?:\w+ )?AI\b|\bAI[- ](?:edit|enhance|retouch|generat)|"
            r"\bsky replace"
        ),
    ),
    (
        Edit.RETOUCHED,
        _named(
            r"\bliquify|\bheal|\bclone|\bstamp\b|\bpatch\b|\bcontent.?aware|\bred.?eye|\bdodge|\bburn\b|\bsmudge|"
            r"\bsmooth|\bblemish|\bretouch|\bskin\b|\bwarp|\bpuppet|\bbrush|\beraser?\b|\bpencil|\bpaint|"
            r"\bremove tool|\bspot remov|\bsurface blur|\bdust"
        ),
    ),
    (Edit.PLACED, _named(r"\bplace|\bpaste|\btype layer|\btext\b|\bcomposit")),
    (Edit.CROPPED, _named(r"\bcrop|\btrim\b|\bstraighten")),
    (
        Edit.COLOURS,
        _named(
            r"\bcolou?r|\bhue|\bsaturation|\bvibrance|\bcurves|\blevels|\bexposure|\bbrightness|\bcontrast|"
            r"\bwhite balance|\bblack and white|\bgradient map|\bphoto filter|\bshadows|\bhighlights|\btemperature|"
            r"\btint"
        ),
    ),
)
EDIT_ACTIONS = {
    "c2pa.cropped": Edit.CROPPED,
    "c2pa.color_adjustments": Edit.COLOURS,
    "c2pa.adjustedColor": Edit.COLOURS,
    "c2pa.drawing": Edit.RETOUCHED,
    "c2pa.deleted": Edit.RETOUCHED,
    "c2pa.removed": Edit.RETOUCHED,
    "c2pa.placed": Edit.PLACED,
    "c2pa.edited": Edit.OTHER,
    "c2pa.filtered": Edit.OTHER,
    "c2pa.enhanced": Edit.OTHER,
    "c2pa.unknown": Edit.OTHER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One recorded action. source_type: the vocabulary's term, or None. when: as written in the file.

    detail: the program's own name for the tool, or its description; "" where it gives none.
    """

    action: str
    tool: str | None
    when: str | None
    source_type: str | None
    detail: str = ""

    @property
    def kind(self) -> SourceKind:
        return kind_of(self.source_type)

    @property
    def is_metadata(self) -> bool:
        """Whether it is no action but a source type stated in signed metadata."""
        return not self.action

    @property
    def edit(self) -> Edit | None:
        """The kind of edit; None for what is none (created, opened, …). A name tells more than an action."""
        by_action = EDIT_ACTIONS.get(self.action)
        if by_action is None:
            return None
        named = next((edit for edit, words in EDIT_NAMES if words.search(self.detail)), None)
        return named or by_action

    @property
    def words(self) -> str:
        words = ACTION_WORDS.get(self.action, "Declared" if not self.action else f"Recorded “{self.action}”")
        words += f" with {self.tool}" if self.tool else ""
        words += f" ({self.detail.rstrip('.')})" if self.detail else ""
        declared = words_of(self.source_type)
        return f"{words}, declared as {declared}." if declared else f"{words}."

    def to_json(self) -> dict[str, Any]:
        source = {"action": self.action, "tool": self.tool, "when": self.when, "source_type": self.source_type}
        return {**source, "edit": self.edit.value if self.edit else None, "words": self.words}


def actions_of(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in items(manifest.get("assertions")):
        if str(mapping(assertion).get("label")).startswith("c2pa.actions"):
            yield from (mapping(action) for action in items(mapping(mapping(assertion).get("data")).get("actions")))


def steps_of(manifest: Mapping[str, Any], signed_at: str | None) -> Iterator[Step]:
    """The steps of a manifest as the reader's JSON gives it; what has no date of its own has that of the signature."""
    for action in actions_of(manifest):
        parameters = mapping(action.get("parameters"))
        agent = action.get("softwareAgent")
        yield Step(
            action=text(action.get("action")) or "c2pa.unknown",
            tool=text(mapping(agent).get("name")) if isinstance(agent, Mapping) else text(agent),
            when=text(action.get("when")) or signed_at,
            source_type=term_of(action.get("digitalSourceType")) or term_of(parameters.get("digitalSourceType")),
            detail=_detail(action, parameters),
        )
    for assertion in items(manifest.get("assertions")):  # IPTC and XMP metadata, signed along
        if not str(mapping(assertion).get("label")).startswith("c2pa.actions"):
            for term in _metadata_terms(mapping(assertion).get("data")):
                yield Step(action="", tool=None, when=signed_at, source_type=term)


def _detail(action: Mapping[str, Any], parameters: Mapping[str, Any]) -> str:
    named = (parameters.get("name"), action.get("description"), parameters.get("description"))
    found = next((words for words in map(text, (*named, parameters.get("com.adobe.tool"))) if words), "")
    return plain(found.replace("_", " "), 80)


def _metadata_terms(data: object) -> Iterator[str]:
    """Digital source types of a metadata assertion ("Iptc4xmpExt:DigitalSourceType"), whatever it is nested in."""
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            for key, inner in value.items():
                named = str(key).rpartition(":")[2].lower() == "digitalsourcetype"
                term = term_of(inner) if named else None
                if term:
                    yield term
                left.append(inner)
        elif isinstance(value, list):
            left.extend(value)
