"""Booth check: one picture taken at the meeting, beside the photo; measured differences, and what a person says.

No face vector and no landmark is ever stored: the result holds sentences, differences and their uncertainty.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from vetting.models.applicant import Applicant
from vetting.models.candidate import AppendOnly, Consent
from vetting.models.leased import Leased, LeasedQuerySet
from vetting.models.photo import Photo
from vetting.models.team import User


class BoothCheckQuerySet(LeasedQuerySet["BoothCheck"]):
    def visible_to(self, user: User) -> BoothCheckQuerySet:
        """Booth checks of the teams that the user is a member of."""
        return self.filter(applicant__opening__team__memberships__user=user)


class BoothCheck(Leased):
    """The picture's bytes stand in the storage `originals` under `booth/`, what is shown in `previews`."""

    class How(models.TextChoices):
        CAMERA = "camera", "Taken here with the camera"
        UPLOAD = "upload", "Uploaded"

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="booth_checks")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="booth_checks")
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    how = models.CharField(max_length=8, choices=How)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(default=timezone.now)
    result = models.JSONField(default=dict, help_text="Sentences with their uncertainty; no vector, no landmark.")
    has_pictures = models.BooleanField(default=False)

    objects = BoothCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="booth_picture_has_bytes"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="a_running_booth_check_has_a_lease"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="a_failed_booth_check_says_why"),
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"booth check {self.pk}"

    @property
    def original_key(self) -> str:
        return f"booth/{self.pk}/{self.sha256}"

    def picture_key(self, name: str) -> str:
        return f"booth/{self.pk}/{name}.webp"


class BoothAnswer(AppendOnly):
    """What the person who compared says; the newest counts. differs: of Differs, where it is that answer."""

    class Says(models.TextChoices):
        MATCHES = "matches", "Same person, matches"
        DIFFERS = "differs", "Same person, differs in"
        CANNOT_SAY = "cannot-say", "Cannot say"

    class Differs(models.TextChoices):
        HAIR = "hair", "hair"
        AGE = "age", "age"
        WEIGHT = "weight", "weight"
        RETOUCHING = "retouching", "retouching"

    check_of = models.ForeignKey(BoothCheck, on_delete=models.CASCADE, related_name="answers")
    says = models.CharField(max_length=16, choices=Says)
    differs = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(says="differs") & ~Q(differs=[]) | ~Q(says="differs") & Q(differs=[]),
                name="a_booth_answer_says_what_differs",
            )
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return self.get_says_display()
