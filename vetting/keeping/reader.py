"""Who reads a copy of what is stored about them: the team's people stand in it by what they do, others not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from vetting.keeping import traces
from vetting.models import Applicant, Membership, User

SOMEBODY_ELSE = "[another person]"
CANDIDATE, MEMBER, MACHINE = "you", "somebody who was in the team", "the program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Says who did something, and takes names out of texts."""

    applicant: Applicant
    roles: dict[int, str]
    names: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, applicant: Applicant) -> Reader:
        members = Membership.objects.filter(team=applicant.opening.team_id).select_related("user")
        roles = {member.user_id: f"a {member.get_role_display().lower()}" for member in members}
        roles = {pk: role.replace("a admin", "an admin") for pk, role in roles.items()}
        people = User.objects.filter(Q(pk__in=roles) | Q(decisions__applicant=applicant)).distinct()
        names = [(name, roles.get(user.pk, MEMBER)) for user in people for name in _called(user)]
        return cls(applicant=applicant, roles=roles, names=tuple(sorted(names, key=lambda named: -len(named[0]))))

    def who(self, user: int | None, link: int | None = None) -> str:
        if user is not None:
            return self.roles.get(user, MEMBER)
        return CANDIDATE if link is not None else MACHINE

    def text(self, text: str) -> str:
        """What somebody wrote, without the names of the team's people and of other applicants."""
        if not text:
            return ""
        for name, role in self.names:
            text = re.sub(rf"(?<!\w)@?{re.escape(name)}(?!\w)", f"[{role}]", text, flags=re.IGNORECASE)
        for name in traces.others_named_in(text, team=self.applicant.opening.team_id, but=self.applicant):
            text = re.sub(re.escape(name), SOMEBODY_ELSE, text, flags=re.IGNORECASE)
        return text


def _called(user: User) -> Iterator[str]:
    """A user name is looked for as it is mentioned, with its @: many are common words."""
    yield f"@{user.username}"
    if full := user.get_full_name():
        yield full
