"""An opening's evidence as frozen facts: policy, counts, cases, decisions, and where people and the machine disagree.

The number of queries does not depend on how many applicants, photos and decisions there are.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from vetting.models import Analysis, Applicant, Opening, User
from vetting.models.applicant import VERDICTS, Review
from vetting.models.decision import Choice
from vetting.models.leased import State
from vetting.report import words
from vetting.report.evidence import (
    REPORT,
    ApplicantLine,
    DecisionEvidence,
    certified,
    collect_opening,
    decision_evidence,
    opening_facts,
    scales,
)
from vetting.report.photo_evidence import strength_rank
from vetting.report.plain import duration, person, utc
from vetting.report.versions import version_lines

NOTHING_FOUND = frozenset({"nothing-found", "verified-capture"})
FLAGGED = {
    Opening.Retouching.STRICT: frozenset({"declared-generated", "generated", "retouched"}),
    Opening.Retouching.LENIENT: frozenset({"declared-generated", "generated"}),
}
NO_VERDICT = ("", "No verdict yet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    code: str
    title: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One applicant. decision: the latest that counts; empty texts where there is none."""

    applicant: int
    name: str
    reference: str
    photos: int
    verdict: str
    verdict_title: str
    strength: str
    rank: int
    reason: str
    review: str
    review_title: str
    choice_title: str
    reviewer: str
    decided_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecisions:
    """All that was decided about one applicant, oldest first."""

    applicant: int
    name: str
    decisions: tuple[DecisionEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Decided otherwise than the verdict of that moment suggests. of: how many were decided so in all."""

    of: int
    cases: tuple[CaseDecisions, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExamined:
    """A photo, or an applicant without one (then file_name is empty), of which nothing can be said, and why."""

    applicant: int
    name: str
    file_name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """From the first photo's arrival to the first decision that counted. words: "" where nothing was decided yet."""

    decided: int
    median_seconds: int | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionUsed:
    name: str
    value: str
    photos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningEvidence:
    """What a report on one opening says. All moments are ISO 8601 in UTC."""

    report: int
    id: str
    exported_at: str
    exported_by: str
    team: dict[str, Any]
    opening: dict[str, Any]
    applicants: int
    photos: int
    verdicts: tuple[Count, ...]
    reviews: tuple[Count, ...]
    pace: Pace
    cases: tuple[Case, ...]
    accepted_although_flagged: Disagreement
    set_aside_although_nothing_found: Disagreement
    not_examined: tuple[NotExamined, ...]
    decisions: tuple[CaseDecisions, ...]
    versions: tuple[VersionUsed, ...]
    scales: dict[str, list[dict[str, str]]]
    limits: tuple[str, ...]


def collect_opening_report(opening: Opening, *, by: User) -> OpeningEvidence:
    """Reads the rows anew."""
    now = timezone.now()
    current = Opening.objects.select_related("team", "created_by").get(pk=opening.pk)
    lines, analyses = collect_opening(current), _newest_analyses(current)
    done = [analysis for of_photo in analyses.values() if (analysis := _newest_done(of_photo))]
    return OpeningEvidence(
        report=REPORT,
        id=f"{current.team_id}-opening-{current.pk}-{now:%Y%m%dT%H%M%SZ}",
        exported_at=utc(now),
        exported_by=person(by),
        team={"id": current.team_id, "name": current.team.name},
        opening=opening_facts(current) | _dates(current),
        applicants=len(lines),
        photos=sum(line.photos for line in lines),
        verdicts=_counts([line.applicant.verdict for line in lines], [*VERDICTS, NO_VERDICT]),
        reviews=_counts([line.applicant.review for line in lines], Review.choices),
        pace=_pace(lines),
        cases=tuple(map(_case, lines)),
        accepted_although_flagged=_disagreement(lines, Choice.ACCEPT, FLAGGED[Opening.Retouching(current.retouching)]),
        set_aside_although_nothing_found=_disagreement(lines, Choice.SET_ASIDE, NOTHING_FOUND),
        not_examined=tuple(_not_examined(lines, analyses)),
        decisions=tuple(_decisions_of(line) for line in lines if line.applicant.decisions.all()),
        versions=_versions(done),
        scales=scales(),
        limits=(*words.LIMITS, *certified(current.team)),
    )


def _dates(opening: Opening) -> dict[str, Any]:
    return {
        "opened_at": utc(opening.created_at),
        "opened_by": person(opening.created_by),
        "closed_at": utc(opening.closed_at) if opening.closed_at else None,
    }


def _newest_analyses(opening: Opening) -> dict[int, list[Analysis]]:
    """Photo -> its analyses, oldest first, without the bulky result."""
    found: dict[int, list[Analysis]] = {}
    rows = Analysis.objects.filter(photo__applicant__opening=opening).defer("result").order_by("pk")
    for analysis in rows:
        found.setdefault(analysis.photo_id, []).append(analysis)
    return found


def _newest_done(analyses: Sequence[Analysis]) -> Analysis | None:
    return next((analysis for analysis in reversed(analyses) if analysis.state == State.DONE), None)


def _counts(codes: Iterable[str], titles: Iterable[tuple[Any, Any]]) -> tuple[Count, ...]:
    counted = Counter(codes)
    return tuple(Count(code=str(code), title=str(title), count=counted[code]) for code, title in titles)


def _case(line: ApplicantLine) -> Case:
    applicant, decision = line.applicant, line.decision
    return Case(
        applicant=applicant.pk,
        name=applicant.name,
        reference=applicant.reference,
        photos=line.photos,
        verdict=applicant.verdict,
        verdict_title=applicant.get_verdict_display() or NO_VERDICT[1],
        strength=applicant.verdict_strength,
        rank=strength_rank(applicant.verdict_strength),
        reason=applicant.verdict_reason,
        review=applicant.review,
        review_title=applicant.get_review_display(),
        choice_title=decision.get_choice_display() if decision else "",
        reviewer=person(decision.reviewer) if decision else "",
        decided_at=utc(decision.decided_at) if decision else "",
    )


def _decisions_of(line: ApplicantLine) -> CaseDecisions:
    made = tuple(decision_evidence(decision) for decision in line.applicant.decisions.all())
    return CaseDecisions(applicant=line.applicant.pk, name=line.applicant.name, decisions=made)


def _disagreement(lines: Iterable[ApplicantLine], choice: Choice, verdicts: frozenset[str]) -> Disagreement:
    so = [(line, line.decision) for line in lines if line.decision and line.decision.choice == choice]
    return Disagreement(
        of=len(so),
        cases=tuple(
            CaseDecisions(
                applicant=line.applicant.pk, name=line.applicant.name, decisions=(decision_evidence(decision),)
            )
            for line, decision in so
            if decision.verdict in verdicts
        ),
    )


def _pace(lines: Iterable[ApplicantLine]) -> Pace:
    took = [seconds for line in lines if (seconds := _seconds_to_decision(line)) is not None]
    median = round(statistics.median(took)) if took else None
    said = "" if median is None else duration(dt.timedelta(seconds=median))
    return Pace(decided=len(took), median_seconds=median, words=said)


def _seconds_to_decision(line: ApplicantLine) -> float | None:
    arrived = min((photo.uploaded_at for photo in line.applicant.photos.all()), default=None)
    counted = (made.decided_at for made in line.applicant.decisions.all() if not made.proposed)
    decided = min((at for at in counted if arrived and at >= arrived), default=None)
    return (decided - arrived).total_seconds() if decided and arrived else None


def _not_examined(lines: Iterable[ApplicantLine], analyses: dict[int, list[Analysis]]) -> list[NotExamined]:
    found = []
    for line in lines:
        reasons = [(photo.file_name, _why_not(analyses.get(photo.pk, []))) for photo in line.applicant.photos.all()]
        for file_name, why in reasons or [("", "No photo came in.")]:
            if why:
                about: Applicant = line.applicant
                found.append(NotExamined(applicant=about.pk, name=about.name, file_name=file_name, why=why))
    return found


def _why_not(analyses: Sequence[Analysis]) -> str:
    """In a sentence; empty where the photo was examined."""
    if done := _newest_done(analyses):
        return done.error or done.summary if done.verdict == "unexamined" else ""
    if not analyses:
        return "No examination was ever requested."
    newest = analyses[-1]
    if newest.state == State.FAILED:
        return f"The examination failed: {newest.error}"
    return f"The examination requested at {utc(newest.requested_at)} has not ended."


def _versions(analyses: Iterable[Analysis]) -> tuple[VersionUsed, ...]:
    counted = Counter(line for analysis in analyses for line in version_lines(analysis.versions).items())
    return tuple(VersionUsed(name=name, value=value, photos=counted[name, value]) for name, value in sorted(counted))
