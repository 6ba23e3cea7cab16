"""A search for a photo by its SHA-256, whole or the beginning of it, as reports and pages print it."""

from __future__ import annotations

import re

from vetting.models import Photo, User
from vetting.models.applicant import ApplicantQuerySet

FEWEST = 8  # hex digits; of a million photos, fewer than one other begins with the same
DIGITS = re.compile(rf"[0-9a-f]{{{FEWEST},64}}")
AFTER = "g"  # comes after every hex digit


def hash_in(query: str) -> str:
    """The hex digits, without the spaces that they are printed with; empty where the query is no hash."""
    digits = "".join(query.split()).lower().removeprefix("sha256:").removeprefix("sha-256:")
    return digits if DIGITS.fullmatch(digits) else ""


def holding(people: ApplicantQuerySet, digits: str, reader: User) -> ApplicantQuerySet:
    """Of these, who has a photo whose hash begins so. A range, not LIKE: the index on the hash answers it."""
    photos = Photo.objects.visible_to(reader).filter(sha256__gte=digits, sha256__lt=digits + AFTER)
    return people.filter(pk__in=photos.values("applicant"))
