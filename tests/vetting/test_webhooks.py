"""Webhooks: who is told of what, how it is signed and sent, and what becomes of a message that is not taken."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import examine_now
from tests.hook_server import HookServer, hook_server
from tests.vetting.test_webhook_addresses import Resolve, resolve  # noqa: F401 - a fixture
from vetting import analysis as analysis_stage
from vetting.api.docs import CHECKING
from vetting.models import Analysis, Applicant, Delivery, Event, Opening, Photo, Team, User, Webhook
from vetting.models.decision import Choice
from vetting.review import decide_case
from vetting.tasks import deliver, sweep
from vetting.webhooks import delivering, sending
from vetting.webhooks.announcing import Occasion
from vetting.webhooks.keeping import change_webhook, make_webhook, replay, send_test

State = Delivery.State


@pytest.fixture
def receiver(settings: Settings) -> Iterator[HookServer]:
    """A receiver on this machine, which the operator allows."""
    settings.WEBHOOKS_PRIVATE = True
    with hook_server() as running:
        yield running


@pytest.fixture
def webhook(team: Team, ada: User, receiver: HookServer) -> Webhook:
    return make_webhook(team=team, by=ada, url=f"http://127.0.0.1:{receiver.port}/hook?a=1", events=list(Occasion))


def later(**passed: float) -> None:
    """As if this much time had gone by for everything that waits."""
    for delivery in Delivery.objects.exclude(next_at=None):
        Delivery.objects.filter(pk=delivery.pk).update(next_at=delivery.next_at - dt.timedelta(**passed))  # type: ignore[operator]


# --- what is told


def test_a_verdict_is_told_with_numbers_and_links_and_no_name(photo: Photo, webhook: Webhook) -> None:
    analysis = examine_now(photo)
    told = Delivery.objects.get()
    assert (told.event, told.state, told.tries) == ("verdict.ready", State.WAITING, 0)
    data = told.body["data"]
    assert (data["photo"], data["verdict"], data["hidden"]) == (photo.pk, analysis.verdict, False)
    assert data["links"]["verdict"] == f"/api/v1/photos/{photo.pk}/verdict"
    assert "Eileen" not in json.dumps(told.body)
    assert "score" not in json.dumps(told.body)


def test_a_failure_and_a_decision_are_told(photo: Photo, webhook: Webhook, bob: User) -> None:
    claimed = analysis_stage.claim(photo.analyses.get().pk)
    assert claimed
    analysis_stage.fail(claimed, "The file breaks a decoder.")
    decide_case(applicant=photo.applicant, reviewer=bob, choice=Choice.SET_ASIDE, reason="Private words.")
    failed, decided = Delivery.objects.order_by("pk")
    assert failed.body["data"]["error"] == "The file breaks a decoder."
    data = decided.body["data"]
    assert (decided.event, data["choice"], data["review"]) == ("decision.made", "set-aside", "set-aside")
    assert "Private words" not in json.dumps(decided.body)


def test_a_blind_case_is_told_without_the_machines_word(
    photo: Photo, webhook: Webhook, opening: Opening, bob: User
) -> None:
    Opening.objects.filter(pk=opening.pk).update(blind_first=True)
    examine_now(photo)
    data = Delivery.objects.get().body["data"]
    assert (data["hidden"], data["verdict"], data["strength"]) == (True, None, None)


def test_only_those_who_asked_are_told(
    photo: Photo, team: Team, ada: User, charlie: User, webhook: Webhook, receiver: HookServer
) -> None:
    url = f"http://127.0.0.1:{receiver.port}/"
    make_webhook(team=team, by=ada, url=url, events=[Occasion.DECISION_MADE])
    make_webhook(team=charlie.memberships.get().team, by=charlie, url=url, events=list(Occasion))
    off = make_webhook(team=team, by=ada, url=url, events=list(Occasion))
    change_webhook(webhook=off, by=ada, url=url, events=list(Occasion), active=False)
    examine_now(photo)
    assert Delivery.objects.get().webhook == webhook


def test_a_message_stands_and_falls_with_what_it_tells_of(photo: Photo, webhook: Webhook) -> None:
    """A worker that lost its lease writes nothing, so it tells nothing."""
    claimed = analysis_stage.claim(photo.analyses.get().pk)
    assert claimed
    Analysis.objects.filter(pk=claimed.pk).update(attempt=2)
    assert not analysis_stage.fail(claimed, "Too late.")
    assert not Delivery.objects.exists()


# --- how it is sent


def test_a_message_is_signed_over_its_time_and_its_untouched_body(
    webhook: Webhook, receiver: HookServer, ada: User
) -> None:
    sent = send_test(webhook=webhook, by=ada)
    deliver(webhook.pk)
    (got,) = receiver.got
    assert got.path == "/hook?a=1"
    assert json.loads(got.body) == sent.body
    assert got.headers["Content-Type"] == "application/json"
    assert (got.headers["Candid-Event"], got.headers["Candid-Delivery"]) == ("test", str(sent.pk))
    parts = dict(part.split("=", 1) for part in got.headers["Candid-Signature"].split(","))
    assert abs(int(parts["t"]) - time.time()) < 60
    signed = parts["t"].encode() + b"." + got.body
    assert parts["v1"] == hmac.new(webhook.secret.encode(), signed, hashlib.sha256).hexdigest()
    sent.refresh_from_db()
    assert (sent.state, sent.answer, sent.tries, sent.next_at) == (State.DELIVERED, 200, 1, None)


def test_the_ten_lines_of_the_manual_tell_our_messages_from_others(
    webhook: Webhook, receiver: HookServer, ada: User
) -> None:
    send_test(webhook=webhook, by=ada)
    deliver(webhook.pk)
    (got,) = receiver.got
    manual: dict[str, Any] = {}
    exec(CHECKING, manual)  # noqa: S102 - our own page's example
    header = got.headers["Candid-Signature"]
    assert manual["from_candid"](webhook.secret, header, got.body)
    assert not manual["from_candid"](webhook.secret, header, got.body + b" ")
    assert not manual["from_candid"]("another", header, got.body)
    assert not manual["from_candid"](webhook.secret, header.replace("t=", "t=1"), got.body)
    assert len(CHECKING.splitlines()) <= 10


def test_the_connection_goes_to_the_checked_address_while_the_certificate_is_the_names(
    team: Team,
    ada: User,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    resolve: Resolve,  # noqa: F811
) -> None:
    settings.WEBHOOKS_PRIVATE = True
    with hook_server(tmp_path) as receiver:
        url = f"https://hooks.example.org:{receiver.port}/"
        hook = make_webhook(team=team, by=ada, url=url, events=list(Occasion))
        told = send_test(webhook=hook, by=ada)
        told.webhook = hook
        resolve("127.0.0.1")
        assert "certificate was not accepted" in sending.send(told).problem
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "hook.pem"))
        assert sending.send(told).status == 200
        (got,) = receiver.got
        assert got.headers["Host"] == f"hooks.example.org:{receiver.port}"
        hook.url = url.replace("hooks.", "other.")
        assert "certificate was not accepted" in sending.send(told).problem


def test_a_name_that_moves_to_a_private_address_after_it_was_entered_is_told_nothing(
    team: Team,
    ada: User,
    resolve: Resolve,  # noqa: F811
) -> None:
    hook = make_webhook(team=team, by=ada, url="https://hooks.example.org/", events=list(Occasion))
    told = send_test(webhook=hook, by=ada)
    resolve("127.0.0.1")
    deliver(hook.pk)
    told.refresh_from_db()
    assert (told.state, told.answer) == (State.WAITING, None)
    assert "127.0.0.1 is an address of a private network" in told.problem


def test_a_second_look_up_with_another_answer_has_no_effect(
    team: Team, ada: User, settings: Settings, receiver: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name is looked up once, and the connection goes to what was checked."""
    import socket

    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        if host != "hooks.example.org":
            return real(host, port, *more, **named)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    url = f"http://hooks.example.org:{receiver.port}/"
    hook = make_webhook(team=team, by=ada, url=url, events=list(Occasion))
    send_test(webhook=hook, by=ada)
    deliver(hook.pk)
    assert len(receiver.got) == 1
    assert asked == ["hooks.example.org"]


def test_a_redirect_is_not_followed(webhook: Webhook, receiver: HookServer, ada: User) -> None:
    receiver.status, receiver.location = 302, "http://169.254.169.254/latest/meta-data/"
    told = send_test(webhook=webhook, by=ada)
    deliver(webhook.pk)
    told.refresh_from_db()
    assert (told.state, told.answer, len(receiver.got)) == (State.WAITING, 302, 1)
    assert "redirects are not followed" in told.problem


def test_a_long_answer_is_not_read_to_its_end(webhook: Webhook, receiver: HookServer, ada: User) -> None:
    receiver.body = b"x" * 50_000_000
    send_test(webhook=webhook, by=ada)
    began = time.monotonic()
    deliver(webhook.pk)
    assert time.monotonic() - began < 5
    assert Delivery.objects.get().state == State.DELIVERED
    assert receiver.sent < len(receiver.body)


def test_a_receiver_that_answers_a_byte_at_a_time_is_left(
    webhook: Webhook, receiver: HookServer, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "DEADLINE", 0.5)
    receiver.drip = 0.1
    send_test(webhook=webhook, by=ada)
    began = time.monotonic()
    deliver(webhook.pk)
    assert time.monotonic() - began < 3
    told = Delivery.objects.get()
    assert (told.state, told.answer) == (State.WAITING, None)
    assert "No answer within" in told.problem


# --- what is not taken


def test_a_message_is_sent_again_with_growing_pauses_and_then_given_up(
    webhook: Webhook, receiver: HookServer, ada: User
) -> None:
    receiver.status = 500
    told = send_test(webhook=webhook, by=ada)
    pauses = []
    for number in range(1, delivering.TRIES + 1):
        began = timezone.now()
        deliver(webhook.pk)
        told.refresh_from_db()
        assert (told.tries, told.answer, len(receiver.got)) == (number, 500, number)
        if told.next_at:
            pauses.append((told.next_at - began).total_seconds() / 60)
            deliver(webhook.pk)
            assert len(receiver.got) == number  # not before its time
            later(days=1)
    assert told.state == State.GIVEN_UP
    assert len(pauses) == 7
    for pause, minutes in zip(pauses, delivering.MINUTES, strict=True):
        assert 0.8 * minutes <= pause <= 1.21 * minutes
    stamps = {got.headers["Candid-Signature"] for got in receiver.got}
    assert len({got.body for got in receiver.got}) == 1
    assert all(stamp.startswith("t=") for stamp in stamps)


def test_what_was_given_up_is_sent_again_from_the_page(webhook: Webhook, receiver: HookServer, ada: User) -> None:
    told = send_test(webhook=webhook, by=ada)
    Delivery.objects.update(state=State.GIVEN_UP, tries=8, next_at=None, answer=500, problem="x")
    replay(delivery=told, by=ada)
    deliver(webhook.pk)
    told.refresh_from_db()
    assert (told.state, told.tries, told.problem) == (State.DELIVERED, 1, "")
    assert receiver.got[0].headers["Candid-Delivery"] == str(told.pk)
    assert Event.objects.filter(verb="webhook.replayed").count() == 1


def test_410_switches_the_webhook_off_and_keeps_what_waits(webhook: Webhook, receiver: HookServer, ada: User) -> None:
    receiver.status = 410
    first, second = send_test(webhook=webhook, by=ada), send_test(webhook=webhook, by=ada)
    deliver(webhook.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, len(receiver.got)) == (State.GIVEN_UP, State.WAITING, 1)
    webhook.refresh_from_db()
    assert not webhook.active
    assert Event.objects.filter(verb="webhook.switched-off").count() == 1
    receiver.status = 200
    change_webhook(webhook=webhook, by=ada, url=webhook.url, events=list(Occasion), active=True)
    deliver(webhook.pk)
    second.refresh_from_db()
    assert second.state == State.DELIVERED


def test_an_address_that_does_not_answer_is_not_asked_for_every_message(
    webhook: Webhook, receiver: HookServer, ada: User
) -> None:
    Webhook.objects.filter(pk=webhook.pk).update(url="http://127.0.0.1:9/")
    for _ in range(3):
        send_test(webhook=webhook, by=ada)
    deliver(webhook.pk)
    deliver(webhook.pk)
    assert sorted(Delivery.objects.values_list("tries", flat=True)) == [0, 0, 1]


def test_a_try_whose_worker_died_is_counted_and_made_again(webhook: Webhook, receiver: HookServer, ada: User) -> None:
    told = send_test(webhook=webhook, by=ada)
    delivering._claim(webhook.pk)  # and nothing more
    told.refresh_from_db()
    assert (told.tries, told.state) == (1, State.WAITING)
    deliver(webhook.pk)
    assert receiver.got == []
    later(minutes=2)
    deliver(webhook.pk)
    told.refresh_from_db()
    assert (told.tries, told.state) == (2, State.DELIVERED)


@pytest.mark.django_db(transaction=True)
def test_a_lost_broker_loses_nothing(team: Team, ada: User, settings: Settings, rung: Any) -> None:
    """The sweep rings once for each webhook with something due, and forgets what ended long ago."""
    settings.WEBHOOKS_PRIVATE = True
    hook = make_webhook(team=team, by=ada, url="http://127.0.0.1:9/", events=list(Occasion))
    for _ in range(3):
        send_test(webhook=hook, by=ada)
    assert rung() == [hook.pk] * 3
    sweep()
    assert rung() == [hook.pk]
    Delivery.objects.update(state=State.DELIVERED, next_at=None, made_at=timezone.now() - dt.timedelta(days=31))
    sweep()
    assert rung() == []
    assert not Delivery.objects.exists()


def test_an_applicant_who_is_forgotten_leaves_numbers_behind_and_no_name(
    photo: Photo, webhook: Webhook, applicant: Applicant
) -> None:
    examine_now(photo)
    assert applicant.email not in json.dumps(list(Delivery.objects.values_list("body", flat=True)))
