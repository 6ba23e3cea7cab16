"""What the candidate answered to a decision: by when, what they sent, and what the comparison of an original found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vetting.models import Applicant, Comparison, Reply, ReplyEntry
from vetting.models.leased import State
from vetting.reply.clock import is_late
from vetting.report.measured import listed, mapping, sentence
from vetting.report.plain import utc

MOST_CHANGES = 30
NOT_TOLD = "The candidate was not told, so that no deadline ran."
IN_WORK = "It is being compared."


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonEvidence:
    """with_photo: the photo that came first. relation: "" while it is in work or where it failed."""

    with_photo: int
    with_file: str
    relation: str
    summary: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryEvidence:
    """photo: of an original, whose examination stands among the photos. late: it came after the deadline."""

    kind: str
    kind_title: str
    at: str
    late: bool
    text: str
    photo: int | None
    file_name: str
    comparisons: tuple[ComparisonEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyEvidence:
    """told_at, due_at, answered_at, second_asked_at, closed_at: None where it did not happen."""

    decision: str
    decided_at: str
    days: int
    opened_at: str
    told_at: str | None
    due_at: str | None
    answered_at: str | None
    second_asked_at: str | None
    closed_at: str | None
    entries: tuple[EntryEvidence, ...]
    note: str


def replies(applicant: Applicant) -> tuple[ReplyEvidence, ...]:
    """Oldest first, in three queries."""
    rows = list(Reply.objects.filter(applicant=applicant).select_related("decision").order_by("pk"))
    sent = list(ReplyEntry.objects.filter(reply__applicant=applicant).select_related("photo").order_by("pk"))
    compared: dict[int, list[Comparison]] = {}
    for row in Comparison.objects.filter(photo__applicant=applicant).select_related("photo").order_by("pk"):
        compared.setdefault(row.original_id, []).append(row)
    return tuple(_reply(row, [entry for entry in sent if entry.reply_id == row.pk], compared) for row in rows)


def _reply(row: Reply, entries: Iterable[ReplyEntry], compared: Mapping[int, list[Comparison]]) -> ReplyEvidence:
    moments = (row.told_at, row.due_at, row.answered_at, row.second_asked_at, row.closed_at)
    told, due, answered, second, closed = (utc(moment) if moment else None for moment in moments)
    return ReplyEvidence(
        decision=row.decision.get_choice_display(),
        decided_at=utc(row.decision.decided_at),
        days=row.days,
        opened_at=utc(row.opened_at),
        told_at=told,
        due_at=due,
        answered_at=answered,
        second_asked_at=second,
        closed_at=closed,
        entries=tuple(_entry(entry, row, compared.get(entry.photo_id or 0, [])) for entry in entries),
        note="" if row.told_at else NOT_TOLD,
    )


def _entry(entry: ReplyEntry, reply: Reply, compared: Iterable[Comparison]) -> EntryEvidence:
    return EntryEvidence(
        kind=entry.kind,
        kind_title=entry.get_kind_display(),
        at=utc(entry.at),
        late=is_late(entry.at, reply),
        text=entry.text,
        photo=entry.photo_id,
        file_name=entry.photo.file_name if entry.photo else "",
        comparisons=tuple(map(_comparison, compared)),
    )


def _comparison(row: Comparison) -> ComparisonEvidence:
    result = mapping(row.result)
    said = row.error if row.state == State.FAILED else IN_WORK if row.in_work else sentence(result.get("summary"))
    changes = [sentence(mapping(one).get("summary")) for one in listed(result.get("changes"), MOST_CHANGES)]
    return ComparisonEvidence(
        with_photo=row.photo_id,
        with_file=row.photo.file_name,
        relation=sentence(result.get("relation")),
        summary=said,
        changes=tuple(filter(None, changes)),
    )
