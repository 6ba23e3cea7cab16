"""The rows, in the order of the flow."""

from vetting.models.analysis import Analysis
from vetting.models.applicant import Applicant
from vetting.models.certification import Certification, CertificationPhoto
from vetting.models.decision import Decision
from vetting.models.event import Event
from vetting.models.finding import Finding
from vetting.models.opening import Opening
from vetting.models.photo import Photo
from vetting.models.team import Membership, Role, Team, User

__all__ = [
    "Analysis",
    "Applicant",
    "Certification",
    "CertificationPhoto",
    "Decision",
    "Event",
    "Finding",
    "Membership",
    "Opening",
    "Photo",
    "Role",
    "Team",
    "User",
]
