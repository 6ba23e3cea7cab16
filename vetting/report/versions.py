"""What an examination ran with, as lines of name and value; whatever keys an examination of another time has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PREFIXES = {"detectors": "check", "weights": "weights", "trust_lists": "trust list"}


def version_lines(versions: Mapping[str, Any]) -> dict[str, str]:
    """Name -> version: "policy" -> "3", "check skin" -> "2", "trust list C2PA-TRUST-LIST.pem" -> "2026-11-01"."""
    return dict(sorted(_lines(versions)))


def _lines(versions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in versions.items():
        if isinstance(value, Mapping):
            prefix = PREFIXES.get(name, name.replace("_", " "))
            yield from ((f"{prefix} {inner}", _plain(version)) for inner, version in value.items())
        elif name == "packs" and isinstance(value, list):
            yield from (_pack(pack) for pack in value if isinstance(pack, Mapping))
        else:
            yield name.replace("_", " "), _plain(value)


def _pack(pack: Mapping[str, Any]) -> tuple[str, str]:
    name = f"model pack {_plain(pack.get('title') or pack.get('name'))}"
    return name, f"{_plain(pack.get('version'))}, SHA-256 {_plain(pack.get('sha256'))[:12]}"


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None or value == "" else str(value)
