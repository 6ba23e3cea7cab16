"""Analysis: one examination of one photo, as a row with a state, a lease and an attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from vetting.models.applicant import VERDICTS
from vetting.models.leased import Leased, LeasedQuerySet, State
from vetting.models.photo import Photo
from vetting.models.team import User


class AnalysisQuerySet(LeasedQuerySet["Analysis"]):
    def visible_to(self, user: User) -> AnalysisQuerySet:
        """Analyses of the teams that the user is a member of."""
        return self.filter(photo__applicant__opening__team__memberships__user=user)

    def forgotten(self, now: dt.datetime, queued_too_long: dt.timedelta) -> AnalysisQuerySet:
        """What the sweep rings for again: rung long ago and still queued, or lost by its worker."""
        return self.filter(
            Q(state=State.QUEUED, rung_at__lt=now - queued_too_long) | Q(state=State.RUNNING, lease_until__lt=now)
        )

    def in_flight(self, now: dt.datetime, queued_too_long: dt.timedelta) -> AnalysisQuerySet:
        """Rung for a moment ago, or in a worker's hands."""
        rung = Q(state=State.QUEUED, rung_at__gte=now - queued_too_long)
        return self.filter(rung | Q(state=State.RUNNING, lease_until__gte=now))

    def waiting_their_turn(self) -> AnalysisQuerySet:
        """Of imports, and not rung for yet; oldest first."""
        return self.filter(state=State.QUEUED, rung_at=None).order_by("pk")


class Analysis(Leased):
    """The row is the truth, the queue a doorbell: see analysis.py for claim() and finish()."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="analyses")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(
        default=timezone.now, null=True, help_text="When the doorbell was last rung; null while it waits its turn."
    )

    verdict = models.CharField(max_length=32, choices=VERDICTS, blank=True)
    score = models.FloatField(null=True, blank=True)
    strength = models.CharField(max_length=16, blank=True)
    summary = models.TextField(blank=True)
    versions = models.JSONField(default=dict, help_text="Detectors, weights, trust lists and policy it ran with.")
    result = models.JSONField(default=dict, help_text="The whole examination, in the shape of the JSON contract.")

    objects = AnalysisQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(
                fields=["photo"], condition=Q(state__in=["queued", "running"]), name="one_analysis_of_a_photo_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(verdict="") & Q(finished_at__isnull=False)),
                name="a_finished_analysis_has_a_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="a_running_analysis_has_a_lease"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="a_failed_analysis_says_why"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="a_score_is_a_probability"
            ),
        ]
        indexes = [models.Index(fields=["state", "lease_until"]), models.Index(fields=["photo", "-id"])]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"analysis {self.pk} of {self.photo}"

    @property
    def state_since(self) -> dt.datetime:
        """When the present state began: for "waiting for 12 s"."""
        since = {State.QUEUED: self.requested_at, State.RUNNING: self.started_at}.get(
            State(self.state), self.finished_at
        )
        return since or self.requested_at


def parts_not_judged(outcome: Mapping[str, Any]) -> dict[str, str]:
    """Part -> reason, of a check that applied but not in all its parts. outcome: one of a result's."""
    details = outcome.get("details")
    parts = details.get("not_judged") if isinstance(details, dict) else None
    return {str(part): str(reason) for part, reason in parts.items()} if isinstance(parts, dict) else {}
