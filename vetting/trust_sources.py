"""Where trust lists come from: a folder, a ZIP file, or the addresses at which they are published.

The network is asked only where the operator said so, over HTTPS alone, and never while a photo is examined.
"""

from __future__ import annotations

import datetime as dt
import http.client
import ssl
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urljoin, urlsplit

from detector.trust import FILE_NAMES, INTERIM_ALLOWED, INTERIM_ANCHORS, OFFICIAL, STORE_CONFIG, TIMESTAMP

# https://github.com/c2pa-org/conformance-public: the C2PA publishes both official lists there.
CONFORMANCE = "https://raw.githubusercontent.com/c2pa-org/conformance-public/main/trust-list/"
# docs/trust-list.mdx in https://github.com/contentauth/opensource.contentauth.org: the interim list.
INTERIM = "https://contentcredentials.org/trust/"
PUBLISHED: Mapping[str, str] = {
    OFFICIAL: CONFORMANCE + "C2PA-TRUST-LIST.pem",
    TIMESTAMP: CONFORMANCE + "C2PA-TSA-TRUST-LIST.pem",
    INTERIM_ANCHORS: INTERIM + "anchors.pem",
    INTERIM_ALLOWED: INTERIM + "allowed.pem",
    STORE_CONFIG: INTERIM + "store.cfg",
}
# Files also go by the last part of their published address, as a browser saves them.
NAMES = {PurePosixPath(address).name: name for name, address in PUBLISHED.items()} | {name: name for name in FILE_NAMES}

MAX_BYTES = 4 * 1024 * 1024  # the largest list had 182 kB in November 2026
MAX_REDIRECTS = 3
CHUNK = 64 * 1024
AGENT = "Candid refresh_trust"


class NotOffered(Exception):  # noqa: N818 - the text is for the operator
    """A list could not be had; the text says why, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The content of one list as its source has it. date: the day the source had it; for a file, of its last change."""

    name: str
    data: bytes
    source: str
    date: dt.date


Offers = Mapping[str, Offer | NotOffered]


def published(mirror: str = "") -> Mapping[str, str]:
    """The address of each list; below `mirror`, where an operator keeps copies under the names of FILE_NAMES."""
    base = mirror.rstrip("/") + "/"
    return {name: base + name for name in FILE_NAMES} if mirror else PUBLISHED


# --- files


def from_files(place: Path, today: dt.date) -> Offers:
    """What lies in a folder or a ZIP file, under the names of FILE_NAMES or of PUBLISHED. Raises NotOffered."""
    try:
        found = _in_folder(place) if place.is_dir() else _in_archive(place)
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise NotOffered(f"{place} could not be read: {_reason(error)}") from error
    if not found:
        raise NotOffered(f"{place} holds none of the lists. They are called {', '.join(FILE_NAMES)}.")
    return {offer.name: offer for offer in (_dated(offer, today) for offer in found)}


def _in_folder(place: Path) -> list[Offer]:
    paths = [path for path in sorted(place.iterdir()) if path.name in NAMES and path.is_file()]
    _demand_one_each([path.name for path in paths])
    return [
        Offer(
            name=NAMES[path.name],
            data=_all_of(path.open("rb"), path.name),
            source=str(path.resolve()),
            date=_changed(path),
        )
        for path in paths
    ]


def _in_archive(place: Path) -> list[Offer]:
    with zipfile.ZipFile(place) as archive:
        entries = [(PurePosixPath(entry.filename).name, entry) for entry in archive.infolist() if not entry.is_dir()]
        lists = [(name, entry) for name, entry in entries if name in NAMES and "__MACOSX" not in entry.filename]
        _demand_one_each([name for name, _ in lists])
        return [
            Offer(
                name=NAMES[name],
                data=_all_of(archive.open(entry), name),
                source=f"{place.resolve()}: {entry.filename}",
                date=_day(entry) or _changed(place),
            )
            for name, entry in lists
        ]


def _changed(path: Path) -> dt.date:
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()


def _day(entry: zipfile.ZipInfo) -> dt.date | None:
    """None where whoever packed the file left its day out, which ZIP writes as one in 1980."""
    year, month, day = entry.date_time[:3]
    return dt.date(year, month, day) if year > 1980 and month and day else None


def _demand_one_each(names: Sequence[str]) -> None:
    meant = [NAMES[name] for name in names]
    if twice := {name for name in meant if meant.count(name) > 1}:
        raise NotOffered(f"There is more than one file for {', '.join(sorted(twice))}. Leave one of them out.")


def _all_of(file: IO[bytes], name: str) -> bytes:
    with file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotOffered(f"{name} is too large for a list: more than {MAX_BYTES // 1024**2} MB.")
    return data


def _dated(offer: Offer, today: dt.date) -> Offer:
    """A clock that was wrong must not make a list look young for years."""
    return Offer(name=offer.name, data=offer.data, source=offer.source, date=min(offer.date, today))


# --- the network


def fetch(addresses: Mapping[str, str], *, today: dt.date, seconds: float) -> Offers:
    """Asks all addresses at once, and for `seconds` at most altogether; one that fails costs no other.

    Threads that do not hold the process up: looking up a name cannot be broken off.
    """
    until = time.monotonic() + seconds
    answers: dict[str, Offer | NotOffered] = {}

    def ask(name: str, address: str) -> None:
        try:
            data = _download(address, until)
            answers[name] = Offer(name=name, data=data, source=address, date=today)
        except NotOffered as reason:
            answers[name] = reason

    threads = [threading.Thread(target=ask, args=given, daemon=True) for given in addresses.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = NotOffered(f"No answer within {seconds:g} seconds.")
    return {name: answers.get(name, late) for name in addresses}


def _download(address: str, until: float) -> bytes:
    if urlsplit(address).scheme != "https":
        raise NotOffered(f"{address} is no HTTPS address.")
    # Built here and with HTTPS alone: the ordinary opener would also read files and FTP where a redirect names them.
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SameHost(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(address, headers={"User-Agent": AGENT, "Accept": "*/*"})  # noqa: S310 - HTTPS, above
    try:
        with opener.open(request, timeout=max(0.1, until - time.monotonic())) as answer:
            return _body(answer.read1, until)
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            raise NotOffered("The server sends on again and again, or to where no list is taken from.") from error
        raise NotOffered(f"The server answered {error.code} {error.reason}".rstrip() + ".") from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NotOffered(f"The server could not be reached: {_reason(error)}") from error


def _body(read: Callable[[int], bytes], until: float) -> bytes:
    """The whole answer, in time and within bounds, whatever length it claims to have."""
    parts, size = [], 0
    while part := read(CHUNK):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise NotOffered(f"The answer is too large for a list: more than {MAX_BYTES // 1024**2} MB.")
        if time.monotonic() > until:
            raise NotOffered("The answer did not end in time.")
    return b"".join(parts)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to the same host, and over HTTPS: a list is worth what its address is worth."""

    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(urljoin(req.full_url, newurl))
        if (after.scheme, after.netloc) != ("https", before.netloc):
            fp.close()
            raise NotOffered(f"The server sends on to another one, {after.scheme}://{after.netloc}; not followed.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _reason(error: Exception) -> str:
    """The last words of an error as a sentence: urllib wraps what happened."""
    inner = getattr(error, "reason", None) or error
    words = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return str(words).rstrip(".") + "."
