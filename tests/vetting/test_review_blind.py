"""Blind first: until a person has said what they see, nothing that the machine found reaches them at any address."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pypdf import PdfReader

from tests import pictures
from tests.conftest import SignIn, text, words
from vetting import report, review
from vetting.analysis import refresh_headline
from vetting.models import Analysis, Applicant, Event, Finding, FirstLook, Opening, Photo, User
from vetting.models.decision import Choice
from vetting.models.first_look import Sees
from vetting.preview import make_previews
from vetting.review.blind import CannotLook, look_first, may_see_findings, still_hidden
from vetting.review.order import place_of

pytestmark = pytest.mark.django_db

SAID = "The machine says that a program made it"
SEEN = "The machine saw one earring without its partner"
VERDICT = ("Declared as generated", 'data-verdict="declared-generated"', "declared-generated")


@pytest.fixture
def blind(photo: Photo, alice: User) -> Applicant:
    """An applicant whose photo was examined with a grave verdict, in an opening that is looked at blind."""
    Opening.objects.update(blind_first=True)
    result = {"verdict": {"code": "declared-generated", "summary": SAID, "reasons": ["eyes.odd"]}, "outcomes": []}
    Analysis.objects.update(
        state="done",
        verdict="declared-generated",
        strength="conclusive",
        summary=SAID,
        result=result,
        finished_at=timezone.now(),
    )
    region = {"kind": "box", "points": [[10, 10], [90, 90]]}
    facts = {"wing": "signs", "detector": "eyes", "detector_version": 1, "code": "eyes.odd", "bearing": "generated"}
    Finding.objects.create(
        analysis=photo.analyses.get(), number=1, strength="conclusive", summary=SEEN, region=region, **facts
    )
    make_previews(photo, pictures.noise(320, 400))
    refresh_headline(photo.applicant)
    return Applicant.objects.select_related("opening__team").get()


# --- every address


ABOUT = {"openings": "opening", "applicants": "applicant", "photos": "photo", "analyses": "analysis"}
PARTS = (None, "applicants", "slide", "case", "progress", "history")
ASKED = ("", "?q=Eileen", "?verdict=declared-generated", "?sort=gravest", "?from=queue", "?shown=0", "?analysis=1")


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for found in resolver.url_patterns:
        yield from patterns(found) if isinstance(found, URLResolver) else [found]


def addresses(applicant: Applicant) -> list[str]:
    """Every address of the site with one number in it that can be about this applicant, and the lists."""
    photo = applicant.photos.get()
    numbers = {
        "opening": applicant.opening_id,
        "applicant": applicant.pk,
        "photo": photo.pk,
        "analysis": photo.analyses.get().pk,
    }
    found = ["/queue/", "/openings/", "/reports/", "/agreement/", "/agreement.csv"]
    found += ["/activity/", "/mentions/", "/views/"]
    for pattern in patterns(get_resolver("vetting.web.urls")):
        route = str(pattern.pattern)
        if kind := ABOUT.get(route.split("/")[0]):
            route = route.replace("<int:pk>", str(numbers[kind])).replace("<int:number>", "0")
            found += [f"/{route.replace('<str:size>', size)}" for size in ("large", "small", "blurred")]
    return sorted({address for address in found if "<" not in address})


def told(response: Any) -> str:
    """The words of an answer; what every list has in its filters, and the drawings, tell of nobody."""
    if response.status_code not in (200, 400) or "image" in response.headers.get("Content-Type", ""):
        return ""
    stream = getattr(response, "streaming_content", None)
    body = b"".join(stream) if stream is not None else response.content
    page = body.decode(errors="replace")
    page = page.replace("verdict=declared-generated", "")  # what the reader asked for, in the links to other pages
    page = re.sub(r"<option.*?</option>|<symbol.*?</symbol>", "", page, flags=re.DOTALL)
    return re.sub(r'<th scope="col".*?</th>', "", page, flags=re.DOTALL)


def betrayed(client: Client, applicant: Applicant) -> set[str]:
    """Addresses at which anything of the machine's opinion is told, or a report handed out."""
    found = set()
    for address in addresses(applicant):
        for part, asked in chain(((part, "") for part in PARTS), ((None, asked) for asked in ASKED)):
            headers = {"HX-Request": "true", "HX-Target": part} if part else {}
            response = client.get(address + asked, headers=headers)
            assert response.status_code in (200, 302, 400, 403, 404, 405), (address, response.status_code)
            page = told(response)
            if any(word in page for word in (SAID, SEEN, *VERDICT)) or page.startswith("%PDF"):
                found.add(address)
    return found


def test_nothing_of_the_findings_is_told_anywhere_before_the_first_look_and_all_of_it_after(
    blind: Applicant, bob: User, signed_in: SignIn
) -> None:
    client = signed_in(bob)
    assert betrayed(client, blind) == set()
    look_first(applicant=blind, reviewer=bob, sees=Sees.NOTHING)
    after = betrayed(client, blind)
    photo = blind.photos.get()
    for address in (
        "/queue/",
        "/reports/",
        f"/openings/{blind.opening_id}/",
        f"/applicants/{blind.pk}/",
        f"/applicants/{blind.pk}/report.pdf",
        f"/applicants/{blind.pk}/report.json",
        f"/openings/{blind.opening_id}/report.csv",
        f"/analyses/{photo.analyses.get().pk}/",
    ):
        assert address in after, address


def test_a_report_is_refused_with_a_sentence(blind: Applicant, bob: User, signed_in: SignIn) -> None:
    client = signed_in(bob)
    for address in (f"/applicants/{blind.pk}/report.pdf", f"/analyses/{blind.photos.get().analyses.get().pk}/"):
        response = client.get(address)
        assert response.status_code == 403
        assert "the findings are shown once you have said" in response.content.decode()
    response = client.get(f"/openings/{blind.opening_id}/report.csv")
    assert response.status_code == 403
    assert "1 of its undecided applicants waits for your first look" in words(response.content.decode())


def test_a_place_in_the_queue_or_a_filter_tells_nothing(
    blind: Applicant, opening: Opening, alice: User, bob: User, signed_in: SignIn
) -> None:
    other = Applicant.objects.create(
        opening=opening, name="Later", verdict="nothing-found", verdict_rank=6, created_by=alice, cover=blind.cover
    )
    assert place_of(blind)[0] == place_of(other)[0]
    client = signed_in(bob)
    assert "Nothing here waits" in text(client, "/queue/?verdict=declared-generated")
    found = re.findall(r'id="row-(\d+)"', text(client, f"/openings/{opening.pk}/?sort=gravest"))
    assert found == [str(other.pk), str(blind.pk)]  # the newest first, whatever was found
    assert re.findall(r'id="row-(\d+)"', text(client, f"/openings/{opening.pk}/?verdict=declared-generated")) == []


def test_a_colleagues_decision_is_no_hint_either(blind: Applicant, alice: User, bob: User, signed_in: SignIn) -> None:
    Opening.objects.update(second_review=Opening.SecondReview.ALWAYS)
    look_first(applicant=blind, reviewer=alice, sees=Sees.GENERATED, note="Odd hands.")
    review.decide_case(applicant=blind, reviewer=alice, choice=Choice.SET_ASIDE, reason="It says so itself.")
    client = signed_in(bob)
    page = words(text(client, blind.get_absolute_url()))
    assert "shown after your first look" in page
    for hint in ("It says so itself", "Odd hands", "Set aside"):
        assert hint not in page
    client.post(f"{blind.get_absolute_url()}first-look/", {"sees": "nothing", "note": ""})
    page = words(text(client, blind.get_absolute_url()))
    assert "Alice Moreau decided: set aside" in page
    assert "First look Made by AI. Odd hands. Alice Moreau" in page


# --- the look


def test_a_first_look_keeps_both_and_is_never_changed(blind: Applicant, bob: User) -> None:
    look = look_first(applicant=blind, reviewer=bob, sees=Sees.NOTHING, note=" A fine photo. ")
    assert (look.sees, look.note, look.verdict) == ("nothing", "A fine photo.", "declared-generated")
    assert look.analysis == blind.photos.get().analyses.get()
    assert may_see_findings(bob, blind)
    assert Event.objects.get(verb="first-look").data == {"sees": "nothing", "look": look.pk}
    with pytest.raises(CannotLook, match="never changed"):
        look_first(applicant=blind, reviewer=bob, sees=Sees.GENERATED)
    with pytest.raises(TypeError):
        look.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        FirstLook.objects.create(applicant=blind, reviewer=bob, sees=Sees.GENERATED)


def test_a_photo_can_be_looked_at_before_it_was_examined(photo: Photo, bob: User, signed_in: SignIn) -> None:
    Opening.objects.update(blind_first=True)
    client, case = signed_in(bob), photo.applicant.get_absolute_url()
    assert "The photo has not been examined yet. You can look already." in text(client, case)
    client.post(f"{case}first-look/", {"sees": "retouched", "note": "Very smooth."})
    look = FirstLook.objects.get()
    assert (look.verdict, look.analysis, look.sees) == ("", None, "retouched")


@pytest.mark.parametrize("blind_first", [False, True])
def test_there_is_no_first_look_without_a_photo_or_a_reason_for_one(
    blind_first: bool, applicant: Applicant, bob: User
) -> None:
    Opening.objects.update(blind_first=blind_first)
    with pytest.raises(CannotLook, match="no photo" if blind_first else "not looked at blind"):
        look_first(applicant=applicant, reviewer=bob, sees=Sees.NOTHING)


def test_nobody_decides_before_the_first_look(blind: Applicant, bob: User, signed_in: SignIn) -> None:
    with pytest.raises(review.CannotDecide, match="Say first what you see"):
        review.decide_case(applicant=blind, reviewer=bob, choice=Choice.ACCEPT, reason="Known.")
    page = text(signed_in(bob), blind.get_absolute_url())
    assert "What do you see?" in page
    assert 'value="set-aside"' not in page


def test_the_form_says_what_is_missing_and_keeps_the_note(blind: Applicant, bob: User, signed_in: SignIn) -> None:
    page = signed_in(bob).post(f"{blind.get_absolute_url()}first-look/", {"note": "Smooth skin."}).content.decode()
    assert "Choose what you see." in page
    assert ">Smooth skin.</textarea>" in page
    assert SAID not in page
    assert not FirstLook.objects.exists()


def test_what_is_decided_is_open_to_the_team(blind: Applicant, alice: User, bob: User) -> None:
    look_first(applicant=blind, reviewer=alice, sees=Sees.NOTHING)
    assert not may_see_findings(bob, blind)
    assert (still_hidden(bob, blind.opening), still_hidden(alice, blind.opening)) == (1, 0)
    review.decide_case(applicant=blind, reviewer=alice, choice=Choice.ACCEPT, reason="Known.")
    blind.refresh_from_db()
    assert may_see_findings(bob, blind)
    assert still_hidden(bob, blind.opening) == 0
    row = Applicant.objects.all().for_dashboard(bob).get()
    assert row.blind is False  # type: ignore[attr-defined]


def test_a_list_that_does_not_say_who_reads_it_hides_everything(blind: Applicant, bob: User) -> None:
    look_first(applicant=blind, reviewer=bob, sees=Sees.NOTHING)
    assert Applicant.objects.all().for_dashboard().get().blind is True  # type: ignore[attr-defined]
    assert Applicant.objects.all().for_dashboard(bob).get().blind is False  # type: ignore[attr-defined]


def test_the_report_keeps_what_was_seen_beside_what_was_found(blind: Applicant, bob: User) -> None:
    look_first(applicant=blind, reviewer=bob, sees=Sees.NOTHING, note="A fine photo.")
    told = json.loads(report.applicant_json(blind, by=bob))
    (look,) = told["first_looks"]
    assert (look["sees_title"], look["note"]) == ("Nothing that speaks against the photo", "A fine photo.")
    assert look["verdict"] == "declared-generated"
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(blind, by=bob)))
    pages = " ".join("\n".join(sheet.extract_text() for sheet in pdf.pages).split())
    assert "First looks" in pages
    assert "Nothing that speaks against the photo · Bob Lindqvist" in pages
