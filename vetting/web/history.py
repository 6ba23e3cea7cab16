"""What the history page shows of one photo: what the signatures say, the line of time, and what to ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from vetting.models import Analysis, Photo, User
from vetting.report.history import History, Row, credentials_in, history_of
from vetting.report.history_picture import history_svg
from vetting.report.measured import details_of, sentence
from vetting.report.readings import Readings, assurance_words, readings_of
from vetting.report.unsigned import moment_words
from vetting.web.evidence import Lamp, lamps
from vetting.web.letter import Parties
from vetting.web.original import Asking, asking_for

OPEN_ROWS = 12  # of a history that stand open; of a longer one the first and the latest
FIRST, LATEST = 2, 8
MOST_SETTINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a generator left in the file. A prompt is personal data of the candidate: the page keeps it folded."""

    facts: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    prompt: str
    negative_prompt: str
    warning: str
    from_photo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that one finished analysis tells of a photo's history."""

    analysis: Analysis
    history: History
    picture: SafeString
    lamps: tuple[Lamp, ...]
    facts: tuple[tuple[str, str], ...]
    readings: Readings | None
    parameters: Parameters | None
    asking: Asking | None

    @property
    def first(self) -> Sequence[Row]:
        return self.history.rows[:FIRST] if self.folded else self.history.rows

    @property
    def folded(self) -> Sequence[Row]:
        rows = self.history.rows
        return rows[FIRST:-LATEST] if len(rows) > OPEN_ROWS else ()

    @property
    def latest(self) -> Sequence[Row]:
        return self.history.rows[-LATEST:] if self.folded else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """told: None before the first analysis has ended. examinations: all of the photo's, oldest first."""

    photo: Photo
    told: Told | None
    examinations: Sequence[Analysis] = field(default_factory=tuple)

    @property
    def newest(self) -> Analysis | None:
        return self.examinations[-1] if self.examinations else None

    @property
    def in_work(self) -> bool:
        return self.newest is not None and self.newest.in_work

    @property
    def outdated(self) -> bool:
        """Whether a newer examination than the one that is shown has ended."""
        done = [one.pk for one in self.examinations if one.state == "done"]
        return bool(self.told and done and self.told.analysis.pk != max(done))


def history_page(photo: Photo, analysis: Analysis | None, reader: User) -> HistoryPage:
    """Of a photo from `for_history`, with its newest finished analysis, or another one that was asked for."""
    examinations = sorted(photo.analyses.all(), key=lambda one: one.pk)
    told = told_by(analysis, photo, reader) if analysis and analysis.result else None
    return HistoryPage(photo=photo, told=told, examinations=examinations)


def told_by(analysis: Analysis, photo: Photo, reader: User) -> Told:
    result = analysis.result
    credentials, history = credentials_in(result), history_of(result)
    readable = history.state != "failed"
    return Told(
        analysis=analysis,
        history=history,
        picture=mark_safe(history_svg(history)),  # noqa: S308 - shapes and escaped words alone, and ours
        lamps=lamps(credentials) if readable else (),
        facts=_facts(credentials, history),
        readings=readings_of(credentials) if readable else None,
        parameters=parameters_of(result),
        asking=asking_for(result, history, _parties(photo, reader)),
    )


def _parties(photo: Photo, reader: User) -> Parties:
    applicant = photo.applicant
    return Parties(
        applicant=applicant.name,
        email=applicant.email,
        opening=applicant.opening.title,
        file_name=photo.file_name,
        writer=reader.get_full_name() or reader.get_username(),
        team=applicant.opening.team.name,
    )


def _facts(credentials: Mapping[str, Any], history: History) -> tuple[tuple[str, str], ...]:
    """Who signed the file itself, and how well that is known. Empty where nobody did."""
    if not history.chapters:
        return ()
    last = history.chapters[-1]
    facts = [
        ("Signed by", last.signer),
        ("Trust list", last.list_words),
        ("Key", assurance_words(credentials)),
        ("Signed at", moment_words(sentence(credentials.get("signed_at")))),
        ("Timestamp authority" if last.when else "Time", last.time_words.removeprefix("time from ")),
        ("Program", last.tool),
    ]
    return tuple((name, value) for name, value in facts if value)


def parameters_of(result: Mapping[str, Any]) -> Parameters | None:
    """None where the file carries none."""
    details = details_of(result, "generator_parameters")
    if not sentence(details.get("tool")):
        return None
    names = (("Tool", "tool"), ("Model", "model"), ("Seed", "seed"), ("Sampler", "sampler"))
    facts = ((label, sentence(details.get(name))) for label, name in names)
    settings = details.get("settings")
    return Parameters(
        facts=tuple((label, value) for label, value in facts if value),
        settings=_settings(settings) if isinstance(settings, Mapping) else (),
        prompt=_long(details.get("prompt")),
        negative_prompt=_long(details.get("negative_prompt")),
        warning=sentence(details.get("warning")),
        from_photo=FROM_PHOTO if details.get("from_photo") is True else sentence(details.get("from_photo")),
    )


FROM_PHOTO = "The parameters say that the picture was made from another picture, which may be a photo."


def _settings(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    shown = [(str(name), sentence(str(value))) for name, value in settings.items()]
    return tuple(shown[:MOST_SETTINGS])


def _long(value: Any) -> str:
    return value.strip()[:4000] if isinstance(value, str) else ""
