"""Reads the few forms that docs/accuracy.md uses: headings, paragraphs, lists, tables and drawings.

No markup of the text gets through. A drawing is an SVG of docs/img, which the measuring command wrote; it is shown
where it is nothing but shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

EMPHASIS = re.compile(r"\*\*(.+?)\*\*|`(.+?)`|\[(.+?)\]\([^)]*\)")
ITEM = ("- ", "* ")
RULE = re.compile(r"^\|?[\s:|-]*-[\s:|-]*$")
PICTURE = re.compile(r"^!\[(?P<alt>[^\]]*)\]\(img/(?P<name>[\w-]+\.svg)\)$")
MORE_THAN_SHAPES = re.compile(r"<(?:script|style|foreignObject|image|a)\b|\s(?:on\w+|style|href)\s*=", re.IGNORECASE)
LONG = 10  # rows of a table from which on it is folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """An SVG and the words that stand below it."""

    words: str
    svg: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """kind: heading (level 1-4), paragraph, list, table or drawings; text in the first two, rows of cells in the next
    two. folded: words to unfold a table by; "" where it stands open."""

    kind: str
    text: str = ""
    level: int = 0
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    drawings: tuple[Drawing, ...] = ()
    folded: str = ""

    @property
    def anchor(self) -> str:
        return slugify(self.text)


def read_document(path: Path) -> list[Block]:
    """The blocks in order; none where there is no such file."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    blocks = [block for kind, run in groupby(lines, _kind) for block in _blocks(kind, list(run), path.parent / "img")]
    return _folded(blocks)


def _kind(line: str) -> str:
    text = line.strip()
    if not text:
        return "gap"
    if text.startswith("#"):
        return "heading"
    if text.startswith("|"):
        return "table"
    if text.startswith("!["):
        return "drawings"
    return "list" if text.startswith(ITEM) or line.startswith("  ") else "paragraph"


def _blocks(kind: str, lines: list[str], pictures: Path) -> Iterator[Block]:
    if kind == "heading":
        for line in lines:
            text = line.strip()
            level = len(text) - len(text.lstrip("#"))
            yield Block(kind=kind, text=_plain(text.lstrip("# ")), level=min(level, 4))
    elif kind == "paragraph":
        yield Block(kind=kind, text=_plain(" ".join(line.strip() for line in lines)))
    elif kind == "list":
        items = "\n".join(line.strip() if line.startswith(ITEM) else " " + line.strip() for line in lines)
        yield Block(kind=kind, rows=tuple((_plain(item[2:]),) for item in items.replace("\n ", " ").split("\n")))
    elif kind == "table":
        yield _table(lines)
    elif kind == "drawings":
        drawings = (_drawing(line.strip(), pictures) for line in lines)
        yield Block(kind=kind, drawings=tuple(drawing for drawing in drawings if drawing))


def _table(lines: list[str]) -> Block:
    rows = [
        tuple(_plain(cell) for cell in line.strip().strip("|").split("|")) for line in lines if not RULE.match(line)
    ]
    return Block(kind="table", head=rows[0] if rows else (), rows=tuple(rows[1:]))


def _drawing(line: str, folder: Path) -> Drawing | None:
    """None for anything but an SVG of shapes that stands in the folder itself."""
    found = PICTURE.match(line)
    if not found or not (folder / found["name"]).is_file():
        return None
    drawing = (folder / found["name"]).read_text(encoding="utf-8").strip()
    if not drawing.startswith("<svg") or MORE_THAN_SHAPES.search(drawing):
        return None
    return Drawing(words=found["alt"], svg=mark_safe(drawing))  # noqa: S308 - shapes alone, and ours


def _folded(blocks: Iterable[Block]) -> list[Block]:
    """Long tables, and those that hold the numbers of drawings above them, are opened by whoever wants them."""
    found: list[Block] = []
    drawn = False
    for block in blocks:
        drawn = block.kind == "drawings" or (drawn and block.kind == "table")
        if block.kind == "table" and drawn:
            found.append(replace(block, folded=f"The numbers, by {block.head[0]}"))
        elif block.kind == "table" and len(block.rows) >= LONG:
            found.append(replace(block, folded=f"Show all {len(block.rows)} rows"))
        else:
            found.append(block)
    return found


def _plain(text: str) -> str:
    """The words without the marks of emphasis, code and links."""
    return EMPHASIS.sub(lambda found: next(group for group in found.groups() if group), text).strip()
