"""Opening: the job or casting call an applicant applies to."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse

from vetting.models.team import Team, User


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, user: User) -> OpeningQuerySet:
        """Openings of the teams that the user is a member of."""
        return self.filter(team__memberships__user=user)

    def for_list(self) -> OpeningQuerySet:
        """With `applicant_count`, `waiting_count` (undecided) and `examining_count` (photos in work)."""
        return (
            self.select_related("team")
            .annotate(
                applicant_count=Count("applicants", distinct=True),
                waiting_count=Count("applicants", filter=Q(applicants__review="waiting"), distinct=True),
                examining_count=Count(
                    "applicants__photos__analyses",
                    filter=Q(applicants__photos__analyses__state__in=["queued", "running"]),
                    distinct=True,
                ),
            )
            .order_by("closed_at", "-created_at")
        )


class Opening(models.Model):
    """Holds the photo policy, the reason a photo is needed, the retention."""

    class Retouching(models.TextChoices):
        STRICT = "strict", "Not tolerated (casting: the picture must match the person)"
        LENIENT = "lenient", "Tolerated (office: ordinary retouching is fine)"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="openings")
    title = models.CharField(max_length=200)
    photo_reason = models.TextField(blank=True, help_text="Why a photo is needed; candidates are told.")
    retouching = models.CharField(max_length=16, choices=Retouching, default=Retouching.STRICT)
    retention_days = models.PositiveIntegerField(default=180)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="opening_has_a_title"),
            models.CheckConstraint(condition=Q(retention_days__gte=1), name="opening_keeps_a_day_at_least"),
        ]
        indexes = [models.Index(fields=["team", "-created_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("opening", args=[self.pk])
