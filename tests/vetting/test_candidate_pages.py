"""The candidate's pages: the notice and the consent, photos and what is said of them, and what is never shown there."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import Settings

from tests.conftest import SignIn, examine_now, picture, text, upload, words
from vetting import intake, report
from vetting.candidate import receiving
from vetting.candidate.consents import record_consent
from vetting.candidate.disclosing import MOST_WORDS, disclose, newest_disclosures
from vetting.candidate.links import address_of, key_of, make_link
from vetting.models import Analysis, Applicant, CandidateLink, Consent, Disclosure, Event, Opening, Photo, User
from vetting.models.decision import Choice
from vetting.report.evidence import collect_applicant
from vetting.review import decide_case
from vetting.web.views.candidate import ANSWERS_A_MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def agreed(link: CandidateLink) -> CandidateLink:
    """The link of a candidate who has agreed."""
    record_consent(applicant=link.applicant, kind=Consent.Kind.PHOTOS, given=True, link=link)
    return link


def at(name: str, link: CandidateLink, *more: int) -> str:
    return reverse(name, args=[key_of(link), *more])


def agree(client: Client, link: CandidateLink, given: str = "yes", kind: str = "photos", notice: str = "") -> Any:
    """Answers the question on the page as it stands."""
    found = re.search(r'name="notice" value="(\d+)"', text(client, at("candidate-notice", link)))
    assert found
    data = {"kind": kind, "given": given, "notice": notice or found[1]}
    return client.post(at("candidate-notice", link), data, follow=True)


def send(client: Client, link: CandidateLink, *files: SimpleUploadedFile, **headers: str) -> str:
    response = client.post(at("candidate-photos", link), {"photos": list(files)}, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


# --- the steps


def test_the_first_page_says_who_asks_for_what_and_each_step_in_a_sentence(
    candidate: Client, link: CandidateLink
) -> None:
    page = words(text(candidate, address_of(link)))
    assert "Northlight Casting asks you for a photo for “Lead, autumn film”: To cast the part." in page
    assert "A person looks at it and decides; no machine does" in page
    assert "Read what you are told" in page
    assert "After you have agreed" in page


def test_the_steps_say_where_they_stand(candidate: Client, agreed: CandidateLink) -> None:
    assert "You agreed on" in words(text(candidate, address_of(agreed)))
    send(candidate, agreed, upload(picture(3), "me.jpg"))
    page = words(text(candidate, address_of(agreed)))
    assert "1 photo here" in page
    assert "Said for 0 of 1" in page
    disclose(photo=agreed.applicant.photos.get(), says=Disclosure.Says.AS_TAKEN, link=agreed)
    assert "Said for 1 of 1" in words(text(candidate, address_of(agreed)))


def test_no_step_leads_to_nothing(candidate: Client, agreed: CandidateLink) -> None:
    page = text(candidate, address_of(agreed))
    inside = set(re.findall(rf'href="(/c/{re.escape(key_of(agreed))}/[^"#]*)', page))
    assert len(inside) >= 3
    for address in inside:
        assert candidate.get(address).status_code == 200, address


# --- the notice and the consent


def test_the_notice_shows_its_version_and_date_and_the_whole_wording(candidate: Client, link: CandidateLink) -> None:
    page = words(text(candidate, at("candidate-notice", link)))
    assert "Version 1 of" in page
    for title in ("Who asks you", "Who decides", "What is never done", "How long it is kept", "What you can do"):
        assert title in page


def test_consent_is_noted_against_the_notice_that_was_seen(candidate: Client, link: CandidateLink) -> None:
    page = words(agree(candidate, link).content.decode())
    assert "you have agreed" in page
    consent = Consent.objects.get()
    assert (consent.kind, consent.given, consent.notice.number, consent.link) == ("photos", True, 1, link)
    assert "You agreed on" in words(text(candidate, at("candidate-notice", link)))


def test_a_wording_that_changed_while_it_was_read_is_shown_and_asked_again(
    candidate: Client, link: CandidateLink, opening: Opening
) -> None:
    text(candidate, at("candidate-notice", link))
    Opening.objects.filter(pk=opening.pk).update(retention_days=1000)
    response = candidate.post(
        at("candidate-notice", link), {"kind": "photos", "given": "yes", "notice": "1"}, follow=True
    )
    page = words(response.content.decode())
    assert "The wording has changed since you opened this page" in page
    assert "Version 2 of" in page
    assert "For 1000 days" in page
    assert not Consent.objects.exists()


def test_withdrawing_is_one_button_and_says_what_happens(candidate: Client, link: CandidateLink) -> None:
    agree(candidate, link)
    page = words(text(candidate, at("candidate-notice", link)))
    assert "Withdraw my consent" in page
    assert "no more photos of you are taken and none is examined again" in page
    agree(candidate, link, given="no")
    assert [c.given for c in Consent.objects.all()] == [True, False]
    page = words(text(candidate, at("candidate-notice", link)))
    assert "You withdrew on" in page
    assert "I have read this and agree" in page


def test_each_thing_is_asked_for_by_itself(candidate: Client, link: CandidateLink) -> None:
    agree(candidate, link, kind="booth")
    assert list(Consent.objects.values_list("kind", "given")) == [("booth", True)]
    assert "please read what you are told" in words(text(candidate, at("candidate-photos", link)))


def test_the_likeness_score_is_asked_for_only_where_the_team_has_it(
    candidate: Client, link: CandidateLink, opening: Opening
) -> None:
    assert "likeness" not in text(candidate, at("candidate-notice", link))
    agree(candidate, link, kind="likeness")
    assert not Consent.objects.exists()
    opening.team.likeness = True
    opening.team.save(update_fields=["likeness"])
    agree(candidate, link, kind="likeness")
    assert Consent.objects.get().kind == "likeness"


@pytest.mark.parametrize("data", [{}, {"kind": "photos", "given": "yes"}, {"kind": "x", "notice": "1"},
                                  {"kind": "photos", "notice": "9" * 40, "given": "yes"}])  # fmt: skip
def test_a_form_that_was_bent_gets_a_sentence(candidate: Client, link: CandidateLink, data: dict[str, str]) -> None:
    response = candidate.post(at("candidate-notice", link), data, follow=True)
    assert "Please choose one of the buttons below" in words(response.content.decode())
    assert not Consent.objects.exists()


# --- sending photos


def test_a_photo_goes_the_way_of_all_photos_and_is_the_candidates(
    candidate: Client, agreed: CandidateLink, rung: Any
) -> None:
    page = words(send(candidate, agreed, upload(picture(3), "me.jpg"), upload(picture(4), "me too.jpg")))
    assert page.count("It has arrived") == 2
    photo, other = agreed.applicant.photos.all()
    assert (photo.link, photo.uploaded_by, photo.giver) == (agreed, None, "the candidate")
    assert photo.read_original() == picture(3)
    assert photo.analyses.get().state == "queued"
    event = Event.objects.filter(verb="photo.received").last()
    assert event
    assert (event.actor, event.data) == (None, {"link": agreed.pk})
    assert other.file_name == "me too.jpg"


def test_one_bad_file_does_not_cost_the_others(candidate: Client, agreed: CandidateLink) -> None:
    page = words(send(candidate, agreed, upload(b"%PDF-1.4", "cv.pdf"), upload(picture(3), "me.jpg")))
    assert "Not taken." in page
    assert "It has arrived" in page
    assert agreed.applicant.photos.count() == 1


def test_the_same_photo_twice_is_said_and_stored_once(candidate: Client, agreed: CandidateLink) -> None:
    send(candidate, agreed, upload(picture(3)))
    assert "This photo is here already" in words(send(candidate, agreed, upload(picture(3), "copy.jpg")))
    assert agreed.applicant.photos.count() == 1


def test_no_file_at_all_gets_a_sentence(candidate: Client, agreed: CandidateLink) -> None:
    assert "No photo came along" in words(send(candidate, agreed))


def test_without_consent_nothing_is_taken(candidate: Client, link: CandidateLink) -> None:
    assert 'type="file"' not in text(candidate, at("candidate-photos", link))
    assert "agree to it first" in words(send(candidate, link, upload(picture(3))))
    assert not link.applicant.photos.exists()


def test_after_a_change_of_wording_the_candidate_is_asked_again_before_the_next_photo(
    candidate: Client, agreed: CandidateLink, opening: Opening
) -> None:
    Opening.objects.filter(pk=opening.pk).update(retention_days=1000)
    assert "The wording has changed" in words(text(candidate, address_of(agreed)))
    assert "agree to it first" in words(send(candidate, agreed, upload(picture(3))))
    agree(candidate, agreed)
    assert "It has arrived" in words(send(candidate, agreed, upload(picture(3))))


def test_a_file_over_the_limit_is_refused_as_for_everybody(
    candidate: Client, agreed: CandidateLink, settings: Settings
) -> None:
    settings.MAX_PHOTO_BYTES = 1000
    assert "at most" in words(send(candidate, agreed, upload(picture(3))))
    assert not agreed.applicant.photos.exists()


def test_a_day_takes_so_many_photos_and_the_next_day_takes_more(
    candidate: Client, agreed: CandidateLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_PHOTOS_A_DAY", 2)
    send(candidate, agreed, upload(picture(1)), upload(picture(2)))
    refused = words(send(candidate, agreed, upload(picture(3))))
    assert "as much as this page takes in a day" in refused
    assert "Everything that you sent before is safe" in refused
    assert "please send the rest tomorrow" in words(text(candidate, at("candidate-photos", agreed)))
    Photo.objects.update(uploaded_at=timezone.now() - dt.timedelta(days=1, minutes=1))
    assert "It has arrived" in words(send(candidate, agreed, upload(picture(3))))


def test_a_second_link_does_not_begin_the_day_anew(
    candidate: Client, agreed: CandidateLink, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_PHOTOS_A_DAY", 1)
    send(candidate, agreed, upload(picture(1)))
    other = make_link(applicant=agreed.applicant, by=alice)
    assert "as much as this page takes" in words(send(candidate, other, upload(picture(2))))


def test_a_day_takes_so_many_bytes(candidate: Client, agreed: CandidateLink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_BYTES_A_DAY", len(picture(1)) + 10)
    send(candidate, agreed, upload(picture(1)))
    assert "as much as this page takes" in words(send(candidate, agreed, upload(picture(2))))


def test_an_address_that_sends_without_pause_is_asked_to_wait(candidate: Client, agreed: CandidateLink) -> None:
    for _ in range(ANSWERS_A_MINUTE):
        send(candidate, agreed)
    assert "Please wait a minute" in words(send(candidate, agreed, upload(picture(3))))
    assert not agreed.applicant.photos.exists()


def test_with_script_each_file_has_its_own_answer_and_the_list_comes_anew(
    candidate: Client, agreed: CandidateLink
) -> None:
    receipt = send(candidate, agreed, upload(picture(3), "me.jpg"), **{"HX-Request": "true"})
    assert 'data-receipt="new"' in receipt
    assert "<html" not in receipt
    part = text(candidate, at("candidate-photos", agreed), **{"HX-Request": "true", "HX-Target": "case"})
    assert part.lstrip().startswith('<div id="case">')
    assert "me.jpg" in part


# --- what is shown of them


def test_the_candidate_sees_small_pictures_of_all_photos_of_them(
    candidate: Client, link: CandidateLink, photo: Photo
) -> None:
    page = text(candidate, at("candidate-photos", link))
    assert "The small picture is not made yet" in page
    assert "Sent in by Northlight Casting" in words(page)
    assert candidate.get(at("candidate-photo", link, photo.pk)).status_code == 404
    examine_now(photo)
    response = candidate.get(at("candidate-photo", link, photo.pk))
    assert response.headers["Content-Type"] == "image/webp"
    assert "no-store" in response.headers["Cache-Control"]
    assert at("candidate-photo", link, photo.pk) in text(candidate, at("candidate-photos", link))


def test_no_verdict_score_decision_or_other_person_is_ever_shown(
    candidate: Client, link: CandidateLink, examined: Analysis, bob: User, alice: User
) -> None:
    Analysis.objects.filter(pk=examined.pk).update(verdict="generated", summary="Looks generated to the program.")
    applicant = link.applicant
    Applicant.objects.filter(pk=applicant.pk).update(verdict="generated", verdict_reason="Looks generated.")
    decide_case(applicant=applicant, reviewer=bob, choice=Choice.SET_ASIDE, reason="The ears do not fit.")
    intake.add_applicant(opening=applicant.opening, name="Mae Jemison", by=alice)
    for name in ("candidate", "candidate-notice", "candidate-photos"):
        page = text(candidate, at(name, link)).lower()
        page = page[page.index("<header") :]  # the drawings of the site's verdicts stand before it
        for word in (
            "generated to the program",
            "looks generated",
            "verdict",
            "the ears",
            "mae jemison",
            "bob",
            "score",
        ):
            assert word not in page, (name, word)


def test_pages_take_as_many_queries_for_20_photos_as_for_one(
    candidate: Client, agreed: CandidateLink, alice: User
) -> None:
    counted: dict[str, list[int]] = {}
    facts: dict[str, Any] = {"size": 1, "format": "JPEG", "width": 300, "height": 400, "uploaded_by": alice}
    for photos in (range(1), range(1, 20)):
        for n in photos:
            photo = Photo.objects.create(applicant=agreed.applicant, sha256=f"{n:064x}", file_name="a.jpg", **facts)
            disclose(photo=photo, says=Disclosure.Says.EDITED, link=agreed)
        for name in ("candidate", "candidate-photos"):
            text(candidate, at(name, agreed))
            with CaptureQueriesContext(connection) as queries:
                text(candidate, at(name, agreed))
            counted.setdefault(name, []).append(len(queries))
    assert all(one == twenty for one, twenty in counted.values()), counted


# --- saying how a photo was made


def test_what_is_said_stands_beside_the_photo_on_both_sides(
    candidate: Client, link: CandidateLink, photo: Photo, site: Client
) -> None:
    response = candidate.post(
        at("candidate-photo-says", link, photo.pk),
        {"says": "retouched", "note": "My photographer smoothed <b>the skin</b>."},
        follow=True,
    )
    page = words(response.content.decode())
    assert "in your favour" in page
    assert "You say: Retouched: something about the person was changed." in page
    shown = text(site, photo.applicant.get_absolute_url())
    assert "The candidate says:" in words(shown)
    assert "Retouched: something about the person was changed." in words(shown)
    assert "In their favour" in words(shown)
    assert "smoothed &lt;b&gt;the skin&lt;/b&gt;" in shown


def test_the_newest_statement_counts_and_the_same_again_is_no_new_one(link: CandidateLink, photo: Photo) -> None:
    first = disclose(photo=photo, says=Disclosure.Says.AS_TAKEN, link=link)
    assert disclose(photo=photo, says=Disclosure.Says.AS_TAKEN, link=link) == first
    second = disclose(photo=photo, says=Disclosure.Says.ENHANCED, link=link, note="Made sharper.")
    assert newest_disclosures([photo]) == {photo.pk: second}
    assert photo.disclosures.count() == 2
    event = Event.objects.filter(verb="disclosure.made").last()
    assert event
    assert event.data == {"disclosure": second.pk, "says": "enhanced", "link": link.pk}


@pytest.mark.parametrize("data", [{}, {"says": "perfect"}, {"says": "edited", "note": "x" * (MOST_WORDS + 1)}])
def test_a_statement_that_cannot_be_kept_gets_a_sentence(
    candidate: Client, link: CandidateLink, photo: Photo, data: dict[str, str]
) -> None:
    response = candidate.post(at("candidate-photo-says", link, photo.pk), data, follow=True)
    assert re.search("Please (choose|use)", words(response.content.decode()))
    assert not photo.disclosures.exists()


def test_where_an_opening_looks_blind_first_the_statement_waits_for_the_look(
    link: CandidateLink, photo: Photo, bob: User, signed_in: SignIn, opening: Opening
) -> None:
    disclose(photo=photo, says=Disclosure.Says.GENERATED, link=link, note="With an app.")
    opening.blind_first = True
    opening.save(update_fields=["blind_first"])
    client = signed_in(bob)
    page = words(text(client, photo.applicant.get_absolute_url()))
    assert "shown after your first look" in page
    assert "Made by AI from other photos" not in page
    assert "With an app" not in page
    client.post(reverse("first-look", args=[photo.applicant_id]), {"sees": "nothing"})
    assert "Made by AI from other photos" in words(text(client, photo.applicant.get_absolute_url()))


# --- what the team sees of it


def test_the_panel_says_what_the_candidate_has_agreed_to_and_when(
    site: Client, agreed: CandidateLink, opening: Opening
) -> None:
    page = words(text(site, agreed.applicant.get_absolute_url()))
    assert re.search(r"The check of the photos agreed .* on their page, notice version 1", page)
    Opening.objects.filter(pk=opening.pk).update(retention_days=1000)
    assert "agreed to an earlier wording" in words(text(site, agreed.applicant.get_absolute_url()))


def test_the_facts_of_a_photo_say_who_sent_it(
    candidate: Client, site: Client, agreed: CandidateLink, photo: Photo
) -> None:
    assert "from Alice Moreau" in words(text(site, photo.applicant.get_absolute_url()))
    send(candidate, agreed, upload(picture(7), "me.jpg"))
    mine = Photo.objects.get(link=agreed)
    page = text(site, f"{photo.applicant.get_absolute_url()}?photo={mine.pk}")
    assert "sent by the candidate" in words(page)


def test_after_a_withdrawal_the_team_is_told_and_nothing_new_is_examined(
    candidate: Client, site: Client, link: CandidateLink, photo: Photo
) -> None:
    examine_now(photo)
    agree(candidate, link)
    agree(candidate, link, given="no")
    page = words(text(site, photo.applicant.get_absolute_url()))
    assert "The candidate has withdrawn their consent" in page
    response = site.post(reverse("photo-examine", args=[photo.pk]), follow=True)
    assert "no photo of them is taken or examined any more" in words(response.content.decode())
    sent = site.post(reverse("photo-upload", args=[photo.applicant_id]), {"photos": upload(picture(8))})
    assert "Not taken." in words(sent.content.decode())
    assert (Photo.objects.count(), Analysis.objects.count()) == (1, 1)
    agree(candidate, link)
    site.post(reverse("photo-examine", args=[photo.pk]))
    assert Analysis.objects.count() == 2


def test_the_timeline_says_that_the_candidate_did_it(candidate: Client, site: Client, link: CandidateLink) -> None:
    agree(candidate, link)
    send(candidate, link, upload(picture(3)))
    page = words(text(site, link.applicant.get_absolute_url()))
    assert re.search(r"Consent given .{0,80}The candidate", page)
    assert re.search(r"Photo received; hash taken .{0,80}The candidate", page)


def test_a_report_has_what_the_candidate_says(agreed: CandidateLink, photo: Photo, alice: User) -> None:
    disclose(photo=photo, says=Disclosure.Says.AS_TAKEN, link=agreed)
    disclose(photo=photo, says=Disclosure.Says.RETOUCHED, link=agreed, note="A little.")
    says = json.loads(report.applicant_json(agreed.applicant, by=alice))["candidate"]
    assert [(d["says"], d["note"], d["counts"]) for d in says["disclosures"]] == [
        ("as-taken", "", False),
        ("retouched", "A little.", True),
    ]
    (consent,) = says["consents"]
    assert (consent["kind"], consent["given"], consent["notice"], consent["witness"]) == ("photos", True, 1, "")
    assert says["notices"][0]["text"][0]["title"] == "Who asks you"
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(agreed.applicant, by=alice)))
    pages = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert "What the candidate says" in pages
    assert "A little." in pages
    assert "notice version 1" in pages
    done = {event.verb: event.actor for event in collect_applicant(agreed.applicant, by=alice).events}
    assert done["consent.given"] == done["disclosure.made"] == "the candidate"


def test_a_report_without_a_word_of_the_candidate_has_no_chapter_for_it(photo: Photo, alice: User) -> None:
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(photo.applicant, by=alice)))
    assert "What the candidate says" not in " ".join(page.extract_text() for page in pdf.pages)
