"""`manage.py retention`: who is deleted by retention, and when; without --dry-run what is due goes now."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from vetting.keeping import retention
from vetting.models import Applicant

DAYS = 14


class Command(BaseCommand):
    help = (
        "Deletes whom retention or their own request deletes by now, as the program does by itself every few minutes, "
        "and lists by number who follows. It prints no names."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="delete nobody, list alone")
        parser.add_argument("--days", type=int, default=DAYS, help=f"look so many days ahead (default {DAYS})")

    def handle(self, *args: Any, dry_run: bool, days: int, **options: Any) -> None:
        begins, now = retention.begins_at(), timezone.now()
        if not settings.RETENTION_ENFORCED:
            self.stdout.write("Retention is switched off (CANDID_RETENTION_ENFORCED): nobody is deleted by it.")
        elif begins > now:
            self.stdout.write(f"Nobody is deleted by retention before {begins:%Y-%m-%d %H:%M} UTC.")
        if not dry_run:
            before = Applicant.objects.count()
            retention.sweep()
            self.stdout.write(f"Deleted now: {before - Applicant.objects.count()}.")
        listed = 0
        for applicant in retention.list_due(dt.timedelta(days=days)).iterator():
            listed += 1
            held = getattr(applicant, "held", False)
            when = "legal hold" if held else f"{retention.goes_at(applicant, begins):%Y-%m-%d}"
            kept = applicant.opening.retention_days
            self.stdout.write(f"{when}  applicant {applicant.pk}, opening {applicant.opening_id}, {kept} days")
        self.stdout.write(f"{listed} within {days} days.")
