"""Applicant: a person under an opening, with the headline of what was found kept beside the name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import Case, Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from vetting.models.derived import MOST, SEARCHED, LookedBlind, SearchText, folded, search_text, with_what_is_kept
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
STRENGTHS = ("weak", "moderate", "strong", "conclusive")


class Review(models.TextChoices):
    """Where the person who decides has got to."""

    WAITING = "waiting", "To review"
    ACCEPTED = "accepted", "Accepted"
    ORIGINAL_ASKED = "original-asked", "Original asked for"
    TO_MEET = "to-meet", "To meet"
    SET_ASIDE = "set-aside", "Set aside"
    SECOND = "second", "Waits for a second reviewer"


UNDECIDED = (Review.WAITING, Review.SECOND)
QUEUE_ORDER = ("queue_place", "created_at", "pk")
STEPS = len(STRENGTHS) + 1  # places in the queue that a verdict has, one a strength and one without


def place_of_evidence(verdict: str, strength: str = "") -> int:
    """The place in the queue, from the gravest on: what `queue_place` holds, unless it is looked at blind."""
    firmness = STRENGTHS.index(strength) + 1 if strength in STRENGTHS else 0
    return VERDICT_RANK.get(verdict, NOT_YET) * STEPS - firmness


class ApplicantQuerySet(models.QuerySet["Applicant"]):
    def visible_to(self, user: User) -> ApplicantQuerySet:
        """Applicants of the teams that the user is a member of."""
        return self.filter(opening__in=Opening.objects.visible_to(user))

    def for_dashboard(self, reader: User | None = None) -> ApplicantQuerySet:
        """With the cover photo, who holds the case, `examining` (any photo in work), `blind` (see blind_to), `repeated`
        and `answered`."""
        from vetting.models.analysis import Analysis

        in_work = Analysis.objects.filter(photo__applicant=OuterRef("pk"), state__in=Analysis.IN_WORK)
        rows = self.select_related("cover", "opening", "taken_by").blind_to(reader)
        return rows.annotate(examining=Exists(in_work)).with_repeats().with_answers()

    def with_repeats(self) -> ApplicantQuerySet:
        """With `repeated`: whether a photo's picture also stands for another applicant, backgrounds aside."""
        from vetting.models.across import Repeat

        pairs = Repeat.objects.exclude(kind=Repeat.Kind.SAME_BACKGROUND)
        later, earlier = (pairs.filter(**{f"{side}__applicant": OuterRef("pk")}) for side in ("photo", "of"))
        return self.annotate(repeated=Exists(later) | Exists(earlier))

    def with_answers(self) -> ApplicantQuerySet:
        """With `answered`: whether the candidate has answered what was decided, and nobody has decided since."""
        from vetting.models.reply import ReplyEntry

        entries = ReplyEntry.objects.filter(reply__applicant=OuterRef("pk"), reply__closed_at=None)
        return self.annotate(answered=Exists(entries))

    def blind_to(self, reader: User | None) -> ApplicantQuerySet:
        """With `blind`: whether the machine's findings are hidden until the reader has said what they see.

        They are while the case is undecided. Without a reader they are hidden for whoever it is: a list that forgets to
        say who reads it must not give anything away.
        """
        from vetting.models.first_look import FirstLook

        blind = Q(opening__blind_first=True, review__in=UNDECIDED)
        if reader is not None:
            blind &= Q(~Exists(FirstLook.objects.filter(applicant=OuterRef("pk"), reviewer=reader)))
        return self.annotate(blind=ExpressionWrapper(blind, output_field=models.BooleanField()))

    def hidden_from(self, reader: User) -> ApplicantQuerySet:
        """Those with a photo whose findings this person may not see yet."""
        return self.filter(cover__isnull=False).blind_to(reader).filter(Q(blind=True))

    def undecided_for(self, reader: User) -> ApplicantQuerySet:
        """What waits for this person: the undecided, and what another one proposed and somebody else confirms."""
        return self.filter(Q(review=Review.WAITING) | Q(review=Review.SECOND) & ~Q(proposed_by=reader))

    def not_held_from(self, reader: User) -> ApplicantQuerySet:
        """For lists: few cases are held, and those are looked up. (Taking a case asks the columns of its own row.)"""
        held = Applicant.objects.filter(taken_until__gt=timezone.now(), taken_by__isnull=False).exclude(taken_by=reader)
        return self.exclude(pk__in=held.values("pk"))

    def for_queue(self, reader: User, openings: Iterable[Opening]) -> ApplicantQuerySet:
        """Of these openings, the strongest evidence first, then who has waited longest; those without a verdict last.

        Only what the order needs, all of it in one index (`waits` first): the rows of a page are fetched by their keys.
        """
        return self.filter(waits=1).of_queue(reader, openings)

    def of_queue(self, reader: User, openings: Iterable[Opening]) -> ApplicantQuerySet:
        """The same of the few that are found by something else, such as who holds them."""
        rows = self.filter(opening__in=[opening.pk for opening in openings])
        return rows.undecided_for(reader).order_by(*QUEUE_ORDER)

    def for_page(self) -> ApplicantQuerySet:
        """With photos and who sent them, their analyses (without the bulky result) and the decisions."""
        from vetting.models.analysis import Analysis
        from vetting.models.photo import Photo

        photos = Photo.objects.select_related("uploaded_by")
        analyses = Analysis.objects.select_related("requested_by").defer("result", "versions")
        return self.select_related("opening__team", "cover", "taken_by").prefetch_related(
            Prefetch("photos", photos), Prefetch("photos__analyses", analyses), "decisions__reviewer"
        )

    def matching(self, words: str) -> ApplicantQuerySet:
        """Every word stands in the name, the address or the reference; capitals and accents do not matter."""
        found = self
        for word in folded(words).split():
            found = found.filter(search_text__contains=word)
        return found

    def update(self, **values: Any) -> int:
        """And what is searched, where a part of it is written."""
        if not set(SEARCHED) & set(values):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            keys = list(self.values_list("pk", flat=True))
            changed = super().update(**values)
            for pk, *searched in Applicant.objects.filter(pk__in=keys).values_list("pk", *SEARCHED):
                Applicant.objects.filter(pk=pk).update(search_text=search_text(*searched))
        return changed


# The place of the evidence; of what is looked at blind the one in the middle, whatever was found: it tells nothing.
QUEUE_PLACE = Case(
    When(looked_blind=True, then=Value(place_of_evidence("inconclusive"))),
    default=F("verdict_rank") * Value(STEPS)
    - Case(
        *(When(verdict_strength=word, then=Value(rank)) for rank, word in enumerate(STRENGTHS, start=1)),
        default=Value(0),
        output_field=models.SmallIntegerField(),
    ),
    output_field=models.SmallIntegerField(),
)


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

    search_text = SearchText(max_length=MOST, default="", editable=False)
    looked_blind = LookedBlind(default=False, editable=False)
    # By the database, so that nobody forgets them. waits: 1 while undecided; a number, since SQLite uses no index for a
    # condition that is a column alone.
    waits = models.GeneratedField(
        expression=Case(
            When(review__in=[str(review) for review in UNDECIDED], then=Value(1)),
            default=Value(0),
            output_field=models.SmallIntegerField(),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    queue_place = models.GeneratedField(
        expression=QUEUE_PLACE, output_field=models.SmallIntegerField(), db_persist=True
    )
    proposed_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who made the first decision, while it waits for a second reviewer.",
    )

    taken_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="taken")
    taken_until = models.DateTimeField(null=True, blank=True)

    objects = ApplicantQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="applicant_has_a_name")]
        indexes = [
            models.Index(fields=["opening", "verdict_rank", "-created_at"]),
            models.Index(fields=["opening", "review", "-created_at"]),
            # Searched and ordered by name: all that this needs, of one opening and of all.
            models.Index(fields=["opening", "search_text", "id"], name="applicant_search_in_opening"),
            models.Index(fields=["search_text", "id", "opening"], name="applicant_search"),
            # All that the queue's order needs, so that it is read off the index alone.
            models.Index(
                fields=["waits", "queue_place", "created_at", "id", "opening", "review", "proposed_by"],
                name="applicant_queue",
            ),
            models.Index(fields=["taken_until"], name="applicant_held"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().save(*args, update_fields=with_what_is_kept(update_fields), **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("applicant", args=[self.pk])

    @property
    def holder(self) -> User | None:
        """Who has taken the case, while the hold lasts."""
        holds = self.taken_until is not None and self.taken_until > timezone.now()
        return self.taken_by if holds else None
