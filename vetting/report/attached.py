"""The document that a report's PDF carries, read back out of the file.

Strangers send these files to a public page. So no general reader of PDF looks at them: what Typst writes for an
attachment is searched for, in time that grows with the file's size alone, and unpacked up to a limit.
"""

from __future__ import annotations

import re
import zlib

NAME = "candid-report.json"
MOST_BYTES = 30 * 1024 * 1024  # of the document, unpacked
MOST_TRIES = 20  # attachments that are looked at
EMBEDDED = re.compile(rb"/Type\s*/EmbeddedFile\b")
REACH = 600  # bytes around that mark in which the rest of its dictionary stands
LENGTH = re.compile(rb"/Length\s+(\d{1,9})\b(?!\s+\d+\s+R)")
STREAM = re.compile(rb"stream\r?\n")


def is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-")


def attached_document(pdf: bytes) -> bytes | None:
    """The bytes of the JSON attachment; None where there is none that can be read."""
    for _, mark in zip(range(MOST_TRIES), EMBEDDED.finditer(pdf), strict=False):
        unpacked = _stream(pdf, mark.start(), mark.end())
        if unpacked and unpacked.lstrip()[:1] == b"{":
            return unpacked
    return None


def _stream(pdf: bytes, start: int, end: int) -> bytes | None:
    """The stream whose dictionary has the mark, unpacked."""
    opened = pdf.rfind(b" obj", max(0, start - REACH), start)
    begins = STREAM.search(pdf, end, end + REACH)
    if opened < 0 or begins is None:
        return None
    dictionary = pdf[opened : begins.start()]
    length = LENGTH.search(dictionary)
    if length is None:
        return None
    content = pdf[begins.end() : begins.end() + int(length[1])]
    if b"/FlateDecode" not in dictionary:
        return content[:MOST_BYTES]
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(content, MOST_BYTES)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else unpacked
