"""Ask for the original: the file that could carry credentials, and a letter that a person sends."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.conftest import text, words
from tests.vetting.test_history_page import add_outcome, address
from vetting.models import Analysis, Applicant, Event
from vetting.report.history import history_of
from vetting.web.letter import LONGEST_ADDRESS, Letter, Parties
from vetting.web.original import Asking, asking_for

EILEEN = Parties(
    applicant="Eileen Collins",
    email="eileen@example.org",
    opening="Lead, autumn film",
    file_name="headshot.jpg",
    writer="Alice Moreau",
    team="Northlight Casting",
)
PIXEL = {"make": "Google", "model": "Pixel 10 Pro"}
IPHONE = {"make": "Apple", "model": "iPhone 16"}


def asked(camera: dict[str, str] | None = None, *outcomes: dict[str, Any], **credentials: Any) -> Asking | None:
    """What is asked for where the file says this."""
    result = {
        "outcomes": [
            {"detector": "content_credentials", "status": "clear", "details": {"state": "none", **credentials}},
            {
                "detector": "metadata_marks",
                "status": "clear",
                "details": {"camera": camera or {}, "unsigned_steps": []},
            },
            *outcomes,
        ]
    }
    return asking_for(result, history_of(result), EILEEN)


def needed(camera: dict[str, str] | None = None, *outcomes: dict[str, Any], **credentials: Any) -> Asking:
    asking = asked(camera, *outcomes, **credentials)
    assert asking
    return asking


def test_a_phone_that_signs_every_photo_has_an_original_that_should_have_credentials() -> None:
    asking = needed(PIXEL)
    assert asking.which == "The photo as it came from the Google Pixel 10 Pro."
    assert "signs its photos: this copy has lost that" in asking.because[0]
    (tool,) = asking.tools
    assert tool.signs.value == "Yes"
    assert "Google, Security Blog" in tool.source
    assert "Android" in asking.letter.body
    assert "iPhone" not in asking.letter.body


def test_an_iphone_signs_nothing_and_its_original_still_helps() -> None:
    asking = needed(IPHONE)
    assert "signed no photos" in asking.because[0]
    assert "still has its camera data" in asking.because[0]
    assert "Save to Files" in asking.letter.body
    assert "Android" not in asking.letter.body


@pytest.mark.parametrize(
    ("camera", "signs"),
    [
        ({"make": "samsung", "model": "SM-S931B"}, "Only after its AI tools"),
        ({"make": "LEICA CAMERA AG", "model": "LEICA M11-P"}, "If switched on"),
        ({"make": "SONY", "model": "ILCE-1M2"}, "With a licence alone"),
        ({"make": "NIKON CORPORATION", "model": "NIKON Z6_3"}, "No"),
    ],
)
def test_what_is_known_of_a_camera_has_a_source(camera: dict[str, str], signs: str) -> None:
    (tool,) = needed(camera).tools
    assert tool.signs.value == signs
    assert tool.source


@pytest.mark.parametrize("model", ["Pixel 9 Pro", "Pixel 1", "Canon EOS R5", "LEICA Q2", "FC3582"])
def test_of_a_camera_that_nobody_documented_nothing_is_claimed(model: str) -> None:
    asking = needed({"make": "", "model": model})
    assert asking.tools == ()
    assert "is not known here" in asking.because[0]


def test_a_program_that_signs_is_asked_for_an_export_that_does() -> None:
    step = {"detector": "metadata_marks", "details": {"camera": {"software": "Adobe Lightroom Classic 14"}}}
    result = {"outcomes": [step]}
    asking = asking_for(result, history_of(result), EILEEN)
    assert asking
    assert "an export from Adobe Lightroom with credentials switched on" in asking.which
    assert "From Lightroom: export it as a JPEG" in asking.letter.body


def test_a_file_that_names_nothing_is_asked_for_before_any_site_or_chat() -> None:
    asking = needed()
    assert "before any website, chat or program" in asking.which
    for way in ("iPhone", "Android", "somebody else took it"):
        assert way in asking.letter.body
    assert "Chat apps, websites and screenshots remove" in asking.letter.body


def test_a_declared_generator_leaves_nothing_to_ask_for_but_how() -> None:
    for asking in (
        needed(PIXEL, declares_generated=True, state="trusted", intact=True),
        needed(None, {"detector": "generator_parameters", "details": {"tool": "A", "sampler": "Euler"}}),
        needed(None, {"detector": "watermark", "details": {"payload": "SDV2"}}),
    ):
        assert asking.heading == "Ask how the picture was made"
        assert "how was the picture made" in asking.letter.body
        assert "original file" not in asking.letter.subject


@pytest.mark.parametrize("state", ["none", "remote", "unreadable", "mismatch", "unconfirmed"])
def test_every_state_without_credentials_that_hold_is_asked_about(state: str) -> None:
    assert needed(PIXEL, state=state, intact=None, signer="Somebody").heading == "Ask for the original"


def test_a_file_that_does_not_match_asks_for_the_one_that_was_signed() -> None:
    asking = needed(state="mismatch", intact=False, signer="Leica", chapters=[{"signer": "Leica"}])
    assert asking.which == "The file before it was saved again: the one that Leica signed."


def test_a_vouched_capture_asks_for_nothing() -> None:
    assert asked(state="trusted", intact=True, captured=True, signer="Leica") is None
    assert asked(PIXEL, state="unknown-signer", intact=True, signer="Somebody") is None


def test_a_signed_file_without_any_camera_is_asked_about_without_an_export_that_it_has_already() -> None:
    asking = needed(state="trusted", intact=True, signer="Adobe Inc.", generator="Adobe Photoshop 27")
    assert "Photoshop" not in asking.which
    assert "does not settle it" in asking.because[1]


def test_no_letter_blames_anybody() -> None:
    letters = [needed(), needed(PIXEL), needed(declares_generated=True), needed(state="mismatch", intact=False)]
    for asking in letters:
        for word in ("fake", "manipulat", "suspici", "prove", "must", "fraud", "authentic"):
            assert word not in asking.letter.body.lower()
        for said in (EILEEN.applicant, EILEEN.opening, EILEEN.file_name, EILEEN.writer, EILEEN.team):
            assert said in asking.letter.body


def test_the_mail_link_carries_subject_and_letter() -> None:
    letter = needed(PIXEL).letter
    parts = urlsplit(letter.mailto)
    assert (parts.scheme, parts.path) == ("mailto", "eileen@example.org")
    asked_for = parse_qs(parts.query)
    assert asked_for["subject"] == [letter.subject]
    assert asked_for["body"] == [letter.body.replace("\n", "\r\n")]


def test_a_letter_too_long_for_a_link_is_left_to_be_pasted() -> None:
    letter = Letter(to="a@example.org", subject="Hello", body="x" * 3000)
    assert not letter.carries_body
    assert letter.mailto == "mailto:a@example.org?subject=Hello"
    assert len(letter.mailto) <= LONGEST_ADDRESS
    assert Letter(to="", subject="Hello", body="x").mailto == ""


def test_an_address_cannot_smuggle_anything_into_the_link() -> None:
    letter = Letter(to="a@example.org?bcc=b@example.org", subject="A & B?", body="C")
    assert letter.mailto == "mailto:a@example.org%3Fbcc%3Db@example.org?subject=A%20%26%20B%3F&body=C"


def test_the_page_has_a_letter_to_change_copy_and_send_and_records_nothing(examined: Analysis, site: Client) -> None:
    events = Event.objects.count()
    page = text(site, address(examined.photo))
    field = re.search(r'<textarea id="letter-body"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert field
    assert "Dear Eileen Collins," in field[1]
    assert "Alice Moreau" in field[1]
    assert 'href="mailto:eileen@example.org?subject=' in page
    assert "data-copy" in page
    assert "Candid sends nothing" in words(page)
    assert Event.objects.count() == events


def test_without_an_address_the_letter_is_there_to_copy(examined: Analysis, site: Client) -> None:
    Applicant.objects.update(email="")
    page = text(site, address(examined.photo))
    assert "mailto:" not in page
    assert "No e-mail address is noted for Eileen Collins" in page
    assert "letter-body" in page


def test_what_stands_in_the_file_stays_text_in_the_letter(examined: Analysis, site: Client) -> None:
    add_outcome(examined, "metadata_marks", camera={"make": "</textarea><script>", "model": '"><img src=x>'})
    page = text(site, address(examined.photo))
    assert "</textarea><script>" not in page
    assert "<img src=x>" not in page
