"""The right of reply on both sides: the candidate reads what was seen and answers; the team tells, reads and closes."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import pictures
from tests.conftest import AddPhoto, SignIn, picture, text, upload, words
from tests.vetting.replies import decide, link_for, reply_to, state
from vetting.analysis import refresh_headline
from vetting.candidate.consents import record_consent
from vetting.candidate.links import key_of, revoke_link
from vetting.models import (
    Analysis,
    Applicant,
    CandidateLink,
    Comparison,
    Consent,
    Finding,
    Opening,
    Photo,
    Reply,
    ReplyEntry,
    User,
)
from vetting.models.decision import Choice
from vetting.preview import make_previews
from vetting.reply.answering import ask_for_second, explain, say_that_is_all, send_original
from vetting.reply.opening import told_in_person
from vetting.web.finding_words import PLAIN, UNKNOWN

pytestmark = pytest.mark.django_db
OF_THE_CANDIDATE, OF_THE_PANEL = 18, 3  # queries
INTERNAL = "I think that this is a bad fake."
JARGON = "The skin lacks 3.4 times the grain (PRNU, p = 0.93)."


@pytest.fixture(autouse=True)
def _own_pace() -> None:
    cache.clear()


@pytest.fixture
def aside(photo: Photo, bob: User) -> Applicant:
    """Examined with two findings that speak against the photo and one that does not, and set aside by bob."""
    result = {"verdict": {"code": "retouched", "score": 0.93, "summary": "Retouched.", "reasons": []}, "outcomes": []}
    Analysis.objects.update(
        state="done", verdict="retouched", strength="strong", score=0.93, result=result, finished_at=timezone.now()
    )
    told = [("skin.smooth", "retouched"), ("newer.check", "generated"), ("encoder_history.whatsapp", "neutral")]
    Finding.objects.bulk_create(
        Finding(analysis=photo.analyses.get(), number=n, wing="signs", detector=code.split(".")[0], code=code,
                detector_version=1, bearing=bearing, strength="strong", summary=JARGON, caveat=JARGON)
        for n, (code, bearing) in enumerate(told, start=1)
    )  # fmt: skip
    make_previews(photo, pictures.noise(320, 400))
    refresh_headline(photo.applicant)
    decide(photo.applicant, bob, reason=INTERNAL)
    return Applicant.objects.select_related("opening__team", "cover").get(pk=photo.applicant_id)


@pytest.fixture
def link(aside: Applicant, alice: User) -> CandidateLink:
    return link_for(aside, alice)


def page_of(link: CandidateLink) -> str:
    return reverse("candidate-reply", args=[key_of(link)])


def send(link: CandidateLink, what: str, **fields: Any) -> Any:
    return Client().post(page_of(link), {"what": what, **fields})


# --- the candidate's page


def test_the_candidate_reads_what_was_seen_in_plain_words_and_no_score(link: CandidateLink, aside: Applicant) -> None:
    told_in_person(reply=reply_to(aside), by=link.made_by)
    page = words(text(Client(), page_of(link)))
    assert "has put your application to one side for now" in page
    assert "days left, until" in page
    assert PLAIN["skin.smooth"].seen in page
    assert PLAIN["skin.smooth"].innocent in page
    assert UNKNOWN["generated"].seen in page
    assert "WhatsApp" not in page
    for word in (INTERNAL, "Bob", "0.93", "93", "PRNU", "strong", "%", "verdict", "Retouched.", "score"):
        assert word not in page, word


def test_the_photo_is_shown_and_the_preview_is_the_candidates_own(link: CandidateLink, aside: Applicant) -> None:
    page = text(Client(), page_of(link))
    (source,) = set(re.findall(r'<img src="(/c/[^"]+)"', page))
    assert Client().get(source).headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize("choice", [Choice.ACCEPT, Choice.REOPEN])
def test_where_nothing_is_asked_that_is_said_and_earlier_answers_are_kept(
    choice: Choice, link: CandidateLink, aside: Applicant, bob: User
) -> None:
    explain(reply=reply_to(aside), link=link, text="A studio smoothed it.")
    decide(aside, bob, Choice.ACCEPT)
    if choice is Choice.REOPEN:
        decide(aside, bob, choice)
    page = words(text(Client(), page_of(link)))
    assert "Nothing is asked of you" in page
    assert "A studio smoothed it." in page
    assert "accepted" not in page.lower()


def test_who_was_never_asked_finds_a_friendly_page(applicant: Applicant, alice: User) -> None:
    assert "nothing to answer" in text(Client(), page_of(link_for(applicant, alice)))


def test_each_form_is_taken_and_thanked_for(link: CandidateLink, aside: Applicant) -> None:
    client, address = Client(), page_of(link)
    for what, fields, thanks in (
        ("explanation", {"text": "A studio smoothed it."}, "Your explanation is with the team"),
        ("original", {"original": upload(picture(7), "DSC_1.jpg")}, "arrived untouched"),
        ("second", {}, "a second reviewer is noted"),
        ("all", {}, "your answer is complete"),
    ):
        response = client.post(address, {"what": what, **fields}, follow=True)
        assert thanks in words(response.content.decode()), what
    page = words(text(client, address))
    assert "A studio smoothed it." in page
    assert "DSC_1.jpg" in page
    assert "It is being compared with the first photo" in page
    assert "somebody else than the person who decided looks at everything now" in page
    assert "You said that your answer is complete" in page
    assert "Ask for a second reviewer</button>" not in text(client, address)
    assert state(aside) == "second"


@pytest.mark.parametrize(
    ("what", "fields", "says"),
    [
        ("explanation", {"text": " "}, "There is no text yet"),
        ("explanation", {"text": "x" * 5001}, "5,000 fit"),
        ("original", {}, "No file came along"),
        ("all", {}, "Nothing has been sent yet"),
        ("nonsense", {}, "use one of the buttons"),
        ("", {}, "use one of the buttons"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost(
    what: str, fields: dict[str, str], says: str, link: CandidateLink, aside: Applicant
) -> None:
    response = send(link, what, **fields)
    assert response.status_code == 200
    assert says in response.content.decode()
    assert fields.get("text", "") in response.content.decode()
    assert state(aside) == "set-aside"


def test_a_file_that_is_no_photo_is_refused_in_words(link: CandidateLink, aside: Applicant) -> None:
    response = send(link, "original", original=upload(b"%PDF-1.7 nothing", "cv.jpg"))
    assert "PDF" in words(response.content.decode())
    assert not ReplyEntry.objects.exists()


def test_what_was_decided_again_while_writing_is_said_and_the_text_stays(
    link: CandidateLink, aside: Applicant, bob: User
) -> None:
    decide(aside, bob, Choice.ACCEPT)
    page = send(link, "explanation", text="A studio smoothed it.").content.decode()
    assert "A studio smoothed it." in page
    assert "Nothing is asked of you" in page


def test_without_consent_the_file_waits_for_it_and_words_do_not(aside: Applicant, alice: User) -> None:
    link = link_for(aside, alice, agreed=False)
    page = text(Client(), page_of(link))
    assert "Read and agree" in page
    assert 'name="original"' not in page
    assert "agree to it first" in send(link, "original", original=upload(picture(7))).content.decode()
    record_consent(applicant=aside, kind=Consent.Kind.PHOTOS, given=True, link=link)
    assert 'name="original"' in text(Client(), page_of(link))


def test_after_the_deadline_the_page_is_kind_and_late_answers_are_marked(link: CandidateLink, aside: Applicant) -> None:
    past = timezone.now() - dt.timedelta(days=3)
    Reply.objects.update(told_at=past - dt.timedelta(days=14), due_at=past)
    assert "The time ended on" in text(Client(), page_of(link))
    assert "You can still answer: it is taken, and marked as late." in text(Client(), page_of(link))
    send(link, "explanation", text="Sorry, I was abroad.")
    page = words(text(Client(), page_of(link)))
    assert "after the deadline" in page
    assert state(aside) == "waiting"


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (
            {"relation": "same-picture", "changes": [{"part": "skin", "share": 0.4}, {"part": "background"}]},
            "Your file is the picture from which the first photo was made. Changed: the skin and the background.",
        ),
        ({"relation": "same-picture", "changes": []}, "nothing else than its size or its file was changed"),
        ({"relation": "another-picture", "changes": []}, "two different pictures"),
        ({}, "could not be told"),
    ],
)
def test_the_comparison_is_told_without_figures(
    result: dict[str, Any], says: str, link: CandidateLink, aside: Applicant
) -> None:
    send_original(reply=reply_to(aside), link=link, upload=upload(picture(7), "DSC.jpg"))
    Comparison.objects.update(state="done", result=result)
    page = words(text(Client(), page_of(link)))
    assert says in page
    assert "0.4" not in page
    assert "hx-get" not in text(Client(), page_of(link))


def test_a_part_of_the_page_is_answered_to_htmx_alone(link: CandidateLink, aside: Applicant) -> None:
    part = text(Client(), page_of(link), HX_Request="true", HX_Target="sent")
    assert "<html" not in part
    assert "What you have sent" in part


@pytest.mark.parametrize("many", [1, 12])
def test_neither_page_takes_more_queries_for_more_answers(
    many: int, link: CandidateLink, aside: Applicant, add_photo: AddPhoto, site: Client, django_assert_num_queries: Any
) -> None:
    reply = reply_to(aside)
    for n in range(many):
        photo = add_photo(picture(20 + n), name=f"{n}.jpg")
        ReplyEntry.objects.create(reply=reply, kind="original", photo=photo, link=link)
        Comparison.objects.create(photo=aside.photos.all()[0], original=photo)
    # link; reply, who else decides, analysis, photo, findings, entries, comparisons; notice, consent; frame
    with django_assert_num_queries(OF_THE_CANDIDATE):
        text(Client(), page_of(link))
    with CaptureQueriesContext(connection) as team:
        text(site, aside.get_absolute_url())
    tables = ("vetting_reply", "vetting_replyentry", "vetting_comparison")
    assert sum(any(f'FROM "{table}"' in query["sql"] for table in tables) for query in team) == OF_THE_PANEL


# --- a link that opens nothing


@pytest.mark.parametrize("how", ["guessed", "expired", "revoked"])
def test_a_link_that_opens_nothing_gives_nothing_away_and_takes_nothing(
    how: str, link: CandidateLink, aside: Applicant, alice: User
) -> None:
    address = page_of(link)
    if how == "guessed":
        address = address.replace(key_of(link), key_of(link)[:-1] + ("a" if key_of(link)[-1] != "a" else "b"))
    elif how == "expired":
        CandidateLink.objects.update(expires_at=timezone.now())
    else:
        revoke_link(link=link, by=alice)
    nothing = Client().get("/c/nonsense/reply/")
    for response in (Client().get(address), Client().post(address, {"what": "explanation", "text": "x"})):
        assert response.status_code == 404
        assert response.content == nothing.content
    assert not ReplyEntry.objects.exists()
    assert state(aside) == "set-aside"


def test_another_applicants_answers_and_photos_are_not_shown(
    link: CandidateLink, aside: Applicant, opening: Opening, alice: User, bob: User, add_photo: AddPhoto
) -> None:
    other = Applicant.objects.create(opening=opening, name="Sally Ride", created_by=alice)
    theirs = add_photo(picture(30), to=other, name="sally.jpg")
    make_previews(theirs, pictures.noise(320, 400))
    decide(other, bob, Choice.ASK_ORIGINAL)
    explain(reply=reply_to(other), link=link_for(other, alice), text="My own studio.")
    page = text(Client(), page_of(link))
    for word in ("Sally", "sally.jpg", "My own studio."):
        assert word not in page
    assert Client().get(reverse("candidate-photo", args=[key_of(link), theirs.pk])).status_code == 404


# --- the team's side


def panel(client: Client, applicant: Applicant) -> str:
    page = text(client, applicant.get_absolute_url())
    found = re.search(r'<section class="panel reply".*?</section>', page, re.DOTALL)
    return words(found[0]) if found else ""


def test_the_team_is_told_that_the_clock_stands_until_somebody_tells_the_candidate(
    aside: Applicant, alice: User, signed_in: SignIn
) -> None:
    client = signed_in(alice)
    assert "The candidate has not been told yet. The clock stands still" in panel(client, aside)
    reply = reply_to(aside)
    response = client.post(reverse("reply-tell", args=[reply.pk]), {"how": "mailed"}, follow=True)
    assert "The letter is sent. The clock runs:" in words(response.content.decode())
    assert len(mail.outbox) == 1
    assert "days left, until" in panel(client, aside)
    response = client.post(reverse("reply-tell", args=[reply.pk]), {"how": "mailed"}, follow=True)
    assert "told already" in words(response.content.decode())


def test_a_link_is_made_shown_and_handed_over(aside: Applicant, bob: User, signed_in: SignIn) -> None:
    client, reply = signed_in(bob), reply_to(aside)
    assert "I have told the candidate" not in panel(client, aside)
    client.post(reverse("reply-link", args=[reply.pk]))
    assert key_of(CandidateLink.objects.get()) in panel(client, aside)
    client.post(reverse("reply-tell", args=[reply.pk]), {"how": "handed"})
    assert "told just now" in panel(client, aside)
    assert not mail.outbox
    assert CandidateLink.objects.count() == 1


def test_the_team_reads_the_answer_with_times_files_and_what_was_compared(
    link: CandidateLink, aside: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    reply = reply_to(aside)
    told_in_person(reply=reply, by=alice)
    explain(reply=reply, link=link, text="A studio smoothed it. <b>Really</b>")
    send_original(reply=reply, link=link, upload=upload(picture(7), "DSC_1.jpg"))
    shown = panel(signed_in(bob), aside)
    assert "A studio smoothed it. &lt;b&gt;Really&lt;/b&gt;" in shown
    assert "DSC_1.jpg" in shown
    assert "Compared with headshot.jpg" in shown
    assert "has not said that this is all, and may add to it until" in shown
    say_that_is_all(reply=reply, link=link)
    ask_for_second(reply=reply, link=link)
    shown = panel(signed_in(alice), aside)
    assert "said that this is all" in shown
    assert "the next decision is somebody else’s" in shown


def test_the_first_decider_reads_why_the_next_decision_is_somebody_elses(
    link: CandidateLink, aside: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    ask_for_second(reply=reply_to(aside), link=link)
    page = words(text(signed_in(bob), aside.get_absolute_url()))
    assert "The candidate asked for a second reviewer: somebody else decides now." in page
    assert "Undo yours" not in page
    assert 'value="set-aside"' not in text(signed_in(bob), aside.get_absolute_url())
    page = words(text(signed_in(alice), aside.get_absolute_url()))
    assert "Bob Lindqvist decided: set aside" in page
    assert "Confirm: set aside" in page


def test_a_second_reviewer_who_does_not_exist_is_said_on_both_sides(
    link: CandidateLink, aside: Applicant, bob: User, signed_in: SignIn
) -> None:
    Opening.objects.update(deciders=Opening.Deciders.REVIEWERS)
    ask_for_second(reply=reply_to(aside), link=link)
    assert "nobody else of the team may decide here" in panel(signed_in(bob), aside)
    assert "Nobody else in this team may decide at the moment" in words(text(Client(), page_of(link)))


def test_the_reply_is_closed_by_hand_and_what_was_sent_stays(
    link: CandidateLink, aside: Applicant, alice: User, signed_in: SignIn
) -> None:
    explain(reply=reply_to(aside), link=link, text="A studio smoothed it.")
    client = signed_in(alice)
    client.post(reverse("reply-close", args=[reply_to(aside).pk]))
    assert "A studio smoothed it." in panel(client, aside)
    assert "Nothing is asked of you" in text(Client(), page_of(link))


def test_a_mark_stands_in_the_lists_while_the_answer_waits(
    link: CandidateLink, aside: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    client = signed_in(alice)
    lists = ("/queue/", f"/openings/{aside.opening_id}/")
    assert "has-answered" not in text(client, lists[1])
    explain(reply=reply_to(aside), link=link, text="A studio smoothed it.")
    for address in lists:
        assert 'class="has-answered"' in text(client, address), address
    decide(aside, bob, Choice.ACCEPT)
    assert "has-answered" not in text(client, lists[1])


def test_who_has_not_looked_yet_is_not_told_what_was_answered(
    link: CandidateLink, aside: Applicant, alice: User, ada: User, signed_in: SignIn
) -> None:
    send_original(reply=reply_to(aside), link=link, upload=upload(picture(7), "DSC_1.jpg"))
    explain(reply=reply_to(aside), link=link, text="A studio smoothed it.")
    Opening.objects.update(blind_first=True)
    client = signed_in(ada)
    page = text(client, aside.get_absolute_url())
    for word in ("A studio smoothed it.", "Right of reply", "Set aside", "Compared with", "Answer received"):
        assert word not in words(page), word
    assert "It is shown after your first look" in words(page)
    assert "has-answered" not in text(client, "/queue/")
    row = Comparison.objects.get()
    assert client.get(reverse("comparison", args=[row.pk])).status_code == 403
    started = reverse("comparison-start", args=[aside.pk])
    assert client.post(started, {"photo": row.photo_id, "original": row.original_id}).status_code == 403


def test_a_stranger_finds_no_reply_and_a_mate_without_the_right_is_told_so(
    aside: Applicant, alice: User, ada: User, charlie: User, team: Any, signed_in: SignIn
) -> None:
    reply = reply_to(aside)
    for name in ("reply-tell", "reply-link", "reply-close"):
        assert signed_in(charlie).post(reverse(name, args=[reply.pk])).status_code == 404
    Opening.objects.update(deciders=Opening.Deciders.REVIEWERS)
    alice.memberships.update(role="reviewer")
    assert signed_in(alice).post(reverse("reply-link", args=[reply.pk])).status_code == 302
    assert reply_to(aside).told_at is None
    assert not mail.outbox
