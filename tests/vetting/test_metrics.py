"""What an operator watches is counted from the rows, for who has the token."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from tests.conftest import AddPhoto, examine_now, picture
from vetting.models import Analysis
from vetting.web.metrics import metrics
from vetting.web.views import health


@pytest.fixture
def watched(settings: Settings) -> None:
    settings.METRICS_TOKEN = "a token"


def figures() -> dict[str, float]:
    """Name with labels -> value, as a scraper reads them."""
    lines = [line for line in metrics().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


@pytest.mark.django_db
def test_an_empty_site_has_every_figure_at_nought() -> None:
    said = figures()
    assert said.pop("candid_queue_up") == 1
    assert set(said.values()) == {0.0}
    assert said['candid_jobs{kind="examination",state="failed"}'] == 0


def test_photos_are_counted_where_their_rows_are(add_photo: AddPhoto) -> None:
    examine_now(add_photo(picture(1)))
    waiting = add_photo(picture(2)).analyses.get()
    Analysis.objects.filter(pk=waiting.pk).update(rung_at=timezone.now() - dt.timedelta(seconds=90))
    lost = add_photo(picture(3)).analyses.get()
    ended = timezone.now() - dt.timedelta(seconds=1)
    Analysis.objects.filter(pk=lost.pk).update(state="running", attempt=1, started_at=ended, lease_until=ended)
    said = figures()
    assert said['candid_jobs{kind="examination",state="done"}'] == 1
    assert said['candid_jobs{kind="examination",state="queued"}'] == 1
    assert 90 <= said['candid_oldest_waiting_seconds{kind="examination"}'] < 120
    assert said['candid_lost_leases{kind="examination"}'] == 1
    assert said["candid_examined_5m"] == 1
    assert 0 < said["candid_examination_seconds_5m"] < 60
    assert said["candid_cases_waiting"] == 1


def test_the_number_of_queries_does_not_grow(
    add_photo: AddPhoto, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked = 14
    with django_assert_num_queries(asked):
        metrics()
    for seed in range(4):
        add_photo(picture(seed))
    with django_assert_num_queries(asked):
        metrics()


@pytest.mark.django_db
def test_nothing_in_the_figures_says_who(add_photo: AddPhoto, watched: None, client: Client) -> None:
    examine_now(add_photo())
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert not re.search("Eileen|Northlight|alice", answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer another", "Basic a token"])
def test_without_the_token_there_is_no_such_page(watched: None, client: Client, given: str) -> None:
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer None"])
def test_a_site_without_a_token_shows_it_to_nobody(settings: Settings, client: Client, given: str) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


@pytest.mark.django_db
def test_a_site_is_ready_once_its_tables_are_there(client: Client) -> None:
    health._tables_are_there.cache_clear()
    recorder = MigrationRecorder(connection)
    [newest] = MigrationLoader(connection).graph.leaf_nodes("vetting")
    recorder.record_unapplied(*newest)
    late = client.get("/readyz")
    assert late.status_code == 503
    assert b"migrate" in late.content
    recorder.record_applied(*newest)
    assert client.get("/readyz").status_code == 200
