"""Archives made on the spot: honest ones, and ones that nobody should open."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

from django.core.files.uploadedfile import SimpleUploadedFile


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these files, path -> bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def zip_upload(files: Mapping[str, bytes], name: str = "photos.zip") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, zipped(files), "application/zip")


def with_link(path: str, target: str) -> bytes:
    """A ZIP with a symbolic link in it, as `zip -y` makes it."""
    buffer = io.BytesIO()
    info = zipfile.ZipInfo(path)
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, target)
    return buffer.getvalue()


def named_in_utf8_without_saying_so(name: str, data: bytes) -> bytes:
    """As macOS's own archiver writes it: UTF-8 bytes, the flag that says so left out."""
    raw = name.encode()
    archive = zipped({"x" * len(raw): data})
    return archive.replace(b"x" * len(raw), raw)


def flagged_as_encrypted(data: bytes) -> bytes:
    """The first entry's flag for a password set, in the list and before the entry."""
    local, listed = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    return _with_byte(_with_byte(data, local + 6, 1), listed + 8, 1)


def with_method(data: bytes, method: int) -> bytes:
    local, listed = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    return _with_byte(_with_byte(data, local + 8, method), listed + 10, method)


def overlapping(count: int, data: bytes) -> bytes:
    """A quine of a bomb: many entries of the list that all lie at the same place."""
    one = zipped({"a.jpg": data})
    listed, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    entry = one[listed:end]
    listing = b"".join(entry.replace(b"a.jpg", f"{chr(97 + number)}.jpg".encode()) for number in range(count))
    return one[:listed] + listing + _end(count, len(listing), listed)


def claiming(entries: int) -> bytes:
    """An archive whose end record claims so many files in a list of 2 GB."""
    return b"PK\x03\x04" + bytes(64) + _end(entries, 2**31 - 1, 0)


def claiming_in_zip64(entries: int) -> bytes:
    """The same in the larger end record, with a harmless one behind it."""
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, 2**33, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 68, 1)
    return b"PK\x03\x04" + bytes(64) + record + locator + _end(1, 46, 0)


def _end(entries: int, size: int, offset: int) -> bytes:
    return struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, min(entries, 0xFFFF), min(entries, 0xFFFF), size, offset, 0)


def _with_byte(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + bytes([value]) + data[at + 1 :]
