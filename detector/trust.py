"""Which C2PA trust lists are in force, and of what date."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from detector.trust_record import RECORD_FILE, Record, Records, read_records

OFFICIAL = "C2PA-TRUST-LIST.pem"
TIMESTAMP = "C2PA-TSA-TRUST-LIST.pem"
INTERIM_ANCHORS = "itl-anchors.pem"
INTERIM_ALLOWED = "itl-allowed.pem"
STORE_CONFIG = "itl-store.cfg"
FILE_NAMES = (OFFICIAL, TIMESTAMP, INTERIM_ANCHORS, INTERIM_ALLOWED, STORE_CONFIG)

# The interim list was frozen on this day: what its signers signed before still counts, what they signed later does not.
INTERIM_FROZEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

# Purposes (OIDs) that a signing certificate may state where the operator has no store configuration:
# emailProtection and documentSigning (C2PA 1.x), timeStamping, OCSPSigning, c2pa-kp-claimSigning (C2PA 2.1, 14.5.1).
DEFAULT_PURPOSES = (
    "1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n1.3.6.1.5.5.7.3.8\n1.3.6.1.5.5.7.3.9\n1.3.6.1.4.1.62558.2.1\n"
)


# What tells one state of a file from another without reading it; None where there is no file.
Stamp = tuple[int, int, int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustLists:
    """PEM text of each list, by file name; empty where the operator has none. hashes: SHA-256 of each file, in hex."""

    texts: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, dt.date] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    records: Records = field(default_factory=Records)

    @classmethod
    def from_folder(cls, folder: Path) -> TrustLists:
        """The lists that stand in `folder`; a missing file is an empty list, a missing folder no list at all.

        Every examination asks, so the files are read anew only when one of them has changed.
        """
        return _read(folder, tuple(_stamp(folder / name) for name in (*FILE_NAMES, RECORD_FILE)))

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def record(self, name: str) -> Record | None:
        """What was recorded of the list when it was installed; None where this is not the file that was."""
        record = self.records.lists.get(name)
        return record if record and record.sha256 == self.hashes.get(name) else None

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """The content of the lists as something hashable, to cache what is built from them."""
        return tuple(sorted(self.texts.items()))

    def settings(self) -> dict[str, str]:
        """The `trust` settings of c2pa-python.

        The official list goes in as system anchors and the interim one as user anchors: the library names, in the
        explanation of a trusted signature, in which of the two it found the signer.
        """
        chosen = {
            "trust_anchors": _joined(self.text(OFFICIAL), self.text(TIMESTAMP)),
            "user_anchors": self.text(INTERIM_ANCHORS),
            "allowed_list": self.text(INTERIM_ALLOWED),
        }
        return {
            **{name: text for name, text in chosen.items() if text.strip()},
            "trust_config": self.text(STORE_CONFIG) or DEFAULT_PURPOSES,
        }

    def to_json(self) -> dict[str, str]:
        """File name to date (ISO 8601) of each list in force, for the versions of an analysis."""
        return {name: date.isoformat() for name, date in sorted(self.dates.items())}


def _stamp(path: Path) -> Stamp:
    try:
        seen = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


@lru_cache(maxsize=4)
def _read(folder: Path, stamps: tuple[Stamp, ...]) -> TrustLists:
    """`stamps` is there for the cache alone."""
    found = [folder / name for name in FILE_NAMES if (folder / name).is_file()]
    contents = {path.name: path.read_bytes() for path in found}
    lists = TrustLists(
        texts={name: data.decode("utf-8", errors="replace") for name, data in contents.items()},
        hashes={name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
        records=read_records(folder),
    )
    return replace(lists, dates={path.name: _date(path, lists.record(path.name)) for path in found})


def _date(path: Path, record: Record | None) -> dt.date:
    return record.date if record else dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text.strip())
