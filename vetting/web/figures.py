"""docs/accuracy.md as a page: what was measured, when and with which versions, beside what is installed now."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vetting.web.document import Block, read_document
from vetting.web.installed import Installed

MEASURED = re.compile(r"\bMeasured on (\d{4}-\d{2}-\d{2})\b")
VERSIONS = ("check", "version")  # the head of the table of versions, as detector.training.accuracy writes it
POLICY = "Policy of the verdict"  # its last row


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A check as it was measured and as it is installed; None where it was or is not there."""

    title: str
    measured: str | None
    installed: str | None

    @property
    def differs(self) -> bool:
        return self.measured != self.installed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """lead: the first paragraph. blocks: the rest, without its title and its table of versions. measured, weights: ISO
    dates of the figures and of the newest weights, "" where none is known."""

    lead: str
    blocks: Sequence[Block]
    measured: str
    weights: str
    versions: Sequence[Version]

    @property
    def outdated(self) -> bool:
        """Whether something was trained or changed after it was measured."""
        return bool(self.measured) and (
            self.weights > self.measured or any(one.differs for one in self.versions if one.measured)
        )

    @property
    def sections(self) -> list[Block]:
        return [block for block in self.blocks if block.kind == "heading" and block.level == 2]


def read_figures(path: Path, weights: Path, now: Installed) -> Figures:
    """path: the document. weights: the folder with the trained parameters. now: what is installed."""
    blocks = [block for block in read_document(path) if block.level != 1]
    lead = blocks.pop(0).text if blocks and blocks[0].kind == "paragraph" else ""
    table = next((block for block in blocks if block.kind == "table" and block.head == VERSIONS), None)
    dates = [found[1] for block in blocks if (found := MEASURED.search(block.text))]
    return Figures(
        lead=lead,
        blocks=_without(blocks, table),
        measured=dates[0] if dates else "",
        weights=_newest(weights),
        versions=_versions({row[0]: row[-1] for row in table.rows} if table else {}, now),
    )


def _without(blocks: Sequence[Block], table: Block | None) -> list[Block]:
    """Without the table and the heading right above it."""
    if table is None:
        return list(blocks)
    place = next(place for place, block in enumerate(blocks) if block is table)
    first = place - 1 if place and blocks[place - 1].kind == "heading" else place
    return [*blocks[:first], *blocks[place + 1 :]]


def _versions(measured: Mapping[str, str], now: Installed) -> list[Version]:
    installed = {check.title: str(check.version) for check in now.checks} | {POLICY: str(now.policy)}
    titles = [*installed, *(title for title in measured if title not in installed)]
    return [Version(title=title, measured=measured.get(title), installed=installed.get(title)) for title in titles]


def _newest(weights: Path) -> str:
    """The latest date that any file of weights bears."""
    loaded = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(weights.glob("*.json")))
    return max((str(one["date"]) for one in loaded if "date" in one), default="")
