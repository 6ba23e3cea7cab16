"""What the style guide shows: every component in every state, from rows that are never saved."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from vetting.models import Analysis, Applicant, Finding, Photo
from vetting.models.analysis import State
from vetting.models.applicant import VERDICTS, Review
from vetting.web.evidence import Card, Dossier, Group, Lamp, Line
from vetting.web.forms import ApplicantForm
from vetting.web.regions import shape_of

WIDTH, HEIGHT = 480, 600
REGIONS: tuple[dict[str, Any], ...] = (
    {"kind": "box", "points": [[120, 160], [240, 260]]},
    {"kind": "polygon", "points": [[250, 300], [330, 280], [360, 360], [270, 390]]},
    {"kind": "ellipse", "points": [[300, 190], [350, 210], [290, 220]]},
)
FINDINGS = (
    ("provenance", "generated", "conclusive", "The signed history names a generative model.", None),
    (
        "signs",
        "retouched",
        "moderate",
        "The skin of the left cheek is smoother than the sharpness of the eyes allows.",
        0,
    ),
    ("signs", "generated", "weak", "The left earring is missing its partner.", 1),
    ("provenance", "captured", "strong", "The file matches what was signed.", None),
    ("signs", "neutral", "weak", "The light in the two eyes comes from different sides.", 2),
)


def samples() -> dict[str, Any]:
    photo = Photo(
        pk=0, file_name="sample.jpg", width=WIDTH, height=HEIGHT, size=2_345_678, format="JPEG", sha256="5f" * 32
    )
    cards = [_card(number, *finding) for number, finding in enumerate(FINDINGS, start=1)]
    return {
        "verdicts": [*VERDICTS, ("", "No verdict yet")],
        "reviews": Review.choices,
        "strengths": ("weak", "moderate", "strong", "conclusive"),
        "photo": photo,
        "cards": cards,
        "dossier": Dossier(photo=photo, analysis=None, groups=(Group(key="signs", title="", about="", cards=cards),)),
        "lines": [
            Line(title="Skin texture", status=status, note=note)
            for status, note in (
                ("clear", "Pores and fine noise are there, as sharp as the eyes."),
                ("not-applicable", "The photo is out of focus: skin cannot be judged."),
                ("failed", "The pixels could not be read."),
                ("seen", "This very file also came in for another applicant."),
            )
        ],
        "lamps": [
            Lamp(question="Are the bytes as they were signed?", light="yes", answer="Yes."),
            Lamp(question="Is the signer known?", light="unknown", answer="On no trust list in force here."),
            Lamp(question="What is claimed?", light="declared-generated", answer="Made with generative AI."),
        ],
        "states": [_analysis(photo, state) for state in State],
        "row": Applicant(pk=0, name="Eileen Collins"),
        "empty_form": ApplicantForm(),
        "bad_form": ApplicantForm({"name": "", "email": "no address"}),
    }


def _card(number: int, wing: str, bearing: str, strength: str, summary: str, region: int | None) -> Card:
    place = None if region is None else REGIONS[region]
    finding = Finding(
        number=number,
        wing=wing,
        detector="sample",
        bearing=bearing,
        strength=strength,
        summary=summary,
        caveat="Make-up and soft light do this too.",
        region=place,
    )
    return Card(finding=finding, title="Sample", shape=shape_of(place, WIDTH, HEIGHT), crop=None)


def _analysis(photo: Photo, state: State) -> Analysis:
    since = timezone.now() - dt.timedelta(seconds=12)
    error = "The examination was started 3 times and never came to an end." if state is State.FAILED else ""
    return Analysis(
        pk=0, photo=photo, state=state, requested_at=since, started_at=since, finished_at=since, error=error
    )
