"""The evidence as CSV that a spreadsheet opens: UTF-8 with a byte order mark, every cell quoted, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from detector.observation import Bearing
from vetting.report import words
from vetting.report.elsewhere import ElsewhereEvidence
from vetting.report.evidence import ApplicantEvidence, ApplicantLine
from vetting.report.photo_evidence import FindingEvidence, PhotoEvidence
from vetting.report.plain import person, utc

# First characters that a spreadsheet takes for the start of a formula, the full-width ones included.
# Source: OWASP, "CSV Injection".
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

FINDING_COLUMNS = (
    "report", "exported at", "opening", "applicant", "photo", "file name", "sha256 at intake", "sha256 at export",
    "examination", "verdict", "verdict strength", "finding", "group", "detector", "detector version", "code",
    "speaks for", "strength", "summary", "what this cannot mean", "region", "state",
    "policy", "error rate of the verdict", "model packs",
)  # fmt: skip
APPLICANT_COLUMNS = (
    "applicant", "name", "email", "reference", "added at", "photos", "verdict", "verdict strength", "reason",
    "examined at", "review", "decision", "decided at", "decided by", "decision reason", "verdict at decision",
)  # fmt: skip

Cell = str | int | None


def findings_table(evidence: ApplicantEvidence) -> bytes:
    """One row a finding of each photo's newest examination; a photo without any finding has one row that says so."""
    rows = []
    for photo in evidence.photos:
        for finding in (photo.analysis.findings if photo.analysis else ()) or (None,):
            rows.append(_finding_row(evidence, photo, finding))
        rows += [_elsewhere_row(evidence, photo, one) for one in photo.elsewhere]
    return write_table(FINDING_COLUMNS, rows)


def applicants_table(lines: Sequence[ApplicantLine]) -> bytes:
    """One row an applicant, in the order of the page."""
    return write_table(APPLICANT_COLUMNS, [_applicant_row(line) for line in lines])


def _finding_row(evidence: ApplicantEvidence, photo: PhotoEvidence, finding: FindingEvidence | None) -> list[Cell]:
    analysis = photo.analysis
    row: list[Cell] = [evidence.id, evidence.exported_at, evidence.opening["title"], evidence.applicant["name"]]
    row += [photo.id, photo.file_name, photo.sha256_at_intake, photo.sha256_at_export or "not readable"]
    row += [analysis.id, analysis.verdict_title, analysis.strength] if analysis else [None, "", ""]
    weighing = analysis.weighing if analysis else None
    judged: list[Cell] = [weighing.policy.sentence if weighing and weighing.policy else ""]
    judged.append(weighing.bound.sentence if weighing and weighing.bound else "")
    judged.append("; ".join(pack.line for pack in analysis.packs) if analysis else "")
    if finding is None:
        return [*row, *[""] * 10, photo.state_words or "No finding.", *judged]
    region = f"{finding.region['kind']} {finding.region['points']}" if finding.region else ""
    row += [finding.number, finding.group, finding.detector, finding.detector_version, finding.code]
    row += [finding.speaks_for, finding.strength, finding.summary, finding.caveat, region, photo.state_words]
    return [*row, *judged]


def _elsewhere_row(evidence: ApplicantEvidence, photo: PhotoEvidence, one: ElsewhereEvidence) -> list[Cell]:
    """A finding about where the picture stands; it has no number, no detector's version and no place on the photo."""
    row = _finding_row(evidence, photo, None)
    at = FINDING_COLUMNS.index("finding")
    said: list[Cell] = ["", "elsewhere", "across applicants", "", f"elsewhere.{one.kind}"]
    said += [words.SPEAKS_FOR[Bearing.NEUTRAL], one.strength, f"{one.sentence} {one.sureness}"]
    said += [one.caveat, "", photo.state_words]
    return [*row[:at], *said, *row[at + len(said) :]]


def _applicant_row(line: ApplicantLine) -> list[Cell]:
    applicant, decision = line.applicant, line.decision
    row: list[Cell] = [applicant.pk, applicant.name, applicant.email, applicant.reference, utc(applicant.created_at)]
    row += [line.photos, applicant.get_verdict_display() or "No verdict yet", applicant.verdict_strength]
    row += [applicant.verdict_reason, utc(applicant.verdict_at) if applicant.verdict_at else ""]
    row.append(applicant.get_review_display())
    if decision is None:
        return [*row, *[""] * 5]
    row += [decision.get_choice_display(), utc(decision.decided_at), person(decision.reviewer), decision.reason]
    return [*row, decision.get_verdict_display()]


def write_table(columns: Iterable[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """The file's bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: Cell) -> Cell:
    """Text that would be a formula gets an apostrophe before it, which spreadsheets take as "this is text"."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell
