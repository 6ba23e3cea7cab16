"""What the style guide shows: every component in every state, from rows that are never saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from vetting.models import Analysis, Applicant, Finding, Photo
from vetting.models.applicant import VERDICTS, Review
from vetting.models.leased import State
from vetting.report.deliveries import deliveries_of
from vetting.report.weighing import weighing_of
from vetting.web.charts import Strip, balance_of, strip_of
from vetting.web.evidence import Card, Dossier, Group, Lamp, Line
from vetting.web.forms import ApplicantForm
from vetting.web.history_sample import history_sample
from vetting.web.regions import drawing_of

STAND_IN = "img/sample.svg"  # a drawing in place of a photo, so that nobody is in it
WIDTH, HEIGHT = 480, 600
CHEEK = {"kind": "ellipse", "points": [[198, 275], [226, 275], [198, 300]]}
EARS = {"kind": "polygon", "points": [[312, 248], [342, 248], [340, 290], [314, 290]]}
EYES = {"kind": "box", "points": [[180, 190], [300, 236]]}
EDGE = {"kind": "box", "points": [[46, 386], [92, 534]]}
EARS_COMPARED = {
    "panels": [
        {"label": "ear on the left, as you look at it", "box": [122, 190, 186, 294], "mirrored": False},
        {"label": "ear on the right", "box": [294, 190, 358, 294], "mirrored": True},
    ]
}
EYES_COMPARED = {
    "panels": [
        {"label": "eye on the left, as you look at it", "box": [180, 190, 236, 236], "mirrored": False},
        {"label": "eye on the right", "box": [244, 190, 300, 236], "mirrored": False},
    ]
}
BEND = {
    "seen": [[60, 250], [60, 390], [63, 408], [74, 430], [78, 460], [74, 490], [63, 512], [60, 530], [60, 600]],
    "expected": [[60, 250], [60, 600]],
}
FACE = {"kind": "box", "points": [[140, 100], [340, 360]]}
WARMTH = [[0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0.1, 0.1, 0, 0, 0], [0, 0.2, 0.3, 0.3, 0.3, 0.2, 0, 0],
          [0, 0.3, 0.9, 0.6, 0.5, 0.4, 0.1, 0], [0, 0.2, 0.6, 0.6, 0.4, 0.2, 0, 0], [0, 0, 0.2, 0.4, 0.3, 0, 0, 0],
          [0, 0, 0.2, 0.8, 1, 0.5, 0, 0], [0, 0, 0, 0.3, 0.4, 0.2, 0, 0]]  # fmt: skip
HEAT = {"heat": {"corners": [[140, 100], [340, 100], [340, 360], [140, 360]], "values": WARMTH}}
WAYS = ("JPEG 80", "JPEG 60", "WebP 75", "three quarters of the size, JPEG 85", "half the size, WebP 75")
BOUND = {"share": 0.0085, "alarms": 3, "photos": 1062, "sources": 30, "confidence": 0.95}
VERDICT = {
    "code": "generated",
    "score": 0.98,
    "policy": {"version": 3, "retouching": "strict"},
    "bound": BOUND,
    "evidence": [
        {"title": "Learned fingerprint", "log10_ratio": 1.6, "words": "strong", "speaks_for": "generated", "shared": 1},
        {"title": "Symmetry", "log10_ratio": 0.6, "words": "weak", "speaks_for": "generated", "shared": 0.5},
        {"title": "Eyes", "log10_ratio": -0.4, "words": "weak", "speaks_for": "camera", "shared": 1},
        {"title": "Skin", "log10_ratio": 0.05, "words": "moderate", "speaks_for": "retouched", "shared": 0.2},
    ],
    "would_change": ["The camera original, with a signed history.", "A copy of the photo that was not resized."],
}
FINDINGS: tuple[dict[str, Any], ...] = (
    {
        "wing": "provenance",
        "bearing": "generated",
        "strength": "conclusive",
        "summary": "The signed history names a generative model.",
    },
    {
        "wing": "signs",
        "bearing": "retouched",
        "strength": "moderate",
        "summary": "The skin of the left cheek is smoother than the sharpness of the eyes allows.",
        "region": CHEEK,
    },
    {
        "wing": "signs",
        "bearing": "generated",
        "strength": "weak",
        "summary": "The left earring is missing its partner.",
        "region": EARS,
        "figure": EARS_COMPARED,
    },
    {
        "wing": "provenance",
        "bearing": "captured",
        "strength": "strong",
        "summary": "The file matches what was signed.",
    },
    {
        "wing": "signs",
        "bearing": "neutral",
        "strength": "weak",
        "summary": "The light in the two eyes comes from different sides.",
        "region": EYES,
        "figure": EYES_COMPARED,
    },
    {
        "wing": "signs",
        "bearing": "retouched",
        "strength": "strong",
        "summary": "The edge of the door bends beside the arm.",
        "region": EDGE,
        "figure": BEND,
    },
    {
        "wing": "fingerprint",
        "bearing": "generated",
        "strength": "strong",
        "summary": "The fine grain of the face is like that of generated pictures.",
        "region": FACE,
        "figure": HEAT,
    },
)


def samples() -> dict[str, Any]:
    photo = Photo(
        pk=0, file_name="sample.jpg", width=WIDTH, height=HEIGHT, size=2_345_678, format="JPEG", sha256="5f" * 32
    )
    cards = [_card(number, finding) for number, finding in enumerate(FINDINGS, start=1)]
    return {
        "verdicts": [*VERDICTS, ("", "No verdict yet")],
        "reviews": Review.choices,
        "strengths": ("weak", "moderate", "strong", "conclusive"),
        "photo": photo,
        "told": history_sample(photo),
        "applicant": photo.applicant,
        "stand_in": STAND_IN,
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
        "strips": [
            _strip((0.99, 0.98, 0.985, 0.97, 0.99, 0.975), stable=True, limit=0.97, doubt=0.7),
            _strip((0.91, 0.3, 0.88, None, 0.62, 0.8), stable=False, limit=0.97, doubt=0.7),
            _strip((0.04, 0.05, 0.03, 0.09, 0.06, 0.04), stable=True, limit=None, doubt=None),
        ],
        "balance": balance_of(weighing) if (weighing := weighing_of({"verdict": VERDICT})) else None,
        "states": [_analysis(photo, state) for state in State],
        "row": Applicant(pk=0, name="Eileen Collins"),
        "empty_form": ApplicantForm(),
        "bad_form": ApplicantForm({"name": "", "email": "no address"}),
    }


def _strip(scores: Sequence[float | None], **details: Any) -> Strip | None:
    names = ("as it came", *WAYS)
    twins = [{"name": name, "score": score} for name, score in zip(names, scores, strict=True)]
    deliveries = deliveries_of({"outcomes": [{"detector": "network", "details": {"twins": twins, **details}}]})
    return strip_of(deliveries) if deliveries else None


def _card(number: int, facts: dict[str, Any]) -> Card:
    finding = Finding(number=number, detector="sample", caveat="Make-up and soft light do this too.", **facts)
    return Card(finding=finding, title="Sample", drawing=drawing_of(finding.region, finding.figure, WIDTH, HEIGHT))


def _analysis(photo: Photo, state: State) -> Analysis:
    since = timezone.now() - dt.timedelta(seconds=12)
    error = "The examination was started 3 times and never came to an end." if state is State.FAILED else ""
    return Analysis(
        pk=0, photo=photo, state=state, requested_at=since, started_at=since, finished_at=since, error=error
    )
