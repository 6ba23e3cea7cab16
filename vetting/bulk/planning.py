"""Files and table -> one row for each thing that will happen, or will not, with a sentence. Touches no photo."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from vetting.bulk.archive import Entry
from vetting.bulk.naming import name_from
from vetting.bulk.table import Line, Table
from vetting.models import Applicant, Bulk, BulkRow, Opening

UNNAMED = "No line of the table names this photo."
NO_NAME = "No name can be told from this file name. Call it after the person, or add a table that says who it is."
State = BulkRow.State


def plan(bulk: Bulk, entries: Sequence[Entry], table: Table | None) -> list[BulkRow]:
    """Unsaved rows, numbered from 1: the table's lines in their order, then photos that none of them names."""
    photos = [entry for entry in entries if not entry.is_table]
    rows = _of_table(bulk, Shelf(photos), table) if table else []
    named = {row.entry for row in rows if row.entry}
    root = _root(entries)
    for entry in photos:
        if entry.path not in named:
            rows.append(_of_file(bulk, entry, root, UNNAMED if table else ""))
    for number, row in enumerate(rows, start=1):
        row.number = number
    _join_people(rows)
    _meet_applicants(bulk.opening, rows)
    return rows


class Shelf:
    """The photos, found by what a cell of a table calls them."""

    def __init__(self, photos: Iterable[Entry]) -> None:
        self._by_path: dict[str, Entry] = {}
        self._by_name: dict[str, list[Entry]] = {}
        for entry in photos:
            if folded(entry.path) in self._by_path:
                continue
            self._by_path[folded(entry.path)] = entry
            path = PurePosixPath(folded(entry.path))
            for name in {path.name, path.stem}:
                self._by_name.setdefault(name, []).append(entry)

    def find(self, cell: str) -> tuple[Entry | None, str]:
        """The photo, or why there is none."""
        wanted = folded(cell.replace("\\", "/").removeprefix("./"))
        if exact := self._by_path.get(wanted):
            return exact, ""
        same = self._by_name.get(PurePosixPath(wanted).name, [])
        deeper = [entry for entry in same if folded(entry.path).endswith(f"/{wanted}")]
        found = deeper or same
        if len(found) > 1:
            return None, f"{len(found)} photos are called “{cell}”. Write the folder before the name."
        return (found[0], "") if found else (None, f"No photo is called “{cell}”. Is it missing, or spelled otherwise?")


@dataclass(slots=True)
class Met:
    """Applicants of the opening that an import may meet; by_email: with their references."""

    by_reference: dict[str, int] = field(default_factory=dict)
    by_email: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    by_name: set[str] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)

    def with_address(self, row: BulkRow) -> int | None:
        there = self.by_email.get(folded(row.email), []) if row.email else []
        return next((pk for pk, reference in reversed(there) if may_be_one(reference, row.reference)), None)


def _of_table(bulk: Bulk, shelf: Shelf, table: Table) -> list[BulkRow]:
    return [_of_line(bulk, shelf, line) for line in table.lines]


def _of_line(bulk: Bulk, shelf: Shelf, line: Line) -> BulkRow:
    row = BulkRow(bulk=bulk, name=line.name[:200], email=line.email[:254], reference=line.reference[:100])
    entry, problem = shelf.find(line.file) if line.file else (None, "")
    row.entry = entry.path if entry else ""
    wrong = _wrong_words(line) or problem or (entry.problem if entry else "")
    if wrong:
        return _refused(row, wrong)
    if not line.file:
        row.message = "No photo is named: the applicant is added without one."
    return row


def _root(entries: Sequence[Entry]) -> str:
    """The one folder that everything lies in, or ""."""
    tops = {PurePosixPath(entry.path).parts[0] if "/" in entry.path else "" for entry in entries if not entry.problem}
    return tops.pop() if len(tops) == 1 else ""


def _of_file(bulk: Bulk, entry: Entry, root: str, unnamed: str) -> BulkRow:
    row = BulkRow(bulk=bulk, name="" if entry.problem else name_from(entry.path, root), entry=entry.path)
    return _refused(row, entry.problem or ("" if row.name else NO_NAME) or unnamed)


def _refused(row: BulkRow, why: str) -> BulkRow:
    if why:
        row.state, row.message = State.REFUSED, why
    return row


def _wrong_words(line: Line) -> str:
    """What is wrong with a line's own words, or ""."""
    if not line.name:
        return "The line has no name."
    if len(line.name) > 200:
        return "The name has more than 200 characters."
    if len(line.reference) > 100:
        return "The reference has more than 100 characters."
    if line.email:
        try:
            validate_email(line.email)
        except ValidationError:
            return f"“{line.email[:100]}” is no e-mail address. Correct it, or leave it empty."
    return ""


def is_ready(row: BulkRow) -> bool:
    """Whether it will be imported, or may be if the recruiter says so."""
    return row.state == State.READY or row.message == UNNAMED


class People:
    """Who stands in the rows so far. A reference tells people apart; an address does where references do not.

    Several people may have one address (an agency's), then each needs a reference; a name tells apart only those who
    have neither.
    """

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], list[BulkRow]] = {}
        self._said: dict[tuple[int, str], int] = {}

    def find(self, row: BulkRow) -> tuple[BulkRow | None, str]:
        """The first row of the same person, and what tells so; two different ones cannot both be right."""
        by_reference = self._of("reference", row.reference)
        by_email = [other for other in self._of("email", row.email) if may_be_one(other.reference, row.reference)]
        if by_reference:
            return by_reference[0], "reference"
        if by_email:
            return by_email[0], "address"
        if row.reference or row.email:
            return None, ""
        alone = self._of("name", row.name)
        return (alone[0], "name") if alone else (None, "")

    def conflict(self, row: BulkRow, found: BulkRow) -> BulkRow | None:
        """Another person whom the address means, and who has no reference that would tell the two apart."""
        others = (other for other in self._of("email", row.email) if other.name != found.name)
        return next((other for other in others if not other.reference), None)

    def add(self, row: BulkRow) -> None:
        for kind, value in (("reference", row.reference), ("email", row.email)):
            if value:
                self._first.setdefault((kind, folded(value)), []).append(row)
        if not row.reference and not row.email:
            self._first.setdefault(("name", folded(row.name)), []).append(row)

    def said_before(self, row: BulkRow, first: BulkRow) -> int:
        """The row that has the same photo for the same person, or 0; from now on this one, if there was none."""
        before = self._said.setdefault((first.number, row.entry), row.number)
        return 0 if before == row.number else before

    def _of(self, kind: str, value: str) -> list[BulkRow]:
        return self._first.get((kind, folded(value)), []) if value else []


def may_be_one(reference: str, other: str) -> bool:
    """Whether two references, either of which may be missing, can be one person's."""
    return not reference or not other or folded(reference) == folded(other)


def _join_people(rows: Iterable[BulkRow]) -> None:
    """Rows of one person get the first one's words; a line that says the same twice is passed over."""
    people = People()
    for row in filter(is_ready, rows):
        first, by = people.find(row)
        if first is None:
            people.add(row)
            people.said_before(row, row)
        elif other := people.conflict(row, first):
            _refused(
                row, f"The {by} is that of row {first.number}, the address that of row {other.number}. Correct one."
            )
        elif same := people.said_before(row, first):
            row.state, row.message = State.KNOWN, f"Says the same as row {same}; it counts once."
        else:
            _join(row, first, by)


def _join(row: BulkRow, first: BulkRow, by: str) -> None:
    if row.message != UNNAMED:
        other = f"Another photo of the person in row {first.number}"
        if folded(row.name) != folded(first.name):
            row.message = f"{other}: the {by} is the same, though this row says “{row.name}”."
        else:
            row.message = f"{other}{', by the name alone' if by == 'name' else ''}."
    row.name, row.email, row.reference = first.name, first.email, first.reference


def _meet_applicants(opening: Opening, rows: Sequence[BulkRow]) -> None:
    """Rows of people whom the opening has already, by reference or address, go to them."""
    met = _met(opening, rows)
    for row in filter(is_ready, rows):
        by_reference = met.by_reference.get(folded(row.reference)) if row.reference else None
        by_email = met.with_address(row)
        if by_reference and by_email and by_reference != by_email:
            whose = f"The reference is that of {met.names[by_reference]}, the address that of {met.names[by_email]}."
            _refused(row, f"{whose} Correct one of them.")
        elif there := by_reference or by_email:
            row.applicant_id = there
            if row.message != UNNAMED:
                what = "reference" if by_reference else "address"
                row.message = f"Goes to {met.names[there]}, who is here already with this {what}."
        elif not row.reference and not row.email and folded(row.name) in met.by_name and not row.message:
            row.message = "Somebody of this name is here already; this adds another person."


def _met(opening: Opening, rows: Iterable[BulkRow]) -> Met:
    """In one query, keeping only those whom a row may mean."""
    references = {folded(row.reference) for row in rows if row.reference}
    emails = {folded(row.email) for row in rows if row.email}
    names = {folded(row.name) for row in rows}
    met = Met()
    people = Applicant.objects.filter(opening=opening).order_by("-pk").values_list("pk", "name", "email", "reference")
    for pk, name, email, reference in people.iterator(chunk_size=2000):
        if folded(reference) in references:
            met.by_reference[folded(reference)], met.names[pk] = pk, name
        if folded(email) in emails:
            met.by_email.setdefault(folded(email), []).append((pk, reference))
            met.names[pk] = name
        if folded(name) in names:
            met.by_name.add(folded(name))
    return met


def folded(text: str) -> str:
    """For comparing: accents composed, capitals away."""
    return unicodedata.normalize("NFC", text).casefold()
