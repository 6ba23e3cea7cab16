"""What is left of somebody who is gone: a tombstone in the team's rows, and a receipt for the candidate, signed as a
report is. Neither says who it was."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from vetting.models import Applicant, DataRequest, Tombstone, User
from vetting.report.keys import NoSigningKey
from vetting.report.plain import utc
from vetting.report.signing import ALGORITHM, SIGNATURE, said_in_json, sign

RECEIPT = 1  # version of the shape; raised when a key is removed or changes its meaning
CODE_BYTES = 16  # 128 bits: nobody guesses one
log = logging.getLogger(__name__)

# What a receipt counts, in words, in this order.
WORDS = {
    "photos": "Photos",
    "original_files": "Files as they came in",
    "original_bytes": "Bytes in them",
    "previews": "Smaller copies of them",
    "analyses": "Examinations",
    "findings": "Findings",
    "picture_hashes": "Hashes of what a photo shows",
    "repeats": "Pairs with another application’s photo",
    "decisions": "Decisions with their reasons",
    "first_looks": "First looks",
    "notes": "Notes",
    "mentions": "Mentions in notes",
    "links": "Links to the candidate’s page",
    "consents": "Consents",
    "disclosures": "What was said of photos",
    "replies": "Questions and replies",
    "reply_entries": "Parts of replies",
    "comparisons": "Comparisons with an original",
    "booth_checks": "Pictures taken at a meeting",
    "booth_answers": "What was said of those",
    "data_requests": "Requests about the data",
    "legal_holds": "Legal holds that had been lifted",
    "import_rows": "Lines of imports",
    "saved_views": "Saved searches for the person",
    "api_answers": "Answers kept for programs",
    "messages": "Messages to programs",
}

KEPT = {
    "tombstone": (
        "That somebody with this number was here, when and why they were deleted, and these counts",
        "The team must be able to show that it deleted.",
    ),
    "events": (
        "The record of who did what and when, with numbers of rows; what it said beside that was emptied",
        "It is a chain: nothing can be taken out of it unseen, so it is emptied and not cut.",
    ),
    "issued": (
        "Of reports that were handed out: hash, signature and date, without a name",
        "So that whoever holds such a report can still have it verified.",
    ),
    "tallies": (
        "Counts of how many were examined, flagged and decided on in a quarter",
        "So that unfair treatment of groups can be found; a count names nobody.",
    ),
    "shared": (
        "{count} file(s) that another application brought, too, byte for byte",
        "They belong to that application, and go with it.",
    ),
}
NOT_REACHED = {
    "reports": "Reports, exports and messages that left this site before: whoever has them has to delete them.",
    "backups": "Backups of the site, until they are replaced; who runs the site knows when.",
    "imports": "The file of an import that is under way; it goes when the import ends, or after {days} days.",
    "written": "{count} note(s) or reason(s) about others in which the name was written by hand: the team is told.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """No name, no address, no hash. deleted: what -> how many. kept, not_reached: what, and why."""

    receipt: int
    code: str
    exported_at: str
    team: str
    number: int
    added_on: str
    erased_at: str
    cause: str
    cause_title: str
    deleted: dict[str, int]
    kept: tuple[dict[str, str], ...]
    not_reached: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What a receipt has to say beyond counts."""

    shared_files: int
    issued: bool
    imports: int
    written_elsewhere: int


def new_code() -> str:
    return secrets.token_urlsafe(CODE_BYTES)


def code_for(applicant: Applicant) -> str:
    """The one that the candidate was told with their latest request, or a new one."""
    asked = DataRequest.objects.filter(applicant=applicant, kind=DataRequest.Kind.ERASURE).order_by("-pk").first()
    return asked.code if asked else new_code()


def address_of(code: str) -> str:
    """Where the receipt is, in full: it is noted down and opened without this site's help."""
    return settings.SITE_URL + reverse("receipt", args=[code])


def lay_tombstone(
    *, applicant: Applicant, by: User | None, cause: Tombstone.Cause, deleted: Mapping[str, int], remains: Remains
) -> Tombstone:
    """Within the transaction that deletes, while the applicant's row is still there."""
    now = timezone.now()
    receipt = Receipt(
        receipt=RECEIPT,
        code=code_for(applicant),
        exported_at=utc(now),
        team=applicant.opening.team.name,
        number=applicant.pk,
        added_on=utc(applicant.created_at)[:10],
        erased_at=utc(now),
        cause=cause.value,
        cause_title=str(cause.label),
        deleted=dict(deleted),
        kept=tuple(_kept(remains)),
        not_reached=tuple(_not_reached(remains)),
    )
    document, key_id, signature = _signed(receipt)
    return Tombstone.objects.create(
        team=applicant.opening.team,
        opening=applicant.opening,
        applicant_number=applicant.pk,
        cause=cause,
        code=receipt.code,
        by=by,
        erased_at=now,
        receipt=document,
        key_id=key_id,
        signature=signature,
    )


def _kept(remains: Remains) -> list[dict[str, str]]:
    left = ["tombstone", "events", *(["issued"] if remains.issued else []), "tallies"]
    said = [{"what": KEPT[name][0], "why": KEPT[name][1]} for name in left]
    if remains.shared_files:
        what, why = KEPT["shared"]
        said.append({"what": what.format(count=remains.shared_files), "why": why})
    return said


def _not_reached(remains: Remains) -> list[str]:
    said = [NOT_REACHED["reports"], NOT_REACHED["backups"]]
    if remains.imports:
        said.append(NOT_REACHED["imports"].format(days=settings.BULK_KEPT // dt.timedelta(days=1)))
    if remains.written_elsewhere:
        said.append(NOT_REACHED["written"].format(count=remains.written_elsewhere))
    return said


def _signed(receipt: Receipt) -> tuple[dict[str, Any], str, str]:
    """The document without its signature, the key's name, the signature; the last two empty where there is no key."""
    verify_at = settings.SITE_URL + reverse("verify")
    try:
        signed = sign(receipt, kind="receipt", verify_at=verify_at)
    except NoSigningKey as reason:
        log.warning("a receipt was not signed: %s", reason)
        return said_in_json({**asdict(receipt), "kind": "receipt", "verify_at": verify_at}), "", ""
    unsigned = {name: value for name, value in signed.document.items() if name != SIGNATURE}
    return unsigned, signed.key_id, signed.value


def document_of(tombstone: Tombstone) -> dict[str, Any]:
    """As it is handed out: with the signature, where there is one."""
    document: dict[str, Any] = dict(tombstone.receipt)
    if tombstone.signature:
        document[SIGNATURE] = {
            "algorithm": ALGORITHM,
            "key_id": tombstone.key_id,
            "signed_at": document["exported_at"],
            "value": tombstone.signature,
        }
    return document


def in_words(tombstone: Tombstone) -> list[tuple[str, int]]:
    """What was deleted and how many, without what there was none of."""
    deleted = tombstone.receipt.get("deleted", {})
    return [(title, deleted[word]) for word, title in WORDS.items() if deleted.get(word)]
