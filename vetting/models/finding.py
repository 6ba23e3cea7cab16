"""Finding: an observation frozen as a row, readable in two years whatever became of the code."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from vetting.models.analysis import Analysis


class Finding(models.Model):
    """Written with the analysis's end, in the same transaction, and never again."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="findings")
    number = models.PositiveSmallIntegerField(help_text="As drawn on the photo, from 1.")
    wing = models.CharField(max_length=16)
    detector = models.CharField(max_length=64)
    detector_version = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=100)
    bearing = models.CharField(max_length=16)
    strength = models.CharField(max_length=16)
    summary = models.TextField()
    caveat = models.TextField(blank=True)
    region = models.JSONField(null=True, blank=True, help_text="Kind and points, in pixels of the upright photo.")
    figure = models.JSONField(
        null=True,
        blank=True,
        help_text="Panels to compare, a line as seen and as expected, in pixels of the upright photo.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["analysis", "number"], name="one_finding_a_number")]
        ordering = [F("number").asc()]

    def __str__(self) -> str:
        return self.summary
