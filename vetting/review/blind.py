"""Blind first: where the opening asks for it, a reviewer says what they see before the machine's findings are shown.

It holds while the case is undecided: what is decided has no reviewer left to influence, and the team needs its reports.
Every page and file that shows findings asks may_see_findings(); a list asks the rows for `blind` (models: blind_to).
"""

from __future__ import annotations

from django.db import IntegrityError, transaction

from vetting import audit
from vetting.models import Analysis, Applicant, FirstLook, Opening, User
from vetting.models.applicant import UNDECIDED
from vetting.models.first_look import Sees

HIDDEN = (
    "This opening is looked at blind first: the findings are shown once you have said on the applicant’s page "
    "what you see yourself."
)
HIDDEN_IN_ALL = (
    "This opening is looked at blind first, and {count} of its undecided applicants {wait} for your first look. What "
    "tells of all of them is ready for you after that, or when they are decided."
)


class CannotLook(Exception):  # noqa: N818 - the text is a sentence for the reviewer
    """No first look was noted; the text says why."""


def may_see_findings(user: User, applicant: Applicant) -> bool:
    """Whether verdict, findings, regions and reports of this applicant may be shown to this person."""
    if not applicant.opening.blind_first or applicant.review not in UNDECIDED:
        return True
    return FirstLook.objects.filter(applicant=applicant, reviewer=user).exists()


def still_hidden(user: User, opening: Opening) -> int:
    """Of how many applicants of the opening this person may not see the findings yet: a report on all tells of each."""
    if not opening.blind_first:
        return 0
    return Applicant.objects.filter(opening=opening).hidden_from(user).count()


def look_first(*, applicant: Applicant, reviewer: User, sees: Sees, note: str = "") -> FirstLook:
    """Notes what the reviewer sees, with the verdict that was hidden at that moment. Raises CannotLook."""
    try:
        return _look(applicant, reviewer, sees, note.strip())
    except IntegrityError as error:
        raise CannotLook("Your first look is noted already; it is never changed.") from error


@transaction.atomic
def _look(applicant: Applicant, reviewer: User, sees: Sees, note: str) -> FirstLook:
    current = Applicant.objects.select_for_update().get(pk=applicant.pk)
    if not current.opening.blind_first:
        raise CannotLook("This opening is not looked at blind; the findings are on the page.")
    if not current.photos.exists():
        raise CannotLook("There is no photo to look at yet.")
    look = FirstLook.objects.create(
        applicant=current,
        analysis=decisive_analysis(current),
        verdict=current.verdict,
        reviewer=reviewer,
        sees=sees,
        note=note,
    )
    audit.record(
        team=current.opening.team, actor=reviewer, verb="first-look", subject=current, sees=sees.value, look=look.pk
    )
    return look


def decisive_analysis(applicant: Applicant) -> Analysis | None:
    """The finished analysis behind the verdict that stands beside the name."""
    done = Analysis.objects.filter(photo__applicant=applicant, state="done", verdict=applicant.verdict)
    return done.order_by("-pk").first()
