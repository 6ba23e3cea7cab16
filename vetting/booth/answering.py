"""What the person who compared says. Append-only: who changes their mind answers again, and the newest counts."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from vetting import audit
from vetting.models import BoothAnswer, BoothCheck, User

MOST = 2000  # letters of a note
Says, Differs = BoothAnswer.Says, BoothAnswer.Differs


class CannotAnswer(Exception):  # noqa: N818 - the text is a sentence for the person who answers
    """Nothing was noted."""


@transaction.atomic
def answer_booth(
    *, check: BoothCheck, by: User, says: BoothAnswer.Says, differs: Iterable[BoothAnswer.Differs] = (), note: str = ""
) -> BoothAnswer:
    """Raises CannotAnswer where the ticks do not fit what is said."""
    ticked = [kind for kind in Differs if kind in set(differs)]
    if says == Says.DIFFERS and not ticked:
        raise CannotAnswer("Tick what differs: hair, age, weight or retouching.")
    if says != Says.DIFFERS and ticked:
        raise CannotAnswer(f"You ticked something that differs. Choose “{Says.DIFFERS.label} …”, or untick it.")
    if len(note) > MOST:
        raise CannotAnswer(f"Please use {MOST:,} characters at most for the note.")
    given = BoothAnswer.objects.create(
        check_of=check, says=says, differs=[str(kind) for kind in ticked], note=note.strip(), by=by
    )
    audit.record(
        team=check.applicant.opening.team,
        actor=by,
        verb="booth.answered",
        subject=check.applicant,
        check=check.pk,
        answer=given.pk,
        says=str(says),
        differs=given.differs,
    )
    return given


def answer_words(says: str, differs: Iterable[str]) -> str:
    """ "Same person, differs in hair and weight"."""
    words = str(dict(Says.choices).get(says, says))
    parts = [str(dict(Differs.choices).get(kind, kind)) for kind in differs]
    if not parts:
        return words
    return f"{words} {' and '.join(filter(None, [', '.join(parts[:-1]), parts[-1]]))}"
