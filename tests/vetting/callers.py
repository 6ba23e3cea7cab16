"""A program that calls the API with a token, and the answers it gets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.test import Client

from tests.conftest import picture, upload
from vetting.models import Team, User
from vetting.tokens import Scope, make_token


class Caller:
    """JSON in, JSON out. client: whose session it has besides, by default nobody's."""

    def __init__(self, text: str, client: Client | None = None) -> None:
        self._client = client or Client(headers={"Authorization": f"Bearer {text}"})

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(f"/api/v1{path}", query)

    def post(self, path: str, body: Any, *, key: str = "") -> Any:
        return self._client.post(f"/api/v1{path}", body, content_type="application/json", headers=_with(key))

    def send_photo(self, path: str, data: bytes | None = None, *, key: str = "") -> Any:
        return self._client.post(f"/api/v1{path}", {"photo": upload(data or picture())}, headers=_with(key))


def _with(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


def caller(team: Team, by: User, scopes: Iterable[Scope] = tuple(Scope)) -> Caller:
    return Caller(make_token(team=team, by=by, name="Applicant tracking", scopes=scopes).text)


def problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    """The problem that an answer is; fails where it is none, or another."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["type"] == f"/api/docs#{slug}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"].endswith(".")
    return told
