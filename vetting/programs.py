"""What programs are told of a case that is looked at blind: nothing of the machine's, until people have decided.

A verdict that an applicant tracking system shows beside the name would be seen before the reviewer's own look.
"""

from __future__ import annotations

from vetting.models import Applicant
from vetting.models.applicant import UNDECIDED


def silent_about(applicant: Applicant, *, review: str = "") -> bool:
    """Whether API and webhooks keep verdict and findings back. review: where the row's own is out of date."""
    return applicant.opening.blind_first and (review or applicant.review) in UNDECIDED
