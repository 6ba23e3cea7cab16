"""Consent: a row each time it is given or withdrawn, against the notice that the candidate saw; the newest counts."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from vetting import audit
from vetting.candidate.notices import notice_for
from vetting.models import Applicant, CandidateLink, Consent, Notice, User


class WordingChanged(Exception):  # noqa: N818 - an answer to the candidate
    """The candidate agreed to a notice that is no longer the one in force; nothing was noted."""


@transaction.atomic
def record_consent(
    *,
    applicant: Applicant,
    kind: Consent.Kind,
    given: bool,
    link: CandidateLink | None = None,
    witness: User | None = None,
    seen: int | None = None,
) -> Consent:
    """By the candidate's link, or heard by a witness. seen: the number of the notice on the page they answered from.

    Raises WordingChanged where the wording has changed since; to withdraw is never refused.
    """
    if (link is None) == (witness is None):
        raise ValueError("Consent comes by the candidate's link or is heard by a witness: one of the two.")
    notice = notice_for(applicant.opening)
    if given and seen is not None and seen != notice.number:
        raise WordingChanged
    consent = Consent.objects.create(
        applicant=applicant, notice=notice, kind=kind, given=given, link=link, witness=witness
    )
    audit.record(
        team=applicant.opening.team,
        actor=witness,
        verb="consent.given" if given else "consent.withdrawn",
        # Not about the applicant where it is about groups: who decides is not told who named any.
        subject=applicant.opening if kind == Consent.Kind.GROUPS else applicant,
        consent=consent.pk,
        kind=str(kind),
        notice=notice.number,
        **({"link": link.pk} if link else {}),
    )
    return consent


def consent_of(applicant: Applicant, kind: Consent.Kind) -> Consent | None:
    """The newest of the kind where it was given; None where it was withdrawn, or never given."""
    newest = Consent.objects.filter(applicant=applicant, kind=kind).select_related("notice", "link", "witness").last()
    return newest if newest and newest.given else None


def newest_consents(applicant: Applicant) -> Mapping[str, Consent]:
    """By kind the newest row, given or withdrawn; in one query."""
    rows = Consent.objects.filter(applicant=applicant).select_related("notice", "witness")
    return {row.kind: row for row in rows}


def covers(consent: Consent | None, notice: Notice) -> bool:
    """Whether what was agreed to is what is said now: what is new is done only under a wording that was agreed to."""
    return consent is not None and consent.given and consent.notice_id == notice.pk


def has_withdrawn(applicant: Applicant) -> bool:
    """Whether the candidate has taken back the consent to the check of their photos."""
    newest = Consent.objects.filter(applicant=applicant, kind=Consent.Kind.PHOTOS).last()
    return newest is not None and not newest.given
