"""First look: what a reviewer saw before the machine's findings were shown to them. Append-only."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F

from vetting.models.analysis import Analysis
from vetting.models.applicant import VERDICTS, Applicant
from vetting.models.team import User


class Sees(models.TextChoices):
    """In the reviewer's own words of a photo, without the machine."""

    NOTHING = "nothing", "Nothing that speaks against the photo"
    RETOUCHED = "retouched", "Retouched"
    GENERATED = "generated", "Made by AI"
    CANNOT_SAY = "cannot-say", "I cannot say"


class FirstLook(models.Model):
    """analysis: the one whose verdict was hidden at that moment, and `verdict` what it was."""

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="first_looks")
    analysis = models.ForeignKey(Analysis, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    verdict = models.CharField(max_length=32, choices=VERDICTS, blank=True)
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sees = models.CharField(max_length=16, choices=Sees)
    note = models.TextField(blank=True)
    looked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["applicant", "reviewer"], name="one_first_look_a_reviewer")]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.get_sees_display()}, says {self.reviewer}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A first look is never changed.")
        super().save(*args, **kwargs)
