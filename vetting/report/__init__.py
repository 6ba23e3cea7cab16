"""Stage 5: an applicant's or an opening's evidence and decisions as PDF, JSON and CSV.

Each export is an event of the team's chain, with the SHA-256 of the bytes that were handed out.
"""

from __future__ import annotations

import hashlib

from vetting import audit
from vetting.models import Applicant, Opening, User
from vetting.report import tables
from vetting.report.evidence import collect_applicant, collect_opening
from vetting.report.pdf import render
from vetting.report.record import as_json

__all__ = ["applicant_csv", "applicant_json", "applicant_pdf", "opening_csv"]


def applicant_pdf(applicant: Applicant, *, by: User) -> bytes:
    """The report as PDF/UA-1, to be read and filed."""
    evidence = collect_applicant(applicant, by=by)
    return _handed_out(render(evidence), applicant, by=by, kind="pdf", report=evidence.id)


def applicant_json(applicant: Applicant, *, by: User) -> bytes:
    """The same evidence, complete, for programs: canonical JSON in UTF-8."""
    evidence = collect_applicant(applicant, by=by)
    return _handed_out(as_json(evidence), applicant, by=by, kind="json", report=evidence.id)


def applicant_csv(applicant: Applicant, *, by: User) -> bytes:
    """One row a finding, and one for each photo without any."""
    evidence = collect_applicant(applicant, by=by)
    return _handed_out(tables.findings_table(evidence), applicant, by=by, kind="csv", report=evidence.id)


def opening_csv(opening: Opening, *, by: User) -> bytes:
    """One row an applicant."""
    return _handed_out(tables.applicants_table(collect_opening(opening)), opening, by=by, kind="csv", report="")


def _handed_out(exported: bytes, subject: Applicant | Opening, *, by: User, kind: str, report: str) -> bytes:
    team = subject.team if isinstance(subject, Opening) else subject.opening.team
    audit.record(
        team=team,
        actor=by,
        verb="report.exported",
        subject=subject,
        format=kind,
        sha256=hashlib.sha256(exported).hexdigest(),
        **({"report": report} if report else {}),
    )
    return exported
