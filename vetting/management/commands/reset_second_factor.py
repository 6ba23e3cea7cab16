"""The operator's way out where no admin can reset somebody's second factor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vetting.members import CannotChange
from vetting.models import User
from vetting.second_factor import clear_second_factor


class Command(BaseCommand):
    help = "Takes a person's authenticator app, passkeys and recovery codes away; the person sets them up again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"Nobody here has the user name {options['username']}.")
        try:
            clear_second_factor(user=user, by=None)
        except CannotChange as reason:
            raise CommandError(str(reason)) from reason
        self.stdout.write(f"{user} signs in without a second factor now, and is told so.")
