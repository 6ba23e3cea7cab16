"""What the page of a photo shows of the team's other applicants: the same picture, and the same background."""

from __future__ import annotations

from dataclasses import dataclass

from vetting.models import Photo, Repeat
from vetting.report.elsewhere import Elsewhere, elsewhere_of

MOST = 50  # on one page; a silhouette that a form hands out stands under hundreds of names


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """compared: whether the photo was ever compared with the team's others. more: whether some are left out."""

    repeats: tuple[Elsewhere, ...] = ()
    compared: bool = False
    more: bool = False


def seen_elsewhere(photo: Photo) -> Seen:
    """Three queries at most. photo: with its applicant and opening, which the reader may see."""
    pairs = list(Repeat.objects.for_page(photo)[: MOST + 1])
    same = Photo.objects.filter(sha256=photo.sha256, applicant__opening__team=photo.applicant.opening.team_id)
    twins = list(same.exclude(applicant=photo.applicant_id).select_related("applicant__opening")[:MOST])
    repeats = elsewhere_of(photo, pairs, twins)
    compared = photo.hashes.exists()
    return Seen(repeats=repeats[:MOST], compared=compared, more=len(repeats) > MOST)
