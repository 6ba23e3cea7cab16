"""What can be said of each trust list: of what date it is, what stands in it, and whether it still does its work.

For pages, checks and commands. An examination needs none of it, and so does not load what reads certificates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from detector.trust import FILE_NAMES, INTERIM_ALLOWED, INTERIM_ANCHORS, OFFICIAL, STORE_CONFIG, TIMESTAMP, TrustLists
from detector.trust_certificates import Certified, NotAList, certificates_of, purposes_of

TITLES = {
    OFFICIAL: "Official C2PA trust list",
    TIMESTAMP: "Official C2PA list of timestamp authorities",
    INTERIM_ANCHORS: "Interim trust list, frozen on 1 January 2026: anchors",
    INTERIM_ALLOWED: "Interim trust list: single certificates",
    STORE_CONFIG: "Purposes that a signing certificate may state",
}
KEPT_UP = (OFFICIAL, TIMESTAMP)  # the others were frozen: no newer ones will come
ANCHORS = (OFFICIAL, TIMESTAMP, INTERIM_ANCHORS)  # certificates of authorities; the other files hold something else
OLD = dt.timedelta(days=180)  # the official list has had several releases a year


class State(StrEnum):
    """Of one list. FROZEN: no newer one will come, and it is whole."""

    CURRENT = "current"
    FROZEN = "frozen"
    OLD = "old"
    EXPIRED = "expired"
    BROKEN = "broken"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """One list at one moment. certificates: in a store configuration, the purposes. expired: a name for each that has.

    confirmed: when its source was last seen to offer this very list. next_expiry: of those that have not expired.
    source: "" where somebody put the file there by hand. problem: why it cannot be read.
    """

    name: str
    title: str
    sha256: str = ""
    date: dt.date | None = None
    confirmed: dt.date | None = None
    source: str = ""
    certificates: int = 0
    next_expiry: dt.date | None = None
    expired: tuple[str, ...] = ()
    age: dt.timedelta = dt.timedelta()
    problem: str = ""

    @property
    def is_old(self) -> bool:
        """Whether there has been time for newer ones; a list may have expired anchors as well."""
        return self.name in KEPT_UP and self.age > OLD

    @property
    def state(self) -> State:
        if not self.date:
            return State.MISSING
        if self.problem:
            return State.BROKEN
        if self.name not in KEPT_UP:
            return State.FROZEN
        if self.expired:
            return State.EXPIRED
        return State.OLD if self.is_old else State.CURRENT


def facts_of(lists: TrustLists, now: dt.datetime) -> tuple[TrustList, ...]:
    """Each of the five lists in the order of FILE_NAMES, the missing ones too."""
    return tuple(_fact(lists, name, now) for name in FILE_NAMES)


def expired_names(certificates: Sequence[Certified], now: dt.datetime) -> tuple[str, ...]:
    return tuple(found.name for found in certificates if found.ends < now)


def next_expiry(certificates: Sequence[Certified], now: dt.datetime) -> dt.date | None:
    return min((found.ends.date() for found in certificates if found.ends >= now), default=None)


def _fact(lists: TrustLists, name: str, now: dt.datetime) -> TrustList:
    title = TITLES[name]
    if name not in lists.texts:
        return TrustList(name=name, title=title)
    record, date = lists.record(name), lists.dates[name]
    confirmed = record.confirmed if record else date
    certificates, purposes, problem = _content(name, lists.text(name))
    return TrustList(
        name=name,
        title=title,
        sha256=lists.hashes[name],
        date=date,
        confirmed=confirmed,
        source=record.source if record else "",
        certificates=len(certificates) or purposes,
        next_expiry=next_expiry(certificates, now),
        expired=expired_names(certificates, now),
        age=max(now.date() - confirmed, dt.timedelta()),
        problem=problem,
    )


@lru_cache(maxsize=16)
def _content(name: str, text: str) -> tuple[tuple[Certified, ...], int, str]:
    """The certificates, or how many purposes, or why neither can be read."""
    try:
        if name == STORE_CONFIG:
            return (), len(purposes_of(text)), ""
        return certificates_of(text), 0, ""
    except NotAList as problem:
        return (), 0, f"The file {problem}"
