"""Which model packs an examination ran with, out of its stored result: also after they were removed from the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vetting.report.measured import count, listed, sentence

MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedPack:
    """name: of its detector. calibrated: the day, ISO 8601."""

    name: str
    version: int
    title: str
    licence: str
    source: str
    sha256: str
    calibrated: str

    @property
    def line(self) -> str:
        """All of it on one line; the hash whole, as reports are kept for years."""
        return (
            f"{self.title}, version {self.version}, licence {self.licence}, from {self.source}, SHA-256 {self.sha256}, "
            f"calibrated on {self.calibrated}"
        )


def packs_of(result: Mapping[str, Any]) -> tuple[UsedPack, ...]:
    """Of a whole stored result; none where it is of a time before packs."""
    versions = result.get("versions")
    known = listed(versions.get("packs"), MOST) if isinstance(versions, Mapping) else []
    return tuple(_pack(raw) for raw in known if isinstance(raw, Mapping) and sentence(raw.get("name")))


def title_of(detector: str, packs: tuple[UsedPack, ...]) -> str:
    """What a report calls a check: a pack by its model's title, any other by its own name."""
    by_name = {pack.name: pack.title for pack in packs}
    return by_name.get(detector) or detector.replace("_", " ").capitalize()


def _pack(raw: Mapping[str, Any]) -> UsedPack:
    name = sentence(raw.get("name"))
    texts = {key: sentence(raw.get(key)) or "not known" for key in ("licence", "source", "sha256", "calibrated")}
    return UsedPack(
        name=name, title=sentence(raw.get("title")) or name, version=count(raw.get("version")) or 0, **texts
    )
