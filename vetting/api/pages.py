"""Long lists in pieces, by cursor: each page begins after the last row of the one before, whatever was added since."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Query, Schema

from vetting.api.access import LARGEST
from vetting.api.problems import INVALID, Problem

MOST = 100
USUAL = 50
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item", bound=Schema)

Cursor = Annotated[
    str | None, Query(max_length=64, description="The value of next on the page before; without it, the list begins.")
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows of a page.")]


@dataclass(frozen=True, slots=True)
class Piece(Generic[Item]):
    """next: the cursor of the page after this one; None on the last."""

    items: list[Item]
    next: str | None


def piece_of(rows: QuerySet[Row], cursor: str | None, limit: int, shown: Callable[[Row], Item]) -> Piece[Item]:
    """The rows after the cursor in the order in which they were made. rows: without an order of its own."""
    after = _read(cursor) if cursor else 0
    found: list[Any] = list(rows.filter(pk__gt=after).order_by("pk")[: limit + 1])
    more = len(found) > limit
    return Piece([shown(row) for row in found[:limit]], _write(found[limit - 1].pk) if more else None)


def _write(pk: int) -> str:
    return base64.urlsafe_b64encode(f"after:{pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        word, _, number = text.partition(":")
        if word == "after" and number.isdecimal() and 0 < int(number) <= LARGEST:
            return int(number)
    except (binascii.Error, ValueError):
        pass
    errors = [{"where": "query.cursor", "problem": "This is no cursor that was handed out here."}]
    raise Problem(INVALID, "The cursor is not one of ours. Begin the list again without it.", errors=errors)
