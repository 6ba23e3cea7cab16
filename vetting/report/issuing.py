"""What leaves the house is noted: a row of the register, and an event of the team's chain."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction

from vetting import audit
from vetting.models import Applicant, Issued, Opening, User
from vetting.report.signing import Signed


@transaction.atomic
def issue(
    exported: bytes,
    signed: Signed,
    *,
    subject: Applicant | Opening,
    by: User,
    form: str,
    verb: str = "report.exported",
    **data: Any,
) -> bytes:
    """Hands back `exported`, as a file of `form` made from the signed document, once it stands in both."""
    opening, applicant = (subject, None) if isinstance(subject, Opening) else (None, subject)
    team = subject.team if isinstance(subject, Opening) else subject.opening.team
    sha256 = hashlib.sha256(exported).hexdigest()
    Issued.objects.create(
        team=team,
        kind=Issued.Kind.OPENING if opening else Issued.Kind.APPLICANT,
        applicant=applicant,
        opening=opening,
        format=form,
        digest=signed.digest,
        file_sha256=sha256,
        key_id=signed.key_id,
        signature=signed.value,
        issued_by=by,
    )
    said = {"format": form, "sha256": sha256, "report": signed.document["id"], "digest": signed.digest}
    audit.record(team=team, actor=by, verb=verb, subject=subject, **said, **data)
    return exported
