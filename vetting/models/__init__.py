"""The rows, in the order of the flow."""

from vetting.models.across import PictureHash, Repeat
from vetting.models.analysis import Analysis
from vetting.models.api import ApiToken, Delivery, IdempotentCall, Webhook
from vetting.models.applicant import Applicant
from vetting.models.bulk import Bulk, BulkRow
from vetting.models.certification import Certification, CertificationPhoto
from vetting.models.decision import Decision
from vetting.models.desk import Mention, Note, SavedView
from vetting.models.event import Event
from vetting.models.finding import Finding
from vetting.models.first_look import FirstLook
from vetting.models.issued import Issued
from vetting.models.opening import Opening
from vetting.models.photo import Photo
from vetting.models.team import Membership, Role, Summary, Team, User

__all__ = [
    "Analysis",
    "ApiToken",
    "Applicant",
    "Bulk",
    "BulkRow",
    "Certification",
    "CertificationPhoto",
    "Decision",
    "Delivery",
    "Event",
    "Finding",
    "FirstLook",
    "IdempotentCall",
    "Issued",
    "Membership",
    "Mention",
    "Note",
    "Opening",
    "Photo",
    "PictureHash",
    "Repeat",
    "Role",
    "SavedView",
    "Summary",
    "Team",
    "User",
    "Webhook",
]
