"""`manage.py demo`: a team to look around with, its login, and photos that the worker examines like any upload."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from vetting.intake import accept_photo, add_applicant
from vetting.management.commands.prepare import keep_secret
from vetting.models import Membership, Opening, Role, Team, User

TEAM = "Demo agency"
LOGIN = "demo"
OPENING = "Demo: commercial for a travel agency"
REASON = "The person is seen in close-up; the casting picture must match who comes to the set."


class Command(BaseCommand):
    help = "Makes the demo team, its login (the password is kept in var/demo_password) and its photos."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's login does not belong on a production site.")
        member = demo_member()
        if not Opening.objects.filter(team__memberships__user=member, title=OPENING).exists():
            enter_photos(member)


def demo_password() -> str | None:
    """The password that was made for the demo's login; None once somebody has set another one on the site."""
    user = User.objects.filter(username=LOGIN).first()
    kept = settings.VAR_DIR / "demo_password"
    password = kept.read_text().strip() if kept.is_file() else ""
    return password if user and password and user.check_password(password) else None


@transaction.atomic
def demo_member() -> User:
    """The demo's login, as admin of the demo's team; a password is set only where there is none yet."""
    password = keep_secret(settings.VAR_DIR / "demo_password", partial(secrets.token_urlsafe, 12))
    user, created = User.objects.get_or_create(username=LOGIN, defaults={"first_name": "Dana", "last_name": "Demo"})
    if created:
        user.set_password(password)
        user.save(update_fields=["password"])
    if not Membership.objects.filter(user=user).exists():
        Membership.objects.create(user=user, team=Team.objects.create(name=TEAM), role=Role.ADMIN)
    return user


@transaction.atomic
def enter_photos(member: User) -> Opening:
    """One opening with an applicant a photo, all or nothing; the bell rings when the rows are there."""
    from vetting.demo.photos import demo_photos

    team = Team.objects.filter(memberships__user=member).earliest("pk")
    opening = Opening.objects.create(team=team, title=OPENING, photo_reason=REASON, created_by=member)
    for photo in demo_photos():
        applicant = add_applicant(opening=opening, name=photo.applicant, by=member, reference=photo.shows[:100])
        accept_photo(applicant=applicant, upload=ContentFile(photo.data, name=photo.file_name), by=member)
    return opening
