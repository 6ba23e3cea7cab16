"""Whether a report is unchanged and from this installation: by its signature, and by the register of what was issued.

Anybody may ask, so the answer holds nothing about teams or people: what kind of report, when, and by which key.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from vetting.models import Issued
from vetting.report.attached import attached_document, is_pdf
from vetting.report.keys import PublicKey, known_keys
from vetting.report.plain import utc
from vetting.report.signing import ALGORITHM, SIGNATURE, canonical

MOST_BYTES = 30 * 1024 * 1024
MOST_VALUES = 2_000_000  # a report has some ten thousand; more would cost memory for nothing
KINDS = {
    "applicant": "a report on one applicant",
    "opening": "a report on an opening",
    "bundle": "the list of files of a bundle",
    "receipt": "a receipt of an erasure",
}
FORMS = {"pdf": "a PDF", "json": "a JSON file", "csv": "a table (CSV)", "manifest": "a bundle's manifest.json"}
OTHER_LAYOUT = (
    "Same content, other layout: spaces, line ends or the order of names differ from the file that was issued. That "
    "changes nothing of what it says."
)


class Outcome(Enum):
    """code: what the command ends with."""

    UNCHANGED = "unchanged", 0
    CHANGED = "changed", 1
    PAGES_UNKNOWN = "pages-unknown", 1
    UNKNOWN_KEY = "unknown-key", 2
    NO_REPORT = "no-report", 3

    def __init__(self, word: str, code: int) -> None:
        self.word, self.code = word, code


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """kind, at, key_id: empty where nothing here vouches for them. proves: what follows, each in a sentence."""

    outcome: Outcome
    title: str
    proves: tuple[str, ...]
    kind: str = ""
    at: str = ""
    key_id: str = ""


def verify(data: bytes) -> Verification:
    """Of a file's bytes, whatever they are."""
    issued = Issued.objects.filter(file_sha256=hashlib.sha256(data).hexdigest()).first()
    if issued:
        return _in_the_register(issued)
    if is_pdf(data):
        return _pdf(data)
    if data.removeprefix(BOM_UTF8).lstrip()[:1] == b"{":
        return _document(data)
    return NO_REPORT if data else EMPTY


def _in_the_register(issued: Issued) -> Verification:
    return Verification(
        outcome=Outcome.UNCHANGED,
        title="Unchanged, and from this installation",
        proves=(f"The file is, byte for byte, {FORMS.get(issued.format, 'a file')} that was issued here.",),
        kind=KINDS["bundle" if issued.format == "manifest" else issued.kind],
        at=utc(issued.issued_at),
        key_id=issued.key_id,
    )


def _document(data: bytes) -> Verification:
    document = read_document(data)
    if document is None:
        return NO_REPORT
    if not isinstance(document.get(SIGNATURE), dict):
        return UNSIGNED if "report" in document else NO_REPORT
    return _by_signature(document)


def _by_signature(document: dict[str, Any]) -> Verification:
    """What the signature in the document says of it, held against the keys known here."""
    keys, signature = known_keys(), document[SIGNATURE]
    try:
        content = canonical(document)
        value = base64.b64decode(signature.get("value", ""), validate=True)
    except (ValueError, TypeError, RecursionError, binascii.Error):
        return CHANGED
    key = next((key for key in keys if key.fits(value, content)), None)
    if key is None:
        return CHANGED if signature.get("key_id") in {key.id for key in keys} else UNKNOWN_KEY
    if signature != _as_signed(document, key, value):
        return SIGNATURE_CHANGED
    return _signed_here(document, key, hashlib.sha256(content).hexdigest())


def _as_signed(document: dict[str, Any], key: PublicKey, value: bytes) -> dict[str, Any]:
    """The signature as it was made: what stands beside its value is not covered by it, and follows from what is."""
    return {
        "algorithm": ALGORITHM,
        "key_id": key.id,
        "signed_at": document.get("exported_at"),
        "value": base64.b64encode(value).decode(),
    }


def _signed_here(document: dict[str, Any], key: PublicKey, digest: str) -> Verification:
    forms = set(Issued.objects.filter(digest=digest).values_list("format", flat=True))
    proves = ["Every value in it is as it was signed here."]
    if forms & {"json", "manifest"}:
        proves.append(OTHER_LAYOUT)
    elif not forms and document.get("kind") != "receipt":  # no register is kept of those
        proves.append("The register of this installation has no line about it: the signature alone says so.")
    return Verification(
        outcome=Outcome.UNCHANGED,
        title="Unchanged content, and from this installation",
        proves=tuple(proves),
        kind=KINDS.get(str(document.get("kind")), "a report"),
        at=_moment(document.get("exported_at")),
        key_id=key.id,
    )


def _pdf(data: bytes) -> Verification:
    attached = attached_document(data)
    document = read_document(attached) if attached else None
    if document is None or not isinstance(document.get(SIGNATURE), dict):
        return NO_REPORT_PDF
    found = _by_signature(document)
    if found.outcome is not Outcome.UNCHANGED:
        return replace(CHANGED_PDF, title=found.title) if found.outcome is Outcome.CHANGED else found
    noted = Issued.objects.filter(digest=hashlib.sha256(canonical(document)).hexdigest(), format="pdf").exists()
    return replace(
        found,
        outcome=Outcome.CHANGED if noted else Outcome.PAGES_UNKNOWN,
        title="Changed after it was issued" if noted else "The data in it is unchanged; of the pages nothing is known",
        proves=(
            "The data attached to the PDF is as it was signed here.",
            "The file is not the one that was issued with that data: its pages may show something else. Saving a PDF "
            "with another program is enough for that. Go by the attached data, or ask for the file as it was issued."
            if noted
            else "This installation has no line about a PDF with that data, so it cannot say whether the pages show "
            "the same. Go by the attached data.",
        ),
    )


def read_document(data: bytes) -> dict[str, Any] | None:
    """The JSON object; None for anything else, for a name that stands twice, and for more than a report could hold."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_VALUES:
        return None
    try:
        read = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values under one name would let two readers read two things."""
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice")
    return read


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _moment(value: Any) -> str:
    try:
        return utc(dt.datetime.fromisoformat(str(value)))
    except ValueError:
        return ""


def _answer(outcome: Outcome, title: str, *proves: str) -> Verification:
    return Verification(outcome=outcome, title=title, proves=proves)


CHANGED = _answer(
    Outcome.CHANGED,
    "Changed after it was signed",
    "The signature names a key of this installation, but does not fit the content: at least one value was changed, "
    "added or taken away, or the signature never belonged to it.",
    "Which value it was cannot be told. Ask for the report as it was issued.",
)
SIGNATURE_CHANGED = _answer(
    Outcome.CHANGED,
    "Changed after it was signed",
    "The content is as it was signed here, but what the report says about its signature was changed: the key's name, "
    "the moment, or something was added there.",
)
CHANGED_PDF = _answer(
    Outcome.CHANGED,
    "Changed after it was signed",
    "The file is none that was issued here, and the signature in it does not fit the data attached to it.",
    "Ask for the report as it was issued.",
)
UNKNOWN_KEY = _answer(
    Outcome.UNKNOWN_KEY,
    "Signed by a key that is not known here",
    "It may be from another installation of Candid, or only look like one. This installation can say nothing about it; "
    "ask whoever is named as its author, and verify it there.",
)
UNSIGNED = _answer(
    Outcome.NO_REPORT,
    "Not signed",
    "This may be a report from before reports were signed, or the signature was taken out. By itself it proves "
    "nothing.",
)
NO_REPORT_PDF = _answer(
    Outcome.NO_REPORT,
    "Not a report that can be verified",
    "The PDF is none that was issued here, and no signed data is attached to it. Printing a report to PDF, or saving "
    "parts of it, loses what could be verified; a report from before reports were signed never had it.",
)
NO_REPORT = _answer(
    Outcome.NO_REPORT,
    "Not a report that can be verified",
    "Reports of Candid are PDF and JSON files. A table (CSV) is recognised only as the very file that was issued; of a "
    "bundle (ZIP), verify the files in it.",
)
EMPTY = _answer(Outcome.NO_REPORT, "The file is empty", "Nothing came along. Choose the file once more.")
TOO_LARGE = _answer(
    Outcome.NO_REPORT,
    "Too large to be a report",
    f"Files up to {MOST_BYTES // (1024 * 1024)} MB are looked at.",
)


def lines_of(found: Verification) -> Iterator[str]:
    """What was found, for a terminal."""
    yield found.title
    if found.kind:
        yield f"It is {found.kind}{f', issued {found.at}' if found.at else ''}."
    yield from found.proves
    if found.key_id:
        yield f"Key: {found.key_id}"
