"""The files of an import: a ZIP that nobody can vouch for, or a folder that came in file by file.

Nothing is ever unpacked to a disk. One file at a time is read into memory, within the limit of a photo, and what an
archive says of itself is checked before any of it is unpacked.
"""

from __future__ import annotations

import hashlib
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import IO, Protocol

from django.conf import settings
from django.core.files.storage import storages

from vetting.bulk.table import CannotRead
from vetting.intake import Refused
from vetting.models import Bulk

MAX_PATH = 500  # characters; the column that holds it
END_BYTES = 22 + 65_535 + 20 + 56  # the end record, its comment, and what ZIP64 has before it
DIRECTORY_BYTES = 200  # an entry's line in a ZIP's list is 46 bytes, its name and extra fields, say
SUSPICIOUS_RATIO = 100  # photos are compressed already: 500 of them shrink by a few per cent, a text by 10 times
RATIO_MATTERS = 1024 * 1024  # bytes: a small file may well be all one colour
JUNK = re.compile(r"(^|/)(__MACOSX|\.git)/|(^|/)(\.[^/]*|thumbs\.db|desktop\.ini|icon\r)$", re.IGNORECASE)
TABLES = (".csv", ".tsv")
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar", ".cab", ".iso", ".dmg")
DAMAGED = "The archive is damaged, or is no ZIP: its list of files cannot be read. Please make it again."
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file. path: as people should see it, with "/" alone. problem: why it cannot be used, as a sentence."""

    path: str
    size: int
    problem: str = ""

    @property
    def is_table(self) -> bool:
        return self.path.lower().endswith(TABLES)


class Source(Protocol):
    """Where the bytes of an import's photos come from."""

    def entries(self) -> list[Entry]: ...

    def read(self, path: str, limit: int) -> bytes:
        """All bytes, or `limit` + 1 of them where it has more. Raises Refused."""
        ...


@contextmanager
def open_source(bulk: Bulk) -> Iterator[Source]:
    """Raises CannotRead, and OSError where the storage has it no more."""
    if bulk.is_folder:
        yield Folder(bulk)
        return
    with storages["default"].open(bulk.key) as file:
        yield Archive(file)


def is_junk(path: str) -> bool:
    """What file managers leave behind, and folders: passed over without a word."""
    return path.endswith("/") or bool(JUNK.search(path))


def clean_path(raw: str) -> tuple[str, str]:
    """The path as it may be shown, and what is wrong with it ("" where nothing is)."""
    path = unicodedata.normalize("NFC", raw.replace("\\", "/"))
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in path)[:MAX_PATH]
    if path.startswith("/") or re.match(r"^[A-Za-z]:", path) or ".." in PurePosixPath(path).parts:
        return shown, "Its path leads out of the archive. It is not used; put the file in directly."
    if not path:
        return "\ufffd", "It has no name. Please give it one."
    if shown != path:
        return shown, "Its name is too long, or has signs in it that no name should have. Please rename it."
    return shown, ""


def stored_as(bulk_key: str, path: str) -> str:
    """The key of one file of a folder."""
    return bulk_key + hashlib.sha256(path.encode()).hexdigest()


def table_key(bulk: Bulk) -> str:
    """Where a table stands that came beside the photos."""
    return bulk.key.rpartition("/")[0] + "/table.csv"


class Folder:
    """Files that were sent one by one; the rows know their paths."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk

    def entries(self) -> list[Entry]:
        paths = self._bulk.rows.exclude(entry="").order_by("pk").values_list("entry", flat=True)
        return [
            Entry(path=path, size=0, problem=_nested(path)) for path in dict.fromkeys(paths.iterator(chunk_size=2000))
        ]

    def read(self, path: str, limit: int) -> bytes:
        try:
            with storages["default"].open(stored_as(self._bulk.key, path)) as file:
                return bytes(file.read(limit + 1))
        except FileNotFoundError:
            raise Refused("The file is no longer here. Please send it again.") from None


class Archive:
    """A ZIP. What is wrong with all of it raises CannotRead at once, what is wrong with one file stays with that."""

    def __init__(self, file: IO[bytes]) -> None:
        _demand_short_list(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, struct.error, ValueError) as error:
            overlapping = "overlap" in str(error).lower()
            raise CannotRead(OVERLAPPING if overlapping else DAMAGED) from error
        members = [info for info in self._zip.infolist() if not info.filename.endswith("/")]  # is_dir() demands a name
        _demand_honest(members)
        self._entries, self._members = _listed(members)

    def entries(self) -> list[Entry]:
        return self._entries

    def read(self, path: str, limit: int) -> bytes:
        member = self._members.get(path)
        if member is None:
            raise Refused("The file is no longer in the archive.")
        try:
            with self._zip.open(member) as file:
                return file.read(limit + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, ValueError) as error:
            raise Refused("It could not be unpacked: this part of the archive is damaged.") from error


OVERLAPPING = (
    "The archive was put together so that its files lie over one another, as archives made to do harm are. "
    "It was not opened."
)


def _demand_short_list(file: IO[bytes]) -> None:
    """The end record is looked at by itself: zipfile reads the whole list, however long it claims to be.

    Source: APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16.
    """
    file.seek(0, 2)
    file.seek(max(0, file.tell() - END_BYTES))
    end = file.read()
    file.seek(0)
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        raise CannotRead(DAMAGED)
    entries, list_bytes = _of_zip64(end, at) or (_number(end, at + 10, 2), _number(end, at + 12, 4))
    most = settings.MAX_BULK_ROWS
    if entries > most or list_bytes > most * (DIRECTORY_BYTES + MAX_PATH):
        raise CannotRead(f"The archive has {entries:,} files; at most {most:,} are taken at once. Please split it.")


def _of_zip64(end: bytes, at: int) -> tuple[int, int] | None:
    """Number of entries and bytes of the list from the larger end record, which counts where there is one."""
    record, locator = end[max(0, at - 76) : max(0, at - 20)], end[max(0, at - 20) : at]
    if locator[:4] != b"PK\x06\x07" or record[:4] != b"PK\x06\x06":
        return None
    return _number(record, 32, 8), _number(record, 40, 8)


def _number(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(data[at : at + length], "little")


def _demand_honest(members: Iterable[zipfile.ZipInfo]) -> None:
    """Sizes that no collection of photos has, and files that lie over one another. Raises CannotRead."""
    ordered = sorted(members, key=lambda info: info.header_offset)
    unpacked = sum(info.file_size for info in ordered)
    most = 2 * settings.MAX_BULK_BYTES
    if unpacked > most:
        raise CannotRead(
            f"Unpacked, the archive would have {unpacked / 1024**3:,.1f} GB; at most {most / 1024**3:.1f} GB are "
            "taken at once. Please split it."
        )
    for info, following in pairwise(ordered):
        if info.header_offset + 30 + info.compress_size > following.header_offset:
            raise CannotRead(OVERLAPPING)


def _listed(members: Iterable[zipfile.ZipInfo]) -> tuple[list[Entry], dict[str, zipfile.ZipInfo]]:
    """What people see of the archive, and what may be read of it."""
    entries: list[Entry] = []
    by_path: dict[str, zipfile.ZipInfo] = {}
    for info in members:
        path, wrong = clean_path(_name(info))
        if is_junk(path) and not wrong:
            continue
        problem = wrong or _problem(info, path)
        if path in by_path:
            problem = "Two files of the archive have this name. The first is used."
        entries.append(Entry(path=path, size=info.file_size, problem=problem))
        by_path.setdefault(path, info)
    return entries, by_path


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: many programs write UTF-8 without saying so, which zipfile takes for code page 437."""
    name = info.orig_filename
    if info.flag_bits & 0x800 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name


def _problem(info: zipfile.ZipInfo, path: str) -> str:
    """Why this file of an archive is not read, or ""."""
    if info.flag_bits & 0x1:
        return "It is protected by a password. Please make the archive without one."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link to another file, and no photo. Put the photo itself in."
    if info.compress_type not in METHODS:
        return "It is packed by a method that is not read here. Make an ordinary ZIP (Deflate)."
    if problem := _nested(path):
        return problem
    if info.file_size > settings.MAX_PHOTO_BYTES:
        size, limit = info.file_size / 1024**2, settings.MAX_PHOTO_BYTES // 1024**2
        return f"The file has {size:,.0f} MB; at most {limit} MB are accepted. Please send a smaller version."
    if info.file_size > RATIO_MATTERS and info.file_size > SUSPICIOUS_RATIO * max(info.compress_size, 1):
        times = info.file_size // max(info.compress_size, 1)
        return f"Unpacked, it would grow {times:,} times, which no photo does. It was not unpacked."
    return ""


def _nested(path: str) -> str:
    if path.lower().endswith(ARCHIVES):
        return "An archive inside the archive is not opened. Put its photos beside the others."
    return ""
