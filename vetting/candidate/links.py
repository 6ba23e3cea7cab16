"""A link that opens one applicant's candidate page: signed, so that it cannot be guessed; a row, so that it can end."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from vetting import audit
from vetting.models import Applicant, CandidateLink, User

LASTS = dt.timedelta(days=30)
_signer = Signer(sep=".", salt="vetting.candidate.links")


@transaction.atomic
def make_link(*, applicant: Applicant, by: User, lasts: dt.timedelta = LASTS) -> CandidateLink:
    """A new link; earlier ones go on until they expire or are revoked."""
    link = CandidateLink.objects.create(
        applicant=applicant, made_by=by, nonce=secrets.token_urlsafe(16), expires_at=timezone.now() + lasts
    )
    audit.record(team=applicant.opening.team, actor=by, verb="link.made", subject=applicant, made=link.pk)
    return link


@transaction.atomic
def revoke_link(*, link: CandidateLink, by: User) -> None:
    """From now on the address gives nothing away; once revoked it stays so."""
    if CandidateLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by):
        team = link.applicant.opening.team
        audit.record(team=team, actor=by, verb="link.revoked", subject=link.applicant, revoked=link.pk)


@transaction.atomic
def note_opened(*, link: CandidateLink) -> None:
    """That the candidate has opened it, the first time."""
    if CandidateLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=timezone.now()):
        team = link.applicant.opening.team
        audit.record(team=team, actor=None, verb="link.opened", subject=link.applicant, link=link.pk)


def key_of(link: CandidateLink) -> str:
    """What stands in the address."""
    return _signer.sign(f"{link.pk}.{link.nonce}")


def address_of(link: CandidateLink) -> str:
    """The path of the candidate's page; settings.SITE_URL stands before it in a letter."""
    return reverse("candidate", args=[key_of(link)])


def find_link(key: str) -> CandidateLink | None:
    """The link, if it opens anything now; whatever is wrong with it, the answer is the same."""
    try:
        number, _, nonce = _signer.unsign(key).partition(".")
        pk = int(number)
    except (BadSignature, ValueError):
        return None
    link = CandidateLink.objects.select_related("applicant__opening__team").filter(pk=pk).first()
    if link is None or not hmac.compare_digest(link.nonce, nonce) or not link.opens(timezone.now()):
        return None
    return link
