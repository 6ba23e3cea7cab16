"""The summary by e-mail: one a person and period, counts alone, tried again where the mail server failed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from tests.conftest import SignIn, text, words
from vetting import env, review, tasks
from vetting.celery import app
from vetting.models import Analysis, Bulk, Membership, Opening, Photo, Role, Summary, Team, User
from vetting.models.decision import Choice
from vetting.notes import write_note
from vetting.summaries import _claim, choose_summary, due, period_began, send_due

pytestmark = pytest.mark.django_db

UTC = dt.UTC
TUESDAY = dt.datetime(2026, 11, 24, 7, 5, tzinfo=UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def daily(bob: User) -> Membership:
    """Bob's, who was told a day ago."""
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    Membership.objects.filter(user=bob).update(summary=Summary.DAILY, summarised_at=TUESDAY - DAY)
    return Membership.objects.get(user=bob)


# --- when


@pytest.mark.parametrize(
    ("summary", "now", "began"),
    [
        (Summary.DAILY, dt.datetime(2026, 11, 24, 6, 59, tzinfo=UTC), dt.datetime(2026, 11, 23, 7, tzinfo=UTC)),
        (Summary.DAILY, dt.datetime(2026, 11, 24, 7, 0, tzinfo=UTC), dt.datetime(2026, 11, 24, 7, tzinfo=UTC)),
        (Summary.WEEKLY, dt.datetime(2026, 11, 24, 7, 0, tzinfo=UTC), dt.datetime(2026, 11, 23, 7, tzinfo=UTC)),
        (Summary.WEEKLY, dt.datetime(2026, 11, 23, 6, 0, tzinfo=UTC), dt.datetime(2026, 11, 16, 7, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_seven_and_a_week_on_monday(summary: Summary, now: dt.datetime, began: dt.datetime) -> None:
    assert period_began(summary, now) == began


def test_nobody_is_written_to_who_did_not_ask_for_it(photo: Photo, bob: User, alice: User) -> None:
    User.objects.update(email="somebody@example.org")
    assert send_due(TUESDAY) == 0
    assert mail.outbox == []


def test_one_mail_a_day_however_often_it_is_looked(daily: Membership, photo: Photo) -> None:
    assert [send_due(TUESDAY), send_due(TUESDAY + dt.timedelta(hours=1)), send_due(TUESDAY + DAY)] == [1, 0, 1]
    assert len(mail.outbox) == 2


def test_two_workers_at_the_same_time_send_one(daily: Membership, photo: Photo) -> None:
    assert [one.pk for one in _claim(daily.user, TUESDAY)] == [daily.pk]
    assert _claim(daily.user, TUESDAY) == []  # the other one, which had found the person due as well
    assert not due(TUESDAY).exists()


def test_once_chosen_it_begins_with_the_next_period(daily: Membership, photo: Photo) -> None:
    choose_summary(membership=daily, summary=Summary.WEEKLY)
    now = Membership.objects.get(pk=daily.pk).summarised_at
    assert now is not None
    assert send_due(now) == 0
    assert send_due(now + dt.timedelta(days=7)) == 1


def test_who_cannot_sign_in_or_has_no_address_gets_none(daily: Membership, photo: Photo) -> None:
    User.objects.update(is_active=False)
    assert send_due(TUESDAY) == 0
    User.objects.update(is_active=True, email="")
    assert send_due(TUESDAY) == 0


def test_where_nothing_waits_nothing_is_sent(daily: Membership) -> None:
    assert send_due(TUESDAY) == 0
    assert mail.outbox == []


# --- what


def test_it_counts_and_links_and_names_no_candidate_and_no_verdict(
    daily: Membership, photo: Photo, opening: Opening, alice: User, bob: User, settings: Settings
) -> None:
    settings.SITE_URL = "https://candid.example.org"
    write_note(applicant=photo.applicant, author=alice, text="@bob is this generated?")
    Analysis.objects.update(state="failed", error="Could not be read.", finished_at=TUESDAY)
    photo.applicant.__class__.objects.update(verdict="generated", verdict_rank=2)
    assert send_due(TUESDAY) == 1
    (sent,) = mail.outbox
    assert sent.to == ["bob@example.org"]
    for said in (
        "- 1 applicant to review: https://candid.example.org/queue/",
        "- 1 note mentions you: https://candid.example.org/mentions/",
        "- 1 examination failed: https://candid.example.org/activity/?kind=photos",
        "To change or stop it:\nhttps://candid.example.org/settings/",
    ):
        assert said in sent.body
    whole = f"{sent.subject} {sent.body}"
    for private in ("Eileen", "enerated", opening.title, "headshot"):
        assert private not in whole
    assert sent.extra_headers["List-Unsubscribe"] == "<https://candid.example.org/settings/>"


def test_it_tells_of_what_came_since_the_last_one_and_of_what_the_person_may_do(
    daily: Membership, photo: Photo, opening: Opening, alice: User, bob: User
) -> None:
    ended = {"opening": opening, "created_by": alice, "file_name": "a.zip", "state": "done"}
    Bulk.objects.create(finished_at=TUESDAY - 2 * DAY, **ended)
    Bulk.objects.create(finished_at=TUESDAY - DAY / 2, **ended)
    send_due(TUESDAY)
    assert "import" not in mail.outbox[-1].body  # a reviewer does not import
    Membership.objects.filter(user=bob).update(role=Role.RECRUITER, summarised_at=TUESDAY - DAY)
    Opening.objects.update(deciders=Opening.Deciders.REVIEWERS)
    send_due(TUESDAY)
    assert "- 1 import has ended" in mail.outbox[-1].body
    assert "to review" not in mail.outbox[-1].body  # reviewers decide there


def test_what_waits_for_a_second_reviewer_is_counted_by_itself(
    daily: Membership, photo: Photo, alice: User, bob: User
) -> None:
    Opening.objects.update(second_review=Opening.SecondReview.ALWAYS)
    review.decide_case(applicant=photo.applicant, reviewer=alice, choice=Choice.ACCEPT, reason="Fine.")
    send_due(TUESDAY)
    assert "- 1 waits for a second reviewer" in mail.outbox[0].body
    assert "to review" not in mail.outbox[0].body


def test_who_is_in_two_teams_gets_one_mail_of_both(daily: Membership, photo: Photo, bob: User) -> None:
    second = Team.objects.create(name="Second agency")
    Membership.objects.create(team=second, user=bob, role=Role.REVIEWER, summary=Summary.DAILY)
    elsewhere = Opening.objects.create(team=second, title="Extras", created_by=bob)
    elsewhere.applicants.create(name="Mae Jemison", created_by=bob)
    assert send_due(TUESDAY) == 1
    (sent,) = mail.outbox
    assert sent.body.count("1 applicant to review") == 2
    assert sent.body.index(daily.team.name) < sent.body.index("Second agency")


# --- when the mail server fails


class Refusing(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError("nobody answers")


def test_a_failed_mail_is_logged_and_sent_an_hour_later(
    daily: Membership, photo: Photo, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert send_due(TUESDAY) == 0
    assert "could not be sent; it is tried again in an hour" in caplog.text
    assert Membership.objects.get(pk=daily.pk).summarised_at == daily.summarised_at
    settings.EMAIL_BACKEND = works
    assert send_due(TUESDAY + dt.timedelta(hours=1)) == 1


# --- how it is started and chosen


def test_it_is_looked_every_hour_and_by_hand(daily: Membership, photo: Photo, capsys: Any) -> None:
    entry = app.conf.beat_schedule["summaries"]
    assert (entry["task"], entry["schedule"]) == (tasks.send_summaries.name, 3600)
    call_command("send_summaries")
    assert "1 summary sent." in capsys.readouterr().out


def test_a_member_chooses_on_the_settings_page(bob: User, alice: User, signed_in: SignIn) -> None:
    client, mine = signed_in(bob), bob.memberships.get()
    User.objects.filter(pk=bob.pk).update(email="")
    assert "Your account has no e-mail address." in text(client, "/settings/")
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    assert "To bob@example.org, at 7 o’clock" in words(text(client, "/settings/"))
    answer = client.post("/settings/", {"do": "summary", "membership": mine.pk, "summary": "weekly"}, follow=True)
    assert "You get a summary every Monday from now on." in answer.content.decode()
    assert Membership.objects.get(pk=mine.pk).summary == Summary.WEEKLY


def test_the_settings_page_says_where_no_mail_leaves_the_site(site: Client, settings: Settings) -> None:
    assert "no mail server yet" not in text(site, "/settings/")
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "no mail server yet" in text(site, "/settings/")


@pytest.mark.parametrize("asked", [{"summary": "hourly"}, {}])
def test_nobody_chooses_for_somebody_else_or_what_there_is_not(
    asked: dict[str, str], site: Client, alice: User, ada: User, signed_in: SignIn
) -> None:
    mine = alice.memberships.get().pk
    assert site.post("/settings/", {"do": "summary", "membership": mine, **asked}).status_code == 404
    stolen = {"do": "summary", "membership": mine, "summary": "daily"}
    assert signed_in(ada).post("/settings/", stolen).status_code == 404


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        ("", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        ("smtp+tls://me%40x:p%2Fw@mail.example", {"EMAIL_HOST": "mail.example", "EMAIL_PORT": 587,
         "EMAIL_HOST_USER": "me@x", "EMAIL_HOST_PASSWORD": "p/w", "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False}),
        ("smtps://mail.example:4650", {"EMAIL_PORT": 4650, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}),
        ("smtp://localhost", {"EMAIL_PORT": 25, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}),
    ],
)  # fmt: skip
def test_the_mail_server_is_one_address(address: str, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", address)
    assert facts.items() <= env.mail("EMAIL_URL").items()


@pytest.mark.parametrize("address", ["mail.example:587", "http://mail.example", "smtp://"])
def test_what_is_no_mail_server_stops_the_start(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", address)
    with pytest.raises(ValueError, match="is no address of a mail server"):
        env.mail("EMAIL_URL")
