"""The API against its own OpenAPI document: made-up calls of every kind, valid and not. None may end in a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.conftest import examine_now
from vetting.api.api import document
from vetting.models import Photo, User
from vetting.tokens import Scope, make_token

EXAMPLES = 40  # of each call: about twenty seconds in all
CALLS = {call["operationId"]: path for path, methods in document()["paths"].items() for call in methods.values()}
# A description cannot say that a text is an address, a file a picture, or a cursor one that was handed out.
MEANT = {"add_applicant", "upload_photo", "list_applicants", "list_decisions", "list_openings"}


@pytest.fixture(autouse=True)
def _one_transaction() -> Iterator[None]:
    """Every call sees the test's own rows: as in Django's test client, the end of one does not close the database."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def token(photo: Photo, ada: User, settings: Settings) -> str:
    """With every scope, in a team with a finished examination."""
    settings.API_CALLS_PER_MINUTE = 1_000_000
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()
    examine_now(photo)
    return make_token(team=photo.applicant.opening.team, by=ada, name="Contract", scopes=list(Scope)).text


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_keeps_to_its_description_whatever_it_is_sent(name: str, token: str, photo: Photo) -> None:
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    operation = described.find_operation_by_id(name)
    there = {"applicants": photo.applicant_id, "openings": photo.applicant.opening_id, "photos": photo.pk}
    noun = CALLS[name].removeprefix("/api/v1/").split("/")[0]

    @seed(1)
    @examples(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=_cases(operation, there[noun] if "{id}" in CALLS[name] else None))
    def call(case: Case[Any]) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance] if name in MEANT else [])

    call()


def _cases(operation: APIOperation[Any, Any, Any, Any], there: int | None) -> st.SearchStrategy[Case[Any]]:
    """Valid calls about something that is there, valid calls about anything, and calls that break the description."""
    kinds = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    if there is not None:
        kinds.append(operation.as_strategy(path_parameters={"id": there}))
    return st.one_of(kinds)
