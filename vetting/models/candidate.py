"""What passes between the team and the candidate: a link without an account, the notice, consents, disclosures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q

from vetting.models.applicant import Applicant
from vetting.models.opening import Opening
from vetting.models.team import User


class AppendOnly(models.Model):
    """A row that is written once; who changes their mind writes another."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError(f"A {self._meta.verbose_name} is never changed; write another one.")
        super().save(*args, **kwargs)


class CandidateLink(models.Model):
    """Opens one applicant's candidate page, and nothing else, while it is neither expired nor revoked.

    nonce: in the signed address beside the row's number, so that no number can be guessed and a new key is a new link.
    """

    class Told(models.TextChoices):
        """How the candidate came by it."""

        MAILED = "mailed", "Sent by e-mail"
        HANDED = "handed", "Handed over by a person"

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="links")
    nonce = models.CharField(max_length=43)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    told_how = models.CharField(max_length=8, choices=Told, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="First opened.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(nonce=""), name="a_candidate_link_has_a_nonce")]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"link {self.pk}"

    def opens(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


class Notice(AppendOnly):
    """What candidates of an opening are told, word for word; a changed setting is a new number.

    text: a list of {"title", "paragraphs"}; digest: SHA-256 over its canonical JSON.
    """

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="notices")
    number = models.PositiveIntegerField(help_text="From 1, within the opening.")
    text = models.JSONField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opening", "number"], name="one_notice_a_number"),
            models.UniqueConstraint(fields=["opening", "digest"], name="one_notice_a_wording"),
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"notice {self.number} of {self.opening}"


class Consent(AppendOnly):
    """Given or withdrawn by the candidate, against the notice they saw; the newest row of a kind counts."""

    class Kind(models.TextChoices):
        PHOTOS = "photos", "The check of the photos"
        BOOTH = "booth", "The picture at the meeting, compared with the photo"
        LIKENESS = "likeness", "The likeness score"
        GROUPS = "groups", "Counting in the statistics of fairness"

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="consents")
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    given = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)
    link = models.ForeignKey(CandidateLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    witness = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Who heard it, face to face."
    )

    class Meta:
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {'given' if self.given else 'withdrawn'}"


class Disclosure(AppendOnly):
    """What the candidate says of how a portrait came about; in their favour, and the newest of a photo counts."""

    class Says(models.TextChoices):
        AS_TAKEN = "as-taken", "As the camera took it"
        EDITED = "edited", "Cropped, or light and colours changed"
        RETOUCHED = "retouched", "Retouched: something about the person was changed"
        ENHANCED = "enhanced", "Enhanced with AI"
        GENERATED = "generated", "Made by AI from other photos, or from words"

    photo = models.ForeignKey("vetting.Photo", on_delete=models.CASCADE, related_name="disclosures")
    says = models.CharField(max_length=16, choices=Says)
    note = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    link = models.ForeignKey(CandidateLink, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return self.get_says_display()
