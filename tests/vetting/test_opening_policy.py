"""An opening carries policy: who decides, a second reviewer, blind first, faces blurred in lists."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from tests import pictures
from tests.conftest import AddPhoto, SignIn, text, words
from vetting.models import Event, Opening, Photo, User
from vetting.preview import BLURRED, CELLS, blurred_preview, make_previews, read_preview

pytestmark = pytest.mark.django_db


def test_the_form_keeps_the_whole_policy(opening: Opening, ada: User, signed_in: SignIn) -> None:
    sent = {
        "title": opening.title,
        "photo_reason": opening.photo_reason,
        "retouching": "strict",
        "retention_days": "180",
        "deciders": "reviewers",
        "second_review": "set-aside",
        "blind_first": "on",
        "blur_faces": "on",
    }
    page = signed_in(ada).post(f"{opening.get_absolute_url()}edit/", sent, follow=True).content.decode()
    opening.refresh_from_db()
    assert (opening.deciders, opening.second_review) == ("reviewers", "set-aside")
    assert (opening.blind_first, opening.blur_faces) == (True, True)
    changed = Event.objects.latest("pk").data["changed"]
    assert set(changed) == {"deciders", "second_review", "blind_first", "blur_faces"}
    assert "Reviewers and admins decide, a second one confirms who is set aside · Looked at blind first" in words(page)


def test_what_a_form_leaves_out_stays_as_it_is(opening: Opening, ada: User, signed_in: SignIn) -> None:
    Opening.objects.update(deciders="reviewers", second_review="always")
    sent = {"title": "Another title", "photo_reason": "", "retouching": "strict", "retention_days": "180"}
    signed_in(ada).post(f"{opening.get_absolute_url()}edit/", sent)
    opening.refresh_from_db()
    assert (opening.title, opening.deciders, opening.second_review) == ("Another title", "reviewers", "always")


def test_an_odd_policy_is_refused_and_the_form_keeps_what_was_written(
    opening: Opening, ada: User, signed_in: SignIn
) -> None:
    sent = {"title": "Kept", "retouching": "strict", "retention_days": "180", "deciders": "the machine"}
    page = signed_in(ada).post(f"{opening.get_absolute_url()}edit/", sent).content.decode()
    assert "Nothing was saved yet." in page
    assert 'value="Kept"' in page
    opening.refresh_from_db()
    assert opening.deciders == "any"


def test_the_form_is_in_groups_with_a_heading_each(site: Client) -> None:
    headings = re.findall(r'<h2 id="group-\d">([^<]+)</h2>', text(site, "/openings/new/"))
    assert headings == ["Why", "Retouching", "Who decides", "Lists", "Retention"]


# --- faces blurred in lists


@pytest.fixture
def shown(add_photo: AddPhoto) -> Photo:
    photo = add_photo()
    make_previews(photo, np.asarray(pictures.astronaut()))
    photo.refresh_from_db()
    return photo


@pytest.mark.parametrize("address", ["/queue/", "/openings/{opening}/", "/openings/?q=Eileen", "/reports/"])
def test_a_list_sends_no_sharp_face_where_the_opening_hides_them(address: str, shown: Photo, site: Client) -> None:
    page = address.format(opening=shown.applicant.opening_id)
    assert f"/photos/{shown.pk}/small.webp" in text(site, page)
    Opening.objects.update(blur_faces=True)
    blurred = text(site, page)
    assert f"/photos/{shown.pk}/{BLURRED}.webp" in blurred
    assert f"/photos/{shown.pk}/small.webp" not in blurred
    assert f"/photos/{shown.pk}/large.webp" in text(site, shown.applicant.get_absolute_url())


def test_a_blurred_preview_has_the_size_of_the_small_one_and_nothing_finer_than_its_cells(shown: Photo) -> None:
    small = Image.open(io.BytesIO(read_preview(shown, Photo.Preview.SMALL)))
    blurred = Image.open(io.BytesIO(blurred_preview(shown)))
    assert blurred.size == small.size

    def finer_than_cells(picture: Image.Image) -> float:
        """How much of the picture is left when what CELLS x CELLS can carry is taken away."""
        grey = picture.convert("L")
        coarse = grey.resize((CELLS, CELLS), Image.Resampling.BOX).resize(grey.size, Image.Resampling.BICUBIC)
        return float(np.std(np.asarray(grey, np.float32) - np.asarray(coarse, np.float32)))

    assert finer_than_cells(blurred) < finer_than_cells(small) / 4


def test_a_blurred_preview_is_private_and_not_a_strangers(
    shown: Photo, site: Client, charlie: User, signed_in: SignIn
) -> None:
    response = site.get(f"/photos/{shown.pk}/blurred.webp")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
    assert "private" in response.headers["Cache-Control"]
    assert signed_in(charlie).get(f"/photos/{shown.pk}/blurred.webp").status_code == 404
