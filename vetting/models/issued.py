"""Issued: a report that left the house, with the signature over its canonical form. Append-only."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from vetting.models.applicant import Applicant
from vetting.models.opening import Opening
from vetting.models.team import Team, User


class Issued(models.Model):
    """digest: SHA-256 of the canonical JSON; signature: Ed25519 over the same bytes, in base64, by the key `key_id`."""

    class Kind(models.TextChoices):
        APPLICANT = "applicant", "An applicant's report"
        OPENING = "opening", "An opening's report"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="issued")
    kind = models.CharField(max_length=16, choices=Kind)
    applicant = models.ForeignKey(Applicant, on_delete=models.SET_NULL, null=True, blank=True, related_name="issued")
    opening = models.ForeignKey(Opening, on_delete=models.SET_NULL, null=True, blank=True, related_name="issued")
    format = models.CharField(max_length=8, help_text="pdf, json.")
    digest = models.CharField(max_length=64)
    file_sha256 = models.CharField(max_length=64, help_text="Of the file as it was handed out.")
    key_id = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "issued reports"
        constraints = [models.CheckConstraint(condition=~Q(signature=""), name="an_issued_report_is_signed")]
        indexes = [models.Index(fields=["digest"]), models.Index(fields=["file_sha256"])]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.issued_at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An issued report is never changed.")
        super().save(*args, **kwargs)
