"""The assurance level in a signer's certificate: how well the product that holds the key is said to be protected.

Source: C2PA Certificate Policy, extension 1.3.6.1.4.1.62558.3 with the values .10 (level 1) and .20 (level 2). No
reader hands the certificate out, so it is looked for in the file by its serial number; it counts only where the
signer is known, since everybody can write the extension into a certificate of his own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

EXTENSION = bytes.fromhex("06092b0601040183e85e03")  # the object identifier in DER
VALUE = re.compile(
    re.escape(EXTENSION) + rb"(?:\x01\x01\xff)?\x04\x0c\x06\x0a\x2b\x06\x01\x04\x01\x83\xe8\x5e\x03(.)", re.S
)
LEVELS = {10: 1, 20: 2}
# SEQUENCE (certificate) { SEQUENCE (to be signed) { [0] { INTEGER 2 } INTEGER serial …
HEAD = re.compile(rb"\x30\x82(..)\x30\x82..\xa0\x03\x02\x01\x02\x02(.)", re.S)
MAX_CERTIFICATES = 200


def assurance_level(data: bytes, serial: str | None) -> int | None:
    """1 or 2, as every certificate with this (decimal) serial number in the file says; None where none does, or they
    differ."""
    if not serial or not serial.isdecimal() or EXTENSION not in data:
        return None
    levels = {_level(certificate) for certificate in _certificates(data, int(serial[:60]))}
    return levels.pop() if len(levels) == 1 else None


def _certificates(data: bytes, serial: int) -> Iterator[bytes]:
    for count, head in enumerate(HEAD.finditer(data)):
        if count >= MAX_CERTIFICATES:
            return
        start, length = head.end(), head[2][0]
        if int.from_bytes(data[start : start + length], "big") == serial:
            yield data[head.start() : head.start() + 4 + int.from_bytes(head[1], "big")]


def _level(certificate: bytes) -> int | None:
    found = VALUE.search(certificate)
    return LEVELS.get(found[1][0]) if found else None
