"""Desk: what people keep for themselves and tell one another: saved views, notes, mentions."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse

from vetting.models.applicant import Applicant
from vetting.models.opening import Opening
from vetting.models.team import Team, User


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """The user's own, and what others of the user's teams share."""
        return self.filter(Q(user=user) | Q(shared=True), team__memberships__user=user)

    def for_list(self, opening: Opening | None) -> SavedViewQuerySet:
        """Those of one opening's list, or of the queue, with who saved them; by name."""
        return self.filter(opening=opening).select_related("user", "opening").order_by("name", "pk")


class SavedView(models.Model):
    """Filters under a name. opening: whose list they are of; without one, of the queue.

    query: parameters of that list alone, as they stand behind the question mark; no address is ever kept.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="saved_views")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    opening = models.ForeignKey(Opening, on_delete=models.CASCADE, null=True, blank=True, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=3000)  # 200 characters of any script, percent-encoded, and filters
    shared = models.BooleanField(default=False, help_text="With the team.")
    saved_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="a_saved_view_has_a_name_and_filters"),
            models.UniqueConstraint(
                fields=["user", "team", "name"], condition=Q(opening=None), name="one_view_of_the_queue_a_name"
            ),
            models.UniqueConstraint(
                fields=["user", "opening", "name"], condition=~Q(opening=None), name="one_view_of_an_opening_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        page = reverse("opening", args=[self.opening_id]) if self.opening_id else reverse("queue")
        return f"{page}?{self.query}"


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: User) -> NoteQuerySet:
        """Notes of the teams that the user is a member of."""
        return self.filter(applicant__opening__team__memberships__user=user)

    def for_page(self, applicant: Applicant) -> NoteQuerySet:
        """Oldest first, with who wrote them and who is mentioned."""
        mentions = Prefetch("mentions", Mention.objects.select_related("user"))
        return self.filter(applicant=applicant).select_related("author").prefetch_related(mentions)


class Note(models.Model):
    """What members of the team tell one another about an applicant; no part of a decision, and in no report."""

    applicant = models.ForeignKey(Applicant, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="Then the text is gone.")

    objects = NoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) & ~Q(text="") | Q(withdrawn_at__isnull=False, text=""),
                name="a_note_has_a_text_until_it_is_taken_back",
            )
        ]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"note {self.pk} by {self.author}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A note is never changed, only taken back.")
        super().save(*args, **kwargs)


class MentionQuerySet(models.QuerySet["Mention"]):
    def of(self, user: User) -> MentionQuerySet:
        """Of this person, in teams that the person is a member of."""
        return self.filter(user=user, note__applicant__opening__team__memberships__user=user)

    def unseen(self) -> MentionQuerySet:
        return self.filter(seen_at=None)

    def for_list(self) -> MentionQuerySet:
        """Unseen first, then the newest, with note, author and applicant."""
        rows = self.select_related("note__author", "note__applicant__opening")
        return rows.order_by(F("seen_at").desc(nulls_first=True), "-pk")


class Mention(models.Model):
    """Somebody of the team who is named in a note."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="one_mention_a_note_and_person")]
        indexes = [models.Index(fields=["user", "seen_at"], name="mention_unseen")]
        ordering = [F("pk").asc()]

    def __str__(self) -> str:
        return f"{self.user} in {self.note}"
