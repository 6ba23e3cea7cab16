"""From capture to decision in one line of time: the events of an applicant, each in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vetting.models import Applicant, Decision, Event
from vetting.models.applicant import VERDICTS

WORDS = {
    "applicant.added": "Applicant added",
    "photo.received": "Photo received; hash taken",
    "analysis.requested": "Examination requested",
    "analysis.finished": "Examination finished",
    "analysis.failed": "Examination failed",
    "decision.made": "Decided",
    "report.exported": "Report exported",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """at: None for what the camera's clock says, which has no zone; then `when` holds its words."""

    at: dt.datetime | None
    title: str
    kind: str = ""
    who: str = ""
    note: str = ""
    when: str = ""
    analysis: int | None = None


def timeline(applicant: Applicant, *, taken: str = "") -> list[Step]:
    """Oldest first. Two queries: the events, and the decisions with their reasons."""
    names = {f"photo:{photo.pk}": photo.file_name for photo in applicant.photos.all()}
    analyses = {f"analysis:{a.pk}": p.file_name for p in applicant.photos.all() for a in p.analyses.all()}
    subjects = [f"applicant:{applicant.pk}", *names, *analyses]
    events = Event.objects.filter(team_id=applicant.opening.team_id, subject__in=subjects).select_related("actor")
    decisions = {decision.pk: decision for decision in applicant.decisions.all()}
    first = [Step(at=None, title="Taken, says the file", when=taken.replace("T", " "), kind="capture")] if taken else []
    return first + _steps(events.order_by("number"), names | analyses, decisions)


def _steps(events: Iterable[Event], names: Mapping[str, str], decisions: Mapping[int, Decision]) -> list[Step]:
    return [_step(event, names.get(event.subject, ""), decisions) for event in events]


def _step(event: Event, name: str, decisions: Mapping[int, Decision]) -> Step:
    title, note = WORDS.get(event.verb, event.verb.replace(".", " ").capitalize()), name
    if event.verb == "analysis.finished":
        verdict = str(event.data.get("verdict", ""))
        title = f"{title}: {dict(VERDICTS).get(verdict, verdict)}"
    if decision := decisions.get(event.data.get("decision", 0)):
        title, note = decision.get_choice_display(), decision.reason
    if event.verb == "report.exported":
        note = str(event.data.get("format", "")).upper()
    kind, _, pk = event.subject.partition(":")
    return Step(
        at=event.at,
        title=title,
        kind=event.verb,
        who=str(event.actor) if event.actor else "Candid",
        note=note,
        analysis=int(pk) if kind == "analysis" else None,
    )
