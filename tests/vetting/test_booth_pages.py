"""The booth check on the page: who is asked, what is shown and hidden, what is said of it in the report."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from tests.conftest import AddPhoto, SignIn, picture, text, upload, words
from tests.vetting.booths import BEYOND, REASON, WITHIN, agree, compared, take
from vetting import report
from vetting.booth import comparing
from vetting.booth.answering import answer_booth
from vetting.candidate.notices import notice_for
from vetting.models import Applicant, BoothAnswer, BoothCheck, Consent, Opening, Photo, Team, User
from vetting.models.first_look import Sees
from vetting.review.blind import look_first
from vetting.web.booth import SECTION, SECTION_LIKENESS

pytestmark = pytest.mark.django_db
Says, Differs = BoothAnswer.Says, BoothAnswer.Differs


def page_of(applicant: Applicant) -> str:
    return reverse("booth-new", args=[applicant.pk])


def address(check: BoothCheck, name: str = "booth", *more: str) -> str:
    return reverse(name, args=[check.pk, *more])


# --- asking, and taking


def test_the_person_is_asked_with_the_words_of_the_notice_before_there_is_a_camera(
    photo: Photo, site: Client, alice: User
) -> None:
    notice = notice_for(photo.applicant.opening)
    told = next(section["paragraphs"] for section in notice.text if section["title"] == SECTION)
    before = text(site, page_of(photo.applicant))
    for line in told:
        assert line in before
    assert "data-camera" not in before
    assert 'name="picture"' not in before
    posted = {"agreed": "on", "notice": str(notice.number)}
    site.post(reverse("booth-consent", args=[photo.applicant_id]), posted)
    consent = Consent.objects.get()
    assert (consent.kind, consent.given, consent.witness, consent.notice) == ("booth", True, alice, notice)
    after = text(site, page_of(photo.applicant))
    assert "The person has agreed" in words(after)
    assert 'capture="environment"' in after


def test_nothing_is_noted_without_the_tick_or_for_another_wording(photo: Photo, site: Client) -> None:
    notice_for(photo.applicant.opening)
    consent = reverse("booth-consent", args=[photo.applicant_id])
    for posted, said in (({"notice": "1"}, "Tick it once"), ({"agreed": "on", "notice": "7"}, "has changed since")):
        assert said in words(site.post(consent, posted, follow=True).content.decode())
    assert not Consent.objects.exists()


def test_the_likeness_is_asked_for_by_itself_and_only_where_the_team_has_it(photo: Photo, site: Client) -> None:
    consent = reverse("booth-consent", args=[photo.applicant_id])
    assert 'name="likeness"' not in text(site, page_of(photo.applicant))
    site.post(consent, {"agreed": "on", "likeness": "on", "notice": "1"})
    assert set(Consent.objects.values_list("kind", flat=True)) == {"booth"}
    Team.objects.update(likeness=True)
    page = text(site, page_of(photo.applicant))
    assert 'name="likeness"' in page
    notice = notice_for(Opening.objects.select_related("team").get())
    assert any(section["title"] == SECTION_LIKENESS for section in notice.text)
    site.post(consent, {"agreed": "on", "likeness": "on", "notice": str(notice.number)})
    assert set(Consent.objects.filter(notice=notice).values_list("kind", flat=True)) == {"booth", "likeness"}


def test_who_no_longer_agrees_is_asked_again(photo: Photo, site: Client, alice: User) -> None:
    agree(photo.applicant, alice)
    site.post(reverse("booth-consent", args=[photo.applicant_id]), {"withdraw": "1"})
    assert "1. Ask first" in text(site, page_of(photo.applicant))
    answer = site.post(page_of(photo.applicant), {"photo": photo.pk, "picture": upload(picture(7))})
    assert "has not agreed" in words(answer.content.decode())
    assert not BoothCheck.objects.exists()


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "No picture came along."),
        ({"picture": b"%PDF-1.4"}, "a PDF document"),
        ({"picture": picture(7), "photo": "999"}, "Choose one of this applicant’s photos"),
    ],
)
def test_what_cannot_be_taken_is_said_on_the_page_with_the_choice_kept(
    posted: dict[str, Any], said: str, photo: Photo, add_photo: AddPhoto, site: Client, alice: User
) -> None:
    agree(photo.applicant, alice)
    other = add_photo(picture(2), name="second.jpg")
    filled = {"photo": str(other.pk)} | posted
    if "picture" in filled:
        filled["picture"] = upload(filled["picture"])
    page = site.post(page_of(photo.applicant), filled).content.decode()
    assert said in words(page)
    if filled["photo"] == str(other.pk):
        assert f'value="{other.pk}" checked' in page
    assert not BoothCheck.objects.exists()


def test_a_picture_that_is_taken_leads_to_its_page_which_waits(photo: Photo, site: Client, alice: User) -> None:
    agree(photo.applicant, alice)
    posted = {"photo": str(photo.pk), "picture": upload(picture(7)), "how": "camera"}
    answer = site.post(page_of(photo.applicant), posted, follow=True)
    page = answer.content.decode()
    assert "Waiting for a free worker" in words(page)
    check = BoothCheck.objects.get()
    assert check.how == "camera"
    assert f'hx-get="{address(check)}"' in page
    part = site.get(address(check), headers={"HX-Request": "true", "HX-Target": "compared"}).content.decode()
    assert part.startswith('<div id="compared"')
    assert "<textarea" not in part  # what is being typed stays


def test_the_camera_is_allowed_on_the_page_that_takes_the_picture_and_the_csp_stays_as_it_is(
    photo: Photo, site: Client
) -> None:
    response = site.get(page_of(photo.applicant))
    assert response.headers["Permissions-Policy"] == "camera=(self), microphone=()"
    assert "media-src" not in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


def test_without_a_photo_there_is_nothing_to_compare_with(applicant: Applicant, site: Client) -> None:
    page = text(site, page_of(applicant))
    assert "There is no photo yet" in page
    assert "<video" not in page
    assert "Compare with the person" not in text(site, applicant.get_absolute_url())


# --- looking, and answering


def test_what_differs_stands_first_the_usual_is_folded_and_what_was_not_measured_says_why(
    photo: Photo, site: Client, alice: User
) -> None:
    check = compared(photo, alice)
    page = text(site, address(check))
    assert page.index(BEYOND) < page.index(WITHIN) < page.index(REASON)
    assert page.index("<summary>1 within what is usual") < page.index(WITHIN)
    assert page.index(address(check, "booth-picture", "photo")) < page.index(address(check, "booth-picture", "live"))
    assert "Likeness" not in page


def test_a_likeness_is_a_band_with_its_error_rates(photo: Photo, site: Client, alice: User) -> None:
    band = {"band": "alike", "summary": "The faces are alike.", "error_rates": "Of 100 such pairs 3 are two people."}
    page = words(text(site, address(compared(photo, alice, likeness=band))))
    assert "Likeness: alike" in page
    assert "Of 100 such pairs 3 are two people." in page
    for word in ("score:", "%)", "yes", "match probability"):
        assert word not in page.partition("Likeness: alike")[2].partition("More than two photos")[0]


def test_an_answer_is_saved_and_a_second_one_stands_above_it(photo: Photo, site: Client, alice: User) -> None:
    check = compared(photo, alice)
    site.post(address(check, "booth-answer"), {"says": "cannot-say", "note": "Bad light."})
    site.post(address(check, "booth-answer"), {"says": "differs", "differs": ["hair", "weight"], "note": ""})
    page = words(text(site, address(check)))
    assert page.index("Same person, differs in hair and weight") < page.index("Cannot say earlier answer Bad light.")
    panel = words(text(site, photo.applicant.get_absolute_url()))
    assert "Same person, differs in hair and weight Alice Moreau" in panel
    assert "answered 2 times" in panel
    assert "Bad light." not in panel


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "Choose one of the three answers."),
        ({"says": "differs"}, "Tick what differs"),
        ({"says": "matches", "differs": "age"}, "You ticked something that differs."),
        ({"says": "nobody"}, "Choose one of the three."),
    ],
)
def test_an_answer_that_is_incomplete_comes_back_with_everything_in_it(
    posted: dict[str, str], said: str, photo: Photo, site: Client, alice: User
) -> None:
    check = compared(photo, alice)
    page = site.post(address(check, "booth-answer"), posted | {"note": "Long hair."}).content.decode()
    assert said in page
    assert ">Long hair.</textarea>" in page
    assert not BoothAnswer.objects.exists()


def test_what_could_not_be_measured_is_shown_for_the_eye_with_a_way_to_try_again(
    photo: Photo, site: Client, alice: User
) -> None:
    check = take(photo, alice)
    comparing.run(check.pk)
    page = text(site, address(check))
    assert "This could not be measured." in page
    assert address(check, "booth-again") in page
    assert address(check, "booth-picture", "live") in page
    assert 'name="look"' not in page  # not aligned: nothing to lay over one another
    site.post(address(check, "booth-again"))
    check.refresh_from_db()
    assert (check.state, check.attempt) == ("queued", 0)


def test_only_what_was_encoded_anew_is_served_and_no_browser_keeps_it(photo: Photo, site: Client, alice: User) -> None:
    check = compared(photo, alice)
    response = site.get(address(check, "booth-picture", "live"))
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(response.content)).getexif() == {}
    assert site.get(address(check, "booth-picture", "original")).status_code == 404
    storages["previews"].delete(check.picture_key("live"))
    assert site.get(address(check, "booth-picture", "live")).status_code == 404


def test_a_deleted_picture_is_gone_from_every_page_and_the_answer_is_not(
    photo: Photo, site: Client, alice: User
) -> None:
    check = compared(photo, alice)
    answer_booth(check=check, by=alice, says=Says.MATCHES)
    assert "goes for good" in text(site, address(check, "booth-delete"))
    page = words(site.post(address(check, "booth-delete"), follow=True).content.decode())
    assert "The picture is deleted" in page
    assert "Same person, matches" in page
    assert BEYOND not in page
    assert "What do you say?" not in page
    assert site.get(address(check, "booth-picture", "live")).status_code == 404
    assert "picture deleted" in text(site, photo.applicant.get_absolute_url())


# --- blind first, and queries


def test_before_the_first_look_neither_measurements_nor_answers_are_told(
    photo: Photo, alice: User, bob: User, signed_in: SignIn
) -> None:
    check = compared(photo, alice)
    answer_booth(check=check, by=alice, says=Says.DIFFERS, differs=[Differs.HAIR], note="Cut short.")
    Opening.objects.update(blind_first=True)
    client = signed_in(bob)
    told = (BEYOND, WITHIN, "differs in hair", "Cut short.")
    for shown in (address(check), photo.applicant.get_absolute_url(), "/activity/"):
        page = words(text(client, shown))
        assert not [hint for hint in told if hint in page], shown
    assert "once you have said" in words(text(client, address(check)))
    look_first(applicant=photo.applicant, reviewer=bob, sees=Sees.NOTHING)
    page = words(text(client, address(check)))
    assert not [hint for hint in told if hint not in page]


def test_the_applicants_page_takes_as_many_queries_for_many_checks_as_for_one(
    photo: Photo, alice: User, site: Client
) -> None:
    taken = []
    for _ in range(4):
        check = compared(photo, alice)
        answer_booth(check=check, by=alice, says=Says.MATCHES)
        with CaptureQueriesContext(connection) as queries:
            text(site, photo.applicant.get_absolute_url())
        taken.append(len(queries))
    assert len(set(taken)) == 1, taken


# --- the report


def test_the_report_tells_of_the_meeting_with_both_faces(photo: Photo, alice: User, bob: User) -> None:
    check = compared(photo, alice)
    answer_booth(check=check, by=alice, says=Says.CANNOT_SAY)
    answer_booth(check=check, by=bob, says=Says.DIFFERS, differs=[Differs.HAIR], note="Cut short.")
    (told,) = json.loads(report.applicant_json(photo.applicant, by=bob))["meetings"]
    assert told["beyond"] == [BEYOND]
    assert told["not_measured"] == [{"part": "hair", "reason": REASON}]
    assert [(one["words"], one["counts"]) for one in told["answers"]] == [
        ("Cannot say", False),
        ("Same person, differs in hair", True),
    ]
    assert told["agreed_before"] == "Alice Moreau (alice)"
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(photo.applicant, by=bob)))
    pages = " ".join("\n".join(sheet.extract_text() for sheet in pdf.pages).split())
    for words_of_it in ("At the meeting", "Same person, differs in hair", "Cut short.", "narrower in the photo by 9 %"):
        assert words_of_it in pages
    assert sum(len(sheet.images) for sheet in pdf.pages) == 2


def test_a_report_without_a_meeting_has_no_chapter_on_it_and_a_deleted_picture_is_said(
    photo: Photo, alice: User, site: Client
) -> None:
    told = json.loads(report.applicant_json(photo.applicant, by=alice))
    assert told["meetings"] == []
    check = compared(photo, alice)
    site.post(address(check, "booth-delete"))
    (told,) = json.loads(report.applicant_json(photo.applicant, by=alice))["meetings"]
    assert told["picture_deleted_at"]
    assert told["beyond"] == []
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(photo.applicant, by=alice)))
    assert "The picture was deleted" in " ".join(" ".join(sheet.extract_text() for sheet in pdf.pages).split())
