"""What the tests of the booth check share: consent, a picture that came in, and a result as a worker leaves it."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from tests.conftest import picture, upload
from vetting.booth import comparing
from vetting.booth.entering import enter_booth_picture
from vetting.candidate.consents import record_consent
from vetting.models import Applicant, BoothCheck, Consent, Photo, User

BEYOND = "The jaw is narrower in the photo by 9 % (two photos of one person usually differ by up to 5 %)."
WITHIN = "The nose is wider in the photo by 1 % (two photos of one person usually differ by up to 8 %)."
REASON = "Hair covers the forehead in the photo."
NUMBERS = {"value": -9.0, "uncertainty": 5.0, "unit": "%"}
RESULT: dict[str, Any] = {
    "summary": "1 of 2 measured differences is larger than two photos of one person usually show.",
    "differences": [
        {"code": "proportions.jaw_width", "part": "proportions", "summary": BEYOND, "beyond": True} | NUMBERS,
        {"code": "proportions.nose_width", "part": "proportions", "summary": WITHIN, "beyond": False} | NUMBERS,
    ],
    "not_measured": [{"part": "hair", "reason": REASON}],
}


def agree(applicant: Applicant, witness: User, kind: Consent.Kind = Consent.Kind.BOOTH) -> Consent:
    return record_consent(applicant=applicant, kind=kind, given=True, witness=witness)


def take(photo: Photo, by: User, data: bytes | None = None, consent: Consent | None = None) -> BoothCheck:
    """A picture that came in through the camera, with consent."""
    return enter_booth_picture(
        applicant=photo.applicant,
        photo=photo,
        data=upload(data or picture(7)),
        how=BoothCheck.How.CAMERA,
        by=by,
        consent=consent or agree(photo.applicant, by),
    )


def webp(colour: str = "grey") -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(encoded, "WEBP")
    return encoded.getvalue()


def compared(photo: Photo, by: User, **more: Any) -> BoothCheck:
    """A check that a worker has finished."""
    claimed = comparing.claim(take(photo, by).pk)
    assert claimed
    pictures = {"photo": webp(), "live": webp("tan")}
    assert comparing.finish(claimed, comparing.Compared(result=RESULT | more, pictures=pictures))
    return BoothCheck.objects.get(pk=claimed.pk)
