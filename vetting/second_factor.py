"""A person's second factor: what the teams' event chains keep of it, and how an admin resets it."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from vetting import audit
from vetting.members import CannotChange
from vetting.models import Event, Membership, Role, Team, User

ON, OFF, RESET = "member.second-factor-on", "member.second-factor-off", "member.second-factor-reset"
LINKED, UNLINKED = "member.single-sign-on-linked", "member.single-sign-on-unlinked"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@transaction.atomic
def record_change(*, user: User, verb: str, **data: str) -> None:
    """One event in the chain of each team that the person is in."""
    for team in Team.objects.filter(memberships__user=user).order_by("pk"):
        audit.record(team=team, actor=user, verb=verb, subject=user, **data)


@transaction.atomic
def reset_second_factor(*, membership: Membership, by: User) -> None:
    """Takes every factor and recovery code away. Raises CannotChange where `by` runs not all teams of the person."""
    user = membership.user
    if user == by:
        raise CannotChange("Your own second factor is changed under Settings, Security.")
    run = Membership.objects.filter(user=by, role=Role.ADMIN).values("team")
    if user.is_superuser or Membership.objects.filter(user=user).exclude(team__in=run).exists():
        # otherwise whoever adds somebody to a team of their own could weaken that person's account elsewhere
        raise CannotChange(
            f"{user} is also in teams that you do not run, or runs this site. The site's operator can reset the "
            f"second factor: manage.py reset_second_factor {user.username}"
        )
    clear_second_factor(user=user, by=by)


@transaction.atomic
def clear_second_factor(*, user: User, by: User | None) -> int:
    """How many factors and sets of recovery codes there were."""
    count: int = Authenticator.objects.filter(user=user).delete()[0]
    if not count:
        raise CannotChange(f"{user} has no second factor.")
    for team in Team.objects.filter(memberships__user=user).order_by("pk"):
        audit.record(team=team, actor=by, verb=RESET, subject=user)
    return count


def resets_since_last_sign_in(user: User) -> str:
    """Who reset it since then, in words; empty where nobody did."""
    resets = Event.objects.filter(verb=RESET, subject=f"user:{user.pk}").select_related("actor")
    if user.last_login:
        resets = resets.filter(at__gt=user.last_login)
    last = resets.order_by("-at").first()
    return str(last.actor or "The operator of this site") if last else ""


def have_second_factor(users: list[int]) -> set[int]:
    """Which of these people, by their keys, have one."""
    found = Authenticator.objects.filter(user__in=users, type__in=FACTORS)
    return set(found.values_list("user_id", flat=True))
