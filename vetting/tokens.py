"""A team's API tokens: making, revoking, recognising. A token is shown once; only its SHA-256 is kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from vetting import audit
from vetting.models import ApiToken, IdempotentCall, Team, User

SECRET_BYTES = 32  # 256 bits: nobody guesses it, so a plain hash of it is enough
CALLS_KEPT = dt.timedelta(days=1)  # answers to calls with an Idempotency-Key
NOTED_EVERY = dt.timedelta(minutes=1)  # last use is for a person to read; a write at every call would be too dear


class Scope(models.TextChoices):
    """What a token may do. There is none to decide about anybody."""

    READ_OPENINGS = "read:openings", "Read openings and their policy"
    READ_APPLICANTS = "read:applicants", "Read applicants, their headline verdict and state of review"
    WRITE_APPLICANTS = "write:applicants", "Add applicants"
    WRITE_PHOTOS = "write:photos", "Upload photos"
    READ_FINDINGS = "read:findings", "Read verdicts and findings"
    READ_DECISIONS = "read:decisions", "Read decisions and their reasons"
    READ_REPORTS = "read:reports", "Fetch reports as PDF, JSON and CSV"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """text: what goes into the Authorization header; known here and now, and never again."""

    token: ApiToken
    text: str


@transaction.atomic
def make_token(*, team: Team, by: User, name: str, scopes: Iterable[Scope]) -> NewToken:
    prefix = secrets.token_hex(4)
    text = f"candid_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    allowed = [scope.value for scope in scopes]
    token = ApiToken.objects.create(
        team=team, name=name.strip(), prefix=prefix, digest=_digest(text), scopes=allowed, created_by=by
    )
    audit.record(team=team, actor=by, verb="token.made", subject=token, name=token.name, scopes=allowed)
    return NewToken(token=token, text=text)


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> None:
    """From now on it opens nothing; the row stays, so that the record can be read."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record(team=token.team, actor=by, verb="token.revoked", subject=token, name=token.name)


def recognise(text: str) -> ApiToken | None:
    """The token that this text is, unless it was revoked; its use is noted once a minute at most."""
    kind, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if kind != "candid" or not secret:
        return None
    digest = _digest(text)
    rows = ApiToken.objects.filter(prefix=prefix, revoked_at=None).select_related("team", "created_by")
    token = next((row for row in rows if hmac.compare_digest(row.digest, digest)), None)
    if token:
        _note_use(token)
    return token


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at <= now - NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def note_write(*, token: ApiToken, subject: models.Model) -> None:
    """That a change came in by this token; who made the token stands as the actor of the change itself."""
    made = f"{subject._meta.model_name}:{subject.pk}"
    audit.record(team=token.team, actor=token.created_by, verb="token.wrote", subject=token, name=token.name, made=made)


def forget_calls() -> None:
    """Kept answers that nobody can ask for any more."""
    IdempotentCall.objects.filter(made_at__lt=timezone.now() - CALLS_KEPT).delete()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
