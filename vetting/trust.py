"""Trust lists of this installation: an offered list is checked, and one that passes takes the place of the last.

What is wrong with an offer is said in words, and the list in force stays. What is replaced is kept under history/, by
its date, so that the list behind an old report can be found again. trust.json says where each came from and when.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import c2pa

from detector.trust import FILE_NAMES, STORE_CONFIG, TrustLists
from detector.trust_certificates import Certified, NotAList, certificates_of, purposes_of
from detector.trust_facts import ANCHORS, TITLES, expired_names, next_expiry
from detector.trust_record import RECORD_FILE, Record, Records
from vetting.trust_sources import NotOffered, Offer, Offers

HISTORY = "history"

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of one list: in force anew, in force as before and confirmed, not taken, not there at all."""

    INSTALLED = "installed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What became of one list, in words for the operator."""

    title: str
    outcome: Outcome
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An offer that is a whole list. entries: fingerprints of its certificates, or purposes."""

    offer: Offer
    sha256: str
    certificates: tuple[Certified, ...]
    entries: tuple[str, ...]


def refresh(
    *, offers: Offers, folder: Path, now: dt.datetime, accept_shrunk: bool = False, dry_run: bool = False
) -> tuple[Refreshed, ...]:
    """Puts every offered list that passes into `folder`, one by one; hands back what became of each.

    now: aware. dry_run: checks alike, writes nothing.
    """
    held, told = TrustLists.from_folder(folder), []
    records = held.records
    for name in FILE_NAMES:
        try:
            checked = _checked(_offered(offers, name), held, now, accept_shrunk=accept_shrunk)
        except NotOffered as reason:
            outcome = Outcome.REFUSED if name in offers else Outcome.ABSENT
            told.append(Refreshed(title=TITLES[name], outcome=outcome, words=f"{reason} {_stays(held, name)}"))
            continue
        if not dry_run:
            records = _recorded(records, checked, held, now, _install(folder, checked, held))
            _write(folder / RECORD_FILE, json.dumps(records.to_json(), indent=1).encode() + b"\n")
        outcome = Outcome.CONFIRMED if checked.sha256 == held.hashes.get(name) else Outcome.INSTALLED
        told.append(Refreshed(title=TITLES[name], outcome=outcome, words=_words(checked, held, now)))
    return tuple(told)


# --- checking


def _offered(offers: Offers, name: str) -> Offer:
    offer = offers.get(name) or NotOffered("Not among the files.")
    if isinstance(offer, NotOffered):
        raise offer
    return offer


def _checked(offer: Offer, held: TrustLists, now: dt.datetime, *, accept_shrunk: bool) -> Checked:
    """Raises NotOffered for what is no list, or for one that would make known signers unknown by mistake."""
    text = offer.data.decode("utf-8", errors="replace")
    try:
        certificates, entries = _content(offer.name, text)
    except NotAList as problem:
        raise NotOffered(f"Not taken: the file {problem}") from None
    if offer.name in ANCHORS and not any(found.authority for found in certificates):
        raise NotOffered("Not taken: the file holds no authority's certificate. Was it given another list's name?")
    _demand_readable(offer.name, text)
    known = _known(offer.name, held.text(offer.name), now)
    lost = len(known - set(entries))
    if known and lost * 2 > len(known) and not accept_shrunk:
        raise NotOffered(
            f"Not taken: {lost} of {len(known)} entries in force are not in it. A broken download looks like this; "
            "if it is meant, add --accept-shrunk."
        )
    return Checked(
        offer=offer, sha256=hashlib.sha256(offer.data).hexdigest(), certificates=certificates, entries=entries
    )


def _content(name: str, text: str) -> tuple[tuple[Certified, ...], tuple[str, ...]]:
    if name == STORE_CONFIG:
        return (), purposes_of(text)
    certificates = certificates_of(text)
    return certificates, tuple(dict.fromkeys(found.fingerprint for found in certificates))


def _known(name: str, text: str, now: dt.datetime) -> set[str]:
    """The entries of the list in force that a new one should go on knowing: what has expired may be gone."""
    try:
        certificates, entries = _content(name, text)
    except NotAList:
        return set()
    return {found.fingerprint for found in certificates if found.ends >= now} if certificates else set(entries)


def _demand_readable(name: str, text: str) -> None:
    """The library that reads photos has the last word."""
    try:
        with c2pa.Context.from_dict({"trust": TrustLists(texts={name: text}).settings()}):
            return
    except c2pa.C2paError as error:
        raise NotOffered(f"Not taken: the reader of Content Credentials cannot use it ({str(error)[:80]}).") from error


# --- writing


def _install(folder: Path, checked: Checked, held: TrustLists) -> str:
    """Keeps what was in force and puts the new list in its place; hands back where the old one is kept, or ""."""
    name, offer = checked.offer.name, checked.offer
    if held.hashes.get(name) == checked.sha256:
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    kept = _keep(folder, name, held) if name in held.texts else ""
    _write(folder / name, offer.data, offer.date)
    log.info("trust list %s installed, SHA-256 %s, from %s", name, checked.sha256, offer.source)
    return kept


def _keep(folder: Path, name: str, held: TrustLists) -> str:
    day, digest = held.dates[name].isoformat(), held.hashes[name]
    data = (folder / name).read_bytes()
    place = Path(HISTORY) / day / name
    if (folder / place).exists() and (folder / place).read_bytes() != data:  # two of one day
        place = Path(HISTORY) / f"{day}-{digest[:12]}" / name
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    _write(folder / place, data, held.dates[name])
    return place.as_posix()


def _write(path: Path, data: bytes, date: dt.date | None = None) -> None:
    """Whole or not at all. date: for whoever looks at the file without its record."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if date:
        noon = dt.datetime.combine(date, dt.time(12), dt.UTC).timestamp()
        os.utime(part, (noon, noon))
    part.replace(path)


def _recorded(records: Records, checked: Checked, held: TrustLists, now: dt.datetime, kept: str) -> Records:
    name, offer = checked.offer.name, checked.offer
    before, moment = held.record(name), now.isoformat(timespec="seconds")
    same = before is not None and before.sha256 == checked.sha256
    record = Record(
        sha256=checked.sha256,
        date=before.date if before and same else offer.date,
        confirmed=max(before.confirmed, offer.date) if before and same else offer.date,
        source=offer.source,
        installed=before.installed if before and same else moment,
        certificates=len(checked.entries),
        next_expiry=next_expiry(checked.certificates, now),
    )
    past = {
        "name": name,
        "file": kept,
        "sha256": held.hashes.get(name, ""),
        "date": held.dates[name].isoformat() if kept else "",
        "source": before.source if before else "",
        "replaced": moment,
    }
    history = (*records.history, past) if kept else records.history
    return Records(lists={**records.lists, name: record}, history=history)


# --- words


def _stays(held: TrustLists, name: str) -> str:
    day = held.dates.get(name)
    return f"The list of {day.isoformat()} stays in force." if day else "There is none in force."


def _words(checked: Checked, held: TrustLists, now: dt.datetime) -> str:
    facts = [*_counts(checked, now), f"SHA-256 {checked.sha256}"]
    before, offer = held.dates.get(checked.offer.name), checked.offer
    older = f" It is older than the one it replaces, of {before.isoformat()}." if before and offer.date < before else ""
    return f"{', '.join(facts)}; dated {offer.date.isoformat()}, from {offer.source}.{older}"


def _counts(checked: Checked, now: dt.datetime) -> list[str]:
    found = checked.certificates
    if not found:
        return [f"{len(checked.entries)} purposes"]
    single = sum(not one.authority for one in found)
    expired, doubles = expired_names(found, now), len(found) - len(checked.entries)
    early = sum(one.begins > now for one in found)
    after = next_expiry(found, now)
    counts: Mapping[str, object] = {
        f"{len(checked.entries)} certificates": True,
        f"{single} of them of no authority": single,
        f"{len(expired)} expired ({', '.join(expired[:3])}{' and others' if len(expired) > 3 else ''})": expired,
        f"{early} not valid yet": early,
        f"{doubles} twice in the file": doubles,
        f"next expiry {after}": after,
    }
    return [words for words, there in counts.items() if there]
