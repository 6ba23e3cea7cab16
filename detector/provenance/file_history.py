"""The steps that unsigned metadata tell of: capture, editors, saving again. Anyone can write or drop them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from detector.provenance.file_dates import Dates, Moment, moment_of
from detector.provenance.file_metadata import Metadata
from detector.provenance.plain_text import plain
from detector.provenance.program_names import EDITOR

MAX_STEPS = 50
MAX_PROGRAMS = 20
SAME = timedelta(minutes=2)  # EXIF and XMP note one saving with a second or two between
UNDATED = datetime.max.replace(tzinfo=UTC)
EXIF_SOFTWARE = ("exif:Software", "exif:ImageEditingSoftware", "exif:RAWDevelopingSoftware")
XMP_SOFTWARE = ("xmp:xmp:CreatorTool", "xmp:tiff:Software")
OTHER_SOFTWARE = ("png:Software", "iptc:OriginatingProgram")
# stEvt:action, as XMP part 2 lists them -> what it says.
ACTIONS = {
    "converted": "Converted",
    "copied": "Copied",
    "created": "Created",
    "cropped": "Cropped",
    "derived": "Derived from another file",
    "edited": "Edited",
    "filtered": "Filtered",
    "formatted": "Formatted",
    "managed": "Managed",
    "opened": "Opened",
    "printed": "Printed",
    "produced": "Produced",
    "published": "Published",
    "resized": "Resized",
    "saved": "Saved",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that the metadata say was done. source: "exif", "xmp" or "xmp:history"."""

    when: Moment | None
    tool: str | None
    words: str
    source: str

    def to_json(self) -> dict[str, Any]:
        return {
            "when": self.when.iso() if self.when else None,
            "tool": self.tool,
            "words": self.words,
            "source": self.source,
        }


def programs(metadata: Metadata) -> list[dict[str, Any]]:
    """name, when and source of each program that is named, in file order; the last MAX_PROGRAMS of the history."""
    named = [
        *(("exif", value, None) for value in _values(metadata, EXIF_SOFTWARE)),
        *(("xmp", value, None) for value in _values(metadata, XMP_SOFTWARE)),
        *(("file", value, None) for value in _values(metadata, OTHER_SOFTWARE)),
        *(("xmp:history", event.get("stEvt:softwareAgent", ""), _when(event)) for event in metadata.history),
    ]
    found = [
        {"name": name, "when": when.iso() if when else None, "source": source}
        for source, value, when in named
        if (name := plain(value, 80))
    ]
    return found[-MAX_PROGRAMS:]


def _values(metadata: Metadata, places: tuple[str, ...]) -> list[str]:
    return [value for place, value in metadata.values if place in places]


def _when(event: Mapping[str, str]) -> Moment | None:
    return moment_of(event.get("stEvt:when", ""))


def steps(metadata: Metadata, dates: Dates, camera: str) -> tuple[Step, ...]:
    """The steps, oldest first, those without a date last. camera: maker and model, "" where none is named.

    An event of the history without a date keeps its place in the history. A saving that EXIF, XMP and history all
    note is one step.
    """
    history = list(_history(metadata))
    others = [step for step in _beside_history(metadata, dates, camera) if not _told(step, history)]
    dated: list[tuple[datetime, Step]] = []
    last = datetime.min.replace(tzinfo=UTC)
    for step in history:
        last = step.when.instant if step.when else last
        dated.append((last, step))
    dated += [(step.when.instant if step.when else UNDATED, step) for step in others]
    ordered = [step for _, step in sorted(dated, key=lambda pair: pair[0])]
    return (*ordered, *_unplaced(metadata, ordered, camera))[-MAX_STEPS:]


def _history(metadata: Metadata) -> Iterator[Step]:
    for event in metadata.history:
        action = event.get("stEvt:action", "").strip().lower()
        words = ACTIONS.get(action, plain(action, 40).capitalize() or "Changed")
        detail = plain(event.get("stEvt:parameters", ""), 120)
        yield Step(
            when=_when(event),
            tool=plain(event.get("stEvt:softwareAgent", ""), 80) or None,
            words=f"{words}: {detail}" if detail else words,
            source="xmp:history",
        )


def _beside_history(metadata: Metadata, dates: Dates, camera: str) -> Iterator[Step]:
    """Capture, creation and last saving, as the single fields note them."""
    software = plain(next(iter(_values(metadata, EXIF_SOFTWARE)), ""), 80) or None
    creator = plain(next(iter(_values(metadata, XMP_SOFTWARE)), ""), 80) or None
    if metadata.has_exposure and (dates.captured or camera):
        yield Step(when=dates.captured, tool=camera or None, words="Captured", source="exif")
    if dates.captured and dates.digitised and dates.digitised.surely_after(dates.captured):
        yield Step(when=dates.digitised, tool=None, words="Digitised", source="exif")
    begun = dates.begun
    if dates.xmp_created and not (begun and abs(dates.xmp_created.after(begun)) < timedelta(days=2)):
        yield Step(when=dates.xmp_created, tool=creator, words="Created", source="xmp")
        creator = None  # the standard means the first tool, so it is not said who saved
    exif_saved, xmp_saved = dates.modified, dates.xmp_modified
    if exif_saved and not (begun and metadata.has_exposure and abs(exif_saved.after(begun)) <= SAME):
        firmware = metadata.has_exposure and not EDITOR.search(software or "")
        yield Step(when=exif_saved, tool=None if firmware else software, words="Saved", source="exif")
    if xmp_saved and not (exif_saved and abs(xmp_saved.after(exif_saved)) <= SAME):
        yield Step(when=xmp_saved, tool=creator, words="Saved", source="xmp")


def _told(step: Step, history: list[Step]) -> bool:
    return any(step.when and event.when and abs(step.when.after(event.when)) <= SAME for event in history)


def _unplaced(metadata: Metadata, ordered: list[Step], camera: str) -> Iterator[Step]:
    """Programs that are named nowhere in the steps, without a date. A camera's own firmware is none."""
    told = {step.tool for step in ordered}
    for program in programs(metadata):
        name = program["name"]
        if name in told or (program["source"] == "exif" and camera and not EDITOR.search(name)):
            continue
        told.add(name)
        yield Step(when=None, tool=name, words="Named as the program", source=program["source"])
