"""Photo: the untouched original bytes, as a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.storage import storages
from django.db import models
from django.db.models import Prefetch, Q

from vetting.models.applicant import Applicant
from vetting.models.candidate import CandidateLink
from vetting.models.team import User

if TYPE_CHECKING:
    from vetting.models.analysis import Analysis


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(self, user: User) -> PhotoQuerySet:
        """Photos of the teams that the user is a member of."""
        return self.filter(applicant__opening__team__memberships__user=user)

    def for_history(self) -> PhotoQuerySet:
        """With whose it is, who uploaded it, and all its analyses (without the bulky result)."""
        from vetting.models.analysis import Analysis

        analyses = Analysis.objects.select_related("requested_by").defer("result", "versions")
        rows = self.select_related("applicant__opening__team", "uploaded_by")
        return rows.prefetch_related(Prefetch("analyses", analyses))


class Photo(models.Model):
    """The bytes stand in the storage `originals` under their SHA-256 and are never served."""

    class Preview(models.TextChoices):
        """Re-encoded, without metadata; made by the worker."""

        LARGE = "large", "1600 px"
        SMALL = "small", "240 px"

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file_name = models.CharField(max_length=255, help_text="As it was called when it came in.")
    has_preview = models.BooleanField(default=False)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    link = models.ForeignKey(
        CandidateLink,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="photos",
        help_text="By which the candidate sent it.",
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["applicant", "sha256"], name="one_photo_per_bytes_and_applicant"),
            models.CheckConstraint(condition=Q(size__gt=0), name="photo_has_bytes"),
            models.CheckConstraint(
                condition=Q(uploaded_by=None, link__isnull=False) | Q(uploaded_by__isnull=False, link=None),
                name="a_photo_came_from_a_member_or_the_candidate",
            ),
        ]
        indexes = [models.Index(fields=["sha256"])]
        ordering = ["uploaded_at", "pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def giver(self) -> str:
        """Who sent it, in words."""
        return str(self.uploaded_by) if self.uploaded_by else "the candidate"

    @property
    def original_key(self) -> str:
        """Where the bytes stand in the storage `originals`: content-addressed."""
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"

    def preview_key(self, size: Photo.Preview) -> str:
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}.{size.value}.webp"

    def read_original(self) -> bytes:
        """The untouched bytes; OSError if they are gone."""
        with storages["originals"].open(self.original_key) as original:
            data: bytes = original.read()
        return data

    @property
    def latest_analysis(self) -> Analysis | None:
        """The newest analysis in whatever state; uses a prefetch where there is one."""
        analyses = sorted(self.analyses.all(), key=lambda analysis: analysis.pk)
        return analyses[-1] if analyses else None

    @property
    def latest_result(self) -> Analysis | None:
        """The newest finished analysis; uses a prefetch where there is one."""
        done = [analysis for analysis in self.analyses.all() if analysis.state == "done"]
        return max(done, key=lambda analysis: analysis.pk, default=None)
