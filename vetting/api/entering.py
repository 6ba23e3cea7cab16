"""What a token adds: through the same doors as a person at the site, in the name of who made the token."""

from __future__ import annotations

from django.core.files.base import File
from django.db import transaction

from vetting.intake import Arrival, accept_photo, add_applicant
from vetting.models import ApiToken, Applicant, Opening
from vetting.tokens import note_write


@transaction.atomic
def enter_applicant(*, token: ApiToken, opening: Opening, name: str, email: str, reference: str) -> Applicant:
    added = add_applicant(opening=opening, name=name, by=token.created_by, email=email, reference=reference)
    note_write(token=token, subject=added)
    return added


def enter_photo(*, token: ApiToken, applicant: Applicant, upload: File[bytes]) -> Arrival:
    """Raises intake.Refused. Storing the bytes is no part of a transaction, as in intake."""
    arrival = accept_photo(applicant=applicant, upload=upload, by=token.created_by)
    if not arrival.known:
        note_write(token=token, subject=arrival.photo)
    return arrival
