"""Reads the few forms that docs/accuracy.md uses: headings, paragraphs, lists and tables. No markup gets through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

EMPHASIS = re.compile(r"\*\*(.+?)\*\*|`(.+?)`|\[(.+?)\]\([^)]*\)")
ITEM = ("- ", "* ")
RULE = re.compile(r"^\|?[\s:|-]*-[\s:|-]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """kind: heading (level 1-4), paragraph, list or table; text in the first two, rows of cells in the others."""

    kind: str
    text: str = ""
    level: int = 0
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def read_document(path: Path) -> list[Block]:
    """The blocks in order; none where there is no such file."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [block for kind, run in groupby(lines, _kind) for block in _blocks(kind, list(run))]


def _kind(line: str) -> str:
    text = line.strip()
    if not text:
        return "gap"
    if text.startswith("#"):
        return "heading"
    if text.startswith("|"):
        return "table"
    return "list" if text.startswith(ITEM) or line.startswith("  ") else "paragraph"


def _blocks(kind: str, lines: list[str]) -> Iterator[Block]:
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


def _table(lines: list[str]) -> Block:
    rows = [
        tuple(_plain(cell) for cell in line.strip().strip("|").split("|")) for line in lines if not RULE.match(line)
    ]
    return Block(kind="table", head=rows[0] if rows else (), rows=tuple(rows[1:]))


def _plain(text: str) -> str:
    """The words without the marks of emphasis, code and links."""
    return EMPHASIS.sub(lambda found: next(group for group in found.groups() if group), text).strip()
