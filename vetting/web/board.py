"""The notes under an applicant, as one reader may see them, and their text in pieces: names, addresses, words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.utils import timezone

from vetting.models import Applicant, Mention, Note, User
from vetting.notes import MOST, TAKE_BACK, mark_seen, members_of, names_in

PAGE = 50  # mentions
WEB = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]’”']")  # a full stop behind an address is none of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Plain text, somebody's name, or a web address."""

    text: str
    name: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """new: mentions the reader, who had not seen it."""

    note: Note
    pieces: tuple[Piece, ...]
    new: bool
    can_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """hidden: how many notes of others are shown after the first look. handles: what each person is mentioned by."""

    notes: tuple[Shown, ...]
    hidden: int
    handles: tuple[tuple[str, str], ...]
    most: int = MOST
    minutes: int = TAKE_BACK.seconds // 60


def board_of(applicant: Applicant, reader: User, *, blind: bool) -> Board:
    """With the reader's mentions marked as seen, unless they are hidden as yet."""
    rows = list(Note.objects.all().for_page(applicant))
    open_to_reader = [note for note in rows if not blind or note.author_id == reader.pk]
    shown = tuple(_shown(note, reader) for note in open_to_reader)
    if any(one.new for one in shown):
        mark_seen(applicant=applicant, reader=reader)
    others = (user for user in members_of(applicant) if user != reader)
    return Board(
        notes=shown,
        hidden=len(rows) - len(open_to_reader),
        handles=tuple((f"@{user.username}", user.get_full_name()) for user in others),
    )


def _shown(note: Note, reader: User) -> Shown:
    mentions = list(note.mentions.all())
    fresh = note.withdrawn_at is None and note.written_at > timezone.now() - TAKE_BACK
    return Shown(
        note=note,
        pieces=tuple(pieces_of(note.text, [mention.user for mention in mentions])),
        new=any(_is_new(mention, reader) for mention in mentions),
        can_withdraw=fresh and note.author_id == reader.pk,
    )


def _is_new(mention: Mention, reader: User) -> bool:
    return mention.user_id == reader.pk and mention.seen_at is None


def pieces_of(text: str, told: list[User]) -> Iterator[Piece]:
    """told: the people whose names are marked; they were told of the note."""
    named = [one for one in names_in(text, told) if one.users]
    marks = [(one.start, one.end, Piece(text=text[one.start : one.end], name=True)) for one in named]
    marks += [(web.start(), web.end(), Piece(text=web[0], address=web[0])) for web in WEB.finditer(text)]
    at = 0
    for start, end, piece in sorted(marks, key=lambda mark: mark[0]):
        if start < at:
            continue  # a name inside an address is part of the address
        if start > at:
            yield Piece(text=text[at:start])
        yield piece
        at = end
    if at < len(text):
        yield Piece(text=text[at:])


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionRow:
    """hidden: the note is not for the reader's eyes before the first look."""

    mention: Mention
    hidden: bool


def page_of_mentions(reader: User, number: str | None) -> tuple[Page[Mention], list[MentionRow]]:
    page = Paginator(Mention.objects.of(reader).for_list(), PAGE).get_page(number)
    mentions = list(page.object_list)
    cases = Applicant.objects.filter(pk__in=[mention.note.applicant_id for mention in mentions]).blind_to(reader)
    blind = set(cases.filter(Q(blind=True)).values_list("pk", flat=True))
    return page, [MentionRow(mention=row, hidden=row.note.applicant_id in blind) for row in mentions]
