"""A link that opens a team's auditor page for somebody without an account; signed, and a row, as a candidate's is."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.models import AuditLink, Team, User

_signer = Signer(sep=".", salt="vetting.fairness.links")


@transaction.atomic
def make_audit_link(*, team: Team, by: User, auditor: str, lasts: dt.timedelta) -> AuditLink:
    """auditor: for whom; it stands on the page of the team's admins, and not in the chain."""
    link = AuditLink.objects.create(
        team=team,
        auditor=auditor.strip(),
        nonce=secrets.token_urlsafe(16),
        made_by=by,
        expires_at=timezone.now() + lasts,
    )
    audit.record(team=team, actor=by, verb="audit-link.made", subject=link)
    return link


@transaction.atomic
def revoke_audit_link(*, link: AuditLink, by: User) -> None:
    """From now on the address gives nothing away; once revoked it stays so."""
    if AuditLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record(team=link.team, actor=by, verb="audit-link.revoked", subject=link)


def key_of(link: AuditLink) -> str:
    """What stands in the address."""
    return _signer.sign(f"{link.pk}.{link.nonce}")


def find_audit_link(key: str) -> AuditLink | None:
    """The link, if it opens anything now; whatever is wrong with it, the answer is the same."""
    try:
        number, _, nonce = _signer.unsign(key).partition(".")
        pk = int(number)
    except (BadSignature, ValueError):
        return None
    link = AuditLink.objects.select_related("team").filter(pk=pk).first()
    if link is None or not hmac.compare_digest(link.nonce, nonce) or not link.opens(timezone.now()):
        return None
    return link
