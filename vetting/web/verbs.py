"""What is recorded, in words: every verb of the event chain, and the kinds that the activity page sorts them into."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vetting.models import Event

KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "decisions": (
        "Decisions",
        {
            "decision.made": "Decided",
            "decision.proposed": "First decision",
            "decision.seconded": "Second decision",
            "decision.undone": "Decision undone",
        },
    ),
    "cases": (
        "Reviewing",
        {
            "case.taken": "Case taken",
            "case.released": "Case given back",
            "case.passed-on": "Case passed on",
            "first-look": "First look",
        },
    ),
    "photos": (
        "Photos and examinations",
        {
            "photo.received": "Photo received; hash taken",
            "photo.forgotten": "Photo forgotten",
            "analysis.requested": "Examination requested",
            "analysis.finished": "Examination finished",
            "analysis.failed": "Examination failed",
            "repeat.found": "Same picture found elsewhere in the team’s openings",
        },
    ),
    "applicants": (
        "Applicants and openings",
        {
            "applicant.added": "Applicant added",
            "applicant.forgotten": "Applicant forgotten",
            "events.redacted": "Record of somebody who was forgotten emptied",
            "applicants.seeded": "Made-up applicants added to try the site with",
            "opening.created": "Opening created",
            "opening.changed": "Opening changed",
        },
    ),
    "imports": (
        "Imports",
        {
            "import.received": "Photos received for an import",
            "import.planned": "Import ready to look at",
            "import.started": "Import started",
            "import.finished": "Import finished",
            "import.failed": "Import failed",
            "import.discarded": "Import discarded",
            "import.undo-started": "Taking an import back",
            "import.undone": "Import taken back",
            "import.forgotten": "Import forgotten; nobody gave the word for it",
        },
    ),
    "candidates": (
        "With the candidate",
        {
            "link.made": "Candidate link made",
            "link.revoked": "Candidate link revoked",
            "data.requested": "Asked for everything to be deleted",
            "data.withdrawn": "Took the request to delete everything back",
            "data.answered": "Copy of everything stored handed out",
            "hold.placed": "Legal hold placed",
            "hold.lifted": "Legal hold lifted",
            "booth.taken": "Picture taken at the meeting",
            "booth.compared": "Picture from the meeting compared with the photo",
            "booth.failed": "Picture from the meeting could not be compared",
            "booth.asked-again": "Comparison with the picture from the meeting asked for again",
            "booth.answered": "Photo and person compared",
            "booth.picture-deleted": "Picture from the meeting deleted",
            "link.told": "Candidate told of the link",
            "link.opened": "Candidate link opened for the first time",
            "notice.made": "Notice to candidates in a new wording",
            "consent.given": "Consent given",
            "consent.withdrawn": "Consent withdrawn",
            "disclosure.made": "Said how a photo was made",
            "reply.opened": "Right of reply opened",
            "reply.told": "Candidate told of the reply; the clock runs",
            "reply.received": "Answer received",
            "reply.completed": "Said that the answer is complete",
            "reply.closed": "Right of reply closed by hand",
            "comparison.requested": "Comparison of two photos requested",
            "comparison.finished": "Comparison of two photos finished",
            "comparison.failed": "Comparison of two photos failed",
        },
    ),
    "notes": ("Notes", {"note.written": "Note written", "note.withdrawn": "Note taken back"}),
    "reports": ("Reports", {"report.exported": "Report exported", "bundle.exported": "Reports exported together"}),
    "certifications": (
        "The team’s own photos",
        {
            "certification.created": "Own photos: begun",
            "certification.photo-received": "Own photos: photo received",
            "certification.photo-examined": "Own photos: photo examined",
            "certification.photo-failed": "Own photos: examination failed",
            "certification.photo-removed": "Own photos: photo removed",
            "certification.exported": "Own photos: result exported",
            "certification.deleted": "Own photos: deleted",
        },
    ),
    "team": (
        "Team and connections",
        {
            "team.changed": "What candidates are told of the team changed",
            "member.added": "Member added",
            "member.role-changed": "Role changed",
            "member.removed": "Member removed",
            "member.second-factor-on": "Second factor set up",
            "member.second-factor-off": "Second factor given up",
            "member.second-factor-reset": "Second factor reset",
            "member.single-sign-on-linked": "Single sign-on linked",
            "member.single-sign-on-unlinked": "Single sign-on unlinked",
            "view.shared": "View shared with the team",
            "view.changed": "Shared view renamed",
            "view.unshared": "View shared no more",
            "view.deleted": "Shared view deleted",
            "audit-link.made": "Link for an auditor made",
            "audit-link.revoked": "Link for an auditor revoked",
            "token.made": "API token made",
            "token.revoked": "API token revoked",
            "token.wrote": "Written through the API",
            "webhook.made": "Webhook made",
            "webhook.changed": "Webhook changed",
            "webhook.deleted": "Webhook deleted",
            "webhook.tested": "Webhook tested",
            "webhook.replayed": "Message sent to a webhook again",
            "webhook.switched-off": "Webhook switched off; its address said it is gone",
        },
    ),
}
WORDS = {verb: word for _, verbs in KINDS.values() for verb, word in verbs.items()}


def who(event: Event) -> str:
    """Who did it: a member, the candidate (by a link), or the site itself; which of the two, an erased event says no
    more."""
    if event.redacted_at and not event.actor:
        return ""
    return str(event.actor) if event.actor else "The candidate" if "link" in event.data else "Candid"


# What would tell a person who has not looked yet what the machine or a colleague thinks.
TELLING = {
    "repeat.found",
    "reply.opened",
    "reply.told",
    "reply.received",
    "reply.completed",
    "reply.closed",
    "comparison.requested",
    "comparison.finished",
    "comparison.failed",
}
