"""Bulk: many photos at once, as a plan that is looked at first, carried out once, resumed and undone."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse

from vetting.models.applicant import Applicant
from vetting.models.opening import Opening
from vetting.models.photo import Photo
from vetting.models.team import User


class BulkQuerySet(models.QuerySet["Bulk"]):
    def visible_to(self, user: User) -> BulkQuerySet:
        """Imports into openings of the teams that the user is a member of."""
        return self.filter(opening__team__memberships__user=user)

    def for_list(self) -> BulkQuerySet:
        """Newest first, with opening and author."""
        return self.select_related("opening__team", "created_by").order_by("-created_at", "-pk")

    def for_opening_page(self, opening: Opening) -> BulkQuerySet:
        """What is being read, waits for a word, is imported or taken back; newest first."""
        return self.filter(UNDER_WAY | Q(state="planned"), opening=opening).order_by("-pk")

    def under_way(self) -> BulkQuerySet:
        """What a worker has to do with."""
        return self.filter(UNDER_WAY)

    def free(self, now: dt.datetime) -> BulkQuerySet:
        """In no worker's hands."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lte=now))

    def forgotten(self, now: dt.datetime, queued_too_long: dt.timedelta) -> BulkQuerySet:
        """What the sweep rings for again: lost by its worker, or let go long ago and not taken since."""
        return self.under_way().filter(lease_until__lt=now - queued_too_long)


# Being read (once all of it is here), being imported, or being taken back.
UNDER_WAY = Q(state="reading", started_at__isnull=False) | Q(state="running") | Q(state="done", undone_at__isnull=False)


class Bulk(models.Model):
    """One import. The archive stands in the storage `default` under `key` until the import has ended."""

    class State(models.TextChoices):
        READING = "reading", "Being read"
        PLANNED = "planned", "Waiting for your word"
        RUNNING = "running", "Being imported"
        DONE = "done", "Imported"
        FAILED = "failed", "Failed"
        UNDONE = "undone", "Undone"

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="bulks")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    key = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    error = models.TextField(blank=True, help_text="A sentence for the recruiter.")
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = BulkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="a_failed_import_says_why"),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("bulk", args=[self.pk])

    @property
    def is_folder(self) -> bool:
        """Files each on their own under `key`, in place of one archive."""
        return self.key.endswith("/")

    @property
    def collecting(self) -> bool:
        """Files of it are still being sent."""
        return self.state == self.State.READING and self.started_at is None

    @property
    def being_undone(self) -> bool:
        return self.state == self.State.DONE and self.undone_at is not None


class BulkRowQuerySet(models.QuerySet["BulkRow"]):
    def count_by_state(self) -> dict[str, int]:
        """State -> rows."""
        return dict(self.order_by().values_list("state").annotate(Count("pk")))


class BulkRow(models.Model):
    """One photo of the import, or one line of its table that has none."""

    class State(models.TextChoices):
        READY = "ready", "Will be imported"
        REFUSED = "refused", "Cannot be imported"
        DONE = "done", "Imported"
        KNOWN = "known", "Was there already"
        FAILED = "failed", "Could not be imported"
        UNDONE = "undone", "Taken back"

    bulk = models.ForeignKey(Bulk, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="As in the table, from 1.")
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    entry = models.CharField(max_length=500, blank=True, help_text="The photo's path in the archive.")
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    message = models.TextField(blank=True, help_text="A sentence: what is wrong, or what to know.")
    applicant = models.ForeignKey(Applicant, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    added_applicant = models.BooleanField(default=False, help_text="Whether this row brought the applicant in.")
    photo = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects = BulkRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulk", "number"], name="one_import_row_a_number")]
        indexes = [models.Index(fields=["bulk", "state", "number"])]
        ordering = [F("number").asc()]

    def __str__(self) -> str:
        return f"{self.number}: {self.name}"
