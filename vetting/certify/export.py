"""A certification as CSV and JSON, with the hash of every photo. Each export is an event of the team's chain."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils import timezone

from vetting import audit
from vetting.certify.standing import CONFIDENCE, DECIDED_BY_FILE, Standing, standing_of
from vetting.models import Certification, CertificationPhoto, User
from vetting.report.plain import person, utc
from vetting.report.tables import write_table

SHAPE = 1  # raised when a key is removed or changes its meaning
COLUMNS = (
    "certification", "file name", "sha256", "state", "verdict", "counts", "false alarm", "score", "summary",
    "examined at", "policy", "detectors",
)  # fmt: skip


def as_csv(certification: Certification, *, by: User) -> bytes:
    """One row a photo, in the order in which they came in."""
    standing = standing_of(certification)
    rows = [_row(certification, photo, standing) for photo in certification.photos.order_by("pk")]
    return _handed_out(write_table(COLUMNS, rows), certification, by=by, kind="csv")


def as_json(certification: Certification, *, by: User) -> bytes:
    """Counts, bound, levels, versions, and every photo: canonical JSON in UTF-8."""
    standing = standing_of(certification)
    said = _said(certification, standing, by) | {
        "photos": [_photo(photo, standing) for photo in certification.photos.order_by("pk")]
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return _handed_out(text.encode() + b"\n", certification, by=by, kind="json")


def counts(photo: CertificationPhoto, standing: Standing) -> bool:
    """Whether the photo is one of those that the bound rests on."""
    return photo.judged and photo.verdict not in DECIDED_BY_FILE and photo.versions == standing.versions


def _said(certification: Certification, standing: Standing, by: User) -> dict[str, Any]:
    return {
        "certification": SHAPE,
        "id": certification.pk,
        "name": certification.name,
        "team": {"id": certification.team_id, "name": certification.team.name},
        "created_at": utc(certification.created_at),
        "created_by": person(certification.created_by),
        "exported_at": utc(timezone.now()),
        "exported_by": person(by),
        "state": standing.code,
        "in_force": standing.in_force,
        "confidence": CONFIDENCE,
        "judged": standing.judged,
        "false_alarms": standing.alarms,
        "bound": standing.bound,
        "levels": [{"limit": level.limit, "photos": level.photos, "more": level.more} for level in standing.levels],
        "verdicts": dict(standing.verdicts),
        "in_work": standing.in_work,
        "failed": standing.failed,
        "not_judged": standing.unjudged,
        "outdated": standing.outdated,
        "removed_after_examination": certification.removed,
        "removed_false_alarms": certification.removed_alarms,
        "versions": dict(standing.versions),
        "installed_versions": dict(standing.installed),
    }


def _photo(photo: CertificationPhoto, standing: Standing) -> dict[str, Any]:
    return {
        "file_name": photo.file_name,
        "sha256": photo.sha256,
        "state": photo.state,
        "verdict": photo.verdict,
        "score": photo.score,
        "judged": photo.judged,
        "counts": counts(photo, standing),
        "summary": photo.summary,
        "error": photo.error,
        "examined_at": utc(photo.finished_at) if photo.finished_at else None,
        "versions": photo.versions,
    }


def _row(certification: Certification, photo: CertificationPhoto, standing: Standing) -> list[str | int | None]:
    detectors = photo.versions.get("detectors", {})
    return [
        certification.name,
        photo.file_name,
        photo.sha256,
        photo.get_state_display(),
        photo.get_verdict_display(),
        "yes" if counts(photo, standing) else "no",
        "yes" if photo.alarm else "no",
        "" if photo.score is None else f"{photo.score:.4f}",
        photo.error or photo.summary,
        utc(photo.finished_at) if photo.finished_at else "",
        photo.versions.get("policy"),
        ", ".join(f"{name} {version}" for name, version in detectors.items()),
    ]


def _handed_out(exported: bytes, certification: Certification, *, by: User, kind: str) -> bytes:
    audit.record(
        team=certification.team,
        actor=by,
        verb="certification.exported",
        subject=certification,
        format=kind,
        sha256=hashlib.sha256(exported).hexdigest(),
    )
    return exported
