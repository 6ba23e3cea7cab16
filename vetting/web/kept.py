"""The saved views of a list, and which parameters of its address a view keeps: those that the list understands."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from vetting.models import Opening, SavedView, Team, User
from vetting.web.listing import Listing
from vetting.web.trip import Trip


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What stands above a list. query: the present filters, empty without; shown: the view that they are, if one."""

    views: tuple[SavedView, ...]
    query: str
    opening: Opening | None
    teams: tuple[Team, ...]

    @property
    def shown(self) -> SavedView | None:
        return next((view for view in self.views if view.query == self.query), None) if self.query else None


def kept_for(asked: QueryDict, reader: User, opening: Opening | None = None) -> Kept:
    """Of an opening's list, or of the queue."""
    views = SavedView.objects.visible_to(reader).for_list(opening)
    query = query_of(asked, reader, opening)
    unsaved = bool(query) and not any(view.query == query for view in views)
    teams = Team.objects.filter(memberships__user=reader).order_by("name") if unsaved and opening is None else ()
    return Kept(views=tuple(views), query=query, opening=opening, teams=tuple(teams))


def query_of(asked: QueryDict, reader: User, opening: Opening | None) -> str:
    """The list's own parameters out of whatever was asked, in one order; the page number is none of them."""
    if opening is None:
        return urlencode(Trip.of(asked, reader).filters)
    listing = Listing.of(asked)
    said = {"q": listing.query, "verdict": listing.verdict, "review": listing.review}
    if listing.sort != Listing().sort:
        said["sort"] = listing.sort
    return urlencode({name: value for name, value in said.items() if value})
