"""The number of queries of a page does not grow with its rows: the same at 1 and at 200."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import SignIn
from vetting.models import Analysis, Applicant, Finding, Opening, Photo, User

ROWS = [1, 200]


def fill(opening: Opening, by: User, count: int) -> None:
    """`count` applicants with a photo that was examined, and a finding."""
    people = Applicant.objects.bulk_create(
        Applicant(opening=opening, name=f"Applicant {n:03}", created_by=by, verdict="inconclusive", verdict_rank=4)
        for n in range(count)
    )
    facts: dict[str, Any] = {"size": 1, "format": "JPEG", "width": 300, "height": 400, "has_preview": True}
    photos = Photo.objects.bulk_create(
        Photo(applicant=person, sha256=f"{n:064x}", file_name="a.jpg", uploaded_by=by, **facts)
        for n, person in enumerate(people)
    )
    for person, photo in zip(people, photos, strict=True):
        person.cover = photo
    Applicant.objects.bulk_update(people, ["cover"])
    analyses = Analysis.objects.bulk_create(
        Analysis(photo=photo, state="done", verdict="inconclusive", finished_at=timezone.now()) for photo in photos
    )
    Finding.objects.bulk_create(
        Finding(analysis=analysis, number=1, wing="signs", detector="skin", detector_version=1, summary="Seen.")
        for analysis in analyses
    )


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        # session, user, mentions; then the page's own
        # opening, role, count, keys, rows, import under way, saved views; when retention begins, who leaves soon
        ("/openings/{opening}/", 12),
        ("/openings/{opening}/?q=applicant&verdict=inconclusive&review=waiting&sort=name", 12),
        ("/openings/{opening}/?sort=-name&page=99", 12),
        ("/openings/", 6),  # may add, openings, photos in work
        ("/openings/?q=a", 8),  # and people: keys, rows
        ("/openings/?q=applicant+example", 6),  # nobody
        ("/queue/", 8),  # openings, count, keys, rows, saved views
        ("/queue/?page=99", 8),
        ("/queue/?whose=free&verdict=inconclusive&opening={opening}", 9),  # the team's name for the view to be saved
        ("/queue/?whose=mine", 7),  # nothing: no rows
        ("/reports/", 7),  # openings, count, keys, rows
        ("/reports/?q=applicant", 7),
    ],
)
def test_a_list_takes_as_many_queries_for_200_rows_as_for_one(
    address: str,
    queries: int,
    rows: int,
    opening: Opening,
    alice: User,
    signed_in: SignIn,
    django_assert_num_queries: Any,
) -> None:
    fill(opening, alice, rows)
    client = signed_in(alice)
    with django_assert_num_queries(queries):
        response = client.get(address.format(opening=opening.pk))
    assert response.status_code == 200


@pytest.mark.parametrize("photos", [1, 20])
def test_an_applicants_page_takes_as_many_queries_for_20_photos_as_for_one(
    photos: int, applicant: Applicant, alice: User, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    facts: dict[str, Any] = {"size": 1, "format": "JPEG", "width": 300, "height": 400, "uploaded_by": alice}
    for n in range(photos):
        photo = Photo.objects.create(applicant=applicant, sha256=f"{n:064x}", file_name="a.jpg", **facts)
        analysis = Analysis.objects.create(
            photo=photo, state="done", verdict="inconclusive", finished_at=timezone.now(), result={"verdict": {}}
        )
        Finding.objects.create(
            analysis=analysis, number=1, wing="signs", detector="skin", detector_version=1, summary="Seen."
        )
    client = signed_in(alice)
    # session, user, mentions; applicant, photos, analyses, decisions; role; result, findings; repeats, twins, hashed;
    # events; notes, members; replies, comparisons; booth checks; links, consents, disclosures; holds, requests, start
    with django_assert_num_queries(25):
        response = client.get(applicant.get_absolute_url())
    assert "Seen." in response.content.decode()
