"""trust.json: what is known of the trust lists beside it, written by whoever installed them.

A list is what its record says only as long as its SHA-256 is that of the record: a file that was put into the folder by
hand, or changed there, has no record.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RECORD_FILE = "trust.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One installed list. date: of this content. confirmed: when the source was last seen to offer the same content."""

    sha256: str
    date: dt.date
    confirmed: dt.date
    source: str
    installed: str
    certificates: int
    next_expiry: dt.date | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "sha256": self.sha256,
            "date": self.date.isoformat(),
            "confirmed": self.confirmed.isoformat(),
            "source": self.source,
            "installed": self.installed,
            "certificates": self.certificates,
            "next_expiry": self.next_expiry.isoformat() if self.next_expiry else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What trust.json holds. history: the lists that were replaced, oldest first. problem: why it cannot be read."""

    lists: Mapping[str, Record] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = ()
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        known = {name: record.to_json() for name, record in sorted(self.lists.items())}
        return {"lists": known, "history": [dict(entry) for entry in self.history]}


def read_records(folder: Path) -> Records:
    """Reads `folder`/trust.json; no file is no record, and a broken one must not stop an examination."""
    try:
        held = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
        return Records(
            lists={str(name): _record(said) for name, said in held["lists"].items()},
            history=tuple(dict(entry) for entry in held.get("history", ())),
        )
    except FileNotFoundError:
        return Records()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Records(problem=f"{RECORD_FILE} cannot be read ({type(error).__name__}).")


def _record(said: Mapping[str, Any]) -> Record:
    expiry = said.get("next_expiry")
    return Record(
        sha256=str(said["sha256"]),
        date=dt.date.fromisoformat(said["date"]),
        confirmed=dt.date.fromisoformat(said.get("confirmed", said["date"])),
        source=str(said["source"]),
        installed=str(said["installed"]),
        certificates=int(said["certificates"]),
        next_expiry=dt.date.fromisoformat(expiry) if expiry else None,
    )
