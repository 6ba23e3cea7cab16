"""Who is in a team, and as what."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db import transaction

from vetting import audit
from vetting.models import Membership, Role, Team, User


class CannotChange(Exception):  # noqa: N818 - the text is a sentence for the admin
    """Nothing was changed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """password: made here, for an account made here; None where the person had an account already."""

    membership: Membership
    password: str | None


@transaction.atomic
def add_member(*, team: Team, by: User, username: str, role: Role, full_name: str = "", email: str = "") -> NewMember:
    """Adds somebody who has an account, or makes one with a password that is shown once."""
    user = User.objects.filter(username__iexact=username).first()
    if user and Membership.objects.filter(team=team, user=user).exists():
        raise CannotChange(f"{user} is in this team already. You can change the role in the list.")
    password = None
    if user is None:
        password = secrets.token_urlsafe(12)
        first, _, last = full_name.strip().partition(" ")
        user = User.objects.create_user(username, email, password, first_name=first, last_name=last.strip())
    membership = Membership.objects.create(team=team, user=user, role=role)
    audit.record(team=team, actor=by, verb="member.added", subject=user, role=role.value)
    return NewMember(membership=membership, password=password)


@transaction.atomic
def change_role(*, membership: Membership, by: User, role: Role) -> None:
    """Raises CannotChange where the team would be left without an admin."""
    current = _locked(membership)
    if current.role == role:
        return
    if current.role == Role.ADMIN:
        _keep_an_admin(current)
    current.role = role
    current.save(update_fields=["role"])
    audit.record(team=current.team, actor=by, verb="member.role-changed", subject=current.user, role=role.value)


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    """The account stays, and with it the name on past decisions. Raises CannotChange for the last admin."""
    current = _locked(membership)
    if current.role == Role.ADMIN:
        _keep_an_admin(current)
    audit.record(team=current.team, actor=by, verb="member.removed", subject=current.user)
    current.delete()


def _locked(membership: Membership) -> Membership:
    """The row as it is now; the lock on the team makes two admins who remove each other wait for one another."""
    Team.objects.select_for_update().get(pk=membership.team_id)
    return Membership.objects.select_related("user", "team").get(pk=membership.pk)


def _keep_an_admin(leaving: Membership) -> None:
    others = Membership.objects.filter(team=leaving.team, role=Role.ADMIN).exclude(pk=leaving.pk)
    if not others.exists():
        raise CannotChange(f"{leaving.user} is the only admin of {leaving.team}. Make somebody else an admin first.")
