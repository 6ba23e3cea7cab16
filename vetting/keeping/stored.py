"""Everything that is stored about one person, as one document for that person (GDPR 15 and 20).

Of other applicants it says nothing. What a candidate answered about groups is in nobody's copy: a link may have passed
through the team's hands.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from vetting.keeping import retention, traces
from vetting.keeping.erasing import HANGS_ON
from vetting.keeping.reader import Reader
from vetting.models import (
    Applicant,
    BoothAnswer,
    BoothCheck,
    BulkRow,
    CandidateLink,
    Comparison,
    Consent,
    DataRequest,
    Decision,
    Event,
    FirstLook,
    Issued,
    LegalHold,
    Note,
    Photo,
    Repeat,
    Reply,
)
from vetting.report.plain import utc

SCHEMA = "candid/stored-about-you/1"  # the number is raised when a key is removed or changes its meaning
UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
LONGEST = 80  # characters of a file's name
# What belongs to a person and has no place of its own in the copy: parts of something that is there, or see above.
WITHIN = {
    "findings": "in the files under analyses/",
    "mentions": "who of the team was told of a note",
    "repeats_by_later_photos": "under repeats",
    "self_reports": "in nobody's copy",
}


def stored_about(applicant: Applicant) -> dict[str, Any]:
    """everything.json. Moments are ISO 8601 in UTC."""
    reader, opening = Reader.of(applicant), applicant.opening
    said: dict[str, Any] = {
        "schema": SCHEMA,
        "made_at": utc(timezone.now()),
        "team": {"name": opening.team.name, "contact": opening.team.contact},
        "opening": {
            "title": opening.title,
            "photo_reason": opening.photo_reason,
            "retouching": opening.get_retouching_display(),
            "retention_days": opening.retention_days,
            "reply_days": opening.reply_days,
        },
        "deleted_by_itself_at": utc(retention.goes_at(applicant, retention.begins_at())),
        "you": _person(applicant, reader),
        "decisions": [_decision(row, reader) for row in applicant.decisions.all()],
        "first_looks": [_look(row, reader) for row in FirstLook.objects.filter(applicant=applicant)],
        "notes": [_note(row, reader) for row in Note.objects.filter(applicant=applicant)],
        "photos": [_photo(row, reader) for row in photos_of(applicant)],
        "repeats": [_repeat(row) for row in Repeat.objects.filter(_of_pairs(applicant)).order_by("pk")],
        "comparisons": [_comparison(row) for row in Comparison.objects.filter(photo__applicant=applicant)],
        "booth_checks": [_booth_check(row, reader) for row in applicant.booth_checks.prefetch_related("answers")],
    }
    return said | _with_you(applicant, reader) | _around(applicant, reader)


def _with_you(applicant: Applicant, reader: Reader) -> dict[str, Any]:
    """What passed between the team and the candidate."""
    return {
        "links": [_link(row, reader) for row in CandidateLink.objects.filter(applicant=applicant)],
        "consents": [_consent(row, reader) for row in consents_of(applicant)],
        "replies": [_reply(row) for row in applicant.replies.prefetch_related("entries")],
        "data_requests": [_request(row) for row in DataRequest.objects.filter(applicant=applicant)],
    }


def _around(applicant: Applicant, reader: Reader) -> dict[str, Any]:
    rows = traces.import_rows_of(applicant, list(applicant.photos.all())).order_by("pk")
    return {
        "legal_holds": [
            {"placed_at": utc(row.placed_at), "lifted_at": _at(row.lifted_at)}
            for row in LegalHold.objects.filter(applicant=applicant)
        ],
        "imports": [_import_row(row, reader) for row in rows],
        "reports_issued": [
            {"format": row.format, "issued_at": utc(row.issued_at), "sha256": row.file_sha256}
            for row in Issued.objects.filter(applicant=applicant)
        ],
        "record": [_event(row, reader) for row in _events(applicant)],
    }


def _person(applicant: Applicant, reader: Reader) -> dict[str, Any]:
    return {
        "number": applicant.pk,
        "name": applicant.name,
        "email": applicant.email,
        "reference": applicant.reference,
        "added_at": utc(applicant.created_at),
        "added_by": reader.who(applicant.created_by_id),
        "verdict": applicant.get_verdict_display(),
        "verdict_reason": applicant.verdict_reason,
        "review": applicant.get_review_display(),
        "reviewed_at": _at(applicant.reviewed_at),
    }


def photos_of(applicant: Applicant) -> Iterable[Photo]:
    return applicant.photos.prefetch_related("analyses", "hashes", "disclosures")


def _photo(row: Photo, reader: Reader) -> dict[str, Any]:
    return {
        "number": row.pk,
        "file": path_of(row),
        "file_name": row.file_name,
        "sha256": row.sha256,
        "size": row.size,
        "format": row.format,
        "width": row.width,
        "height": row.height,
        "received_at": utc(row.uploaded_at),
        "received_from": reader.who(row.uploaded_by_id, row.link_id),
        "picture_hashes": [
            {"part": one.part, "value": one.value, "quality": one.quality, "version": one.version}
            for one in row.hashes.all()
        ],
        "disclosures": [
            {"says": one.get_says_display(), "note": one.note, "at": utc(one.at)} for one in row.disclosures.all()
        ],
        "analyses": [
            {
                "number": one.pk,
                "file": f"analyses/{one.pk}.json" if one.result else None,
                "requested_at": utc(one.requested_at),
                "requested_by": reader.who(one.requested_by_id),
                "state": one.get_state_display(),
                "finished_at": _at(one.finished_at),
                "verdict": one.get_verdict_display(),
                "strength": one.strength,
                "score": one.score,
                "summary": one.summary,
                "error": one.error,
            }
            for one in row.analyses.all()
        ],
    }


def _of_pairs(applicant: Applicant) -> Q:
    return Q(photo__applicant=applicant) | Q(of__applicant=applicant)


def _repeat(row: Repeat) -> dict[str, Any]:
    """That there is a pair, and of what kind; the other photo is somebody else's."""
    return {"kind": row.get_kind_display(), "distance": row.distance, "found_at": utc(row.found_at)}


def _decision(row: Decision, reader: Reader) -> dict[str, Any]:
    return {
        "at": utc(row.decided_at),
        "by": reader.who(row.reviewer_id),
        "choice": row.get_choice_display(),
        "reason": reader.text(row.reason),
        "verdict": row.get_verdict_display(),
        "proposed": row.proposed,
        "seconds_an_earlier_one": row.seconds_id is not None,
    }


def _look(row: FirstLook, reader: Reader) -> dict[str, Any]:
    return {
        "at": utc(row.looked_at),
        "by": reader.who(row.reviewer_id),
        "sees": row.get_sees_display(),
        "note": reader.text(row.note),
    }


def _note(row: Note, reader: Reader) -> dict[str, Any]:
    return {
        "at": utc(row.written_at),
        "by": reader.who(row.author_id),
        "text": reader.text(row.text),
        "taken_back_at": _at(row.withdrawn_at),
    }


def _comparison(row: Comparison) -> dict[str, Any]:
    said = {"photo": row.photo_id, "original": row.original_id, "state": row.get_state_display()}
    return said | {"requested_at": utc(row.requested_at), "result": row.result, "error": row.error}


def _booth_check(row: BoothCheck, reader: Reader) -> dict[str, Any]:
    return {
        "number": row.pk,
        "photo": row.photo_id,
        "file": booth_path_of(row),
        "sha256": row.sha256,
        "size": row.size,
        "taken_at": utc(row.taken_at),
        "taken_by": reader.who(row.taken_by_id),
        "how": row.get_how_display(),
        "state": row.get_state_display(),
        "result": row.result,
        "answers": [_booth_answer(one, reader) for one in row.answers.all()],
    }


def _booth_answer(row: BoothAnswer, reader: Reader) -> dict[str, Any]:
    said = {"at": utc(row.at), "by": reader.who(row.by_id), "says": row.get_says_display()}
    return said | {"differs": row.differs, "note": reader.text(row.note)}


def _link(row: CandidateLink, reader: Reader) -> dict[str, Any]:
    return {
        "made_at": utc(row.made_at),
        "made_by": reader.who(row.made_by_id),
        "told_at": _at(row.told_at),
        "told_how": row.get_told_how_display(),
        "first_opened_at": _at(row.opened_at),
        "expires_at": utc(row.expires_at),
        "revoked_at": _at(row.revoked_at),
    }


def consents_of(applicant: Applicant) -> Iterable[Consent]:
    """Whether somebody agreed to be counted would tell that they answered about groups."""
    rows = Consent.objects.filter(applicant=applicant).exclude(kind=Consent.Kind.GROUPS)
    return rows.select_related("notice")


def _consent(row: Consent, reader: Reader) -> dict[str, Any]:
    return {
        "kind": row.get_kind_display(),
        "given": row.given,
        "at": utc(row.at),
        "notice": f"notices/{row.notice.number}.txt",
        "heard_by": reader.who(row.witness_id) if row.witness_id else None,
    }


def _reply(row: Reply) -> dict[str, Any]:
    return {
        "opened_at": utc(row.opened_at),
        "days": row.days,
        "told_at": _at(row.told_at),
        "due_at": _at(row.due_at),
        "answered_at": _at(row.answered_at),
        "closed_at": _at(row.closed_at),
        "entries": [
            {"at": utc(one.at), "kind": one.get_kind_display(), "text": one.text, "photo": one.photo_id}
            for one in row.entries.all()
        ],
    }


def _request(row: DataRequest) -> dict[str, Any]:
    return {
        "kind": row.get_kind_display(),
        "asked_at": utc(row.asked_at),
        "runs_at": _at(row.runs_at),
        "due_at": utc(row.due_at),
        "answered_at": _at(row.answered_at),
        "taken_back_at": _at(row.withdrawn_at),
    }


def _import_row(row: BulkRow, reader: Reader) -> dict[str, Any]:
    said = {"name": row.name, "email": row.email, "reference": row.reference, "file": row.entry}
    return said | {"state": row.get_state_display(), "message": reader.text(row.message)}


def _events(applicant: Applicant) -> Iterable[Event]:
    """The record, without what would tell of an answer about groups."""
    kinds = ("applicant", "photo", "analysis", "note")
    ways = {word: HANGS_ON[word] for word in ("photos", "analyses", "notes")}
    subjects = [f"applicant:{applicant.pk}"]
    for kind, (model, way) in zip(kinds[1:], ways.values(), strict=True):
        pks = model._default_manager.filter(**{way: applicant}).values_list("pk", flat=True)
        subjects += [f"{kind}:{pk}" for pk in pks]
    rows = Event.objects.filter(team=applicant.opening.team_id, subject__in=subjects).order_by("number")
    return [row for row in rows if row.data.get("kind") != Consent.Kind.GROUPS and "group" not in row.verb]


def _event(row: Event, reader: Reader) -> dict[str, Any]:
    link = row.data.get("link")
    return {"at": utc(row.at), "by": reader.who(row.actor_id, link), "what": row.verb, "about": row.subject}


def _at(moment: dt.datetime | None) -> str | None:
    return utc(moment) if moment else None


def path_of(photo: Photo) -> str:
    """The number keeps two files of one name apart."""
    name = UNSAFE.sub("_", photo.file_name)
    return f"photos/{photo.pk}-{name[-LONGEST:].strip(' .') or 'photo'}"


def booth_path_of(check: BoothCheck) -> str:
    return f"booth/{check.pk}.{check.format.lower()}"
