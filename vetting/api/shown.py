"""Rows as the API shows them."""

from __future__ import annotations

from vetting.api.schemas import (
    ApplicantOut,
    ApplicantWithPhotos,
    CheckOut,
    DecisionOut,
    ExaminationOut,
    FindingOut,
    FindingsOut,
    Headline,
    OpeningOut,
    PhotoOut,
    RegionOut,
    VerdictOut,
)
from vetting.models import Analysis, Applicant, Decision, Finding, Opening, Photo
from vetting.programs import silent_about


def opening(row: Opening) -> OpeningOut:
    return OpeningOut(
        id=row.pk,
        title=row.title,
        photo_reason=row.photo_reason,
        retouching=row.retouching,
        retention_days=row.retention_days,
        blind_first=row.blind_first,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )


def applicant(row: Applicant) -> ApplicantOut:
    return ApplicantOut(
        id=row.pk,
        opening=row.opening_id,
        name=row.name,
        email=row.email,
        reference=row.reference,
        created_at=row.created_at,
        verdict=None if silent_about(row) else _headline(row),
        hidden=silent_about(row),
        review=row.review,
        reviewed_at=row.reviewed_at,
    )


def applicant_with_photos(row: Applicant) -> ApplicantWithPhotos:
    """row: with photos and their analyses prefetched."""
    photos = [photo(one, hidden=silent_about(row)) for one in row.photos.all()]
    return ApplicantWithPhotos(**applicant(row).model_dump(), photos=photos)


def _headline(row: Applicant) -> Headline | None:
    if not row.verdict:
        return None
    return Headline(
        code=row.verdict,
        title=row.get_verdict_display(),
        strength=row.verdict_strength,
        reason=row.verdict_reason,
        at=row.verdict_at,
    )


def photo(row: Photo, *, hidden: bool) -> PhotoOut:
    finished = row.latest_result
    return PhotoOut(
        id=row.pk,
        applicant=row.applicant_id,
        file_name=row.file_name,
        sha256=row.sha256,
        size=row.size,
        format=row.format,
        width=row.width,
        height=row.height,
        uploaded_at=row.uploaded_at,
        examination=examination(row.latest_analysis),
        verdict=finished.verdict if finished and not hidden else None,
        hidden=hidden,
    )


def examination(row: Analysis | None) -> ExaminationOut | None:
    if row is None:
        return None
    return ExaminationOut(
        id=row.pk,
        state=row.state,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        error=row.error,
    )


def verdict(row: Photo, said: Analysis | None) -> VerdictOut:
    """said: the newest finished analysis, with its result; None also where it is not to be shown."""
    told = said.result.get("verdict", {}) if said else {}
    return VerdictOut(
        photo=row.pk,
        hidden=silent_about(row.applicant),
        examination=examination(row.latest_analysis),
        analysis=said.pk if said else None,
        code=said.verdict if said else None,
        title=said.get_verdict_display() if said else None,
        score=said.score if said else None,
        strength=(said.strength or None) if said else None,
        summary=said.summary if said else None,
        reasons=list(told.get("reasons", [])),
        bound=told.get("bound"),
        settle=told.get("settle") or None,
    )


def findings(row: Photo, said: Analysis | None) -> FindingsOut:
    """said: the newest finished analysis, with its result and findings; None also where it is not to be shown."""
    return FindingsOut(
        photo=row.pk,
        hidden=silent_about(row.applicant),
        analysis=said.pk if said else None,
        width=row.width,
        height=row.height,
        findings=[_finding(one) for one in said.findings.all()] if said else [],
        checks=[
            CheckOut(detector=o["detector"], version=o["version"], status=o["status"], score=o.get("score"))
            for o in (said.result.get("outcomes", []) if said else [])
        ],
    )


def _finding(row: Finding) -> FindingOut:
    region = row.region
    return FindingOut(
        number=row.number,
        group=row.wing,
        detector=row.detector,
        detector_version=row.detector_version,
        code=row.code,
        bearing=row.bearing,
        strength=row.strength,
        summary=row.summary,
        caveat=row.caveat,
        region=RegionOut(kind=region["kind"], points=region["points"]) if region else None,
    )


def decision(row: Decision) -> DecisionOut:
    hidden = silent_about(row.applicant)
    return DecisionOut(
        id=row.pk,
        applicant=row.applicant_id,
        choice=row.choice,
        reason=row.reason,
        verdict=None if hidden else row.verdict or None,
        analysis=None if hidden else row.analysis_id,
        hidden=hidden,
        reviewer=str(row.reviewer),
        proposed=row.proposed,
        seconds=row.seconds_id,
        decided_at=row.decided_at,
    )
