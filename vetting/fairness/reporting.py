"""Self-reports: groups that candidates name of their own will. Changed or taken back at any time, and then gone."""

from __future__ import annotations

from django.db import transaction

from vetting.candidate.consents import record_consent
from vetting.models import Applicant, CandidateLink, Consent, SelfReport


@transaction.atomic
def report_groups(*, applicant: Applicant, sex: str, ethnicity: str, link: CandidateLink, seen: int | None) -> None:
    """Keeps what was named, in place of what was named before, with the consent to count it. Naming nothing takes it
    back. seen: the number of the notice on the page; raises WordingChanged where another one is in force."""
    if not sex and not ethnicity:
        take_back_groups(applicant=applicant, link=link)
        return
    record_consent(applicant=applicant, kind=Consent.Kind.GROUPS, given=True, link=link, seen=seen)
    named = {"sex": sex, "ethnicity": ethnicity, "link": link}
    SelfReport.objects.update_or_create(applicant=applicant, defaults=named)


@transaction.atomic
def take_back_groups(*, applicant: Applicant, link: CandidateLink) -> None:
    """The row goes, and with it what it said; from then on the applicant counts as one who named nothing."""
    gone, _ = SelfReport.objects.filter(applicant=applicant).delete()
    if gone:
        record_consent(applicant=applicant, kind=Consent.Kind.GROUPS, given=False, link=link)


def groups_of(applicant: Applicant) -> SelfReport | None:
    """For the candidate's own page alone."""
    return SelfReport.objects.filter(applicant=applicant).first()
