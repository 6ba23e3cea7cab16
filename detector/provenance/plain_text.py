"""Strings that stand in a stranger's file, made fit to show and to store."""

from __future__ import annotations

import unicodedata

MAX_CHARACTERS = 200  # a name or a tool; longer ones are no names


def plain(value: object, limit: int = MAX_CHARACTERS) -> str:
    """The text without control and direction-changing characters, spaces folded, cut to `limit` characters."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    text = "".join(
        " " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in str(value)[: 4 * limit]
    )
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
