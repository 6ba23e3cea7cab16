"""Opening: the job or casting call an applicant applies to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from vetting.models.team import Team, User


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, user: User) -> OpeningQuerySet:
        """Openings of the teams that the user is a member of."""
        return self.filter(team__memberships__user=user)

    def for_list(self) -> OpeningQuerySet:
        """With `applicant_count` and `waiting_count` (undecided), each counted on an index of its own."""
        from vetting.models.applicant import UNDECIDED, Applicant

        people = Applicant.objects.order_by().filter(opening=OuterRef("pk"))
        rows = self.select_related("team").annotate(
            applicant_count=_count(people), waiting_count=_count(people.filter(review__in=UNDECIDED))
        )
        return rows.order_by("closed_at", "-created_at")

    def listed(self) -> list[Opening]:
        """Of rows from for_list(): with `examining_count` (photos in work), counted from those few at once."""
        from vetting.models.analysis import Analysis

        rows = list(self)
        in_work = Analysis.objects.filter(state__in=Analysis.IN_WORK, photo__applicant__opening__in=rows)
        counts = in_work.order_by().values_list("photo__applicant__opening").annotate(Count("pk"))
        examining = dict(counts)
        for row in rows:
            row.examining_count = examining.get(row.pk, 0)  # type: ignore[attr-defined]
        return rows

    def update(self, **values: Any) -> int:
        """And the copy that the applicants keep of `blind_first`."""
        if "blind_first" not in values:
            return super().update(**values)
        with transaction.atomic(using=self.db):
            keys = list(self.values_list("pk", flat=True))
            changed = super().update(**values)
            for opening in Opening.objects.filter(pk__in=keys):
                opening.tell_applicants()
        return changed


def _count(rows: models.QuerySet[Any]) -> Coalesce:
    """How many of these rows each opening has. rows: those of one opening, the outer one."""
    counted = rows.values("opening").annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)


class Opening(models.Model):
    """Holds the photo policy, the reason a photo is needed, the retention."""

    class Retouching(models.TextChoices):
        STRICT = "strict", "Not tolerated (casting: the picture must match the person)"
        LENIENT = "lenient", "Tolerated (office: ordinary retouching is fine)"

    class Deciders(models.TextChoices):
        ANY = "any", "Every member of the team"
        REVIEWERS = "reviewers", "Reviewers and admins"

    class SecondReview(models.TextChoices):
        NEVER = "never", "One reviewer decides"
        SET_ASIDE = "set-aside", "A second reviewer confirms before anybody is set aside"
        ALWAYS = "always", "A second reviewer confirms every decision"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="openings")
    title = models.CharField(max_length=200)
    photo_reason = models.TextField(blank=True, help_text="Why a photo is needed; candidates are told.")
    retouching = models.CharField(max_length=16, choices=Retouching, default=Retouching.STRICT)
    retention_days = models.PositiveIntegerField(default=180)
    retention_not_before = models.DateTimeField(
        null=True, blank=True, help_text="After the days were made fewer: nobody is deleted by them before this."
    )
    reply_days = models.PositiveSmallIntegerField(default=14, help_text="How long a candidate has to answer.")
    deciders = models.CharField(max_length=16, choices=Deciders, default=Deciders.ANY)
    second_review = models.CharField(max_length=16, choices=SecondReview, default=SecondReview.NEVER)
    blind_first = models.BooleanField(default=False, help_text="Reviewers say what they see before findings are shown.")
    blur_faces = models.BooleanField(default=False, help_text="In lists, until a case is opened.")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OpeningQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="opening_has_a_title"),
            models.CheckConstraint(condition=Q(retention_days__gte=1), name="opening_keeps_a_day_at_least"),
            models.CheckConstraint(condition=Q(reply_days__gte=1), name="opening_waits_a_day_at_least"),
        ]
        indexes = [models.Index(fields=["team", "-created_at"])]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        known = self.pk is not None
        super().save(*args, update_fields=update_fields, **kwargs)
        if known and (update_fields is None or "blind_first" in update_fields):
            self.tell_applicants()

    def get_absolute_url(self) -> str:
        return reverse("opening", args=[self.pk])

    def tell_applicants(self) -> None:
        """Writes the copy of `blind_first` that they keep for the queue's order."""
        self.applicants.exclude(looked_blind=self.blind_first).update(looked_blind=self.blind_first)
