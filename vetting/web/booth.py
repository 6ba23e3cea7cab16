"""What the pages of the booth check show: the applicant's panel, the page that takes, the page that compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Prefetch
from django.utils.dateparse import parse_datetime

from vetting.booth.answering import MOST, answer_words
from vetting.booth.erasing import is_erased
from vetting.candidate.consents import consent_of, covers
from vetting.candidate.notices import notice_for
from vetting.intake import Refused
from vetting.models import Applicant, BoothAnswer, BoothCheck, Consent, Notice, Photo
from vetting.web.access import Rights

SECTION = "If you meet in person"  # of the notice: what concerns the booth picture alone
SECTION_LIKENESS = "The likeness score"
NO_PICTURE = "No picture came along. Take one with the camera, or choose a file, and send it again."


class BoothAnswerForm(forms.Form):
    """Whether the ticks fit what is said is asked by answering.py."""

    says = forms.ChoiceField(
        choices=BoothAnswer.Says.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the three answers.", "invalid_choice": "Choose one of the three."},
    )
    differs = forms.MultipleChoiceField(
        choices=BoothAnswer.Differs.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Tick hair, age, weight or retouching."},
    )
    note = forms.CharField(
        max_length=MOST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": f"Please use {MOST:,} characters at most for the note."},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer in words. counts: the newest one."""

    answer: BoothAnswer
    words: str
    counts: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One check with its answers. blind: the reader has not said yet what they see in the photo."""

    check: BoothCheck
    blind: bool

    @cached_property
    def given(self) -> tuple[Given, ...]:
        """Newest first; before the reader's first look those of others stay hidden."""
        newest = sorted(self.check.answers.all(), key=lambda answer: -answer.pk) if not self.blind else []
        return tuple(
            Given(answer=answer, words=answer_words(answer.says, answer.differs), counts=at == 0)
            for at, answer in enumerate(newest)
        )

    @property
    def erased_at(self) -> Any:
        return parse_datetime(self.check.result["erased_at"]) if is_erased(self.check) else None

    @property
    def aligned(self) -> bool:
        return self.check.has_pictures and self.check.state == "done"

    @property
    def differences(self) -> Sequence[Mapping[str, Any]]:
        return () if self.blind else self.check.result.get("differences", [])

    @property
    def beyond(self) -> list[Mapping[str, Any]]:
        """More than two photos of one person usually differ."""
        return [one for one in self.differences if one["beyond"]]

    @property
    def within(self) -> list[Mapping[str, Any]]:
        return [one for one in self.differences if not one["beyond"]]

    @property
    def not_measured(self) -> Sequence[Mapping[str, str]]:
        return () if self.blind else self.check.result.get("not_measured", [])

    @property
    def likeness(self) -> Mapping[str, str] | None:
        return None if self.blind else self.check.result.get("likeness")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoothPanel:
    """On the applicant's page."""

    sheets: tuple[Sheet, ...]
    may_take: bool


def booth_panel(applicant: Applicant, rights: Rights, *, blind: bool) -> BoothPanel:
    """Newest first; two queries, however many there are (one where there is none)."""
    answers = BoothAnswer.objects.select_related("by")
    checks = BoothCheck.objects.filter(applicant=applicant).select_related("photo", "taken_by").order_by("-pk")
    return BoothPanel(
        sheets=tuple(
            Sheet(check=check, blind=blind) for check in checks.prefetch_related(Prefetch("answers", answers))
        ),
        may_take=rights.meets_in(applicant.opening),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the page that takes the picture shows. agreed: the consent in force under the notice in force."""

    applicant: Applicant
    notice: Notice
    agreed: Consent | None
    scores: bool
    score_agreed: bool
    photos: tuple[Photo, ...]
    photo: Photo | None

    @property
    def told(self) -> list[str]:
        return _paragraphs(self.notice, SECTION)

    @property
    def told_of_scores(self) -> list[str]:
        return _paragraphs(self.notice, SECTION_LIKENESS)


def desk_of(applicant: Applicant, asked: str | None) -> Desk:
    """asked: the key of the photo to compare with; without a good one, the one that stands for the applicant."""
    notice, photos = notice_for(applicant.opening), tuple(applicant.photos.all())
    agreed = consent_of(applicant, Consent.Kind.BOOTH)
    scored = consent_of(applicant, Consent.Kind.LIKENESS)
    return Desk(
        applicant=applicant,
        notice=notice,
        agreed=agreed if covers(agreed, notice) else None,
        scores=applicant.opening.team.likeness,
        score_agreed=covers(scored, notice),
        photos=photos,
        photo=_chosen(photos, asked) or _chosen(photos, str(applicant.cover_id)) or next(iter(photos), None),
    )


def photo_of(desk: Desk, asked: str | None) -> Photo:
    """The photo that was chosen on the page. Raises Refused."""
    if found := _chosen(desk.photos, asked):
        return found
    raise Refused("Choose one of this applicant’s photos to compare with.")


def _chosen(photos: Iterable[Photo], asked: str | None) -> Photo | None:
    return next((photo for photo in photos if str(photo.pk) == asked), None)


def _paragraphs(notice: Notice, title: str) -> list[str]:
    return [line for section in notice.text if section["title"] == title for line in section["paragraphs"]]
