"""`manage.py send_summaries`: what the hourly check does, by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from vetting.summaries import send_due


class Command(BaseCommand):
    help = "Mails the summaries that are due. Nobody gets two in a period, however often this runs."

    def handle(self, *args: Any, **options: Any) -> None:
        sent = send_due()
        self.stdout.write(f"{sent} {'summary' if sent == 1 else 'summaries'} sent.")
