"""The table of an import: CSV in whatever encoding, separator and order of columns a spreadsheet wrote it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

MAX_BYTES = 10 * 1024 * 1024  # 20,000 lines of 500 characters
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "full name", "applicant", "applicant name", "candidate", "candidate name", "person"),
    "first": ("first name", "firstname", "given name", "forename"),
    "last": ("last name", "lastname", "surname", "family name"),
    "email": ("email", "e-mail", "mail", "email address", "e-mail address"),
    "reference": ("reference", "ref", "id", "number", "applicant id", "candidate id", "your reference"),
    "file": ("file", "file name", "filename", "photo", "picture", "image", "headshot", "photo file"),
}
TEMPLATE = "\ufeffname,email,reference,file\r\nEileen Collins,eileen@example.org,A-1001,eileen-collins.jpg\r\n"


class CannotRead(Exception):  # noqa: N818 - the text is a sentence for the recruiter
    """Nothing of the table or the archive can be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person's photo, as the table has it; "" where it says nothing."""

    name: str
    email: str
    reference: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """ignored: columns that mean nothing here, as they are called."""

    lines: tuple[Line, ...]
    encoding: str
    ignored: tuple[str, ...]

    @property
    def remark(self) -> str:
        """What to know of how it was read; "" where nothing is remarkable."""
        said = []
        if self.encoding not in ("UTF-8", "UTF-16"):
            said.append(f"The table was read as {self.encoding}: please look whether names with accents are right.")
        if self.ignored:
            said.append(f"Not used: {', '.join(f'“{name}”' for name in self.ignored)}.")
        return " ".join(said)


def read_table(data: bytes) -> Table:
    """The lines that say something. Raises CannotRead."""
    if len(data) > MAX_BYTES:
        raise CannotRead(f"The table has more than {MAX_BYTES // 1024**2} MB. Leave only the columns that are used.")
    text, encoding = _decoded(data)
    rows = _rows(text)
    if not rows:
        raise CannotRead("The table is empty. Its first line names the columns, such as name, email, reference, file.")
    places, ignored = _places(rows[0])
    _demand_names(places, rows[0])
    lines = tuple(line for row in rows[1:] if (line := _line(row, places)))
    most = settings.MAX_BULK_ROWS
    if len(lines) > most:
        raise CannotRead(f"The table has {len(lines):,} lines; at most {most:,} are taken at once. Please split it.")
    return Table(lines=lines, encoding=encoding, ignored=tuple(ignored))


def _decoded(data: bytes) -> tuple[str, str]:
    """The text, and what its encoding is called."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "UTF-16"
    if data[1:2] == b"\0" or data[:1] == b"\0":
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", errors="replace"), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        try:
            return data.decode("cp1252"), "Windows-1252"
        except UnicodeDecodeError:
            return data.decode("latin-1"), "Latin-1"


def _rows(text: str) -> list[list[str]]:
    """All lines, cut at the separator that makes most sense of the first. Raises CannotRead."""
    text = text.replace("\0", "").lstrip("\r\n")
    if text[:4].lower() == "sep=":  # a line by which Excel says its separator
        text = text.partition("\n")[2]
    first = text.partition("\n")[0]
    try:
        separator = max(";,\t", key=lambda mark: _sense(first, mark))
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise CannotRead(
            "The table could not be cut into cells: probably a quotation mark is opened and never closed. "
            "Save it as CSV again."
        ) from error


def _sense(first: str, separator: str) -> tuple[int, int]:
    cells = next(csv.reader([first], delimiter=separator), [])
    return sum(_meaning(cell) != "" for cell in cells), len(cells)


def _meaning(cell: str) -> str:
    plain = " ".join(cell.replace("_", " ").split()).casefold()
    return next((column for column, names in COLUMNS.items() if plain in names), "")


def _places(header: list[str]) -> tuple[dict[str, int], list[str]]:
    """Column -> where it stands; and what is not used. The first of two columns that mean the same counts."""
    places: dict[str, int] = {}
    ignored = []
    for place, cell in enumerate(header):
        column = _meaning(cell)
        if column and column not in places:
            places[column] = place
        elif cell.strip():
            ignored.append(" ".join(cell.split())[:60])
    return places, ignored


def _demand_names(places: dict[str, int], header: list[str]) -> None:
    if "name" in places or {"first", "last"} <= places.keys():
        return
    found = ", ".join(f"“{cell.strip()[:40]}”" for cell in header[:12] if cell.strip()) or "nothing"
    raise CannotRead(
        f"The table's first line has no column “name”; it says {found}. "
        "Name the columns there: name, and where there are such, email, reference and file."
    )


def _line(row: list[str], places: dict[str, int]) -> Line | None:
    def cell(column: str) -> str:
        place = places.get(column)
        text = row[place] if place is not None and place < len(row) else ""
        return unicodedata.normalize("NFC", " ".join(text.split()))

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    line = Line(name=name, email=cell("email"), reference=cell("reference"), file=cell("file"))
    return line if any((line.name, line.email, line.reference, line.file)) else None
