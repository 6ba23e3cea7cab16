"""A history for the style guide: each kind of row in each state, from a result that nobody examined."""

from __future__ import annotations

from typing import Any

from vetting.models import Analysis, Applicant, Opening, Photo, Team, User
from vetting.web.history import Told, told_by

CAPTURE: dict[str, Any] = {
    "signer": "A camera maker",
    "known": True,
    "generator": "Sample camera 2.0",
    "signed_at": "2026-03-02T09:30:00+00:00",
    "steps": [
        {
            "action": "c2pa.created",
            "source_type": "digitalCapture",
            "words": "Created, declared as captured by a camera.",
        }
    ],
}
BACKDROP: dict[str, Any] = {
    "part": True,
    "signer": "شركة التصوير",
    "known": False,
    "steps": [
        {
            "action": "c2pa.created",
            "source_type": "trainedAlgorithmicMedia",
            "words": "Created, declared as made by an AI model.",
        }
    ],
    "gap": "Unsigned steps happened here, or were stripped: how the picture began is not recorded.",
}
EDITED: dict[str, Any] = {
    "signer": "A studio on no list",
    "known": False,
    "generator": "Sample_Editor/5.1",
    "signed_at": "2026-03-05T16:04:00+00:00",
    "steps": [
        {"action": "c2pa.opened", "words": "Opened."},
        *({"action": "c2pa.edited", "words": f"Edited ({tool})."} for tool in ("curves", "crop", "healing brush")),
    ],
    "ingredients": [
        {"title": "IMG_2041.jpg", "words": "the picture that was opened", "has_credentials": True},
        {"title": "backdrop.png", "words": "an element that was placed into it", "has_credentials": False},
    ],
    "doubts": ["signingCredential.untrusted"],
    "gap_after": "Something changed the file after the last signature, and nobody signed for it.",
}
RESULT: dict[str, Any] = {
    "outcomes": [
        {
            "detector": "content_credentials",
            "status": "found",
            "details": {
                "state": "mismatch",
                "words": "The file does not match what was signed.",
                "signer": "A studio on no list",
                "signer_list": None,
                "intact": False,
                "claims": ["Created, declared as captured by a camera."],
                "signed_at": "2026-03-05T16:04:00+00:00",
                "timestamp": {"authority": "A timestamp authority", "trusted": True},
                "chapters": [CAPTURE, BACKDROP, EDITED],
                "codes": ["assertion.dataHash.mismatch"],
                "checks": [
                    {
                        "code": "claimSignature.validated",
                        "words": "The signature fits.",
                        "passed": True,
                        "about": "file",
                    },
                    {"code": "assertion.dataHash.mismatch", "words": "The bytes differ.", "passed": False},
                ],
                "second_reader": {"reader": "Another reader", "intact": True, "knows_signer": False, "codes": []},
            },
        },
        {
            "detector": "metadata_marks",
            "details": {
                "camera": {"make": "Google", "model": "Pixel 10", "taken": "2026-03-02T10:29:58"},
                "unsigned_steps": [{"words": "Saved", "tool": "Adobe Photoshop 27", "source": "xmp"}],
                "contradictions": [{"words": "The file was changed before it was taken, it says."}],
            },
        },
        {
            "detector": "generator_parameters",
            "details": {"tool": "A generator", "model": "sample-xl", "seed": "7", "prompt": "a made-up prompt"},
        },
    ]
}


def history_sample(photo: Photo) -> Told:
    """Nothing of it is saved. photo: that of the style guide."""
    opening = Opening(pk=0, title="Lead, autumn film", team=Team(name="Northlight Casting"))
    photo.applicant = Applicant(pk=0, name="Eileen Collins", email="eileen@example.org", opening=opening)
    return told_by(Analysis(pk=0, photo=photo, result=RESULT), photo, User(username="alice", first_name="Alice"))
