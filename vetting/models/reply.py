"""The right of reply: what the candidate answers when a case is set aside or an original is asked for, and by when."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from vetting.models.applicant import Applicant
from vetting.models.candidate import AppendOnly, CandidateLink
from vetting.models.decision import Decision
from vetting.models.leased import Leased, LeasedQuerySet, State
from vetting.models.photo import Photo
from vetting.models.team import User


class Reply(models.Model):
    """Opened by a decision that counts. The clock starts when the candidate is told, not before: until then due_at is
    empty. closed_at: a later decision, or a person, has ended it."""

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="replies")
    decision = models.OneToOneField(Decision, on_delete=models.CASCADE, related_name="reply")
    days = models.PositiveSmallIntegerField(help_text="As the opening's policy was then.")
    opened_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When the candidate said that it is complete.")
    second_asked_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "replies"
        constraints = [
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(closed_at=None), name="one_open_reply_an_applicant"
            ),
            models.CheckConstraint(
                condition=Q(told_at=None, due_at=None) | Q(told_at__isnull=False, due_at__isnull=False),
                name="the_clock_runs_from_when_the_candidate_is_told",
            ),
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"reply {self.pk}"


class ReplyEntry(AppendOnly):
    """One thing that the candidate sent."""

    class Kind(models.TextChoices):
        EXPLANATION = "explanation", "An explanation"
        ORIGINAL = "original", "A file: the camera original, or an export with Content Credentials"
        SECOND = "second", "Asks for a second reviewer"

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=16, choices=Kind)
    text = models.TextField(blank=True)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    link = models.ForeignKey(CandidateLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "reply entries"
        constraints = [
            models.CheckConstraint(condition=~Q(kind="explanation") | ~Q(text=""), name="an_explanation_has_a_text"),
            models.CheckConstraint(
                condition=~Q(kind="original") | Q(photo__isnull=False), name="an_original_has_a_photo"
            ),
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to reply {self.reply_id}"


class ComparisonQuerySet(LeasedQuerySet["Comparison"]):
    def visible_to(self, user: User) -> ComparisonQuerySet:
        """Comparisons of the teams that the user is a member of."""
        return self.filter(photo__applicant__opening__team__memberships__user=user)

    def forgotten(self, now: dt.datetime, queued_too_long: dt.timedelta) -> ComparisonQuerySet:
        """What the sweep rings for again: rung long ago and still queued, or lost by its worker."""
        return self.filter(
            Q(state=State.QUEUED, rung_at__lt=now - queued_too_long) | Q(state=State.RUNNING, lease_until__lt=now)
        )


class Comparison(Leased):
    """Is `original` the picture that `photo` was before editing, and what was changed? A row as an Analysis is.

    result: what detector.comparison says, as JSON; the difference picture stands in the storage `previews`.
    """

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="compared")
    original = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="compared_as_original")
    requested_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(default=timezone.now)
    result = models.JSONField(default=dict)
    has_pictures = models.BooleanField(default=False)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "original"], name="one_comparison_a_pair"),
            models.CheckConstraint(condition=~Q(photo=F("original")), name="a_photo_is_not_compared_with_itself"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="a_running_comparison_has_a_lease"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="a_failed_comparison_says_why"),
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"comparison {self.pk}"

    def picture_key(self, name: str) -> str:
        return f"comparisons/{self.pk}/{name}.webp"
