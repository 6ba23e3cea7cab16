"""How long things are kept, and what is left of what is gone: holds, requests, tombstones."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from vetting.models.applicant import Applicant
from vetting.models.candidate import AppendOnly, CandidateLink
from vetting.models.opening import Opening
from vetting.models.team import Team, User


class LegalHold(models.Model):
    """Nothing of the applicant is deleted while one is in force: the database refuses it, too (PROTECT)."""

    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(auto_now_add=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="a_legal_hold_has_a_reason"),
            models.UniqueConstraint(
                fields=["applicant"], condition=Q(lifted_at=None), name="one_legal_hold_in_force_an_applicant"
            ),
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"legal hold {self.pk}"


class DataRequest(models.Model):
    """The candidate's request for what is stored (access), or for its deletion (erasure)."""

    class Kind(models.TextChoices):
        ACCESS = "access", "Access"
        ERASURE = "erasure", "Erasure"

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="data_requests")
    kind = models.CharField(max_length=8, choices=Kind)
    asked_at = models.DateTimeField(auto_now_add=True)
    link = models.ForeignKey(CandidateLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    entered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Where it came by letter."
    )
    runs_at = models.DateTimeField(null=True, blank=True, help_text="When an erasure is carried out by itself.")
    due_at = models.DateTimeField(help_text="One month after it was asked (GDPR 12(3)).")
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(
        max_length=32, blank=True, help_text="Of an erasure: opens the receipt, from the day on which it was asked."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "kind"],
                condition=Q(answered_at=None, withdrawn_at=None),
                name="one_open_data_request_a_kind",
            ),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="one_data_request_a_code"),
            models.CheckConstraint(
                condition=~Q(kind="erasure") | ~Q(code="") & Q(runs_at__isnull=False),
                name="an_erasure_request_has_a_code_and_a_day",
            ),
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} request {self.pk}"


class Tombstone(AppendOnly):
    """That an applicant was here and is gone: a number, times, counts; nothing that says who it was.

    receipt: what the candidate is given, canonical JSON; signature: as of a report, "" where the site signs nothing.
    """

    class Cause(models.TextChoices):
        RETENTION = "retention", "The opening's retention had passed"
        REQUEST = "request", "The candidate asked for it"
        FORGOTTEN = "forgotten", "The team deleted it"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tombstones")
    opening = models.ForeignKey(Opening, on_delete=models.SET_NULL, null=True, related_name="tombstones")
    applicant_number = models.PositiveBigIntegerField()
    cause = models.CharField(max_length=16, choices=Cause)
    code = models.CharField(max_length=32, unique=True, help_text="Opens the receipt; random.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    erased_at = models.DateTimeField()
    receipt = models.JSONField()
    key_id = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)

    class Meta:
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"tombstone of applicant {self.applicant_number}"


class Leftover(models.Model):
    """A file that is to be deleted: written in the transaction that deletes its rows, and gone when the file is.

    key: in the storage of that name; one that ends with a stroke is a folder. since, until: it is deleted from then on,
    and again and again as long as a worker that knows nothing of it may still be writing there.
    """

    storage = models.CharField(max_length=16)
    key = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField()
    tombstone = models.ForeignKey(Tombstone, on_delete=models.SET_NULL, null=True, related_name="leftovers")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(key="") & ~Q(storage=""), name="a_leftover_is_somewhere")]
        indexes = [models.Index(fields=["storage", "key"], name="leftover_key")]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"leftover {self.pk}"


class RetentionStart(models.Model):
    """One row: from when on retention deletes by itself. An installation that had applicants before gets a delay.

    past_emptied_at: when the events about people who were forgotten by earlier versions were emptied, too.
    """

    begins_at = models.DateTimeField()
    past_emptied_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"from {self.begins_at:%Y-%m-%d}"
