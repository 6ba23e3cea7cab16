"""Stage 5: an applicant's or an opening's evidence and decisions as PDF, JSON and CSV.

What a file says is signed first, and the file made from that. Each export is a row of the register and an event of the
team's chain, with the SHA-256 of the bytes that were handed out. verify_at: the address of the page that verifies them.
"""

from __future__ import annotations

from vetting.models import Applicant, Opening, User
from vetting.report import tables
from vetting.report.bundle import MOST_APPLICANTS, stream_bundle
from vetting.report.evidence import collect_applicant, collect_opening
from vetting.report.issuing import issue
from vetting.report.keys import NoSigningKey
from vetting.report.opening import collect_opening_report
from vetting.report.pdf import render, render_opening
from vetting.report.record import as_json
from vetting.report.signing import sign

__all__ = [
    "MOST_APPLICANTS",
    "NoSigningKey",
    "applicant_csv",
    "applicant_json",
    "applicant_pdf",
    "opening_csv",
    "opening_json",
    "opening_pdf",
    "stream_bundle",
]


def applicant_pdf(applicant: Applicant, *, by: User, verify_at: str = "") -> bytes:
    """The report as PDF/UA-1, to be read and filed; the signed JSON is attached to it."""
    evidence = collect_applicant(applicant, by=by)
    signed = sign(evidence, kind="applicant", verify_at=verify_at)
    return issue(render(evidence, signed), signed, subject=applicant, by=by, form="pdf")


def applicant_json(applicant: Applicant, *, by: User, verify_at: str = "") -> bytes:
    """The same evidence, complete and signed, for programs."""
    signed = sign(collect_applicant(applicant, by=by), kind="applicant", verify_at=verify_at)
    return issue(as_json(signed.document), signed, subject=applicant, by=by, form="json")


def applicant_csv(applicant: Applicant, *, by: User, verify_at: str = "") -> bytes:
    """One row a finding, and one for each photo without any."""
    evidence = collect_applicant(applicant, by=by)
    signed = sign(evidence, kind="applicant", verify_at=verify_at)
    return issue(tables.findings_table(evidence), signed, subject=applicant, by=by, form="csv")


def opening_pdf(opening: Opening, *, by: User, verify_at: str = "") -> bytes:
    """Policy, counts, cases, decisions, and where people and the machine disagree; the signed JSON is attached."""
    evidence = collect_opening_report(opening, by=by)
    signed = sign(evidence, kind="opening", verify_at=verify_at)
    return issue(render_opening(evidence, signed), signed, subject=opening, by=by, form="pdf")


def opening_json(opening: Opening, *, by: User, verify_at: str = "") -> bytes:
    signed = sign(collect_opening_report(opening, by=by), kind="opening", verify_at=verify_at)
    return issue(as_json(signed.document), signed, subject=opening, by=by, form="json")


def opening_csv(opening: Opening, *, by: User, verify_at: str = "") -> bytes:
    """One row an applicant."""
    signed = sign(collect_opening_report(opening, by=by), kind="opening", verify_at=verify_at)
    return issue(tables.applicants_table(collect_opening(opening)), signed, subject=opening, by=by, form="csv")
