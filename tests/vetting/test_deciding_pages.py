"""Deciding, the history, and forgetting, as pages."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.conftest import text, words
from vetting.models import Analysis, Applicant, Decision, Event, Finding, Photo, User
from vetting.models.decision import Choice
from vetting.review import decide_case


def test_a_decision_needs_a_reason_and_keeps_what_was_written(applicant: Applicant, site: Client) -> None:
    address = reverse("decide", args=[applicant.pk])
    page = site.post(address, {"choice": "accept", "reason": "   "}).content.decode()
    assert "Please write a sentence that says why." in page
    page = site.post(address, {"choice": "reject", "reason": "Because."}).content.decode()
    assert ">Because.</textarea>" in page
    assert not Decision.objects.exists()


def test_a_page_with_a_refused_decision_still_polls_the_applicants_address(photo: Photo, site: Client) -> None:
    page = site.post(reverse("decide", args=[photo.applicant_id]), {"choice": "accept"}).content.decode()
    assert f'hx-get="{photo.applicant.get_absolute_url()}?photo={photo.pk}&amp;shown=0"' in page


def test_a_decision_and_its_reason_stand_in_the_history(examined: Analysis, alice: User, site: Client) -> None:
    applicant = examined.photo.applicant
    site.post(reverse("decide", args=[applicant.pk]), {"choice": "set-aside", "reason": "Another person applied."})
    page = words(text(site, applicant.get_absolute_url()))
    history = page.split("From capture to decision")[1]
    assert "Set aside Another person applied. Alice Moreau" in history
    assert history.index("Photo received") < history.index("Examination finished") < history.index("Set aside")
    site.post(reverse("decide", args=[applicant.pk]), {"choice": "reopen", "reason": "A mix-up."})
    applicant.refresh_from_db()
    assert applicant.review == "waiting"
    assert Decision.objects.count() == 2


def test_forgetting_asks_first_and_then_leaves_nothing(examined: Analysis, alice: User, site: Client) -> None:
    photo, applicant = examined.photo, examined.photo.applicant
    decide_case(applicant=applicant, reviewer=alice, choice=Choice.ACCEPT, reason="Known to us.")
    address = reverse("applicant-forget", args=[applicant.pk])
    assert "Delete everything" in text(site, address)
    assert Applicant.objects.exists()
    site.post(address)
    assert [model.objects.count() for model in (Applicant, Photo, Analysis, Finding, Decision)] == [0] * 5
    assert Event.objects.latest("pk").verb == "applicant.forgotten"
    assert site.get(reverse("photo-preview", args=[photo.pk, "small"])).status_code == 404
