"""One applicant's evidence as frozen facts: the single source of the PDF, the JSON and the CSV.

The number of queries does not depend on how many photos, analyses, findings, decisions or events there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from vetting import audit
from vetting.certify.standing import in_force_words
from vetting.models import Analysis, Applicant, Decision, Event, Opening, Photo, Repeat, Team, User
from vetting.report import words
from vetting.report.candidate_says import CandidateSays, candidate_says
from vetting.report.first_looks import FirstLookEvidence, first_looks
from vetting.report.meetings import MeetingEvidence, meetings
from vetting.report.photo_evidence import PhotoEvidence, photo_evidence, strength_rank
from vetting.report.plain import person, utc
from vetting.report.replies import ReplyEvidence, replies

REPORT = 1  # version of the shape; raised when a key is removed or changes its meaning
PAIRS = 200  # of an applicant's photos with others'; a silhouette that a form hands out stands under hundreds of names


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvidence:
    """proposed: did not count until a second reviewer decided. confirms: is such a second reviewer's."""

    decided_at: str
    reviewer: str
    choice: str
    choice_title: str
    reason: str
    verdict: str
    verdict_title: str
    analysis: int | None
    proposed: bool
    confirms: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEvidence:
    """One event as the chain has it: with team and actor_id its digest can be computed again from these keys.

    From version 2 on it covers `sealed`, the SHA-256 over salt and canonical data, in place of the data.
    fits: whether that gave the digest of the row, at export.
    """

    number: int
    at: str
    team: int
    actor: str
    actor_id: int | None
    verb: str
    subject: str
    data: dict[str, Any]
    version: int
    salt: str
    sealed: str
    previous: str
    digest: str
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantEvidence:
    """What a report on one applicant says. All moments are ISO 8601 in UTC."""

    report: int
    id: str
    exported_at: str
    exported_by: str
    team: dict[str, Any]
    opening: dict[str, Any]
    applicant: dict[str, Any]
    photos: tuple[PhotoEvidence, ...]
    candidate: CandidateSays
    first_looks: tuple[FirstLookEvidence, ...]
    meetings: tuple[MeetingEvidence, ...]
    replies: tuple[ReplyEvidence, ...]
    decisions: tuple[DecisionEvidence, ...]
    events: tuple[EventEvidence, ...]
    scales: dict[str, list[dict[str, str]]]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantLine:
    """One applicant in the table of an opening."""

    applicant: Applicant
    photos: int
    decision: Decision | None


def collect_applicant(applicant: Applicant, *, by: User) -> ApplicantEvidence:
    """Reads the rows anew, and every original's bytes once, for their hash."""
    now = timezone.now()
    current = Applicant.objects.select_related("opening__team", "created_by").get(pk=applicant.pk)
    photos = list(_photos(current))
    pairs = list(Repeat.objects.for_report(current)[:PAIRS])
    team = current.opening.team
    return ApplicantEvidence(
        report=REPORT,
        id=f"{team.pk}-{current.pk}-{now:%Y%m%dT%H%M%SZ}",
        exported_at=utc(now),
        exported_by=person(by),
        team={"id": team.pk, "name": team.name},
        opening=opening_facts(current.opening),
        applicant=_applicant(current),
        photos=tuple(photo_evidence(photo, pairs) for photo in photos),
        candidate=candidate_says(current),
        first_looks=first_looks(current),
        meetings=meetings(current),
        replies=replies(current),
        decisions=tuple(_decisions(current)),
        events=tuple(_events(current, photos)),
        scales=scales(),
        limits=(*words.LIMITS, *certified(team)),
    )


def collect_opening(opening: Opening, *, only: Sequence[int] | None = None) -> list[ApplicantLine]:
    """Every applicant of the opening, gravest verdict first as on the page, with the latest decision that counts.

    only: ids of those that are wanted.
    """
    decisions = Decision.objects.select_related("reviewer").order_by("pk")
    chosen = {} if only is None else {"pk__in": only}
    applicants = (
        Applicant.objects.filter(opening=opening, **chosen)
        .prefetch_related("photos", Prefetch("decisions", decisions))
        .order_by("verdict_rank", "-created_at", "-pk")
    )
    return [
        ApplicantLine(
            applicant=applicant,
            photos=len(applicant.photos.all()),
            decision=next((made for made in reversed(applicant.decisions.all()) if not made.proposed), None),
        )
        for applicant in applicants
    ]


def certified(team: Team) -> list[str]:
    """The rate of false alarms that the team's own photos support, where a check on them is in force."""
    sentence = in_force_words(team, whose="the team’s own")
    return [sentence] if sentence else []


def _photos(applicant: Applicant) -> Sequence[Photo]:
    analyses = Analysis.objects.select_related("requested_by").prefetch_related("findings").order_by("pk")
    photos = applicant.photos.select_related("uploaded_by")
    return list(photos.prefetch_related(Prefetch("analyses", analyses), "hashes"))


def opening_facts(opening: Opening) -> dict[str, Any]:
    return {
        "id": opening.pk,
        "title": opening.title,
        "photo_reason": opening.photo_reason,
        "retouching": opening.retouching,
        "retouching_words": opening.get_retouching_display(),
        "retention_days": opening.retention_days,
        "reply_days": opening.reply_days,
        "deciders": opening.deciders,
        "deciders_words": opening.get_deciders_display(),
        "second_review": opening.second_review,
        "second_review_words": opening.get_second_review_display(),
        "blind_first": opening.blind_first,
        "blur_faces": opening.blur_faces,
    }


def _applicant(applicant: Applicant) -> dict[str, Any]:
    return {
        "id": applicant.pk,
        "name": applicant.name,
        "email": applicant.email,
        "reference": applicant.reference,
        "added_at": utc(applicant.created_at),
        "added_by": person(applicant.created_by),
        "verdict": applicant.verdict,
        "verdict_title": applicant.get_verdict_display(),
        "verdict_strength": applicant.verdict_strength,
        "verdict_rank": strength_rank(applicant.verdict_strength),
        "verdict_reason": applicant.verdict_reason,
        "review": applicant.review,
        "review_title": applicant.get_review_display(),
    }


def _decisions(applicant: Applicant) -> list[DecisionEvidence]:
    made = Decision.objects.filter(applicant=applicant).select_related("reviewer").order_by("pk")
    return [decision_evidence(decision) for decision in made]


def decision_evidence(decision: Decision) -> DecisionEvidence:
    """Of a decision with its reviewer fetched."""
    return DecisionEvidence(
        decided_at=utc(decision.decided_at),
        reviewer=person(decision.reviewer),
        choice=decision.choice,
        choice_title=decision.get_choice_display(),
        reason=decision.reason,
        verdict=decision.verdict,
        verdict_title=decision.get_verdict_display() or "No verdict yet",
        analysis=decision.analysis_id,
        proposed=decision.proposed,
        confirms=decision.seconds_id is not None,
    )


def _events(applicant: Applicant, photos: Sequence[Photo]) -> list[EventEvidence]:
    """The part of the team's chain that is about this applicant, the photos and their analyses."""
    subjects = [f"applicant:{applicant.pk}"]
    subjects += [f"photo:{photo.pk}" for photo in photos]
    subjects += [f"analysis:{analysis.pk}" for photo in photos for analysis in photo.analyses.all()]
    events = Event.objects.filter(team=applicant.opening.team, subject__in=subjects)
    return [_event(event) for event in events.select_related("actor").order_by("number")]


def _event(event: Event) -> EventEvidence:
    return EventEvidence(
        number=event.number,
        at=event.at.astimezone(dt.UTC).isoformat(),
        team=event.team_id,
        actor="the candidate" if event.actor is None and "link" in event.data else person(event.actor),
        actor_id=event.actor_id,
        verb=event.verb,
        subject=event.subject,
        data=event.data,
        version=event.version,
        salt=event.salt,
        sealed=event.sealed,
        previous=event.previous,
        digest=event.digest,
        fits=audit.fits(event),
    )


def scales() -> dict[str, list[dict[str, str]]]:
    titles = dict(Applicant._meta.get_field("verdict").flatchoices)
    verdicts = [{"code": c.value, "title": str(titles[c.value]), "means": m} for c, m in words.VERDICT_MEANS.items()]
    strengths = [{"code": s.value, "means": means} for s, means in words.STRENGTH_MEANS.items()]
    return {"verdicts": verdicts, "strengths": strengths}
