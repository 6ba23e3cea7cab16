"""Leased: a row that asks for work, taken by one worker at a time; vetting/lease.py takes and ends it."""

from __future__ import annotations

import datetime as dt
from typing import Self, TypeVar

from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Being examined"
    DONE = "done", "Examined"
    FAILED = "failed", "Failed"


class Leased(models.Model):
    """State, attempt and lease, which every kind of examination has in common."""

    IN_WORK = [State.QUEUED, State.RUNNING]

    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="A sentence for the reviewer.")

    class Meta:
        abstract = True

    @property
    def in_work(self) -> bool:
        return self.state in self.IN_WORK


Row = TypeVar("Row", bound=Leased)


class LeasedQuerySet(models.QuerySet[Row]):
    def claimable(self, now: dt.datetime) -> Self:
        """Queued, or running under a lease that has run out."""
        return self.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now))
