"""A case that was decided, a candidate with a link who agreed to the notice, and what they send; for tests."""

from __future__ import annotations

from vetting import review
from vetting.candidate.consents import record_consent
from vetting.candidate.links import make_link
from vetting.models import Applicant, CandidateLink, Consent, Decision, Reply, User
from vetting.models.decision import Choice
from vetting.reply.answering import open_reply


def decide(applicant: Applicant, by: User, choice: Choice = Choice.SET_ASIDE, reason: str = "Too smooth.") -> Decision:
    return review.decide_case(applicant=applicant, reviewer=by, choice=choice, reason=reason)


def link_for(applicant: Applicant, by: User, *, agreed: bool = True) -> CandidateLink:
    """agreed: whether the candidate has consented to the check of photos."""
    link = make_link(applicant=applicant, by=by)
    if agreed:
        record_consent(applicant=applicant, kind=Consent.Kind.PHOTOS, given=True, link=link)
    return CandidateLink.objects.select_related("applicant__opening__team").get(pk=link.pk)


def reply_to(applicant: Applicant) -> Reply:
    """The one that is open now."""
    reply = open_reply(applicant)
    assert reply is not None
    return reply


def state(applicant: Applicant) -> str:
    return Applicant.objects.get(pk=applicant.pk).review
