"""Decision: a person's, append-only, with the reason and the verdict it was made against."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from vetting.models.analysis import Analysis
from vetting.models.applicant import VERDICTS, Applicant
from vetting.models.team import User


class Choice(models.TextChoices):
    """What a reviewer can decide; nothing here is ever chosen by the machine."""

    ACCEPT = "accept", "Accept the photo"
    ASK_ORIGINAL = "ask-original", "Ask for the original"
    ASK_TO_MEET = "ask-to-meet", "Ask to meet"
    SET_ASIDE = "set-aside", "Set aside"
    REOPEN = "reopen", "Reopen"


class Decision(models.Model):
    """A changed mind is a new row."""

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="decisions")
    analysis = models.ForeignKey(Analysis, on_delete=models.SET_NULL, null=True, blank=True, related_name="decisions")
    verdict = models.CharField(max_length=32, choices=VERDICTS, blank=True, help_text="As it stood at that moment.")
    choice = models.CharField(max_length=16, choices=Choice)
    reason = models.TextField()
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField(auto_now_add=True)
    seconds = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="seconded_by",
        help_text="The decision that this one confirms or overturns as a second reviewer's.",
    )
    proposed = models.BooleanField(default=False, help_text="Waits for a second reviewer before it counts.")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_decision_has_a_reason")]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.get_choice_display()} by {self.reviewer}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A decision is never changed; decide again.")
        super().save(*args, **kwargs)
