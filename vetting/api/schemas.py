"""What goes in and what comes out. Moments are ISO 8601 in UTC; places are pixels of the upright photo."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from ninja import Schema
from pydantic import ConfigDict, Field, field_validator

ONE_LINE = r"^[^\x00-\x1f]*$"
SOME_WORDS = r"^[^\x00-\x1f]*[^\x00-\x1f\s][^\x00-\x1f]*$"


class NewApplicant(Schema):
    """A person under an opening."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200, pattern=SOME_WORDS, description="As the person uses it.")
    email: str = Field("", max_length=254, pattern=ONE_LINE, description="An address, or nothing.")
    reference: str = Field("", max_length=100, pattern=ONE_LINE, description="Your own number or link.")

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, email: str) -> str:
        try:
            if email:
                validate_email(email)
        except ValidationError as error:
            raise ValueError("Write an address such as name@example.org, or leave it empty.") from error
        return email


class OpeningOut(Schema):
    id: int
    title: str
    photo_reason: str = Field(description="Why a photo is needed, as candidates are told.")
    retouching: str = Field(description="strict or lenient: whether retouching is tolerated.")
    retention_days: int
    blind_first: bool = Field(description="Reviewers say what they see before findings are shown to them.")
    created_at: dt.datetime
    closed_at: dt.datetime | None


class Headline(Schema):
    """The gravest current verdict of an applicant's photos."""

    code: str
    title: str
    strength: str
    reason: str
    at: dt.datetime | None


class ApplicantOut(Schema):
    id: int
    opening: int
    name: str
    email: str
    reference: str
    created_at: dt.datetime
    verdict: Headline | None = Field(description="Null until a photo has been examined, and while hidden.")
    hidden: bool = Field(description="The opening is looked at blind first and people have not decided yet.")
    review: str = Field(description="Where the people who decide have got to: waiting, accepted, set-aside, ...")
    reviewed_at: dt.datetime | None


class ExaminationOut(Schema):
    """The newest examination of a photo."""

    id: int
    state: str = Field(description="queued, running, done or failed.")
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    error: str = Field(description="A sentence, where something could not be done.")


class PhotoOut(Schema):
    id: int
    applicant: int
    file_name: str
    sha256: str = Field(description="Of the untouched bytes, as they came in.")
    size: int
    format: str
    width: int
    height: int
    uploaded_at: dt.datetime
    examination: ExaminationOut | None
    verdict: str | None = Field(description="Code of the newest finished examination; null while hidden.")
    hidden: bool


class ApplicantWithPhotos(ApplicantOut):
    photos: list[PhotoOut]


class VerdictOut(Schema):
    """What the checks say together. It is evidence for a person and decides nothing."""

    photo: int
    hidden: bool = Field(description="The opening is looked at blind first and people have not decided yet.")
    examination: ExaminationOut | None
    analysis: int | None = Field(description="The finished examination that said so; null until there is one.")
    code: str | None
    title: str | None
    score: float | None = Field(description="Calibrated probability at even odds that a generator made the picture.")
    strength: str | None
    summary: str | None
    reasons: list[str] = Field(description="Codes of the findings that carry the verdict.")
    bound: dict[str, Any] | None = Field(description="How often real photos get this verdict, where that was measured.")
    settle: str | None = Field(description="What would settle the matter.")


class RegionOut(Schema):
    kind: str = Field(description="box, polygon or ellipse.")
    points: list[list[float]] = Field(description="x and y, in pixels of the upright photo.")


class FindingOut(Schema):
    number: int = Field(description="As drawn on the photo.")
    group: str = Field(description="provenance, signs or fingerprint: they are never merged.")
    detector: str
    detector_version: int
    code: str
    bearing: str = Field(description="generated, retouched, captured or neutral.")
    strength: str
    summary: str
    caveat: str = Field(description="What this cannot mean.")
    region: RegionOut | None


class CheckOut(Schema):
    """One check's outcome. Nothing seen, does not apply and could not look are three different things."""

    detector: str
    version: int
    status: str = Field(description="found, clear, not-applicable or failed.")
    score: float | None


class FindingsOut(Schema):
    photo: int
    hidden: bool
    analysis: int | None
    width: int
    height: int
    findings: list[FindingOut]
    checks: list[CheckOut]


class DecisionOut(Schema):
    """What a person decided. A changed mind is a new decision; there is no call to make one."""

    id: int
    applicant: int
    choice: str
    reason: str
    verdict: str | None = Field(description="As it stood at that moment; null while hidden.")
    hidden: bool
    analysis: int | None
    reviewer: str
    proposed: bool = Field(description="Waits for a second reviewer before it counts.")
    seconds: int | None = Field(description="The decision that this one confirms or overturns.")
    decided_at: dt.datetime


class OpeningPage(Schema):
    items: list[OpeningOut]
    next: str | None


class ApplicantPage(Schema):
    items: list[ApplicantOut]
    next: str | None


class DecisionPage(Schema):
    items: list[DecisionOut]
    next: str | None


class FieldProblem(Schema):
    where: str
    problem: str


class ProblemOut(Schema):
    """RFC 9457, application/problem+json."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
