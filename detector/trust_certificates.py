"""What stands in the file of a trust list, certificate by certificate; or why the file is no such list.

Source: RFC 7468 (PEM), RFC 5280 (certificates). Blind to a list that was cut between two certificates: that is a whole
list, only a shorter one.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

BEGIN = re.compile(r"-----BEGIN ([^-\r\n]+)-----")
END = re.compile(r"-----END ([^-\r\n]+)-----")
BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
WEB_PAGE = re.compile(r"<!doctype html|<html|<head|<body", re.IGNORECASE)
PURPOSE = re.compile(r"[0-2](\.(0|[1-9]\d*)){2,}")  # an object identifier in dotted decimals
REMARK = ("//", "#")


class NotAList(ValueError):  # noqa: N818 - the text is for the operator
    """The file is no trust list; the text completes the sentence "the file …"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """One certificate. authority: it may sign others. fingerprint: SHA-256 in hex. begins, ends: its validity."""

    name: str
    fingerprint: str
    authority: bool
    begins: dt.datetime
    ends: dt.datetime


def certificates_of(text: str) -> tuple[Certified, ...]:
    """The certificates of a PEM file in order, doubles included; words between them are left out. Raises NotAList."""
    labels = BEGIN.findall(text)
    if any("PRIVATE KEY" in label for label in labels):
        raise NotAList("holds a private key, which has no place in a list. Whoever gave it away has to replace it.")
    _demand_text(text)
    if not labels:
        raise NotAList("has no certificate in it.")
    if labels != END.findall(text) or len(BLOCK.findall(text)) != labels.count("CERTIFICATE"):
        raise NotAList("is cut off: a certificate in it begins and does not end.")
    if others := sorted(set(labels) - {"CERTIFICATE"}):
        raise NotAList(f"holds something that is no certificate: {', '.join(others)[:60]}.")
    blocks = BLOCK.findall(text)
    return tuple(_certified(block, f"{number} of {len(blocks)}") for number, block in enumerate(blocks, start=1))


def purposes_of(text: str) -> tuple[str, ...]:
    """The object identifiers of a store configuration, one a line beside remarks. Raises NotAList."""
    _demand_text(text)
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith(REMARK)]
    if strange := next((line for line in said if not PURPOSE.fullmatch(line)), None):
        raise NotAList(f"holds a line that is no object identifier: “{strange[:40]}”.")
    if not said:
        raise NotAList("names no purpose.")
    return tuple(said)


def _demand_text(text: str) -> None:
    if not text.strip():
        raise NotAList("is empty.")
    if "\0" in text or "\ufffd" in text:
        raise NotAList("is no text.")
    if WEB_PAGE.search(text):
        raise NotAList("is a web page.")


def _certified(block: str, place: str) -> Certified:
    try:
        read = x509.load_pem_x509_certificate(block.encode())
        return Certified(
            name=_name(read.subject),
            fingerprint=read.fingerprint(SHA256()).hex(),
            authority=_is_authority(read),
            begins=read.not_valid_before_utc,
            ends=read.not_valid_after_utc,
        )
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension) as error:
        raise NotAList(f"is damaged: certificate {place} cannot be read.") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _name(subject: x509.Name) -> str:
    """As a person would name it: the common name, else the organisation, else all of it."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := subject.get_attributes_for_oid(oid):
            return str(found[0].value)
    return subject.rfc4514_string() or "without a name"
