"""What an auditor counts: groups that candidates named themselves, of their own will, and what became of each group.

Nobody who decides sees a self-report: it appears in counts alone, and never of a few.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q

from vetting.models.applicant import Applicant
from vetting.models.candidate import CandidateLink
from vetting.models.team import Team, User


class Sex(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    ANOTHER = "another", "Another"


class Ethnicity(models.TextChoices):
    """The categories of the EEO-1 report, which NYC Local Law 144 asks for."""

    HISPANIC = "hispanic", "Hispanic or Latino"
    WHITE = "white", "White"
    BLACK = "black", "Black or African American"
    PACIFIC = "pacific", "Native Hawaiian or Pacific Islander"
    ASIAN = "asian", "Asian"
    NATIVE = "native", "Native American or Alaska Native"
    SEVERAL = "several", "Two or more"


class SelfReport(models.Model):
    """Either may be left out; deleted when the candidate takes it back."""

    applicant = models.OneToOneField(Applicant, on_delete=models.CASCADE, related_name="self_report")
    sex = models.CharField(max_length=16, choices=Sex, blank=True)
    ethnicity = models.CharField(max_length=16, choices=Ethnicity, blank=True)
    at = models.DateTimeField(auto_now=True)
    link = models.ForeignKey(CandidateLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"self-report {self.pk}"


class Tally(models.Model):
    """Counts of applicants who are gone, by quarter and group: what an audit needs after retention has passed."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tallies")
    quarter = models.CharField(max_length=7, help_text="Of the year in which they were added: 2026-Q4.")
    sex = models.CharField(max_length=16, choices=Sex, blank=True)
    ethnicity = models.CharField(max_length=16, choices=Ethnicity, blank=True)
    applicants = models.PositiveIntegerField(default=0)
    examined = models.PositiveIntegerField(default=0)
    flagged = models.PositiveIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)
    selected = models.PositiveIntegerField(default=0, help_text="Not set aside in the end.")
    overturned = models.PositiveIntegerField(default=0, help_text="Flagged, and not set aside in the end.")

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(
                fields=["team", "quarter", "sex", "ethnicity"], name="one_tally_a_quarter_and_group"
            )
        ]
        ordering = [F("quarter").asc()]

    def __str__(self) -> str:
        return f"tally of {self.quarter}"


class AuditLink(models.Model):
    """Opens the team's auditor page, which names nobody, for somebody without an account."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="audit_links")
    auditor = models.CharField(max_length=200, help_text="For whom it was made.")
    nonce = models.CharField(max_length=43)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(nonce="") & ~Q(auditor=""), name="an_audit_link_is_for_somebody")
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"audit link {self.pk}"

    def opens(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
