"""A signed document as a JSON file: sorted keys, UTF-8, one line a value, so that people can read and compare it."""

from __future__ import annotations

import json
from typing import Any


def as_json(document: dict[str, Any]) -> bytes:
    """One object, with a line's end at its end."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return text.encode() + b"\n"
