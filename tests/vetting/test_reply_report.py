"""What the candidate answered stands in the report, with times, deadline and what the comparison found."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.utils import timezone
from pypdf import PdfReader

from tests.conftest import picture, upload
from tests.vetting.replies import decide, link_for, reply_to
from vetting import report
from vetting.models import Applicant, Comparison, Photo, Reply, User
from vetting.models.decision import Choice
from vetting.reply.answering import explain, say_that_is_all, send_original
from vetting.reply.opening import told_in_person

pytestmark = pytest.mark.django_db
RESULT = {
    "relation": "same-picture",
    "summary": "This is the same picture; changed were: skin.",
    "changes": [{"part": "skin", "summary": "The skin was smoothed."}],
}


@pytest.fixture
def answered(photo: Photo, applicant: Applicant, alice: User, bob: User) -> Applicant:
    decide(applicant, bob)
    reply, link = reply_to(applicant), link_for(applicant, alice)
    told_in_person(reply=reply, by=alice)
    explain(reply=reply, link=link, text="A studio smoothed it.")
    send_original(reply=reply, link=link, upload=upload(picture(7), "DSC_1.jpg"))
    say_that_is_all(reply=reply, link=link)
    Comparison.objects.update(state="done", result=RESULT)
    return applicant


def test_the_json_has_each_answer_with_its_time(answered: Applicant, alice: User) -> None:
    (told,) = json.loads(report.applicant_json(answered, by=alice))["replies"]
    assert (told["decision"], told["days"], told["closed_at"], told["note"]) == ("Set aside", 14, None, "")
    assert told["due_at"] > told["told_at"]
    assert told["answered_at"]
    words, file = told["entries"]
    assert (words["kind"], words["text"], words["late"]) == ("explanation", "A studio smoothed it.", False)
    assert (file["file_name"], file["photo"]) == ("DSC_1.jpg", Photo.objects.get(file_name="DSC_1.jpg").pk)
    (compared,) = file["comparisons"]
    assert (compared["relation"], compared["changes"]) == ("same-picture", ["The skin was smoothed."])
    assert compared["with_file"] == "headshot.jpg"


def test_the_pdf_has_a_chapter_on_it(answered: Applicant, alice: User) -> None:
    past = timezone.now() - dt.timedelta(days=3)
    Reply.objects.update(told_at=past - dt.timedelta(days=14), due_at=past)
    sheets = PdfReader(io.BytesIO(report.applicant_pdf(answered, by=alice))).pages
    text = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    for said in (
        "What the candidate answered",
        "A studio smoothed it.",
        "after the deadline",
        "DSC_1.jpg",
        "The skin was smoothed.",
        "The candidate said that this is all",
    ):
        assert said in text, said


def test_who_was_not_told_had_no_deadline(photo: Photo, applicant: Applicant, alice: User, bob: User) -> None:
    decide(applicant, bob, Choice.ASK_ORIGINAL)
    decide(applicant, bob, Choice.ACCEPT)
    (told,) = json.loads(report.applicant_json(applicant, by=alice))["replies"]
    assert (told["due_at"], told["entries"]) == (None, [])
    assert told["note"] == "The candidate was not told, so that no deadline ran."
    assert told["closed_at"]
