"""Values of a C2PA reader's JSON: every one was written by a stranger, so nothing is taken for granted about types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detector.provenance.plain_text import plain


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str | None:
    """A string fit to show; None for an empty one, and for what is no string."""
    return (plain(value) or None) if isinstance(value, str) else None


def codes(entries: object) -> frozenset[str]:
    """The validation codes of a list of checks."""
    return frozenset(plain(mapping(entry).get("code", "")) for entry in items(entries))
