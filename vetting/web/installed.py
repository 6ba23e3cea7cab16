"""What is in force on this installation: trust lists with their dates, detectors with their versions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils import timezone

if TYPE_CHECKING:
    from detector.trust_facts import TrustList

PURPOSES = {
    "C2PA-TRUST-LIST.pem": "Cameras, apps and services whose signatures count as known",
    "C2PA-TSA-TRUST-LIST.pem": "Who may confirm the time of a signature, for when its certificate has run out",
    "itl-anchors.pem": "Signers known before the official list; they count for what was signed until then",
    "itl-allowed.pem": "The same, for signers that stand on no authority's word",
    "itl-store.cfg": "What kinds of certificates may sign at all; Candid has its own where this is missing",
}
# Shape, light and word of each state of a list: detector.trust_facts.State.
STATES = {
    "current": ("lamp-yes", "yes", "Current"),
    "frozen": ("lamp-yes", "yes", "Complete"),
    "old": ("lamp-unknown", "unknown", "Old"),
    "expired": ("lamp-no", "no", "Expired anchor"),
    "broken": ("failed", "no", "Cannot be read"),
    "missing": ("none", "unknown", "Missing"),
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
class InstalledList:
    """A trust list as the page names it. fact: what is known of it. source: short, for everybody to read."""

    fact: TrustList
    purpose: str
    shape: str
    light: str
    word: str
    source: str
    unit: str


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
    """built_in: date of the official list inside the second reader."""

    trust: tuple[InstalledList, ...]
    built_in: dt.date
    checks: tuple[Check, ...]
    packs: tuple[InstalledPack, ...]
    policy: int

    @property
    def no_lists(self) -> bool:
        return all(shown.fact.date is None for shown in self.trust)


def installed(trust_folder: Path, packs_folder: Path) -> Installed:
    from detector.provenance.second_reader import BUILT_IN_DATE  # late: they load readers and decoders
    from detector.registry import detectors_by_wing
    from detector.verdict import POLICY_VERSION

    return Installed(
        trust=_lists(trust_folder),
        built_in=BUILT_IN_DATE,
        checks=tuple(
            Check(wing=WINGS[wing], title=d.title, question=d.question, version=d.version)
            for wing, members in detectors_by_wing().items()
            for d in members
        ),
        packs=_packs(packs_folder),
        policy=POLICY_VERSION,
    )


def _lists(folder: Path) -> tuple[InstalledList, ...]:
    from detector.trust import STORE_CONFIG, TrustLists
    from detector.trust_facts import facts_of

    return tuple(
        InstalledList(
            fact=fact,
            purpose=PURPOSES[fact.name],
            shape=STATES[fact.state][0],
            light=STATES[fact.state][1],
            word=STATES[fact.state][2],
            source=_source(fact),
            unit="purposes" if fact.name == STORE_CONFIG else "certificates",
        )
        for fact in facts_of(TrustLists.from_folder(folder), timezone.now())
    )


def _source(fact: TrustList) -> str:
    """The host, or the file's name alone: where the operator keeps files concerns nobody else."""
    if not fact.source:
        return "put there by hand"
    if fact.source.startswith("https://"):
        return urlsplit(fact.source).netloc
    return f"file {PurePath(fact.source.partition(': ')[0]).name}"


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
