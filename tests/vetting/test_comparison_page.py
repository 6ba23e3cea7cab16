"""The page of a comparison: waiting, failed, compared; two pictures and, where they are one, what was changed where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from tests import pictures
from tests.conftest import AddPhoto, SignIn, picture, text, words
from vetting.models import Comparison, Opening, Photo, User
from vetting.models.first_look import Sees
from vetting.preview import make_previews
from vetting.reply.comparing import PICTURES, request_comparison, write_pictures
from vetting.review.blind import look_first

pytestmark = pytest.mark.django_db
RESULT: dict[str, Any] = {
    "relation": "same-picture",
    "summary": "This is the same picture; changed were: the skin, the background.",
    "scale": 0.5,
    "rotation": -1.46,
    "mirrored": True,
    "kept": 0.82,
    "share": 0.125,
    "changes": [
        {
            "part": "skin",
            "summary": "The skin lost much of its fine texture.",
            "region": {"kind": "polygon", "points": [[60, 60], [140, 60], [100, 160]]},
            "share": 0.42,
            "magnitude": 0.3,
        },
        {"part": "background", "summary": "The background is another one.", "region": None, "share": 1, "magnitude": 1},
    ],
}


@pytest.fixture
def row(photo: Photo, add_photo: AddPhoto, alice: User) -> Comparison:
    return request_comparison(photo=photo, original=add_photo(picture(4), name="DSC_1.jpg"), by=alice)


@pytest.fixture
def compared(row: Comparison) -> Comparison:
    write_pictures(row, {name: pictures.noise(120, 150, seed) for seed, name in enumerate(PICTURES)})
    Comparison.objects.update(state="done", result=RESULT, has_pictures=True)
    row.refresh_from_db()
    return row


def page_of(row: Comparison) -> str:
    return reverse("comparison", args=[row.pk])


def test_while_it_waits_the_page_asks_again_by_itself(row: Comparison, site: Client) -> None:
    page = text(site, page_of(row))
    assert "Waiting for a free worker." in page
    assert f'hx-get="{page_of(row)}"' in page
    part = text(site, page_of(row), HX_Request="true", HX_Target="comparison")
    assert "<html" not in part
    assert part.count('id="comparison"') == 1


def test_both_pictures_the_changes_and_the_regions_are_shown(compared: Comparison, site: Client) -> None:
    page = text(site, page_of(compared))
    for name in PICTURES:
        address = reverse("comparison-picture", args=[compared.pk, name])
        assert f'"{address}"' in page
        assert site.get(address).headers["Content-Type"] == "image/webp"
    assert page.count('class="region"') == 1
    assert 'points="60,60 140,60 100,160"' in page
    assert 'type="range"' in page
    assert "hx-get" not in page
    shown = words(page)
    assert "The skin lost much of its fine texture. In the skin: about 42 % of it, clearly" in shown
    assert "The background is another one. In the background: about 100 % of it, strongly · not drawn" in shown
    assert "82 % of it; the rest was cut off" in shown
    assert "by -1.5°" in shown
    assert "Mirrored yes" in shown


def test_the_same_picture_without_a_change_says_so(compared: Comparison, site: Client) -> None:
    Comparison.objects.update(result=RESULT | {"changes": [], "kept": 1.0, "rotation": 0.1})
    shown = words(text(site, page_of(compared)))
    assert "Nothing was found to be changed" in shown
    assert "all of it" in shown
    assert "Turned no" in shown


@pytest.mark.parametrize("result", [{}, {"relation": 7, "changes": "x"}, {"relation": "another-picture"}])
def test_two_that_are_not_one_stand_side_by_side(result: dict[str, Any], row: Comparison, site: Client) -> None:
    make_previews(row.photo, np.asarray(pictures.noise(320, 400)))
    Comparison.objects.update(state="done", result=result)
    page = text(site, page_of(row))
    assert reverse("photo-preview", args=[row.photo_id, "large"]) in page
    assert "What was changed" not in page


def test_a_failure_is_said_and_can_be_tried_again(row: Comparison, site: Client) -> None:
    Comparison.objects.update(state="failed", error="A stored original could not be read.")
    assert "A stored original could not be read." in text(site, page_of(row))
    response = site.post(reverse("comparison-again", args=[row.pk]), follow=True)
    assert "Waiting for a free worker." in response.content.decode()


def test_it_is_started_by_hand_for_any_two_photos(photo: Photo, add_photo: AddPhoto, site: Client) -> None:
    other = add_photo(picture(4), name="DSC_1.jpg")
    page = text(site, photo.applicant.get_absolute_url())
    assert "Compare with…" in page
    start = reverse("comparison-start", args=[photo.applicant_id])
    response = site.post(start, {"photo": str(photo.pk), "original": str(other.pk)})
    row = Comparison.objects.get()
    assert response.headers["Location"] == page_of(row)
    assert (row.photo, row.original) == (photo, other)
    response = site.post(start, {"photo": str(photo.pk), "original": str(photo.pk)}, follow=True)
    assert "Both are the same photo." in response.content.decode()
    for asked in ("", "x", "99999999", "9" * 40):
        assert site.post(start, {"photo": str(photo.pk), "original": asked}).status_code == 404


def test_a_stranger_finds_nothing(compared: Comparison, charlie: User, signed_in: SignIn) -> None:
    client = signed_in(charlie)
    for address in (page_of(compared), reverse("comparison-picture", args=[compared.pk, "first"])):
        assert client.get(address).status_code == 404
    assert client.post(reverse("comparison-again", args=[compared.pk])).status_code == 404


@pytest.mark.parametrize("name", ["nonsense", "original.webp", "First"])
def test_a_picture_that_does_not_exist_is_not_found(name: str, compared: Comparison, site: Client) -> None:
    assert site.get(reverse("comparison-picture", args=[compared.pk, name])).status_code == 404


def test_a_picture_that_is_gone_is_not_found(row: Comparison, site: Client) -> None:
    assert site.get(reverse("comparison-picture", args=[row.pk, "first"])).status_code == 404
    Comparison.objects.update(has_pictures=True)
    assert site.get(reverse("comparison-picture", args=[row.pk, "first"])).status_code == 404


def test_nothing_of_it_is_shown_before_the_first_look(compared: Comparison, bob: User, signed_in: SignIn) -> None:
    Opening.objects.update(blind_first=True)
    client, applicant = signed_in(bob), compared.photo.applicant
    applicant.opening.refresh_from_db()
    addresses = [page_of(compared), reverse("comparison-picture", args=[compared.pk, "difference"])]
    assert [client.get(address).status_code for address in addresses] == [403, 403]
    assert client.post(reverse("comparison-again", args=[compared.pk])).status_code == 403
    assert page_of(compared) not in text(client, applicant.get_absolute_url())
    look_first(applicant=applicant, reviewer=bob, sees=Sees.NOTHING)
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    assert page_of(compared) in text(client, applicant.get_absolute_url())
