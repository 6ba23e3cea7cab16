"""Saved views: filters of a list under a name, for oneself or for the team."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from vetting import audit
from vetting.models import Opening, SavedView, Team, User

MOST = 50  # of one person in one list: a row of links that nobody can read helps nobody


class CannotSave(Exception):  # noqa: N818 - the text is a sentence for the person
    """Nothing was saved; the text says why."""


def save_view(*, team: Team, by: User, opening: Opening | None, name: str, query: str, shared: bool) -> SavedView:
    """query: as the list itself understood it. Raises CannotSave."""
    if not query:
        raise CannotSave("Choose a filter first; a view without one is the whole list.")
    if SavedView.objects.filter(user=by, team=team, opening=opening).count() >= MOST:
        raise CannotSave(f"There are {MOST} views of this list already. Delete one first.")
    try:
        with transaction.atomic():
            view = SavedView.objects.create(team=team, user=by, opening=opening, name=name, query=query, shared=shared)
            _record(view, by, "view.shared")
    except IntegrityError as error:
        raise CannotSave(f"You have a view called “{name}” here already. Give this one another name.") from error
    return view


def change_view(*, view: SavedView, by: User, name: str, shared: bool) -> None:
    """Another name, shared or not. Raises CannotSave."""
    was_shared = view.shared
    view.name, view.shared = name, shared
    try:
        with transaction.atomic():
            view.save(update_fields=["name", "shared"])
            if was_shared and not shared:
                audit.record(team=view.team, actor=by, verb="view.unshared", subject=view)
            else:
                _record(view, by, "view.changed" if was_shared else "view.shared")
    except IntegrityError as error:
        raise CannotSave(f"There is a view called “{name}” here already. Choose another name.") from error


@transaction.atomic
def delete_view(*, view: SavedView, by: User) -> None:
    _record(view, by, "view.deleted")
    view.delete()


def _record(view: SavedView, by: User, verb: str) -> None:
    """What somebody keeps for themselves is nobody's business, and in no chain; its name may be a candidate's."""
    if view.shared:
        audit.record(team=view.team, actor=by, verb=verb, subject=view)
