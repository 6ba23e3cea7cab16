"""The rows, in the order of the flow."""

from vetting.models.across import PictureHash, Repeat
from vetting.models.analysis import Analysis
from vetting.models.api import ApiToken, Delivery, IdempotentCall, Webhook
from vetting.models.applicant import Applicant
from vetting.models.booth import BoothAnswer, BoothCheck
from vetting.models.bulk import Bulk, BulkRow
from vetting.models.candidate import CandidateLink, Consent, Disclosure, Notice
from vetting.models.certification import Certification, CertificationPhoto
from vetting.models.decision import Decision
from vetting.models.desk import Mention, Note, SavedView
from vetting.models.event import Event
from vetting.models.fairness import AuditLink, SelfReport, Tally
from vetting.models.finding import Finding
from vetting.models.first_look import FirstLook
from vetting.models.issued import Issued
from vetting.models.keeping import DataRequest, Leftover, LegalHold, RetentionStart, Tombstone
from vetting.models.opening import Opening
from vetting.models.photo import Photo
from vetting.models.reply import Comparison, Reply, ReplyEntry
from vetting.models.team import Membership, Role, Summary, Team, User

__all__ = [
    "Analysis",
    "ApiToken",
    "Applicant",
    "AuditLink",
    "BoothAnswer",
    "BoothCheck",
    "Bulk",
    "BulkRow",
    "CandidateLink",
    "Certification",
    "CertificationPhoto",
    "Comparison",
    "Consent",
    "DataRequest",
    "Decision",
    "Delivery",
    "Disclosure",
    "Event",
    "Finding",
    "FirstLook",
    "IdempotentCall",
    "Issued",
    "Leftover",
    "LegalHold",
    "Membership",
    "Mention",
    "Note",
    "Notice",
    "Opening",
    "Photo",
    "PictureHash",
    "Repeat",
    "Reply",
    "ReplyEntry",
    "RetentionStart",
    "Role",
    "SavedView",
    "SelfReport",
    "Summary",
    "Tally",
    "Team",
    "Tombstone",
    "User",
    "Webhook",
]
