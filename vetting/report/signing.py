"""A report's document: what is signed, in its canonical form (RFC 8785), and the signature over it.

The signature stands in the document under `signature` and covers everything else. Its moment is that of the export,
which is signed; a reader holds the two against each other.
"""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import rfc8785

from vetting.report.keys import key_id, signing_key

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ALGORITHM = "Ed25519"
LARGEST = 2**53 - 1  # of the whole numbers that JSON carries exactly
SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A document with its signature. digest: SHA-256 of the canonical form, which does not include the signature."""

    document: dict[str, Any]
    digest: str
    key_id: str
    signed_at: str
    value: str


def sign(evidence: DataclassInstance, *, kind: str, verify_at: str) -> Signed:
    """evidence: has `exported_at`. verify_at: the address of this site's page for it. Raises NoSigningKey."""
    document = said_in_json({**asdict(evidence), "kind": kind, "verify_at": verify_at})
    key, content = signing_key(), canonical(document)
    signature = {
        "algorithm": ALGORITHM,
        "key_id": key_id(key.public_key()),
        "signed_at": document["exported_at"],
        "value": base64.b64encode(key.sign(content)).decode(),
    }
    return Signed(
        document={**document, SIGNATURE: signature},
        digest=hashlib.sha256(content).hexdigest(),
        key_id=signature["key_id"],
        signed_at=signature["signed_at"],
        value=signature["value"],
    )


def canonical(document: dict[str, Any]) -> bytes:
    """The bytes that are signed: RFC 8785, without the signature. Raises ValueError for what has no such form."""
    return rfc8785.dumps({name: value for name, value in document.items() if name != SIGNATURE})


def said_in_json(document: dict[str, Any]) -> dict[str, Any]:
    """The same, with what JSON cannot carry exactly as text: large whole numbers (a generator's seed), and NaN."""
    return cast(dict[str, Any], _said(document))


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {_text(str(name)): _said(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_said(inner) for inner in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST else str(value)
    return value if math.isfinite(value) else str(value)


def _text(text: str) -> str:
    """Without halves of surrogate pairs, which no UTF-8 has."""
    return str(text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
