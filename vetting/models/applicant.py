"""Applicant: a person under an opening, with the headline of what was found kept beside the name."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse

from vetting.models.opening import Opening
from vetting.models.team import User

VERDICTS = [
    ("declared-generated", "Declared as generated"),
    ("generated", "Generated"),
    ("retouched", "Retouched"),
    ("inconclusive", "Inconclusive"),
    ("unexamined", "Not examined"),
    ("nothing-found", "Nothing found"),
    ("verified-capture", "Verified capture"),
]
VERDICT_RANK = {code: rank for rank, (code, _) in enumerate(VERDICTS, start=1)}
NOT_YET = len(VERDICTS) + 1


class Review(models.TextChoices):
    """Where the person who decides has got to."""

    WAITING = "waiting", "To review"
    ACCEPTED = "accepted", "Accepted"
    ORIGINAL_ASKED = "original-asked", "Original asked for"
    TO_MEET = "to-meet", "To meet"
    SET_ASIDE = "set-aside", "Set aside"


class ApplicantQuerySet(models.QuerySet["Applicant"]):
    def visible_to(self, user: User) -> ApplicantQuerySet:
        """Applicants of the teams that the user is a member of."""
        return self.filter(opening__team__memberships__user=user)

    def for_dashboard(self) -> ApplicantQuerySet:
        """With the cover photo, and `examining`: whether any of the photos is in work."""
        from vetting.models.analysis import Analysis

        in_work = Analysis.objects.filter(photo__applicant=OuterRef("pk"), state__in=Analysis.IN_WORK)
        return self.select_related("cover", "opening").annotate(examining=Exists(in_work))

    def for_queue(self) -> ApplicantQuerySet:
        """The undecided, gravest verdict first, then who has waited longest; those without a verdict last."""
        return self.for_dashboard().filter(review=Review.WAITING).order_by("verdict_rank", "created_at", "pk")

    def for_page(self) -> ApplicantQuerySet:
        """With photos, their analyses (without the bulky result) and the decisions."""
        from vetting.models.analysis import Analysis

        analyses = Analysis.objects.select_related("requested_by").defer("result", "versions")
        return self.select_related("opening__team", "cover").prefetch_related(
            Prefetch("photos__analyses", analyses), "decisions__reviewer"
        )

    def matching(self, words: str) -> ApplicantQuerySet:
        """Every word stands in the name, the address or the reference."""
        found = self
        for word in words.split():
            found = found.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(reference__icontains=word))
        return found


class Applicant(models.Model):
    """The verdict_* columns repeat the gravest current verdict of the photos; analysis.py alone writes them."""

    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, related_name="applicants")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    reference = models.CharField(max_length=100, blank=True, help_text="Your own number or link for this person.")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    cover = models.ForeignKey("vetting.Photo", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    verdict = models.CharField(max_length=32, choices=VERDICTS, blank=True)
    verdict_rank = models.PositiveSmallIntegerField(default=NOT_YET)
    verdict_strength = models.CharField(max_length=16, blank=True)
    verdict_reason = models.TextField(blank=True)
    verdict_at = models.DateTimeField(null=True, blank=True)

    review = models.CharField(max_length=16, choices=Review, default=Review.WAITING)
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = ApplicantQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="applicant_has_a_name")]
        indexes = [
            models.Index(fields=["opening", "verdict_rank", "-created_at"]),
            models.Index(fields=["opening", "review", "-created_at"]),
            models.Index(fields=["opening", "name"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("applicant", args=[self.pk])
