"""Across applicants: hashes of what a picture shows, and where the same picture stands under another name.

A hash is of the picture, not of a face: it tells a copy of the same picture, and cannot tell a person.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from vetting.models.applicant import Applicant
from vetting.models.photo import Photo


class PictureHash(models.Model):
    """A perceptual hash of one part of a photo, as 64 hex digits."""

    class Part(models.TextChoices):
        WHOLE = "whole", "The whole picture"
        HEAD = "head", "The part around the head"
        BACKGROUND = "background", "The background"

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="hashes")
    part = models.CharField(max_length=16, choices=Part)
    value = models.CharField(max_length=64)
    quality = models.PositiveSmallIntegerField(help_text="0 to 100: how much there is in the picture to hash.")
    version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "part"], name="one_hash_a_part_and_photo")]
        verbose_name_plural = "picture hashes"

    def __str__(self) -> str:
        return f"{self.part} of {self.photo}"


class RepeatQuerySet(models.QuerySet["Repeat"]):
    def for_page(self, photo: Photo) -> RepeatQuerySet:
        """The pairs of one photo, whichever of the two it is, with both applicants. photo: with its applicant."""
        return self.filter(Q(photo=photo) | Q(of=photo))._within(photo.applicant)

    def for_report(self, applicant: Applicant) -> RepeatQuerySet:
        """The pairs of all photos of an applicant, with both applicants."""
        return self.filter(Q(photo__applicant=applicant) | Q(of__applicant=applicant))._within(applicant)

    def _within(self, applicant: Applicant) -> RepeatQuerySet:
        """Within the applicant's team alone: a pair is only ever made there, and only ever shown there."""
        team = applicant.opening.team_id
        pairs = self.filter(photo__applicant__opening__team=team, of__applicant__opening__team=team)
        return pairs.select_related("photo__applicant__opening", "of__applicant__opening")


class Repeat(models.Model):
    """Two photos of different applicants that show the same picture, or people before the same background."""

    class Kind(models.TextChoices):
        SAME_FILE = "same-file", "The same file"
        SAME_PICTURE = "same-picture", "The same picture, saved again"
        MIRRORED = "mirrored", "The same picture, mirrored"
        CROPPED = "cropped", "The same picture, cropped otherwise"
        SAME_BACKGROUND = "same-background", "The same background behind another person"

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="repeats", help_text="The later one.")
    of = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="repeated_by", help_text="The earlier one.")
    kind = models.CharField(max_length=16, choices=Kind)
    distance = models.PositiveSmallIntegerField(help_text="Bits of 256 that differ.")
    found_at = models.DateTimeField(auto_now_add=True)

    objects = RepeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "of"], name="one_repeat_a_pair"),
            models.CheckConstraint(condition=~Q(photo=F("of")), name="a_photo_is_no_repeat_of_itself"),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.photo} repeats {self.of}"

    def other_than(self, photo: Photo) -> Photo:
        """The pair's other photo."""
        return self.of if self.photo_id == photo.pk else self.photo
