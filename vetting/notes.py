"""Notes: what members of a team tell one another about an applicant, and who of them is meant."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.models import Applicant, Mention, Note, User

MOST = 2000  # characters
TAKE_BACK = dt.timedelta(minutes=15)  # for a slip of the pen; what others have read by then stays
# An @ inside a word is an address; a name ends with a letter or a digit, so that a full stop after it is none of it.
AT = re.compile(r"(?<![\w.@])@")
WORD = re.compile(r"[\w.+-]*\w")


class CannotNote(Exception):  # noqa: N818 - the text is a sentence for the author
    """Nothing was written or taken back; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One "@name" in a text. users: empty where nobody of the team is called that, several where they share a name."""

    start: int
    end: int
    users: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """unknown: the names that nobody in the team has, as they were typed."""

    note: Note
    told: tuple[User, ...]
    unknown: tuple[str, ...]


def members_of(applicant: Applicant) -> list[User]:
    """Who can be mentioned: the members of the team who can sign in, by name."""
    team = applicant.opening.team_id
    return list(User.objects.filter(memberships__team=team, is_active=True).order_by("first_name", "username"))


def names_in(text: str, people: Iterable[User]) -> Iterator[Named]:
    """Every "@" that begins a name: the longest of a user name or a full name that stands there, in any case."""
    called: dict[str, list[User]] = {}
    for user in people:
        for name in {user.get_full_name().casefold(), user.username.casefold()} - {""}:
            called.setdefault(name, []).append(user)
    longest = sorted(called, key=len, reverse=True)
    for found in AT.finditer(text):
        rest = text[found.end() :]
        known = next((name for name in longest if _begins(rest, name)), None)
        word = WORD.match(rest)
        if known is not None:
            yield Named(start=found.start(), end=found.end() + len(known), users=tuple(called[known]))
        elif word:
            yield Named(start=found.start(), end=found.end() + word.end())


def _begins(rest: str, name: str) -> bool:
    """Whether the name stands there whole: "@al" is not alice, and "@alice" is not al."""
    after = rest[len(name) : len(name) + 1]
    return rest[: len(name)].casefold() == name and not (after.isalnum() or after == "_")


@transaction.atomic
def write_note(*, applicant: Applicant, author: User, text: str) -> Written:
    """Everybody of the team who is named gets a mention, the author excepted. Raises CannotNote.

    The event is the note's, not the applicant's: timeline and reports tell of the applicant's, and of no note.
    """
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if not text:
        raise CannotNote("Write something first.")
    if len(text) > MOST:
        raise CannotNote(f"Please use {MOST:,} characters at most.")
    named = list(names_in(text, members_of(applicant)))
    told = {user.pk: user for one in named for user in one.users if user != author}
    note = Note.objects.create(applicant=applicant, author=author, text=text)
    Mention.objects.bulk_create(Mention(note=note, user=user) for user in told.values())
    audit.record(team=applicant.opening.team, actor=author, verb="note.written", subject=note, told=len(told))
    unknown = dict.fromkeys(text[one.start : one.end] for one in named if not one.users)
    return Written(note=note, told=tuple(told.values()), unknown=tuple(unknown))


@transaction.atomic
def withdraw_note(*, note: Note, by: User) -> None:
    """Empties the text and takes the mentions back; that there was a note stays. Raises CannotNote."""
    now = timezone.now()
    fresh = Note.objects.filter(pk=note.pk, author=by, withdrawn_at=None, written_at__gt=now - TAKE_BACK)
    if not fresh.update(withdrawn_at=now, text=""):
        raise CannotNote(f"A note can be taken back for {TAKE_BACK.seconds // 60} minutes; this one stays.")
    Mention.objects.filter(note=note).delete()
    audit.record(team=note.applicant.opening.team, actor=by, verb="note.withdrawn", subject=note)


def mark_seen(*, applicant: Applicant, reader: User) -> None:
    """All mentions of the reader in the notes of this applicant."""
    unseen = Mention.objects.filter(note__applicant=applicant, user=reader, seen_at=None)
    unseen.update(seen_at=timezone.now())


def unseen_mentions(user: User) -> int:
    return Mention.objects.of(user).unseen().count()
