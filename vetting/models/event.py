"""Event: who did what when; append-only, hash-chained per team."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F

from vetting.models.team import Team, User


class Event(models.Model):
    """Written by audit.record() alone. digest covers the row and the digest before it.

    From version 2 on, digest covers `sealed` in place of the data: SHA-256 of salt and data. When a person is erased,
    salt and data go, and the chain still holds.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveBigIntegerField(help_text="From 1, without a gap, within the team.")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=64)
    subject = models.CharField(max_length=64, help_text="kind:id, as applicant:12.")
    data = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField(default=1)
    salt = models.CharField(max_length=32, blank=True)
    sealed = models.CharField(max_length=64, blank=True)
    redacted_at = models.DateTimeField(null=True, blank=True, help_text="When the data was erased.")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "number"], name="one_event_a_number")]
        indexes = [models.Index(fields=["team", "subject"]), models.Index(fields=["team", "-id"], name="event_feed")]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An event is never changed.")
        super().save(*args, **kwargs)
