"""What is in force on this installation: trust lists with their dates, detectors with their versions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LISTS = {
    "C2PA-TRUST-LIST.pem": "Official C2PA trust list",
    "C2PA-TSA-TRUST-LIST.pem": "Official C2PA list of timestamp authorities",
    "itl-anchors.pem": "Interim trust list, frozen on 1 January 2026: anchors",
    "itl-allowed.pem": "Interim trust list: single certificates",
    "itl-store.cfg": "Purposes that a signing certificate may state",
}
WINGS = {"provenance": "What the file says", "signs": "What can be seen", "fingerprint": "What statistics say"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One detector as the page names it."""

    wing: str
    title: str
    question: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPack:
    """A model that the operator added. problem: why it cannot look, "" where it can."""

    title: str
    version: int = 0
    licence: str = ""
    sha256: str = ""
    calibrated: str = ""
    figures: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """trust: title and ISO date of each list, None where the list is missing."""

    trust: tuple[tuple[str, str | None], ...]
    checks: tuple[Check, ...]
    packs: tuple[InstalledPack, ...]
    policy: int


def installed(trust_folder: Path, packs_folder: Path) -> Installed:
    from detector.registry import detectors_by_wing  # late: it loads the decoders, which most pages do not need
    from detector.trust import TrustLists
    from detector.verdict import POLICY_VERSION

    dates = TrustLists.from_folder(trust_folder).to_json()
    return Installed(
        trust=tuple((title, dates.get(name)) for name, title in LISTS.items()),
        checks=tuple(
            Check(wing=WINGS[wing], title=d.title, question=d.question, version=d.version)
            for wing, members in detectors_by_wing().items()
            for d in members
        ),
        packs=_packs(packs_folder),
        policy=POLICY_VERSION,
    )


def _packs(folder: Path) -> tuple[InstalledPack, ...]:
    from detector.packs import Packs

    found = Packs.from_folder(folder)
    whole = [
        InstalledPack(
            title=pack.card.title,
            version=pack.card.version,
            licence=pack.card.licence,
            sha256=pack.card.sha256,
            calibrated=pack.calibration.date,
            figures=pack.calibration.figures,
            problem=pack.problem,
        )
        for pack in found.packs
        if pack.calibration
    ]
    return (*whole, *(InstalledPack(title=pack.folder, problem=pack.problem) for pack in found.broken))
