"""From capture to decision in one line of time: the events of an applicant, each in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from vetting.booth.answering import answer_words
from vetting.models import Applicant, Decision, Event, FirstLook, User
from vetting.models.applicant import VERDICTS
from vetting.models.leased import State
from vetting.web.verbs import TELLING, WORDS, who

REPLIED = {"explanation": "an explanation", "original": "a file", "second": "asks for a second reviewer"}
UNTOLD = "shown after your first look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """at: None for what the camera's clock says, which has no zone; then `when` holds its words.

    again: the end of an examination of a photo that had been examined before.
    """

    at: dt.datetime | None
    title: str
    kind: str = ""
    who: str = ""
    note: str = ""
    when: str = ""
    analysis: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the events point at, by their keys. blind: the reader has not said yet what they see."""

    names: Mapping[str, str]
    decisions: Mapping[int, Decision]
    looks: Mapping[int, FirstLook]
    people: Mapping[int, User]
    blind: bool


def timeline(applicant: Applicant, *, taken: str = "", blind: bool = False) -> list[Step]:
    """Oldest first. The number of queries does not depend on how many events there are."""
    names = {f"photo:{photo.pk}": photo.file_name for photo in applicant.photos.all()}
    analyses = {f"analysis:{a.pk}": p.file_name for p in applicant.photos.all() for a in p.analyses.all()}
    subjects = [f"applicant:{applicant.pk}", *names, *analyses]
    found = Event.objects.filter(team_id=applicant.opening.team_id, subject__in=subjects).select_related("actor")
    events = list(found.order_by("number"))
    known = Known(
        names=names | analyses,
        decisions={decision.pk: decision for decision in applicant.decisions.all()},
        looks=_looks(applicant, events),
        people=User.objects.in_bulk(to) if (to := [e.data["to"] for e in events if e.verb == "case.passed-on"]) else {},
        blind=blind,
    )
    first = [Step(at=None, title="Taken, says the file", when=taken.replace("T", " "), kind="capture")] if taken else []
    steps = [_step(event, known) for event in events if not (blind and event.verb in TELLING)]
    again = _again(applicant)
    return first + [replace(step, again=step.analysis in again) for step in steps]


def _again(applicant: Applicant) -> set[int]:
    """Finished examinations of a photo after its first: there is one before to compare with."""
    done = ([a.pk for a in photo.analyses.all() if a.state == State.DONE] for photo in applicant.photos.all())
    return {pk for of_photo in done for pk in sorted(of_photo)[1:]}


def _looks(applicant: Applicant, events: Iterable[Event]) -> dict[int, FirstLook]:
    asked = any(event.verb == "first-look" for event in events)
    return {look.pk: look for look in applicant.first_looks.all()} if asked else {}


def _step(event: Event, known: Known) -> Step:
    title, note = WORDS.get(event.verb, event.verb.replace(".", " ").capitalize()), known.names.get(event.subject, "")
    if event.verb == "analysis.finished" and not known.blind:
        verdict = str(event.data.get("verdict", ""))
        title = f"{title}: {dict(VERDICTS).get(verdict, verdict)}"
    if decision := known.decisions.get(event.data.get("decision", 0)):
        title, note = _decided(decision, event.verb, known)
    if event.verb == "first-look":
        note = _look_words(known.looks.get(event.data.get("look", 0)), known)
    if event.verb == "reply.received":
        note = REPLIED.get(str(event.data.get("kind")), "") + (", after the deadline" if event.data.get("late") else "")
    if event.verb == "case.passed-on":
        note = f"to {known.people.get(event.data['to'], 'somebody who has left')}"
    if event.verb == "booth.answered":
        said = answer_words(event.data.get("says", ""), event.data.get("differs", ()))
        note = UNTOLD if known.blind else said
    if event.verb == "report.exported":
        note = str(event.data.get("format", "")).upper()
    kind, _, pk = event.subject.partition(":")
    return Step(
        at=event.at,
        title=title,
        kind=event.verb,
        who=who(event),
        note=note,
        analysis=int(pk) if kind == "analysis" and not known.blind else None,
    )


def _decided(decision: Decision, verb: str, known: Known) -> tuple[str, str]:
    """What was decided, and the reason; of a proposal and its second, which it is."""
    if known.blind:
        return WORDS[verb], UNTOLD
    choice = decision.get_choice_display()
    if verb == "decision.undone":
        return WORDS[verb], decision.reason.removeprefix("Undone: ")
    if verb == "decision.seconded":
        first = known.decisions.get(decision.seconds_id or 0)
        return (
            f"{choice}, {'confirmed' if first and first.choice == decision.choice else 'overturned'}",
            decision.reason,
        )
    return (f"{choice}, proposed" if decision.proposed else choice), decision.reason


def _look_words(look: FirstLook | None, known: Known) -> str:
    if look is None or known.blind:
        return UNTOLD if known.blind else ""
    return f"{look.get_sees_display()}. {look.note}".strip() if look.note else str(look.get_sees_display())
