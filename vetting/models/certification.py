"""Certification: a team's own photos, known to be real, and what the checks said of each."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.urls import reverse

from vetting.models.applicant import VERDICTS
from vetting.models.leased import Leased, LeasedQuerySet, State
from vetting.models.team import Team, User


class CertificationQuerySet(models.QuerySet["Certification"]):
    def visible_to(self, user: User) -> CertificationQuerySet:
        """Certifications of the teams that the user is a member of."""
        return self.filter(team__memberships__user=user)

    def for_list(self) -> CertificationQuerySet:
        """Newest first, with team and author."""
        return self.select_related("team", "created_by").order_by("-created_at", "-pk")


class Certification(models.Model):
    """Whoever made it has confirmed that the photos came from a camera. Nobody in them is an applicant."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="certifications")
    name = models.CharField(max_length=200)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    removed = models.PositiveIntegerField(default=0, help_text="Photos taken out again after they were examined.")
    removed_alarms = models.PositiveIntegerField(default=0, help_text="Those of them that had raised an alarm.")

    objects = CertificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="certification_has_a_name"),
            models.UniqueConstraint(fields=["team", "name"], name="one_certification_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("certification", args=[self.pk])


class CertificationPhotoQuerySet(LeasedQuerySet["CertificationPhoto"]):
    def in_flight(self, now: dt.datetime, queued_too_long: dt.timedelta) -> CertificationPhotoQuerySet:
        """Rung for a moment ago, or in a worker's hands."""
        rung = Q(state=State.QUEUED, rung_at__gte=now - queued_too_long)
        return self.filter(rung | Q(state=State.RUNNING, lease_until__gte=now))

    def to_ring(self, now: dt.datetime, queued_too_long: dt.timedelta) -> CertificationPhotoQuerySet:
        """Never rung for, rung for in vain, or lost by a worker; oldest first."""
        never = Q(state=State.QUEUED, rung_at=None)
        in_vain = Q(state=State.QUEUED, rung_at__lt=now - queued_too_long)
        return self.filter(never | in_vain | Q(state=State.RUNNING, lease_until__lt=now)).order_by("pk")

    def with_leftover_bytes(self) -> CertificationPhotoQuerySet:
        """Examined, and the bytes still there: somebody was killed before deleting them."""
        return self.filter(state__in=[State.DONE, State.FAILED]).exclude(stored_as="")


class CertificationPhoto(Leased):
    """One photo. Its bytes are stored until it has been examined, and no longer; hash and result stay."""

    certification = models.ForeignKey(Certification, on_delete=models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=255, help_text="As it was called when it came in.")
    stored_as = models.CharField(max_length=100, blank=True, help_text="Key of the bytes; empty once they are deleted.")
    added_at = models.DateTimeField(auto_now_add=True)
    rung_at = models.DateTimeField(null=True, blank=True, help_text="When the doorbell was last rung.")

    verdict = models.CharField(max_length=32, choices=VERDICTS, blank=True)
    score = models.FloatField(null=True, blank=True)
    judged = models.BooleanField(default=False, help_text="Whether a check could look that may raise an alarm.")
    summary = models.TextField(blank=True, help_text="The verdict in a sentence, and what carries it.")
    versions = models.JSONField(default=dict, help_text="Policy and detectors it ran with, by name.")

    objects = CertificationPhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certification", "sha256"], name="one_photo_per_bytes_and_certification"),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(verdict="") & Q(finished_at__isnull=False)),
                name="an_examined_certification_photo_has_a_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False),
                name="a_running_certification_photo_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="a_failed_certification_photo_says_why"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1),
                name="a_certification_score_is_a_probability",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="certphoto_state_lease"),
            models.Index(fields=["certification", "verdict"], name="certphoto_cert_verdict"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def alarm(self) -> bool:
        """The pixels of a photo that is known to be real were called generated."""
        return self.verdict == "generated"
