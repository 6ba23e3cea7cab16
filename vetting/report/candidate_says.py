"""What the candidate says: how each photo came about, and what they have agreed to, with the wording that they saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vetting.models import Applicant, Consent, Disclosure
from vetting.report.plain import person, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureEvidence:
    """counts: it is the newest of its photo; earlier ones stay in the report."""

    photo: int
    file_name: str
    says: str
    says_title: str
    note: str
    said_at: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEvidence:
    """notice: the version of the wording that the candidate saw, and its SHA-256. witness: "" where by their link."""

    kind: str
    kind_title: str
    given: bool
    at: str
    notice: int
    notice_digest: str
    witness: str
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSays:
    """Oldest first. notices: the wordings that were agreed to or refused, by their version, in full."""

    disclosures: tuple[DisclosureEvidence, ...]
    consents: tuple[ConsentEvidence, ...]
    notices: tuple[dict[str, Any], ...]


def candidate_says(applicant: Applicant) -> CandidateSays:
    """In two queries."""
    said = list(Disclosure.objects.filter(photo__applicant=applicant).select_related("photo"))
    shown = Consent.objects.filter(applicant=applicant).exclude(kind=Consent.Kind.GROUPS)  # those are nobody's here
    answers = list(shown.select_related("notice", "witness"))
    newest_said = {one.photo_id: one.pk for one in said}
    newest_answer = {one.kind: one.pk for one in answers}
    notices = {one.notice.number: one.notice for one in answers}
    return CandidateSays(
        disclosures=tuple(_disclosure(one, newest_said[one.photo_id] == one.pk) for one in said),
        consents=tuple(_consent(one, newest_answer[one.kind] == one.pk) for one in answers),
        notices=tuple({"number": number, "text": notices[number].text} for number in sorted(notices)),
    )


def _disclosure(said: Disclosure, counts: bool) -> DisclosureEvidence:
    return DisclosureEvidence(
        photo=said.photo_id,
        file_name=said.photo.file_name,
        says=said.says,
        says_title=said.get_says_display(),
        note=said.note,
        said_at=utc(said.at),
        counts=counts,
    )


def _consent(answer: Consent, counts: bool) -> ConsentEvidence:
    return ConsentEvidence(
        kind=answer.kind,
        kind_title=answer.get_kind_display(),
        given=answer.given,
        at=utc(answer.at),
        notice=answer.notice.number,
        notice_digest=answer.notice.digest,
        witness=person(answer.witness) if answer.witness else "",
        counts=counts,
    )
