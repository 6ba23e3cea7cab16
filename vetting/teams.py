"""What a team tells candidates of itself, and what it has switched on."""

from __future__ import annotations

from django.db import transaction

from vetting import audit
from vetting.models import Team, User

SETTINGS = ("contact", "likeness", "asks_groups")


@transaction.atomic
def change_team(*, team: Team, by: User, contact: str, likeness: bool, asks_groups: bool) -> list[str]:
    """Writes what has changed, and hands back its names; the event names them. Notices take on the new wording."""
    wanted = {"contact": contact.strip(), "likeness": likeness, "asks_groups": asks_groups}
    before = Team.objects.select_for_update().get(pk=team.pk)
    changed = [name for name in SETTINGS if getattr(before, name) != wanted[name]]
    if changed:
        for name in changed:
            setattr(before, name, wanted[name])
        before.save(update_fields=changed)
        audit.record(team=before, actor=by, verb="team.changed", subject=before, changed=changed)
    return changed
