"""Settings from the environment; a secret may stand in a file that NAME_FILE names, as Docker mounts them."""

from __future__ import annotations

import os
from pathlib import Path

TRUE = {"1", "true", "yes", "on"}


def text(name: str, default: str = "") -> str:
    """The value of NAME, else the stripped content of the file NAME_FILE, else the default."""
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return default


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name)
    return value.lower() in TRUE if value else default


def number(name: str, default: int) -> int:
    value = text(name)
    return int(value) if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
