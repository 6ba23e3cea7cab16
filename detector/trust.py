"""Which C2PA trust lists are in force, and of what date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustLists:
    """PEM text of each list, by file name; empty where the operator has none."""

    texts: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, dt.date] = field(default_factory=dict)

    @classmethod
    def from_folder(cls, folder: Path) -> TrustLists:
        """Reads the lists that stand in `folder`; a missing file is an empty list, a missing folder no list at all."""
        found = [folder / name for name in FILE_NAMES if (folder / name).is_file()]
        return cls(
            texts={path.name: path.read_text(encoding="utf-8", errors="replace") for path in found},
            dates={path.name: dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date() for path in found},
        )

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

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


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text.strip())
