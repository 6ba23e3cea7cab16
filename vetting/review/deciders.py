"""Who decides in an opening, as its policy has it."""

from __future__ import annotations

from django.db.models import QuerySet

from vetting.models import Membership, Opening, Role, User

DECIDERS = {
    Opening.Deciders.ANY: tuple(Role),
    Opening.Deciders.REVIEWERS: (Role.REVIEWER, Role.ADMIN),
}
WORDS = "In this opening reviewers and admins decide. You can read everything; ask one of them to decide."


def role_decides(opening: Opening, role: str) -> bool:
    return role in DECIDERS[Opening.Deciders(opening.deciders)]


def deciders_of(opening: Opening) -> QuerySet[Membership]:
    """The members of the team who may decide there."""
    members = Membership.objects.filter(team=opening.team_id, role__in=DECIDERS[Opening.Deciders(opening.deciders)])
    return members.select_related("user").order_by("user__first_name", "user__username")


def may_decide(opening: Opening, user: User) -> bool:
    return deciders_of(opening).filter(user=user).exists()
